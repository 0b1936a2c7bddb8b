"""Sizes, frame rates and backgrounds as people write them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from lipsmith.core.request import Background, FaceChoice, Size, Speaker
from lipsmith.errors import OptionError
from lipsmith.media.limits import MAX_FPS, MAX_VIDEO_SIDE_PX, MIN_FPS, MIN_VIDEO_SIDE_PX

_NAMED_SIDES = {
    "480p": 480,
    "720p": 720,
    "1080p": 1080,
    "1440p": 1440,
    "2160p": 2160,
    "4k": 2160,
}
_NTSC_RATES = tuple(Fraction(rate * 1000, 1001) for rate in (15, 24, 30, 48, 60))


def parse_size(text: str | None, *, width_px: int, height_px: int) -> Size:
    """The video's size, both sides even, for a picture of `width_px` x `height_px`.

    text: None keeps the picture's own size, shrunk where a side is above 3840; "WxH" is taken as
    it is; "720p" (480p 720p 1080p 1440p 2160p 4k) sets the shorter side and keeps the picture's
    shape, whether it stands or lies.

    Raises:
        OptionError: not a size, an odd side, or a side outside 64..3840 px.
    """
    longer, shorter = max(width_px, height_px), min(width_px, height_px)
    if text is None:
        return _scaled(width_px, height_px, min(1.0, MAX_VIDEO_SIDE_PX / longer))
    wanted = text.strip().lower()
    if wanted in _NAMED_SIDES:
        size = _scaled(width_px, height_px, _NAMED_SIDES[wanted] / shorter)
        if max(size.width, size.height) > MAX_VIDEO_SIDE_PX:
            raise OptionError(
                f"size {text!r} makes this {width_px}x{height_px} picture a video of {size}, but "
                f"{MAX_VIDEO_SIDE_PX} is the longest side; choose a smaller one or write it as WxH"
            )
        return size
    match = re.fullmatch(r"(\d{1,6})\s*[x×*]\s*(\d{1,6})", wanted)
    if match is None:
        raise OptionError(
            f"size {text!r} is not understood; write WxH, as in 1280x720, or one of "
            + ", ".join(_NAMED_SIDES)
        )
    size = Size(int(match[1]), int(match[2]))
    for side in (size.width, size.height):
        if not MIN_VIDEO_SIDE_PX <= side <= MAX_VIDEO_SIDE_PX:
            raise OptionError(
                f"size {text!r}: each side must be {MIN_VIDEO_SIDE_PX} to {MAX_VIDEO_SIDE_PX} px"
            )
    if size.width % 2 or size.height % 2:
        even = Size(size.width // 2 * 2, size.height // 2 * 2)
        raise OptionError(f"size {text!r}: videos need even sides; write {even}")
    return size


def parse_fps(text: str) -> Fraction:
    """Frames a second: "25", "29.97" (exactly 30000/1001), "30000/1001".

    Raises:
        OptionError: not a number, or outside 12..60.
    """
    try:
        fps = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise OptionError(
            f"fps {text!r} is not a number; write for example 25, 29.97 or 30000/1001"
        ) from None
    if not MIN_FPS <= fps <= MAX_FPS:
        raise OptionError(f"fps {text!r} is out of range; choose {MIN_FPS} to {MAX_FPS}")
    for ntsc in _NTSC_RATES:
        if abs(fps - ntsc) < Fraction(6, 1000):
            return ntsc
    return fps.limit_denominator(1001)


def parse_speaker(name: str, voice: str) -> Speaker:
    """A speaker from its name and "VOICE" or "VOICE@FACE", FACE the number of a face.

    Raises:
        OptionError: a name that cannot be written in [brackets], no voice, or no such number.
    """
    name = name.strip()
    if not re.fullmatch(r"[^\W_][\w .'-]{0,39}", name):
        raise OptionError(
            f"speaker {name!r}: a name has up to 40 letters, digits, blanks, dots and hyphens"
        )
    spoken, at, face = voice.strip().rpartition("@")
    if not at:
        spoken, face = face, ""
    if not spoken or (at and not face.isdecimal()):
        raise OptionError(
            f"speaker {name}={voice}: write a voice, and if you like @ and the number of a face, "
            f"as in {name}=en-us+f3@1"
        )
    return Speaker(name, spoken, int(face) if face else None)


def parse_face(given: int | str | os.PathLike[str] | None) -> FaceChoice | None:
    """A number, "auto" or the path of a picture, as `FaceChoice` knows them.

    Raises:
        OptionError: a negative number, or no such file.
    """
    if given is None or (isinstance(given, int) and not isinstance(given, bool)):
        if given is not None and given < 0:
            raise OptionError(f"face is {given}, and can be 0 or more: the largest face is 0")
        return given
    text = str(given).strip()
    if text == "auto":
        return "auto"
    if re.fullmatch(r"[+-]?\d{1,6}", text):
        return parse_face(int(text))
    if not Path(text).is_file():
        raise OptionError(
            f"face {text!r} is neither a number, as 0 for the largest, nor auto, nor a picture "
            "file that exists"
        )
    return Path(text)


def parse_four(
    name: str, given: str | Sequence[int] | None, means: str
) -> tuple[int, int, int, int] | None:
    """Four whole numbers, as they are or as "0,10,0,0"; None stays None.

    name, means: of the option, and its numbers, for the message.

    Raises:
        OptionError: something else.
    """
    if given is None:
        return None
    parts = re.split(r"[\s,]+", given.strip()) if isinstance(given, str) else list(given)
    try:
        first, second, third, fourth = (int(part) for part in parts)
    except (TypeError, ValueError):
        raise OptionError(f"{name} is {given!r}; write four whole numbers: {means}") from None
    return first, second, third, fourth


def parse_background(text: str) -> Background:
    """ "keep", "blur", a colour ("#rrggbb" or a CSS name) or the path of a picture.

    Raises:
        OptionError: none of these.
    """
    from PIL import ImageColor

    wanted = text.strip()
    if wanted.lower() in ("keep", "blur"):
        return Background(kind=wanted.lower())
    if Path(wanted).is_file():
        return Background(kind="image", image=Path(wanted))
    try:
        red, green, blue = ImageColor.getrgb(wanted)[:3]
    except ValueError:
        raise OptionError(
            f"background {text!r} is neither keep, blur, a colour (as green or #00ff00) "
            "nor a picture file that exists"
        ) from None
    return Background(kind="colour", colour=(red, green, blue))


def _scaled(width_px: int, height_px: int, scale: float) -> Size:
    """Scale both sides and round each to the nearest even number that is allowed."""

    def even(side: int) -> int:
        return max(MIN_VIDEO_SIDE_PX, round(side * scale / 2) * 2)

    # Without scaling, a last odd row or column is dropped, never invented.
    if scale == 1.0:
        return Size(width_px // 2 * 2, height_px // 2 * 2)
    return Size(even(width_px), even(height_px))
