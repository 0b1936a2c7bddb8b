"""From the picture to glTF's space: metres, x to the viewer's right, y up, z towards the viewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.geometry import HeadFrame

Array = NDArray[np.float64]

_CAMERA_MM = 1200.0
"""From the mouth to the camera: as far as portraits are taken, and faces are looked at."""
_CENTRE_MM = (0.0, -45.0, 75.0)
"""Of the head, from the middle of the mouth, in the head's frame: between the ears."""


@dataclass(frozen=True, slots=True)
class Space:
    """Places what lies at a pixel, and so deep, where a camera before the face sees it there.

    The origin is the middle of the head, so that a model is turned about it. middle_px: of the
    picture. centre: (3,) m, the origin in the frame that has the camera on its z axis.
    """

    head: HeadFrame
    middle_px: Array
    height_px: int
    width_px: int
    centre: Array

    @staticmethod
    def of(head: HeadFrame, width_px: int, height_px: int) -> Space:
        middle = np.array([(width_px - 1) / 2, (height_px - 1) / 2])
        space = Space(head, middle, height_px, width_px, np.zeros(3))
        at = head.rotation @ np.array(_CENTRE_MM)
        px = head.origin[:2] + at[:2] * head.px_per_mm
        return Space(head, middle, height_px, width_px, space.points(px[None], at[2:])[0])

    @property
    def camera_m(self) -> Array:
        """(3,) where the camera is that sees the picture; it looks along -z."""
        return np.array([0.0, 0.0, _CAMERA_MM / 1000]) - self.centre

    @property
    def camera_yfov_rad(self) -> float:
        half_mm = 0.5 * self.height_px / self.head.px_per_mm
        return float(2.0 * np.arctan(half_mm / _CAMERA_MM))

    def points(self, px: Array, depth_mm: Array) -> Array:
        """(n, 3) m from (n, 2) px and (n,) mm behind the middle of the mouth."""
        flat = (px - self.middle_px) / self.head.px_per_mm * _nearness(depth_mm)[:, None]
        placed = np.stack([flat[:, 0], -flat[:, 1], -depth_mm], 1) / 1000
        return np.asarray(placed - self.centre)

    def offsets(self, head_mm: Array, depth_mm: Array) -> Array:
        """(..., n, 3) m from offsets in head mm of what lies at a depth (n,) mm."""
        return self.picture_offsets(head_mm @ self.head.rotation.T, depth_mm)

    def picture_offsets(self, mm: Array, depth_mm: Array) -> Array:
        """As `offsets`, from mm along the picture's x, y and z."""
        near = _nearness(depth_mm)
        scales = np.stack([near, -near, -np.ones_like(near)], 1) / 1000
        return np.asarray(mm * scales)

    def uv(self, px: Array) -> Array:
        """(n, 2) place in a texture that shows the whole picture."""
        return np.asarray((px + 0.5) / [self.width_px, self.height_px])


def _nearness(depth_mm: Array) -> Array:
    """What is farther must be larger to be seen as large."""
    return np.asarray((_CAMERA_MM + depth_mm) / _CAMERA_MM)
