"""Small pictures in head millimetres that are laid over each other inside the mouth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Affine = NDArray[np.float64]
"""(2, 3) float64, maps (x, y, 1) to (x', y')."""


def chain(outer: Affine, inner: Affine) -> Affine:
    """The map that does `inner` first, then `outer`."""
    matrix = outer[:, :2] @ inner
    matrix[:, 2] += outer[:, 2]
    return matrix


@dataclass(frozen=True, slots=True)
class Canvas:
    """A grid of pixels over the plane of the lips; pixel (j, i) is at (left + i/d, top + j/d) mm.

    density: pixels per mm.
    """

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float
    density: float

    @property
    def shape(self) -> tuple[int, int]:
        return (
            max(2, round(self.height_mm * self.density)),
            max(2, round(self.width_mm * self.density)),
        )

    def axes(self, finer: int = 1) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """x (columns,) and y (rows,) in mm, `finer` samples a pixel each way."""
        rows, columns = self.shape

        def centres(start: float, count: int) -> NDArray[np.float32]:
            steps = (np.arange(count * finer) + 0.5) / finer - 0.5
            return (start + steps / self.density).astype(np.float32)

        return centres(self.left_mm, columns), centres(self.top_mm, rows)

    def to_mm(self) -> Affine:
        """The map from canvas pixels to mm."""
        step = 1 / self.density
        return np.array([[step, 0.0, self.left_mm], [0.0, step, self.top_mm]])


@dataclass(frozen=True, slots=True)
class Sprite:
    """A picture on a canvas. image: (h, w, 4) uint8 RGBA, colour multiplied by alpha."""

    image: NDArray[np.uint8]
    canvas: Canvas

    @staticmethod
    def of(colour: NDArray[np.float32], alpha: NDArray[np.float32], canvas: Canvas) -> Sprite:
        """From straight RGB 0..255 and alpha 0..1, both sampled on the canvas."""
        image = np.dstack([colour * alpha[..., None], alpha * 255])
        return Sprite(np.clip(image + 0.5, 0, 255).astype(np.uint8), canvas)

    def place(self, plane_to_view: Affine, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Draw on an empty view of `size` (width, height); plane_to_view maps mm to its pixels."""
        matrix = chain(plane_to_view, self.canvas.to_mm())
        return np.asarray(cv2.warpAffine(self.image, matrix, size, flags=cv2.INTER_LINEAR))


def lay_over(below: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`above` over `below`; (h, w, 4) uint8 with premultiplied alpha."""
    see_through = cv2.bitwise_not(cv2.extractChannel(above, 3))
    see_through = cv2.merge([see_through] * 4)
    return np.asarray(cv2.add(above, cv2.multiply(below, see_through, scale=1 / 255)))


def shrink(image: NDArray[np.float32], canvas: Canvas, blur_px: float) -> NDArray[np.float32]:
    """Bring an image that was sampled finer than the canvas to its pixels, then blur it."""
    rows, columns = canvas.shape
    small = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    if blur_px > 0.15:
        small = cv2.GaussianBlur(small, (0, 0), blur_px, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(small, np.float32)
