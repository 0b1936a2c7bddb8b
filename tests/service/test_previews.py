"""What the page shows before a render, made by a real service and its warm processes."""

from __future__ import annotations

import io
import json
import signal
import struct
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from running_service import RunningService, processes_of, wait_until_over

TEXT = "Hello, harbour."


@pytest.fixture(scope="module")
def portrait(service: RunningService, portrait_path: Path) -> str:
    """The id of the sample portrait."""
    file = {"file": portrait_path.read_bytes()}
    return str(httpx.post(f"{service.url}/v1/portraits", files=file).json()["id"])


def _track(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/tracks", json=fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _poses(client: httpx.Client, track: dict[str, Any]) -> np.ndarray:
    data = client.get(track["poses"]).content
    return np.frombuffer(data, "<f4").reshape(track["frames"], len(track["columns"]))


def _upload(client: httpx.Client, where: str, data: bytes) -> str:
    answer = client.post(f"/v1/{where}", files={"file": ("anything", data)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_faces_are_found_and_outlined(client: httpx.Client, portrait: str) -> None:
    told = client.get(f"/v1/portraits/{portrait}/faces").json()
    assert (told["width"], told["height"], told["problem"]) == (512, 512, None)
    [face] = told["faces"]
    left, top, width, height = face["box"]
    assert 100 < left < left + width < 400 and 50 < top < top + height < 300
    assert (face["number"], face["problem"]) == (0, None)


def test_there_is_a_portrait_to_try(client: httpx.Client, portrait_path: Path) -> None:
    sample = client.get("/v1/portraits/sample")
    assert sample.headers["content-type"] == "image/png"
    assert sample.content == portrait_path.read_bytes()


def test_what_shows_no_face_is_told_kindly(client: httpx.Client) -> None:
    wall = io.BytesIO()
    Image.new("RGB", (128, 128), "grey").save(wall, "PNG")
    picture = _upload(client, "portraits", wall.getvalue())
    told = client.get(f"/v1/portraits/{picture}/faces").json()
    assert (told["faces"], told["problem"]["code"]) == ([], "no-face")
    refused = client.get(f"/v1/portraits/{picture}/rig")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-face")
    broken = _upload(client, "portraits", wall.getvalue()[:60])
    refused = client.get(f"/v1/portraits/{broken}/faces")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-picture")
    assert "/" not in refused.json()["detail"]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "PNG"])
def test_pictures_of_cameras_come_upright(
    client: httpx.Client, portrait_path: Path, kind: str
) -> None:
    with Image.open(portrait_path) as image:
        upright = image.convert("RGB").resize((256, 192))
    turned, exif = upright.rotate(90, expand=True), Image.Exif()
    exif[0x0112] = 6
    data = io.BytesIO()
    turned.save(data, kind, exif=exif)
    picture = _upload(client, "portraits", data.getvalue())
    answer = client.get(f"/v1/portraits/{picture}", params={"side": 128})
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert shown.size == (128, 96)
        wanted = np.asarray(upright.resize((128, 96)), float)
        assert np.abs(np.asarray(shown, float) - wanted).mean() < 12
        assert not shown.getexif()
    again = client.get(
        f"/v1/portraits/{picture}",
        params={"side": 128},
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert again.status_code == 304


def test_a_video_shows_its_first_picture(client: httpx.Client, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for level in (40, 200):
            image = np.full((96, 128, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode(None))
    video = _upload(client, "portraits", path.read_bytes())
    with Image.open(io.BytesIO(client.get(f"/v1/portraits/{video}").content)) as shown:
        assert shown.size == (128, 96)
        assert abs(float(np.asarray(shown).mean()) - 40) < 10
    told = client.get(f"/v1/portraits/{video}/faces").json()
    assert told["is_video"] and told["problem"]["code"] == "no-face"


def test_a_rig_comes_at_the_size_that_was_asked_for(
    client: httpx.Client, portrait_path: Path
) -> None:
    data, sizes = io.BytesIO(), {}
    with Image.open(portrait_path) as image:
        image.resize((1024, 1024)).save(data, "PNG")
    portrait = _upload(client, "portraits", data.getvalue())
    for side in (512, 4096):
        answer = client.get(f"/v1/portraits/{portrait}/rig", params={"side": side})
        assert answer.status_code == 200
        length = struct.unpack_from("<Q", answer.content)[0]
        header = json.loads(answer.content[8 : 8 + length])
        sizes[side] = header["width"], header["height"]
    assert sizes == {512: (512, 512), 4096: (1024, 1024)}
    beyond = client.get(f"/v1/portraits/{portrait}/rig", params={"face": 3})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "invalid-face")


def test_a_face_is_exported_as_gltf(client: httpx.Client, portrait: str) -> None:
    answer = client.get(f"/v1/portraits/{portrait}/export", params={"side": 256})
    assert answer.headers["content-type"] == "model/gltf-binary"
    assert answer.content[:4] == b"glTF"


def test_a_track_is_what_the_render_says_and_does(client: httpx.Client, portrait: str) -> None:
    text = "The harbour was quiet. Nobody came. A bell rang twice. Then a boat sailed in."
    track = _track(client, text=text, seed=5)
    body = {"portrait": portrait, "text": text, "seed": 5, "size": "128x128"}
    render = client.post("/v1/renders", json=body).json()
    done = wait_until_over(client, render["id"])
    report: Any = done["report"]
    links: Any = done["links"]
    assert (track["frames"], track["voice"]) == (report["frames"], report["voice"])
    assert track["duration_s"] == pytest.approx(report["duration_s"], abs=1e-4)
    visemes = client.get(links["visemes"]).json()["visemes"]
    numbers = _poses(client, track)[:, -1]
    changes = [0, *(np.flatnonzero(np.diff(numbers)) + 1)]
    assert len(changes) == len(visemes)
    assert [round(each["start"] * 25) for each in visemes] == changes
    with wave.open(io.BytesIO(client.get(track["sound"]).content)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(track["duration_s"])
        assert sound.getsampwidth() == 2
    part = client.get(track["sound"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_equal_requests_have_equal_tracks(client: httpx.Client) -> None:
    first, second = (_track(client, text=TEXT) for _ in range(2))
    assert first == second
    assert client.get(f"/v1/tracks/{first['id']}").json() == first
    assert client.get(first["poses"]).headers["cache-control"].endswith("immutable")
    other = _track(client, text=TEXT, expression=0.0)
    assert other["id"] != first["id"]
    column = first["columns"].index("mouth.smile")
    assert _poses(client, other)[:, column].mean() < _poses(client, first)[:, column].mean()


@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [
        ("webm", "libopus", {"live": "1"}),
        ("ogg", "libopus", {}),
        ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
    ],
)
def test_what_browsers_record_is_heard(
    client: httpx.Client, tmp_path: Path, container: str, codec: str, options: dict[str, str]
) -> None:
    said = _track(client, text=TEXT)
    with wave.open(io.BytesIO(client.get(said["sound"]).content)) as sound:
        rate_hz = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    path = tmp_path / "recorded"
    with av.open(path, "w", format=container, container_options=options) as file:
        stream = file.add_stream(codec, rate=48_000)
        stream.layout = "mono"
        resampler = av.AudioResampler(stream.format, "mono", 48_000, stream.frame_size)
        frame = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
        frame.rate = rate_hz
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    recording = _upload(client, "audio", path.read_bytes())
    track = _track(client, audio=recording, transcript="Hello, harbour.")
    assert track["duration_s"] == pytest.approx(said["duration_s"], abs=0.15)
    jaw = _poses(client, track)[:, track["columns"].index("mouth.jaw_mm")]
    assert jaw.max() > 2
    assert [word["text"] for word in track["words"]] == ["Hello,", "harbour."]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "invalid-request"),
        ({"text": "a", "audio": "file_x"}, "invalid-request"),
        ({"audio": "file_x"}, "not-found"),
        ({"audio": "/etc/passwd"}, "not-found"),
        ({"text": "a", "voice": "piper:/etc/voice.onnx"}, "invalid-request"),
        ({"text": "a", "voice": "nobody"}, "invalid-option"),
        ({"text": "a", "portrait": "x"}, "invalid-request"),
        ({"text": "..."}, "invalid-text"),
        ({"text": "a", "expression": 9}, "invalid-option"),
    ],
)
def test_bad_tracks_are_told(client: httpx.Client, fields: dict[str, Any], code: str) -> None:
    answer = client.post("/v1/tracks", json=fields)
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code, answer.text


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    for path in ("portraits/file_x", f"portraits/file_{'a' * 64}.png/faces", f"tracks/{'a' * 64}"):
        answer = client.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_too_much_at_once_is_refused_and_equal_requests_are_not(client: httpx.Client) -> None:
    def ask(number: int) -> httpx.Response:
        text = f"Number {number} is one of many that come at the same time. " * 5
        return httpx.post(f"{client.base_url}/v1/tracks", json={"text": text}, timeout=60)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(refused) < 20 - 7
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        assert {answer.status_code for answer in answers} <= {201, 429}


def test_who_dies_takes_nobody_along_and_nothing_outlives_the_service(
    tmp_path: Path, portrait_path: Path
) -> None:
    running = RunningService(tmp_path / "home", "--no-work")
    running.start()
    try:
        file = {"file": portrait_path.read_bytes()}
        picture = httpx.post(f"{running.url}/v1/portraits", files=file).json()["id"]
        faces = f"{running.url}/v1/portraits/{picture}"
        assert httpx.get(f"{faces}/faces", timeout=60).status_code == 200
        children = processes_of(running, "preview_child.py")
        assert children
        for child in children:
            child.send_signal(signal.SIGKILL)
        codes = [httpx.get(f"{faces}?side={side}", timeout=60).status_code for side in (64, 65)]
        assert codes[-1] == 200
        children = processes_of(running, "preview_child.py")
        assert children
    finally:
        running.kill()
    gone_by_s = time.monotonic() + 5
    while any(child.is_alive() for child in children):
        assert time.monotonic() < gone_by_s, "a process outlived the service"
        time.sleep(0.05)
