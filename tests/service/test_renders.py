from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from PIL import Image
from running_service import RunningService, wait_until_over

SMALL = {"size": "128x128"}


@pytest.fixture(scope="session")
def done(service: RunningService, portrait_path: Path) -> dict[str, Any]:
    """A render that is done, with subtitles."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        answer = client.post(
            "/v1/renders",
            files={"portrait": portrait_path.read_bytes()},
            data={"text": "Hello, harbour.", "subtitles": "vtt", "title": "A greeting", **SMALL},
        )
        assert answer.status_code == 201
        assert answer.headers["location"].endswith(answer.json()["id"])
        return wait_until_over(client, answer.json()["id"])


def _problem(answer: httpx.Response, status: int, code: str) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code), told
    return str(told["detail"])


def test_what_is_done_plays(client: httpx.Client, done: dict[str, Any]) -> None:
    assert (done["status"], done["progress"]) == ("done", 1.0)
    video = client.get(done["links"]["video"])
    assert video.headers["content-type"] == "video/mp4"
    with av.open(io.BytesIO(video.content)) as opened:
        frames = sum(1 for _ in opened.decode(video=0))
    assert frames == done["report"]["frames"]
    assert client.get(done["links"]["subtitles"]).text.startswith("WEBVTT")
    assert client.get(done["links"]["subtitles"]).headers["content-type"].startswith("text/vtt")
    assert json.loads(client.get(done["links"]["visemes"]).text)
    with Image.open(io.BytesIO(client.get(done["links"]["poster"]).content)) as poster:
        assert poster.size == (128, 128)
    assert client.get(done["links"]["report"]).json() == done["report"]


def test_a_part_of_the_video_is_served(client: httpx.Client, done: dict[str, Any]) -> None:
    url = done["links"]["video"]
    whole = client.get(url).content
    part = client.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert client.get(url, headers={"Range": "bytes=-5"}).content == whole[-5:]
    assert client.get(url, headers={"Range": f"bytes={len(whole) - 4}-"}).content == whole[-4:]
    beyond = client.get(url, headers={"Range": f"bytes={len(whole)}-"})
    _problem(beyond, 416, "bad-range")
    head = client.head(url)
    assert (int(head.headers["content-length"]), head.content) == (len(whole), b"")
    again = client.get(url, headers={"If-None-Match": head.headers["etag"]})
    assert again.status_code == 304


def test_a_signed_link_needs_no_key_and_cannot_be_changed(
    client: httpx.Client, done: dict[str, Any]
) -> None:
    link = client.post(f"{done['links']['video']}/link?hours=1").json()["url"]
    assert client.get(link).status_code == 200
    _problem(client.get(link.replace("expires=1", "expires=2")), 403, "forbidden")
    _problem(client.get(link.replace(".mp4?", ".mp3?")), 403, "forbidden")


def test_events_come_once_and_resume(client: httpx.Client, done: dict[str, Any]) -> None:
    url = done["links"]["events"]
    everything = client.get(url, headers={"Last-Event-ID": "0"}).text
    ids = [int(line[4:]) for line in everything.splitlines() if line.startswith("id: ")]
    assert ids == sorted(set(ids))
    data = [json.loads(line[6:]) for line in everything.splitlines() if line.startswith("data: ")]
    assert data[0]["status"] == "queued"
    assert data[-1]["status"] == "done"
    shares = [each["progress"] for each in data]
    assert shares == sorted(shares)
    rest = client.get(url, headers={"Last-Event-ID": str(ids[1])}).text
    assert [int(line[4:]) for line in rest.splitlines() if line.startswith("id: ")] == ids[2:]
    last = client.get(url).text
    assert f"id: {ids[-1]}" in last and f"id: {ids[0]}\r" not in last


def test_one_stream_tells_of_all_renders_and_resumes(
    client: httpx.Client, portrait_path: Path
) -> None:
    data = {"portrait": portrait_path.read_bytes()}
    told: list[dict[str, Any]] = []
    with client.stream("GET", "/v1/events") as stream:
        messages = _messages(stream)
        kind, began, _ = next(messages)
        assert kind == "begin"
        asked = {
            client.post("/v1/renders", files=data, data={"text": text, **SMALL}).json()["id"]
            for text in ("One at a time.", "Two at once.")
        }
        while sum(each["status"] == "done" for each in told) < 2:
            told.append(next(messages)[2])
    assert {each["render"] for each in told} == asked
    ids = [each["id"] for each in told]
    assert began < ids[0] and ids == sorted(set(ids))
    for headers, query in [({"Last-Event-ID": str(ids[1])}, ""), ({}, f"?after={ids[1]}")]:
        with client.stream("GET", f"/v1/events{query}", headers=headers) as stream:
            messages = _messages(stream)
            assert next(messages)[:2] == ("begin", ids[1])
            assert [next(messages)[1] for _ in ids[2:]] == ids[2:]


def _messages(stream: httpx.Response) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The kind, the id and the data of every message of a stream of events."""
    message: dict[str, str] = {}
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        message[name] = value
        if name == "data" and message["event"] != "ping":
            yield message["event"], int(message["id"]), json.loads(value)


def test_uploads_are_used_again(client: httpx.Client, portrait_path: Path) -> None:
    data = portrait_path.read_bytes()
    first = client.post("/v1/portraits", files={"file": ("../../x.png", data)}).json()
    second = client.post("/v1/portraits", files={"file": data}).json()
    assert first == second
    assert first["media_type"] == "image/png"
    answer = client.post("/v1/renders", json={"portrait": first["id"], "text": "Yes.", **SMALL})
    assert answer.status_code == 201
    assert wait_until_over(client, answer.json()["id"])["status"] == "done"


