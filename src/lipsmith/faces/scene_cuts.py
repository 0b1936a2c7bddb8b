"""Where a video cuts from one scene to the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage

_SIDE, _BINS = 48, 16
_LEVEL_LIMIT, _COLOUR_LIMIT, _BOTH_LIMIT = 0.085, 0.25, 0.083
_RATIO = 3.0
_MEMORY = 0.8
_FLASH = 2
"""Frames after which the scene is back, when it was a flash and no cut."""


def scenes(pictures: Iterable[RgbImage]) -> Iterator[tuple[RgbImage, int]]:
    """Each picture with the number of its scene, which is one more after each cut.

    A cut changes both the colours and what is where, and both far more than the pictures before it
    did, which tells it from fast motion and from a fade; and it is not undone in a moment, which
    tells it from a flash. Pictures are looked ahead only where it may be one.
    """
    source = iter(pictures)
    ahead: deque[tuple[RgbImage, _Look]] = deque()
    before: _Look | None = None
    usual, scene = 0.0, 0
    while True:
        if ahead:
            pixels, look = ahead.popleft()
        else:
            taken = next(source, None)
            if taken is None:
                return
            pixels, look = taken, _look_of(taken)
        if before is None:
            before = look
        elif not _is_cut(before, look, usual):
            usual = _MEMORY * usual + (1 - _MEMORY) * before.level_change(look)
            before = look
        else:
            while len(ahead) < _FLASH and (taken := next(source, None)) is not None:
                ahead.append((taken, _look_of(taken)))
            if all(_is_cut(before, later, usual) for _, later in ahead):
                scene += 1
                before, usual = look, 0.0
        yield pixels, scene


@dataclass(frozen=True, slots=True)
class _Look:
    """A picture in small. lab: (side, side, 3) 0..1. shares: (3 * bins,), how often each level of
    each channel is there."""

    lab: NDArray[np.float32]
    shares: NDArray[np.float32]

    def level_change(self, other: _Look) -> float:
        return float(np.abs(self.lab - other.lab)[..., 0].mean())

    def colour_change(self, other: _Look) -> float:
        return float(np.abs(self.shares - other.shares).sum()) / 6


def _look_of(pixels: RgbImage) -> _Look:
    step = max(1, min(pixels.shape[:2]) // (4 * _SIDE))  # all of it would take far longer
    small = cv2.resize(pixels[::step, ::step], (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB))
    counts = [np.bincount(lab[..., c].ravel() // (256 // _BINS), minlength=_BINS) for c in range(3)]
    shares = np.concatenate(counts) / (_SIDE * _SIDE)
    return _Look(np.asarray(lab / 255, np.float32), np.asarray(shares, np.float32))


def _is_cut(before: _Look, look: _Look, usual: float) -> bool:
    """usual: how much the level changed from picture to picture lately."""
    level, colour = before.level_change(look), before.colour_change(look)
    both = level > _LEVEL_LIMIT and colour > _BOTH_LIMIT
    return (both or colour > _COLOUR_LIMIT) and level > _RATIO * usual
