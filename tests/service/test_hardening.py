"""What the service refuses, and what it never tells."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from running_service import RunningService, wait_until_over

SMALL = {"size": "128x128"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that has a key, and does no work."""
    running = RunningService(tmp_path_factory.mktemp("guarded") / "home", "--no-work")
    running.run("keys", "create", "first")
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("background", "{folder}/secret.png"),
        ("background", "/etc/passwd"),
        ("voice", "piper:{folder}/voice.onnx"),
        ("voice", "vits:~/models"),
        ("voice", "../voice"),
        ("engine", "/tmp/engine"),
        ("speakers", json.dumps({"anna": "piper:/etc/voice.onnx"})),
        ("clone", "/etc/passwd"),
    ],
)
def test_no_word_of_a_client_is_a_path(
    client: httpx.Client, portrait_path: Path, option: str, value: str
) -> None:
    answer = client.post(
        "/v1/renders",
        files={"portrait": portrait_path.read_bytes()},
        data={"text": "Hello.", option: value.replace("{folder}", str(portrait_path.parent))},
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid-request"


def test_a_transcript_of_one_word_is_no_file(
    client: httpx.Client, portrait_path: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the password is harbour")
    picture = client.post("/v1/portraits", files={"file": portrait_path.read_bytes()}).json()["id"]
    answer = client.post(
        "/v1/renders", json={"portrait": picture, "text": "Hello.", "transcript": str(secret)}
    ).json()
    assert str(secret) not in json.dumps(answer["options"])


def test_errors_name_what_was_sent_and_no_files_of_the_service(
    client: httpx.Client, service: RunningService, portrait_path: Path
) -> None:
    broken = portrait_path.read_bytes()[:3000]
    for files in (
        {"portrait": broken},
        {"portrait": portrait_path.read_bytes(), "audio": b"RIFF\x00\x00\x00\x00WAVEfmt "},
    ):
        data = {} if "audio" in files else {"text": "Hello."}
        render = client.post("/v1/renders", files=files, data=data).json()
        failed = wait_until_over(client, render["id"])
        assert failed["status"] == "failed"
        told = failed["error"]["message"]  # type: ignore[index]
        assert ("audio" if "audio" in files else "portrait") in told
        assert str(service.home) not in told and "/" not in told, told
    missing = f"file_{'a' * 64}.png"
    answer = client.post("/v1/renders", json={"portrait": missing, "text": "Hello."})
    assert answer.status_code == 422
    assert missing in answer.json()["detail"]


def test_a_picture_that_would_fill_the_memory_is_refused(
    client: httpx.Client, tmp_path: Path
) -> None:
    from PIL import Image

    bomb = tmp_path / "bomb.png"
    Image.new("1", (40_000, 40_000)).save(bomb)
    assert bomb.stat().st_size < 1_000_000
    render = client.post(
        "/v1/renders", files={"portrait": bomb.read_bytes()}, data={"text": "Hello."}
    ).json()
    failed = wait_until_over(client, render["id"])
    assert failed["error"]["code"] == "invalid-picture"  # type: ignore[index]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[" * 200_000, "application/json"),
        (b'{"portrait": "x", "motion": NaN}', "application/json"),
        (b'{"portrait": "x", "text": "a", "seed": ' + b"9" * 5000 + b"}", "application/json"),
        (b'{"portrait": "x", "title": "\\ud800", "text": "a"}', "application/json"),
        (b"portrait=x&text=a&motion=nan", "application/x-www-form-urlencoded"),
        (b"a=1&" * 100_000, "application/x-www-form-urlencoded"),
        (b"portrait=x&text=a&speakers={" + b'"a":{' * 50_000, "application/x-www-form-urlencoded"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=" + "b" * 300),
        (b"\xff\xfe", "application/json; charset=utf-16"),
    ],
)
def test_bodies_that_are_no_good_are_told(client: httpx.Client, body: bytes, kind: str) -> None:
    answer = client.post("/v1/renders", content=body, headers={"Content-Type": kind})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_numbers_in_headers_and_queries_may_be_anything(
    client: httpx.Client, portrait_path: Path
) -> None:
    picture = client.post("/v1/portraits", files={"file": portrait_path.read_bytes()}).json()["id"]
    body = {"portrait": picture, "text": "Yes.", **SMALL}
    render = client.post("/v1/renders", json=body).json()
    done = wait_until_over(client, render["id"])
    video = done["links"]["video"]  # type: ignore[index]
    for asked in ("bytes=" + "9" * 6000 + "-", "bytes=5-2", "bytes=-0", "bytes=٣-"):
        answer = client.get(video, headers={"Range": asked.encode()})
        assert answer.status_code in (200, 416)
    events = client.get(f"/v1/renders/{render['id']}/events", headers={"Last-Event-ID": "9" * 5000})
    assert events.status_code == 200
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        assert client.get("/v1/renders", params={"before": moment}).status_code in (200, 422)
    page = client.get("/v1/renders", params={"before": done["created"], "limit": 1}).json()
    assert render["id"] not in [each["id"] for each in page["renders"]]


def test_bodies_of_strangers_are_not_read(guarded: RunningService) -> None:
    headers = {"Content-Length": "400000000", "Content-Type": "multipart/form-data; boundary=x"}
    answer = _talk(guarded.port, "POST /v1/portraits", headers, b"a" * 1000)
    assert " 401 " in answer.splitlines()[0]


def test_requests_that_do_not_come_are_given_up(tmp_path: Path) -> None:
    import threading

    import uvicorn
    from running_service import free_port

    from lipsmith.jobs.workshop import Place
    from lipsmith.service.app import ServiceOptions, create_app
    from lipsmith.service.state import Limits

    place, limits = Place(tmp_path / "home"), Limits(idle_s=0.3)
    app = create_app(ServiceOptions(place, works=False, is_open=True, limits=limits))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.05)
        form = "multipart/form-data; boundary=x"
        for path, kind in (
            ("/v1/renders", "application/json"),
            ("/v1/renders", form),
            ("/v1/portraits", form),
            ("/talks", "application/json"),
        ):
            headers = {"Content-Length": "1000", "Content-Type": kind}
            answer = _talk(port, f"POST {path}", headers, b"--x")
            assert " 408 " in answer.splitlines()[0]
    finally:
        server.should_exit = True
        thread.join()