def test_one_key_makes_one_render(client: httpx.Client, portrait_path: Path) -> None:
    picture = client.post("/v1/portraits", files={"file": portrait_path.read_bytes()}).json()["id"]
    headers = {"Idempotency-Key": "the same"}
    body = {"portrait": picture, "text": "Once.", **SMALL}
    first = client.post("/v1/renders", json=body, headers=headers).json()
    second = client.post("/v1/renders", json=body, headers=headers).json()
    assert first["id"] == second["id"]
    other = client.post("/v1/renders", json={**body, "text": "Twice."}, headers=headers)
    _problem(other, 409, "conflict")


def test_a_long_render_is_cancelled_and_tried_again(
    client: httpx.Client, portrait_path: Path
) -> None:
    text = "The old harbour was quiet that morning, and nobody expected the boats. " * 40
    answer = client.post(
        "/v1/renders",
        files={"portrait": portrait_path.read_bytes()},
        data={"text": text, "size": "512x512"},
    ).json()
    _problem(client.get(f"/v1/renders/{answer['id']}/video"), 409, "not-ready")
    cancelled = client.post(f"/v1/renders/{answer['id']}/cancel").json()
    assert cancelled["status"] == "cancelled"
    _problem(client.post(f"/v1/renders/{answer['id']}/cancel"), 409, "conflict")
    retried = client.post(f"/v1/renders/{answer['id']}/retry").json()
    assert (retried["status"], retried["attempt"]) == ("queued", 2)
    assert client.delete(f"/v1/renders/{answer['id']}").status_code == 204
    _problem(client.get(f"/v1/renders/{answer['id']}"), 404, "not-found")


def test_a_render_that_is_deleted_leaves_no_errors_in_the_log(
    client: httpx.Client, service: RunningService, portrait_path: Path
) -> None:
    told = len(service.log.read_text())
    answer = client.post(
        "/v1/renders",
        files={"portrait": portrait_path.read_bytes()},
        data={"text": "The tide went out again, and with it the boats. " * 30},
    ).json()
    while client.get(f"/v1/renders/{answer['id']}").json()["status"] == "queued":
        time.sleep(0.05)
    time.sleep(0.5)  # its segments are under way
    assert client.delete(f"/v1/renders/{answer['id']}").status_code == 204
    time.sleep(1.0)
    assert "dbos" not in service.log.read_text()[told:]


def test_lists_have_pages(client: httpx.Client, done: dict[str, Any]) -> None:
    page = client.get("/v1/renders", params={"search": "greeting"}).json()
    assert [each["id"] for each in page["renders"]] == [done["id"]]
    first = client.get("/v1/renders", params={"limit": 1, "status": ["done", "failed"]}).json()
    second = client.get("/v1/renders", params={"limit": 1, "before": first["next"]}).json()
    assert first["renders"][0]["created"] > second["renders"][0]["created"]


def test_failures_say_what_was_wrong(client: httpx.Client, tmp_path: Path) -> None:
    wall = io.BytesIO()
    Image.new("RGB", (128, 128), "grey").save(wall, "PNG")
    answer = client.post(
        "/v1/renders", files={"portrait": wall.getvalue()}, data={"text": "Hello."}
    ).json()
    failed = wait_until_over(client, answer["id"])
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "invalid-face"  # type: ignore[index]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "invalid-request"),
        ({"text": "a", "subtitels": "srt"}, "invalid-request"),
        ({"text": "a", "fit": "stretch"}, "invalid-request"),
        ({"text": "a", "priority": "0"}, "invalid-request"),
        ({"text": "a", "audio": "/etc/passwd"}, "invalid-request"),
        ({"text": "a", "background": "http://127.0.0.1:1/x.png"}, "unreachable"),
        ({"audio": "http://localhost/x.wav"}, "unreachable"),
        ({"audio": "http://169.254.169.254/latest/meta-data"}, "unreachable"),
        ({"audio": "file_../../../etc/passwd"}, "invalid-request"),
    ],
)
def test_bad_requests_are_told(
    client: httpx.Client, portrait_path: Path, fields: dict[str, str], code: str
) -> None:
    files = {"portrait": portrait_path.read_bytes()}
    _problem(client.post("/v1/renders", files=files, data=fields), 422, code)


def test_what_a_file_is_its_bytes_tell(client: httpx.Client) -> None:
    lie = {"file": ("face.png", b"#!/bin/sh\necho", "image/png")}
    assert "text file" in _problem(client.post("/v1/portraits", files=lie), 415, "unknown-type")
    empty = {"file": ("face.png", b"", "image/png")}
    _problem(client.post("/v1/portraits", files=empty), 422, "invalid-request")
    _problem(client.post("/v1/renders", content=b"x"), 415, "unknown-type")
    _problem(client.post("/v1/renders", json={"text": "no picture"}), 422, "invalid-request")


def test_the_schema_tells_everything(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    assert "RenderBody" in schema["components"]["schemas"]
    assert "/v1/renders/{render_id}/events" in schema["paths"]
    assert client.get("/docs").status_code == 200
    assert any(voice["name"] == "en-us" for voice in client.get("/v1/voices?language=en").json())
    ready = {engine["name"]: engine["ready"] for engine in client.get("/v1/engines").json()}
    assert ready["rig"] and "wav2lip" in ready
    assert 'lipsmith_renders{status="done"}' in client.get("/metrics").text
