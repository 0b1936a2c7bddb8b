"""Videos are read at a constant rate, upright, whole, in both directions, and never all at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from films import number_of, numbered, write_film
from lipsmith.errors import PictureError
from lipsmith.media import footage
from lipsmith.media.footage import VideoReader, is_video, open_video
from lipsmith.media.frame_rates import nominal_rate
from lipsmith.media.video_frames import FrameConverter


def numbers(reader: VideoReader) -> list[int]:
    return [number_of(pixels) for pixels in reader.forwards()]


def test_every_picture_comes_once_and_in_order(tmp_path: Path) -> None:
    video = open_video(write_film(tmp_path / "a.mp4", numbered(30), fps=Fraction(30000, 1001)))
    assert (video.width, video.height, video.frames) == (128, 96, 30)
    assert video.fps == Fraction(30000, 1001)
    assert numbers(VideoReader(video, video.fps)) == list(range(30))
    assert video.warnings == []


@pytest.mark.parametrize("held", [1, 200_000, 10**9])
@pytest.mark.parametrize(("gop", "suffix"), [(1, ".mp4"), (8, ".mp4"), (8, ".ts"), (250, ".mkv")])
def test_backwards_is_forwards_reversed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gop: int, suffix: str, held: int
) -> None:
    monkeypatch.setattr(footage, "_HELD_BYTES", held)
    video = open_video(write_film(tmp_path / f"a{suffix}", numbered(60), gop=gop))
    reader = VideoReader(video, video.fps)
    forwards = numbers(reader)
    assert [number_of(pixels) for pixels in reader.backwards()] == forwards[::-1]


def test_another_rate_repeats_or_drops_pictures(tmp_path: Path) -> None:
    video = open_video(write_film(tmp_path / "a.mp4", numbered(24), fps=Fraction(24)))
    faster, slower = VideoReader(video, Fraction(48)), VideoReader(video, Fraction(12))
    assert numbers(faster) == sorted([*range(24), *range(24)])
    assert len(numbers(slower)) == 12
    assert [number_of(p) for p in faster.backwards()] == numbers(faster)[::-1]


def test_a_rate_that_varies_becomes_constant(tmp_path: Path) -> None:
    times = [0, 40, 80, 200, 240, 280, 320, 330, 360, 400]
    video = open_video(write_film(tmp_path / "a.mp4", numbered(10), times=times))
    shown = numbers(VideoReader(video, Fraction(25)))
    assert shown == [0, 1, 2, 2, 2, 3, 4, 5, 7, 8, 9], "40 ms each; what is between is dropped"


@pytest.mark.parametrize(
    ("average", "base", "expected"),
    [
        ("25", "25", "25"),
        ("30000/1001", "30000/1001", "30000/1001"),
        ("2987/100", "30", "30"),
        ("29977/1000", "90000", "30000/1001"),
        ("120", "120", "60"),
        ("10", "10", "20"),
        ("18", "18", "18"),
    ],
)
def test_the_nominal_rate_is_what_people_call_it(average: str, base: str, expected: str) -> None:
    assert nominal_rate(Fraction(average), Fraction(base)) == Fraction(expected)


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_a_phone_held_upright_gives_upright_pictures(tmp_path: Path, rotation: int) -> None:
    pixels = np.zeros((96, 128, 3), np.uint8)
    pixels[:32, :48] = 240
    path = write_film(tmp_path / "a.mp4", [pixels] * 3, rotation=rotation)
    video = open_video(path)
    shown = next(VideoReader(video, video.fps).forwards())
    expected = np.rot90(pixels, rotation // 90)
    assert (video.width, video.height) == (shown.shape[1], shown.shape[0])
    assert np.abs(shown.astype(int) - expected).mean() < 3


def test_pixels_become_square(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", numbered(2), aspect=Fraction(4, 3))
    video = open_video(path)
    assert (video.width, video.height) == (171, 96)
    assert next(VideoReader(video, video.fps).forwards()).shape == (96, 171, 3)


def test_odd_sides_are_read_whole(tmp_path: Path) -> None:
    video = open_video(write_film(tmp_path / "a.mkv", numbered(2, 97, 131)))
    assert next(VideoReader(video, video.fps).forwards()).shape == (97, 131, 3)


def test_colours_survive(tmp_path: Path) -> None:
    pixels = np.full((96, 128, 3), (200, 60, 40), np.uint8)
    video = open_video(write_film(tmp_path / "a.mp4", [pixels] * 2))
    shown = next(VideoReader(video, video.fps).forwards())
    assert np.abs(shown.reshape(-1, 3).mean(0) - (200, 60, 40)).max() < 4


def test_broken_pictures_are_left_out_and_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(-9, 9, (60, 96, 128, 3))
    pictures = [
        np.clip(p + n, 0, 255).astype(np.uint8) for p, n in zip(numbered(60), noise, strict=True)
    ]
    path = write_film(tmp_path / "a.mp4", pictures, gop=10)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + len(data) // 3
    data[start : start + 20_000] = bytes(range(250)) * 80
    path.write_bytes(data)
    video = open_video(path)
    shown = numbers(VideoReader(video, video.fps))
    assert (
        len(shown) == 60
        and shown[:10] == list(range(10))
        and shown[-10:] == [50, 51, 52, 53, 54, 0, 1, 2, 3, 4]
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"some words", "a text file"), (b"\x00\x00\x00\x18ftypisom" * 9, "an MP4")],
)
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=message):
        open_video(path)


def test_sound_alone_is_refused(tmp_path: Path, write_wav: object) -> None:
    assert callable(write_wav)
    path = write_wav(np.zeros(16000, np.float32))
    assert not is_video(path)
    with pytest.raises(PictureError):
        open_video(path)


def test_videos_are_known_by_what_is_in_them(tmp_path: Path, portrait_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", numbered(2))
    assert is_video(film.rename(tmp_path / "picture.png"))
    assert not is_video(portrait_path)


def test_hdr_is_brought_to_the_range_of_sdr() -> None:
    def grey(nits: float) -> av.VideoFrame:
        """Of 10 bits in the PQ curve (SMPTE ST 2084, eq. 5.2)."""
        y = (nits / 10000) ** 0.1593017578125
        code = ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375
        frame = av.VideoFrame(128, 96, "yuv420p10le")
        for plane, value in zip(frame.planes, (64 + 876 * code, 512, 512), strict=True):
            np.frombuffer(memoryview(plane), np.uint16)[:] = round(value)
        frame.color_trc, frame.color_primaries, frame.colorspace, frame.color_range = 16, 9, 9, 1
        return frame

    converter = FrameConverter(None)
    black, dim, paper = (
        converter.picture(grey(nits)).reshape(-1, 3).mean(0) for nits in (0, 50, 203)
    )
    assert black.max() < 3 and paper.min() > 235, "white paper is white"
    assert 90 < dim.min() <= dim.max() < 180 and np.ptp(dim) < 4
    assert "HDR" in converter.warnings_about(grey(10))[0]


def test_interlaced_pictures_lose_their_combs(tmp_path: Path) -> None:
    def at(time: float) -> np.ndarray:
        pixels = np.full((96, 128, 3), 60, np.uint8)
        left = int(10 + 6 * time)
        pixels[20:70, left : left + 24] = 220
        return pixels

    pictures = []
    for index in range(8):
        woven = at(index)
        woven[1::2] = at(index + 0.5)[1::2]
        pictures.append(woven)

    def combs(pixels: np.ndarray) -> float:
        rows = pixels[22:68].astype(int)
        return float(np.abs(2 * rows[1:-1] - rows[:-2] - rows[2:]).mean())

    video = open_video(write_film(tmp_path / "a.mp4", pictures, interlaced=True))
    reader = VideoReader(video, video.fps)
    shown = list(reader.forwards())
    assert len(shown) == 8 and video.is_interlaced
    assert combs(shown[4]) < 0.1 * combs(pictures[4])
    assert all(np.array_equal(a, b) for a, b in zip(shown[::-1], reader.backwards(), strict=True))
