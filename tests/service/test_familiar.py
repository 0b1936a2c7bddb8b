from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import av
import httpx
import pytest
from running_service import wait_until_over


def test_a_text_becomes_a_video_in_one_call(client: httpx.Client, portrait_path: Path) -> None:
    answer = client.post(
        "/generate-from-text",
        files={"image": portrait_path.read_bytes()},
        data={"text": "Good morning."},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    with av.open(io.BytesIO(answer.content)) as video:
        assert video.streams.video[0].width == 512
        assert video.streams.audio


def test_a_recording_becomes_a_video_in_one_call(
    client: httpx.Client, portrait_path: Path, write_wav: Callable[..., Path], hum: Callable
) -> None:
    recording = write_wav(hum(1.0))
    answer = client.post(
        "/generate-from-audio",
        files={"image": portrait_path.read_bytes(), "audio": recording.read_bytes()},
    )
    assert answer.status_code == 200
    with av.open(io.BytesIO(answer.content)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 25


def test_talks_refuse_addresses_of_the_inside(client: httpx.Client) -> None:
    body = {
        "source_url": "http://127.0.0.1:8000/face.png",
        "script": {"type": "text", "input": "Hello", "provider": {"type": "microsoft"}},
        "config": {"stitch": True},
    }
    answer = client.post("/talks", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unreachable")


def test_a_talk_is_a_render_in_other_words(client: httpx.Client, portrait_path: Path) -> None:
    render = client.post(
        "/v1/renders",
        files={"portrait": portrait_path.read_bytes()},
        data={"text": "Hello.", "size": "128x128"},
    ).json()
    talk = client.get(f"/talks/{render['id']}").json()
    assert talk["object"] == "talk"
    assert talk["status"] in ("created", "started", "done")
    assert client.delete(f"/talks/{render['id']}").json()["id"] == render["id"]
    assert client.get(f"/talks/{render['id']}").status_code == 404


def test_nobody_waits_and_nothing_is_made(client: httpx.Client, portrait_path: Path) -> None:
    text = "The lighthouse was dark that evening, and nobody knew why it was. " * 60
    with pytest.raises(httpx.TimeoutException):
        client.post(
            "/generate-from-text",
            files={"image": portrait_path.read_bytes()},
            data={"text": text},
            timeout=1.5,
        )
    (render,) = client.get("/v1/renders", params={"search": "lighthouse"}).json()["renders"]
    assert wait_until_over(client, render["id"])["status"] == "cancelled"
