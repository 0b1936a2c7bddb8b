"""What is wrong with rendered frames: trembling, blur and stray change."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage


def flicker(frames: Iterable[RgbImage], where: NDArray[np.bool_] | None = None) -> float:
    """How much pixels tremble, in 8-bit levels: 0 still; from about 1 on, people see it.

    The mean over the pixels of `where`, (H, W), of what changes from frame to frame and back
    again: steady movement does not count.
    """
    before = previous = None
    total, count = 0.0, 0
    for frame in frames:
        luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
        luma = luma if where is None else luma[where]
        if before is not None and previous is not None:
            there, back = previous - before, luma - previous
            returned = np.where(there * back < 0, np.minimum(np.abs(there), np.abs(back)), 0.0)
            total, count = total + float(returned.mean()), count + 1
        before, previous = previous, luma
    return total / count if count else 0.0


def sharpness(image: RgbImage, source: RgbImage, where: NDArray[np.bool_]) -> float:
    """Fine detail of a frame compared with the source's inside `where`, (H, W); 1 is the same."""
    return _detail(image, where) / max(_detail(source, where), 1e-6)


def change_outside(
    frames: Iterable[RgbImage], source: RgbImage, where: NDArray[np.bool_], limit: int = 100
) -> float:
    """The largest change, in 8-bit levels, of any pixel of `where`, (H, W), from the source."""
    return max(
        (
            float(np.abs(frame[where].astype(int) - source[where]).max())
            for frame in islice(frames, limit)
        ),
        default=0.0,
    )


def _detail(image: RgbImage, where: NDArray[np.bool_]) -> float:
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.abs(luma - cv2.GaussianBlur(luma, (0, 0), 1.5))[where].mean())
