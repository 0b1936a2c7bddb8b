"""Turning, cropping and shrinking what is read, before anybody looks at it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.request import Size, SourceOptions
from lipsmith.errors import OptionError
from lipsmith.media.limits import MIN_PICTURE_SIDE_PX


@dataclass(frozen=True, slots=True)
class SourceTransform:
    """What becomes of pictures that are all of one size.

    turns: quarter turns clockwise. left, top, right, bottom: what is kept, px after turning.
    size: of the result.
    """

    turns: int
    left: int
    top: int
    right: int
    bottom: int
    size: Size

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W) or (H, W, C) uint8 -> the same kind, C-contiguous, of `size`."""
        if self.turns:
            pixels = np.rot90(pixels, -self.turns)
        kept = np.ascontiguousarray(pixels[self.top : self.bottom, self.left : self.right])
        if kept.shape[:2] == (self.size.height, self.size.width):
            return kept
        shrunk = cv2.resize(kept, (self.size.width, self.size.height), interpolation=cv2.INTER_AREA)
        return np.asarray(shrunk, np.uint8)


def plan_transform(options: SourceOptions, width: int, height: int, name: str) -> SourceTransform:
    """The transform that the options ask for, of pictures of width x height px.

    Raises:
        OptionError: a crop that is empty or outside, or nothing worth looking at is left.
    """
    if options.rotate in (90, 270):
        width, height = height, width
    left, top, right, bottom = options.crop or (0, 0, -1, -1)
    right, bottom = width if right == -1 else right, height if bottom == -1 else bottom
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise OptionError(
            f"crop {options.crop} is not inside {name}, which has {width}x{height} px; "
            "write x1 y1 x2 y2, from the left and the top"
        )
    columns = round((right - left) / options.resize_factor)
    rows = round((bottom - top) / options.resize_factor)
    changed = options.crop is not None or options.resize_factor > 1
    if changed and min(columns, rows) < MIN_PICTURE_SIDE_PX:
        raise OptionError(
            f"crop and resize_factor leave {columns}x{rows} px of {name}; "
            f"each side must keep {MIN_PICTURE_SIDE_PX} px"
        )
    return SourceTransform(options.rotate // 90, left, top, right, bottom, Size(columns, rows))
