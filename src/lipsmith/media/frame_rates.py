"""From the times in a file to pictures at a constant rate."""

from __future__ import annotations

import math
from fractions import Fraction

from lipsmith.media.limits import MAX_FPS, MIN_FPS

_NTSC = tuple(Fraction(rate * 1000, 1001) for rate in (24, 30, 60))
_USUAL = (*_NTSC, *(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60)))
_SNAP = Fraction(1, 50)
_NEAR = Fraction(1, 2000)
_VARIES = Fraction(1, 10)
_JUMP_S = 10
_DEFAULT, _HALF = Fraction(25), Fraction(1, 2)


def nominal_rate(average: Fraction | None, base: Fraction | None) -> Fraction:
    """The constant rate, 12..60, that stands for the one of a file.

    average: frames by duration. base: the least rate at which all times of the file can be told
    exactly. Where the two agree it is taken as it is; of a rate that varies, the usual one that is
    nearest to the average. Rates out of range are halved or multiplied by whole numbers.
    """
    rate = average or base or _DEFAULT
    usual = min(_USUAL, key=lambda each: abs(each - rate))
    if base is not None and abs(base - rate) <= _VARIES * rate and base in _USUAL:
        rate = base
    elif abs(usual - rate) <= (_NEAR if base == average else _SNAP) * rate:
        rate = usual
    while rate > MAX_FPS:
        rate /= 2
    if rate < MIN_FPS:
        rate *= -(-MIN_FPS // rate)
    return rate.limit_denominator(1001) if MIN_FPS <= rate <= MAX_FPS else _DEFAULT


class Clock:
    """Tells which picture of the constant rate a frame becomes."""

    def __init__(self, fps: Fraction) -> None:
        self._fps = fps
        self._start: Fraction | None = None
        self._last = -1
        self._now = Fraction(0)

    def place(self, pts: int | None, time_base: Fraction | None) -> int:
        """The index of the picture from which on the frame is shown; never falls.

        A frame without a time follows the last one; so does one whose time jumps, as where
        recordings were joined.
        """
        if pts is None or time_base is None:
            self._last += 1
            self._now = self._last / self._fps
            return self._last
        time = pts * time_base
        if self._start is None:
            self._start = time
        place = _nearest((time - self._start) * self._fps)
        if abs(place - self._last) > _JUMP_S * self._fps or place < self._last - 1:
            place = self._last + 1
            self._start = time - place / self._fps
        self._now = time - self._start
        self._last = max(place, self._last, 0)
        return self._last

    def end(self, duration: Fraction) -> int:
        """How many pictures there are, when the last frame lasts for `duration` seconds."""
        return max(1, _nearest((self._now + duration) * self._fps))


def places_between(start: int, end: int, time_base: Fraction, fps: Fraction) -> int:
    """Pictures of the constant rate between two times, in units of `time_base`."""
    return _nearest((end - start) * time_base * fps)


def _nearest(place: Fraction) -> int:
    """Halves go up, so that equal steps stay equal."""
    return math.floor(place + _HALF)
