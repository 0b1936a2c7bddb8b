from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import flashes, play
from PIL import Image

from lipsmith.core.image import Frame
from lipsmith.core.request import Size
from lipsmith.errors import OutputError, RenderError
from lipsmith.media.colour import rgb_to_nv12
from lipsmith.media.video import VideoWriter

SIZE = Size(64, 64)
NTSC = Fraction(30000, 1001)


def write(
    path: Path, fps: Fraction, rate_hz: int, channels: int, duration_s: float, marks: set[int]
) -> None:
    with VideoWriter(path, SIZE, fps, rate_hz=rate_hz, channels=channels) as writer:
        for frame in flashes(fps, rate_hz, channels, duration_s, marks):
            writer.write(frame)


@pytest.mark.parametrize(
    ("suffix", "fps", "rate_hz", "channels"),
    [
        ("mp4", Fraction(25), 22050, 1),
        ("mp4", NTSC, 48000, 2),
        ("mp4", Fraction(12), 8000, 1),
        ("mp4", Fraction(60), 44100, 2),
        ("mp4", Fraction(24), 37800, 1),
        ("webm", Fraction(25), 22050, 1),
        ("webm", NTSC, 48000, 2),
        ("webm", Fraction(60), 16000, 2),
    ],
)
def test_sound_and_picture_stay_together(
    tmp_path: Path, suffix: str, fps: Fraction, rate_hz: int, channels: int
) -> None:
    duration_s = 4.03
    count = math.ceil(duration_s * fps)
    marks = {1, count // 2, count - 3}
    write(tmp_path / f"clip.{suffix}", fps, rate_hz, channels, duration_s, marks)
    seen = play(tmp_path / f"clip.{suffix}")
    assert seen.frames == count
    assert seen.flashes == pytest.approx([float(mark / fps) for mark in sorted(marks)], abs=0.001)
    assert seen.clicks == pytest.approx(seen.flashes, abs=0.002)
    assert seen.sound_s >= duration_s - 0.001


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["mp4", "webm"])
def test_an_hour_does_not_drift(tmp_path: Path, suffix: str) -> None:
    count = math.ceil(3600 * NTSC)
    marks = {1, count // 2, count - 3}
    write(tmp_path / f"hour.{suffix}", NTSC, 22050, 1, 3600.0, marks)
    seen = play(tmp_path / f"hour.{suffix}")
    assert seen.frames == count
    assert seen.clicks == pytest.approx(seen.flashes, abs=0.002)
    assert seen.flashes[-1] == pytest.approx(float((count - 3) / NTSC), abs=0.001)


def test_an_mp4_is_what_every_player_takes(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    metadata = {"title": "A title", "comment": "Made for a test"}
    with VideoWriter(path, SIZE, NTSC, rate_hz=22050, channels=1, metadata=metadata) as writer:
        for frame in flashes(NTSC, 22050, 1, 1.0, {3}):
            writer.write(frame)
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat"), "starts before it is loaded"
    with av.open(str(path)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert video.codec_context.pix_fmt == "yuv420p"
        assert video.average_rate == NTSC and video.guessed_rate == NTSC
        context = video.codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.color_range == 1
        assert sound.duration * sound.time_base == pytest.approx(1.0, abs=0.001)
        assert {key: container.metadata[key] for key in metadata} == metadata


@pytest.mark.parametrize("suffix", ["mp4", "webm", "gif"])
@pytest.mark.parametrize("as_nv12", [False, True])
def test_colours_arrive(
    tmp_path: Path, portrait_pixels: np.ndarray, suffix: str, as_nv12: bool
) -> None:
    pixels = np.ascontiguousarray(portrait_pixels[0:300, 60:360])  # 300: no multiple of 16
    image = rgb_to_nv12(pixels) if as_nv12 else pixels
    path = tmp_path / f"still.{suffix}"
    with VideoWriter(path, Size(300, 300), Fraction(25), rate_hz=16000, channels=1) as writer:
        for index in range(6):
            writer.write(Frame(index, image, np.zeros((640, 1), np.float32)))
    with av.open(str(path)) as container:
        shown = next(container.decode(video=0)).reformat(
            format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709"
        )
    error = np.abs(shown.to_ndarray().astype(int) - pixels)
    assert error.mean() < 5
    assert np.abs(error.mean((0, 1))).max() < 5


@pytest.mark.parametrize(("fps", "shown"), [(25, 75), (30, 90), (60, 90)])
def test_gifs_last_as_long_as_the_sound(tmp_path: Path, fps: int, shown: int) -> None:
    path = tmp_path / "clip.gif"
    with VideoWriter(path, SIZE, Fraction(fps), rate_hz=16000, channels=1) as writer:
        for index in range(3 * fps):
            image = np.full((64, 64, 3), (index * 7) % 256, np.uint8)
            writer.write(Frame(index, image, np.zeros((16000 // fps, 1), np.float32)))
        assert "no sound" in writer.warnings[0]
    with Image.open(path) as gif:
        delays = []
        for index in range(gif.n_frames):
            gif.seek(index)
            delays.append(gif.info["duration"])
        assert gif.info["loop"] == 0
    assert len(delays) == shown
    assert sum(delays) == pytest.approx(3000, abs=40)
    assert min(delays) >= 20, "viewers slow down shorter delays"


def test_a_clip_of_one_frame(tmp_path: Path) -> None:
    for suffix in ("mp4", "webm", "gif"):
        write(tmp_path / f"one.{suffix}", Fraction(25), 16000, 1, 0.01, set())
        with av.open(str(tmp_path / f"one.{suffix}")) as container:
            assert len(list(container.decode(video=0))) == 1


def test_frames_may_be_reused_after_writing(tmp_path: Path) -> None:
    image = np.full((64, 64, 3), 235, np.uint8)
    with VideoWriter(tmp_path / "a.mp4", SIZE, Fraction(25), rate_hz=16000, channels=1) as writer:
        for index in range(40):
            samples = np.zeros((640, 1), np.float32)
            image[:] = 235 if index == 20 else 20
            writer.write(Frame(index, image, samples))
            image[:] = 128
    assert play(tmp_path / "a.mp4").flashes == [20 / 25]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, GeneratorExit])
@pytest.mark.parametrize("suffix", ["mp4", "webm", "gif"])
def test_nothing_is_left_when_the_work_breaks_off(
    tmp_path: Path, error: type[BaseException], suffix: str
) -> None:
    path = tmp_path / f"clip.{suffix}"
    path.write_bytes(b"an older video")
    with (
        pytest.raises(error),
        VideoWriter(path, SIZE, NTSC, rate_hz=16000, channels=1, overwrite=True) as writer,
    ):
        for frame in flashes(NTSC, 16000, 1, 2.0, {3}):
            writer.write(frame)
            if frame.index == 40:
                raise error
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"an older video"


@pytest.mark.parametrize("suffix", ["mp4", "webm", "gif"])
@pytest.mark.parametrize("limit_bytes", [0, 20_000, 200_000])
def test_a_full_disk_leaves_nothing(tmp_path: Path, suffix: str, limit_bytes: int) -> None:
    pytest.importorskip("resource")
    script = f"""
import resource, numpy as np
from fractions import Fraction
from lipsmith.core.image import Frame
from lipsmith.core.request import Size
from lipsmith.errors import DiskFullError
from lipsmith.media.video import VideoWriter
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_bytes}, {limit_bytes}))
rng = np.random.default_rng(0)
try:
    with VideoWriter({str(tmp_path / f"clip.{suffix}")!r}, Size(128, 128), Fraction(25),
                     rate_hz=16000, channels=1) as writer:
        for index in range(60):
            image = rng.integers(0, 256, (128, 128, 1), dtype=np.uint8).repeat(3, 2)
            writer.write(Frame(index, image, np.zeros((640, 1), np.float32)))
except DiskFullError as error:
    raise SystemExit(f"full: {{error}}")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr.startswith(f"full: no room left for {tmp_path}"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_frames_there_is_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(RenderError, match="not a single frame"),
        VideoWriter(tmp_path / "a.mp4", SIZE, NTSC, rate_hz=16000, channels=1),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, SIZE, NTSC, rate_hz=16000, channels=1) as writer:
        for frame in flashes(NTSC, 16000, 1, 1.0, set()):
            writer.write(frame)
            assert not path.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip.mp4"]


def test_an_existing_file_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"precious")
    with pytest.raises(OutputError, match=r"clip\.mp4 exists already.*--overwrite"):
        VideoWriter(path, SIZE, NTSC, rate_hz=16000, channels=1)
    assert path.read_bytes() == b"precious"


def test_wrong_frames_are_a_programming_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even"):
        VideoWriter(tmp_path / "a.mp4", Size(65, 64), NTSC, rate_hz=16000, channels=1)
    with (
        pytest.raises(ValueError, match="66x64"),
        VideoWriter(tmp_path / "a.mp4", SIZE, NTSC, rate_hz=16000, channels=1) as writer,
    ):
        writer.write(Frame(0, np.zeros((64, 66, 3), np.uint8), np.zeros((9, 1), np.float32)))
