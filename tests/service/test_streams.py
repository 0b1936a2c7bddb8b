"""When open streams end, and who is called when a render does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from dbos import DBOSClient
from running_service import RunningService

LONG = "The old harbour was quiet that morning, and nobody expected the boats. " * 40


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that has a key, and does no work."""
    running = RunningService(tmp_path_factory.mktemp("streams") / "home", "--no-work")
    running.run("keys", "create", "first")
    running.start()
    yield running
    running.stop()


class _Listener:
    """Reads a stream in a thread until it ends."""

    def __init__(self, url: str, key: str = "") -> None:
        self.ended = threading.Event()
        self.began = threading.Event()
        headers = {"X-API-Key": key} if key else {}

        def listen() -> None:
            with httpx.stream("GET", url, headers=headers, timeout=60) as stream:
                for line in stream.iter_lines():
                    if line.startswith("data"):
                        self.began.set()
            self.ended.set()

        threading.Thread(target=listen, daemon=True).start()
        assert self.began.wait(20)


def test_the_stream_of_a_deleted_render_ends(client: httpx.Client, portrait_path: Path) -> None:
    render = client.post(
        "/v1/renders",
        files={"portrait": portrait_path.read_bytes()},
        data={"text": LONG, "size": "128x128"},
    ).json()
    listener = _Listener(render["links"]["events"])
    client.delete(f"/v1/renders/{render['id']}")
    assert listener.ended.wait(5)


def test_a_revoked_key_ends_its_streams(guarded: RunningService, portrait_path: Path) -> None:
    websockets = pytest.importorskip("websockets.sync.client", reason="pip install websockets")
    key = guarded.run("keys", "create", "anna").strip()
    render = httpx.post(
        f"{guarded.url}/v1/renders",
        headers={"X-API-Key": key},
        files={"portrait": portrait_path.read_bytes()},
        data={"text": "Hello."},
    ).json()
    own = _Listener(render["links"]["events"], key)
    everything = _Listener(f"{guarded.url}/v1/events", key)
    with websockets.connect(f"ws://127.0.0.1:{guarded.port}/v1/ws?key={key}") as socket:
        guarded.run("keys", "revoke", key.split("_")[1])
        assert own.ended.wait(10)
        assert everything.ended.wait(10)
        with pytest.raises(Exception, match="4401"):
            socket.recv(timeout=10)


def test_the_webhook_is_called_when_a_render_is_cancelled(
    client: httpx.Client, service: RunningService, portrait_path: Path
) -> None:
    render = client.post(
        "/v1/renders",
        files={"portrait": portrait_path.read_bytes()},
        # This name leads nowhere, so nothing is called; that it was tried is written down.
        data={"text": LONG, "size": "128x128", "webhook": "http://nowhere.invalid/done"},
    ).json()
    client.post(f"/v1/renders/{render['id']}/cancel")
    book = DBOSClient(system_database_url=f"sqlite:///{service.home / 'jobs.sqlite'}")
    try:
        for _ in range(100):
            flows = book.list_workflows(workflow_ids=[f"{render['id']}.1.cancelled"])
            if flows and flows[0].status != "ENQUEUED":
                break
            time.sleep(0.1)
        assert [flow.name for flow in flows] == ["notify-cancelled"]
    finally:
        book.destroy()
        client.delete(f"/v1/renders/{render['id']}")
