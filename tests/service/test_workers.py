"""Workers at one PostgreSQL database share the work, and take over from each other."""

from __future__ import annotations

import io
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import httpx
import pytest
from running_service import RunningService, wait_until_over

STORY = (
    "The old harbour was quiet that morning. Nobody had expected the boats to return so early, "
    "and certainly not with their nets full. Ask Peter. He knows why the lights were left on. "
)


@pytest.fixture
def shared(tmp_path: Path, database: str) -> Iterator[RunningService]:
    """A service that leaves the work to others."""
    running = RunningService(tmp_path / "home", "--no-work", LIPSMITH_DATABASE_URL=database)
    running.start()
    yield running
    running.stop()


def test_a_peer_takes_over_from_a_killed_worker(
    shared: RunningService, portrait_path: Path, tmp_path: Path
) -> None:
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    workers = [shared.start_worker(log) for log in logs]
    try:
        with httpx.Client(base_url=shared.url, timeout=30) as client:
            render = client.post(
                "/v1/renders",
                files={"portrait": portrait_path.read_bytes()},
                data={"text": STORY * 5, "size": "128x128"},
            ).json()
            _wait_for(lambda: all("segment" in log.read_text() for log in logs))
            workers[0].kill()
            done = wait_until_over(client, render["id"])
            assert done["status"] == "done", done
            video = client.get(f"/v1/renders/{render['id']}/video").content
            told = client.get(
                f"/v1/renders/{render['id']}/events", headers={"Last-Event-ID": "0"}
            ).text
        workers[1].send_signal(signal.SIGTERM)
        assert workers[1].wait(timeout=15) == 0
    finally:
        _end(workers)
    with av.open(io.BytesIO(video)) as opened:
        frames = sum(1 for _ in opened.decode(video=0))
    assert frames == done["report"]["frames"]  # type: ignore[index]
    ids = [int(line[4:]) for line in told.splitlines() if line.startswith("id: ")]
    assert ids == sorted(set(ids))
    assert "others go on" in logs[1].read_text()
    assert "harbour" not in logs[1].read_text()


def test_a_worker_that_is_stopped_leaves_its_work_to_the_next(
    shared: RunningService, portrait_path: Path, tmp_path: Path
) -> None:
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    workers = [shared.start_worker(logs[0])]
    try:
        with httpx.Client(base_url=shared.url, timeout=30) as client:
            render = client.post(
                "/v1/renders",
                files={"portrait": portrait_path.read_bytes()},
                data={"text": STORY.replace("Peter", "Paul") * 3, "size": "128x128"},
            ).json()
            _wait_for(lambda: "segment" in logs[0].read_text())
            workers[0].send_signal(signal.SIGTERM)
            assert workers[0].wait(timeout=15) == 0
            workers.append(shared.start_worker(logs[1]))
            done = wait_until_over(client, render["id"])
            assert done["status"] == "done", done
    finally:
        _end(workers)


def test_words_that_a_database_does_not_take_are_refused(shared: RunningService) -> None:
    with httpx.Client(base_url=shared.url, timeout=30) as client:
        assert client.get("/v1/renders/a%00b").status_code == 404
        assert client.get("/v1/renders", params={"search": "a\x00b"}).status_code == 422
        assert client.get("/v1/renders", headers={"X-API-Key": b"lsk_\xff_x"}).status_code == 401


def _wait_for(is_so: Callable[[], bool]) -> None:
    started_s = time.monotonic()
    while time.monotonic() - started_s < 60:
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen within a minute")


def _end(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        if worker.poll() is None:
            worker.kill()
        worker.wait()
