"""Square looks into a picture, turned so that a face stands upright in them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage


@dataclass(frozen=True, slots=True)
class Crop:
    """A square of the picture. x, y: its centre in px. side: in px.

    roll_rad: how far its content is turned clockwise in the picture.
    """

    x: float
    y: float
    side: float
    roll_rad: float = 0.0

    def to_crop(self, size: int) -> NDArray[np.float64]:
        """(2, 3) map from picture px to px of the crop at size x size."""
        scale = size / self.side
        cos, sin = np.cos(self.roll_rad) * scale, np.sin(self.roll_rad) * scale
        linear = np.array([[cos, sin], [-sin, cos]])
        # Pixel centres are whole numbers on both sides: the crop's middle is at size / 2 - 0.5.
        shift = size / 2 - 0.5 - linear @ (self.x - 0.5, self.y - 0.5)
        return np.concatenate([linear, shift[:, None]], 1)

    def cut(self, pixels: RgbImage, size: int, border: int = cv2.BORDER_REPLICATE) -> RgbImage:
        """Resample the square to (size, size, 3), without aliasing when it shrinks."""
        matrix = self.to_crop(size)
        factor = self.side / size
        if factor > 2:
            pixels, matrix = _shrink_around(pixels, self, matrix, factor / 2)
        flags = cv2.INTER_LINEAR
        return np.asarray(
            cv2.warpAffine(pixels, matrix, (size, size), flags=flags, borderMode=border),
            np.uint8,
        )

    def to_picture(self, points: NDArray[np.float64], size: int) -> NDArray[np.float64]:
        """(n, 2 or 3) points in px of the crop at size x size -> picture px; depth is scaled."""
        scale = self.side / size
        cos, sin = np.cos(self.roll_rad) * scale, np.sin(self.roll_rad) * scale
        result = np.array(points, np.float64) * scale
        offset = np.asarray(points, np.float64)[:, :2] - size / 2
        result[:, 0] = self.x + offset[:, 0] * cos - offset[:, 1] * sin
        result[:, 1] = self.y + offset[:, 0] * sin + offset[:, 1] * cos
        return result


def _shrink_around(
    pixels: RgbImage, crop: Crop, matrix: NDArray[np.float64], factor: float
) -> tuple[RgbImage, NDArray[np.float64]]:
    """Shrink the part of the picture that the crop covers by area, and adapt the map to it."""
    reach = crop.side * 0.71 + factor * 2
    height, width = pixels.shape[:2]
    left, right = max(0, int(crop.x - reach)), min(width, int(crop.x + reach) + 1)
    top, bottom = max(0, int(crop.y - reach)), min(height, int(crop.y + reach) + 1)
    if right - left < 2 or bottom - top < 2:
        return pixels, matrix
    part = pixels[top:bottom, left:right]
    columns, rows = max(1, round((right - left) / factor)), max(1, round((bottom - top) / factor))
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    # Picture px of the shrunk pixel's centre: left + (i + 0.5) * factor - 0.5.
    fx, fy = (right - left) / columns, (bottom - top) / rows
    back = np.array([[fx, 0, left + 0.5 * fx - 0.5], [0, fy, top + 0.5 * fy - 0.5], [0, 0, 1]])
    return np.asarray(small, np.uint8), matrix @ back
