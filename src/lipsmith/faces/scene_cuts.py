"""Where a video cuts from one scene to the next."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage

_WIDTH, _HEIGHT = 48, 48
_BINS = 16
_LEVEL_LIMIT, _COLOUR_LIMIT = 0.085, 0.25
_RATIO = 3.0
_MEMORY = 0.8


class CutDetector:
    """Takes the pictures of a video in order.

    A cut changes both the colours and what is where, and both far more than the pictures before it
    did, which tells it from fast motion and from a flash or a fade.
    """

    def __init__(self) -> None:
        self._last: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self._usual = 0.0

    def is_cut(self, pixels: RgbImage) -> bool:
        """Whether this picture begins another scene than the one before it; the first does not."""
        small = cv2.resize(pixels, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
        lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB))
        histogram = np.concatenate(
            [np.bincount(lab[..., c].ravel() // (256 // _BINS), minlength=_BINS) for c in range(3)]
        )
        shares = np.asarray(histogram / (_WIDTH * _HEIGHT), np.float32)
        now = np.asarray(lab / 255, np.float32), shares
        before, self._last = self._last, now
        if before is None:
            return False
        level = float(np.abs(now[0] - before[0])[..., 0].mean())
        colour = float(np.abs(now[1] - before[1]).sum()) / 6
        cut = (
            level > _LEVEL_LIMIT and colour > _COLOUR_LIMIT / 3 and level > _RATIO * self._usual
        ) or (colour > _COLOUR_LIMIT and level > _RATIO * self._usual)
        self._usual = 0.0 if cut else _MEMORY * self._usual + (1 - _MEMORY) * level
        return cut
