"""A picture with a face in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels; right and bottom are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)


@dataclass(frozen=True, slots=True)
class Face:
    """A face found in a picture.

    box: around the landmarks. landmarks: (478, 3) float64 in the MediaPipe face mesh scheme with
    irises: x, y in pixels of the picture, z in pixels, larger is farther from the viewer.
    yaw_deg, pitch_deg, roll_deg: how far the face is turned away from frontal; positive turns to
    the viewer's right, down, clockwise. score: detection confidence 0..1.
    warnings: what may look wrong when this face is animated, for people to read.
    """

    box: Box
    landmarks: NDArray[np.float64]
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    score: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture ready to be animated, in the size of the video to make.

    pixels: RgbImage with even width and height. face: in its coordinates.
    matte: (H, W) uint8, 255 where the person is.
    """

    pixels: RgbImage
    face: Face
    matte: NDArray[np.uint8]
    name: str
    warnings: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])
