"""The small values that the rig's parts hand to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of whole pixels; left, top, width and height are even, so chroma is whole."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Patch:
    """Opaque pixels that replace a rectangle of the source picture. pixels: RgbImage."""

    rect: Rect
    pixels: RgbImage


@dataclass(frozen=True, slots=True)
class Lips:
    """The line between the lips in the source picture.

    upper, lower: (n, 2) float64 px, the lips' inner edges from the viewer's left to right; the
    same line when the mouth is closed. is_open: the source shows the inside of the mouth.
    line_y_mm: head-frame y of the lip line once the mouth is closed, at its middle.
    """

    upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    is_open: bool
    line_y_mm: float


@dataclass(frozen=True, slots=True)
class FaceGrid:
    """A regular grid of nodes over the face: node (j, i) is at (left + i*step, top + j*step) px."""

    left: float
    top: float
    step: float
    columns: int
    rows: int

    def coordinates(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and y of the nodes in px, each (rows, columns)."""
        x, y = np.meshgrid(
            self.left + np.arange(self.columns) * self.step,
            self.top + np.arange(self.rows) * self.step,
        )
        return x, y
