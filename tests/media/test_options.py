from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from lipsmith.core.request import Background, Size, Speaker
from lipsmith.errors import OptionError
from lipsmith.media.options import parse_background, parse_fps, parse_size, parse_speaker


@pytest.mark.parametrize(
    ("text", "picture", "size"),
    [
        (None, (512, 640), (512, 640)),
        (None, (513, 641), (512, 640)),
        (None, (8192, 4096), (3840, 1920)),
        ("1280x720", (512, 512), (1280, 720)),
        (" 640 X 480 ", (512, 512), (640, 480)),
        ("720p", (1000, 1000), (720, 720)),
        ("720p", (1920, 1080), (1280, 720)),
        ("720P", (1080, 1920), (720, 1280)),
        ("1080p", (300, 401), (1080, 1444)),
        ("4k", (160, 90), (3840, 2160)),
    ],
)
def test_sizes(text: str | None, picture: tuple[int, int], size: tuple[int, int]) -> None:
    assert parse_size(text, width_px=picture[0], height_px=picture[1]) == Size(*size)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("huge", "WxH"),
        ("", "WxH"),
        ("640", "WxH"),
        ("-640x480", "WxH"),
        ("62x640", "64 to 3840"),
        ("640x3842", "64 to 3840"),
        ("641x480", "write 640x480"),
        ("4k", "longest side"),
    ],
)
def test_sizes_that_cannot_be(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse_size(text, width_px=3000, height_px=1000)


@pytest.mark.parametrize(
    ("text", "fps"),
    [
        ("25", Fraction(25)),
        ("12", Fraction(12)),
        ("60", Fraction(60)),
        ("29.97", Fraction(30000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_frame_rates(text: str, fps: Fraction) -> None:
    assert parse_fps(text) == fps


@pytest.mark.parametrize(
    "text", ["11.9", "61", "0", "-25", "nan", "inf", "fast", "", "25/0", "1e9"]
)
def test_frame_rates_that_cannot_be(text: str) -> None:
    with pytest.raises(OptionError, match="fps"):
        parse_fps(text)


def test_backgrounds(portrait_path: Path) -> None:
    assert parse_background("keep") == Background()
    assert parse_background("Blur") == Background(kind="blur")
    assert parse_background("#00ff7f") == Background(kind="colour", colour=(0, 255, 127))
    assert parse_background("White") == Background(kind="colour", colour=(255, 255, 255))
    picture = parse_background(str(portrait_path))
    assert picture == Background(kind="image", image=portrait_path)
    with pytest.raises(OptionError, match="nor a picture file that exists"):
        parse_background("beach.jpg")


@pytest.mark.parametrize(
    ("voice", "speaker"),
    [
        ("en-us+f3", Speaker("anna", "en-us+f3")),
        ("edge:en-US-AriaNeural,espeak@2", Speaker("anna", "edge:en-US-AriaNeural,espeak", 2)),
    ],
)
def test_speakers(voice: str, speaker: Speaker) -> None:
    assert parse_speaker(" anna ", voice) == speaker


@pytest.mark.parametrize(
    ("name", "voice"), [("", "de"), ("a[b", "de"), ("anna", ""), ("anna", "de@x"), ("anna", "@1")]
)
def test_impossible_speakers_are_refused(name: str, voice: str) -> None:
    with pytest.raises(OptionError, match="speaker"):
        parse_speaker(name, voice)