def test_a_key_makes_one_render_of_requests_at_the_same_time(
    guarded: RunningService, portrait_path: Path
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    key = guarded.run("keys", "create", "hasty").strip()

    def ask(_: int) -> str:
        answer = httpx.post(
            f"{guarded.url}/v1/renders",
            headers={"X-API-Key": key, "Idempotency-Key": "once"},
            files={"portrait": portrait_path.read_bytes()},
            data={"text": "Hello."},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(12)))) == 1


def test_what_is_no_file_may_be_less_large(client: httpx.Client, service: RunningService) -> None:
    told = {"Content-Length": "40000000", "Content-Type": "application/json"}
    assert " 413 " in _talk(service.port, "POST /v1/renders", told, b"{").splitlines()[0]
    chunks = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    block = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    assert " 413 " in _talk(service.port, "POST /v1/renders", chunks, block * 40).splitlines()[0]


def test_pages_of_other_sites_are_kept_out(client: httpx.Client, service: RunningService) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8000"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        answer = client.get("/v1/renders", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised"), headers
    assert client.get("/v1/renders", headers={"Origin": service.url}).status_code == 200
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
    }
    host = {"Host": f"127.0.0.1:{service.port}"}
    assert " 101 " in _talk(service.port, "GET /v1/ws", upgrade | host, b"").splitlines()[0]
    refused = _talk(
        service.port, "GET /v1/ws", upgrade | host | {"Origin": "https://evil.example"}, b""
    )
    assert " 403 " in refused.splitlines()[0]


def test_a_socket_tells_of_the_renders_of_its_key_only(
    guarded: RunningService, portrait_path: Path
) -> None:
    websockets = pytest.importorskip("websockets.sync.client", reason="pip install websockets")
    anna, ben = (guarded.run("keys", "create", name).strip() for name in ("anna", "ben"))
    url = f"ws://127.0.0.1:{guarded.port}/v1/ws?key="
    with pytest.raises(Exception, match="403"):
        websockets.connect(url + "lsk_1_2")
    with websockets.connect(url + anna) as socket, websockets.connect(url + ben) as other:
        socket.send(b"bytes")
        render = httpx.post(
            f"{guarded.url}/v1/renders",
            headers={"X-API-Key": anna},
            files={"portrait": portrait_path.read_bytes()},
            data={"text": "Hello."},
        ).json()
        told = json.loads(socket.recv(timeout=10))
        assert (told["render"], told["status"]) == (render["id"], "queued")
        with pytest.raises(TimeoutError):
            other.recv(timeout=1)
    with websockets.connect(f"{url}{anna}&after=0") as again:
        assert json.loads(again.recv(timeout=10))["id"] == told["id"]


def test_keys_and_texts_are_not_logged(guarded: RunningService, portrait_path: Path) -> None:
    key = guarded.run("keys", "create", "quiet").strip()
    with httpx.Client(base_url=guarded.url, headers={"X-API-Key": key}) as client:
        client.post(
            "/v1/renders",
            files={"portrait": portrait_path.read_bytes()},
            data={"text": "unspeakable harbour"},
        )
        client.get(f"/v1/renders?key={key}")
        client.get("/v1/renders", headers={"X-API-Key": key + "x"})
    log = guarded.log.read_text()
    assert key not in log and key.split("_", 2)[2] not in log
    assert "unspeakable" not in log
    assert guarded.home.stat().st_mode & 0o077 == 0


def test_running_work_stops_within_a_second(
    client: httpx.Client, service: RunningService, portrait_path: Path
) -> None:
    text = "The old harbour was quiet that morning, and nobody expected the boats. " * 60
    render = client.post(
        "/v1/renders",
        files={"portrait": portrait_path.read_bytes()},
        data={"text": text, "size": "512x512"},
    ).json()
    _wait_for_share(client, render["id"], 0.02)
    began_s = time.monotonic()
    client.post(f"/v1/renders/{render['id']}/cancel")
    work = service.home / "work"
    while any(work.iterdir()):
        # A second on a quiet machine.
        assert time.monotonic() - began_s < 3, "the work goes on"
        time.sleep(0.02)
    print(f"stopped after {time.monotonic() - began_s:.2f} s")


def _wait_for_share(client: httpx.Client, render: str, share: float) -> None:
    for _ in range(1200):
        told: dict[str, Any] = client.get(f"/v1/renders/{render}").json()
        if told["progress"] >= share:
            return
        time.sleep(0.05)
    pytest.fail(json.dumps(told))


def _talk(port: int, what: str, headers: dict[str, str], body: bytes) -> str:
    """A request as no client would send it, and the beginning of the answer."""
    lines = [f"{what} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if "Host" not in headers:
        lines.append(f"Host: 127.0.0.1:{port}")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        with suppress(ConnectionError):  # it may answer before it has read everything
            opened.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return opened.recv(4000).decode("latin-1")
