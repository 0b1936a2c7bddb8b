"""Where one eye is in the picture: its axes, its opening, its iris.

The mesh follows human eyes to about a millimetre. Drawn eyes are often larger than the mesh's
opening, so the opening's edges are moved to where the picture's colours change from eye to skin.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.geometry import (
    LEFT_BROW,
    LEFT_IRIS,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    RIGHT_BROW,
    RIGHT_IRIS,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
)
from lipsmith.engines.rig.layers import Rect

Floats = NDArray[np.float32]

CANONICAL_LENGTH_PX = 96
"""Distance between the eye's corners in the upright raster in which an eye is examined."""
_MARGIN_U, _MARGIN_V = 0.45, 0.85  # of the eye's length, around the line between the corners
_FISSURE_MM = 30.0
"""Length of the adult palpebral fissure, 28..32 mm (Farkas 1994, Anthropometry of the Head)."""
CLOSED_RATIO = 0.12
"""Openings lower than this share of their length are shut or nearly so."""


def smooth_step(x: Floats | float, low: Floats | float, high: Floats | float) -> Floats:
    """0 below `low`, 1 above `high`, 3t^2 - 2t^3 between; `low` may exceed `high`."""
    t = np.clip((np.asarray(x, np.float32) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


@dataclass(frozen=True, slots=True)
class EyeShape:
    """One eye in its own axes: u runs from the viewer's left corner to the right one, v down.

    origin: (2,) px, the left corner. along, down: (2,) unit vectors in the picture.
    length_px: between the corners.
    columns: (n,) u positions; upper, lower, brow: (n,) v of the lid edges and of the brow's
    lower edge there. Outside the corners upper equals lower.
    iris_uv: (2,) centre in u, v. iris_radius_px: of the mesh. outer_is_right: the corner away
    from the nose is at the greater u.
    """

    origin: Floats
    along: Floats
    down: Floats
    length_px: float
    columns: Floats
    upper: Floats
    lower: Floats
    brow: Floats
    iris_uv: Floats
    iris_radius_px: float
    outer_is_right: bool

    @property
    def px_per_mm(self) -> float:
        """The eye's own scale."""
        return self.length_px / _FISSURE_MM

    @property
    def opening_px(self) -> float:
        """Greatest distance between the lids."""
        return float((self.lower - self.upper).max())

    @property
    def is_shut(self) -> bool:
        return self.opening_px < CLOSED_RATIO * self.length_px

    def to_uv(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        dx, dy = x - self.origin[0], y - self.origin[1]
        return (
            np.asarray(dx * self.along[0] + dy * self.along[1], np.float32),
            np.asarray(dx * self.down[0] + dy * self.down[1], np.float32),
        )

    def to_xy(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        return (
            np.asarray(self.origin[0] + u * self.along[0] + v * self.down[0], np.float32),
            np.asarray(self.origin[1] + u * self.along[1] + v * self.down[1], np.float32),
        )

    def between_corners(self, u: Floats, inner: float, outer: float) -> Floats:
        """1 between the corners, 0 farther out than `inner` and `outer`, in lengths of the eye."""
        left, right = (inner, outer) if self.outer_is_right else (outer, inner)
        length = self.length_px
        return smooth_step(u, -left * length, (0.1 - left) * length) * smooth_step(
            u, (1 + right) * length, (0.9 + right) * length
        )

    def at(self, curve: Floats, u: Floats) -> Floats:
        """A curve over `columns`, read at any u."""
        return np.asarray(np.interp(u, self.columns, curve), np.float32)


@dataclass(frozen=True, slots=True)
class EyeRaster:
    """The picture around one eye; everything is (h, w).

    x, y: columns and rows of the raster. u, v: px in the eye's axes. upper, lower: v of the lid
    edges at each u.
    """

    rect: Rect
    shape: EyeShape
    source: RgbImage
    x: Floats
    y: Floats
    u: Floats
    v: Floats
    upper: Floats
    lower: Floats

    @staticmethod
    def of(pixels: RgbImage, shape: EyeShape) -> EyeRaster:
        """Cut out the part of the picture that the lids may change."""
        length = shape.length_px
        middle = np.abs(shape.columns - 0.5 * length).argmin()
        to_brow = float((shape.upper - shape.brow)[middle])
        first_v = float(shape.upper.min()) - min(0.62, max(0.36, 0.9 * to_brow / length)) * length
        last_v = float(shape.lower.max()) + 0.24 * length
        u = np.array([-0.3, -0.3, 1.3, 1.3], np.float32) * length
        v = np.array([first_v, last_v, first_v, last_v], np.float32)
        x, y = shape.to_xy(u, v)
        height, width = pixels.shape[:2]
        left, top = (max(0, int(least) // 2 * 2) for least in (x.min(), y.min()))
        right = min(width, int(x.max()) // 2 * 2 + 2)
        bottom = min(height, int(y.max()) // 2 * 2 + 2)
        rect = Rect(left, top, right - left, bottom - top)
        xs, ys = np.meshgrid(
            np.arange(rect.width, dtype=np.float32), np.arange(rect.height, dtype=np.float32)
        )
        us, vs = shape.to_uv(xs + rect.left, ys + rect.top)
        source = np.ascontiguousarray(pixels[rect.top : rect.bottom, rect.left : rect.right])
        return EyeRaster(
            rect, shape, source, xs, ys, us, vs,
            shape.at(shape.upper, us), shape.at(shape.lower, us),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class UprightEye:
    """The eye resampled upright, with its corners `CANONICAL_LENGTH_PX` apart.

    pixels: (h, w, 3) RGB 0..255. u, v: (h, w) px in the eye's axes. step: px between neighbours.
    """

    pixels: Floats
    u: Floats
    v: Floats
    step: float

    def index(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Column and row of the raster for u, v."""
        return (
            np.asarray((u - self.u[0, 0]) / self.step, np.float32),
            np.asarray((v - self.v[0, 0]) / self.step, np.float32),
        )


def upright(pixels: RgbImage, shape: EyeShape) -> UprightEye:
    """Resample the surroundings of an eye."""
    step = shape.length_px / CANONICAL_LENGTH_PX
    reach_u, reach_v = _MARGIN_U * shape.length_px, _MARGIN_V * shape.length_px
    u, v = np.meshgrid(
        np.arange(-reach_u, shape.length_px + reach_u, step, dtype=np.float32),
        np.arange(-reach_v, reach_v, step, dtype=np.float32),
    )
    x, y = shape.to_xy(u, v)
    source = pixels
    if step > 1.3:
        left, top = int(max(0, x.min())), int(max(0, y.min()))
        source = pixels[top : int(y.max()) + 2, left : int(x.max()) + 2]
        source = np.asarray(cv2.GaussianBlur(source, (0, 0), 0.45 * step), np.uint8)
        x, y = x - left, y - top
    sampled = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return UprightEye(np.asarray(sampled, np.float32), u, v, step)


def find_eye(pixels: RgbImage, landmarks: NDArray[np.float64], side: str) -> EyeShape | None:
    """The eye at the viewer's `side` ("left" or "right"), or None when it cannot be used.

    pixels: RgbImage. landmarks: (478, 3) px.
    """
    if side == "left":
        upper, lower, brow, iris = RIGHT_UPPER_LID, RIGHT_LOWER_LID, RIGHT_BROW, RIGHT_IRIS
    else:
        upper, lower, brow, iris = LEFT_UPPER_LID, LEFT_LOWER_LID, LEFT_BROW, LEFT_IRIS
    points = landmarks[:, :2].astype(np.float32)
    first, last = points[upper[0]], points[upper[-1]]
    length = float(np.hypot(*(last - first)))
    height, width = pixels.shape[:2]
    centre = 0.5 * (first + last)
    inside = 0 <= centre[0] < width and 0 <= centre[1] < height
    if length < 6 or not inside:
        return None
    along = (last - first) / length
    down = np.array([-along[1], along[0]], np.float32)

    def uv(indices: tuple[int, ...]) -> Floats:
        offsets = points[list(indices)] - first
        return np.stack([offsets @ along, offsets @ down], 1)

    columns = np.linspace(-0.6 * length, 1.6 * length, 2 * CANONICAL_LENGTH_PX, dtype=np.float32)
    brow_line = uv(brow[5:])
    brow_line = brow_line[np.argsort(brow_line[:, 0])]
    iris_points = uv(iris)
    radius = float(np.linalg.norm(iris_points[1:] - iris_points[0], axis=1).mean())
    shape = EyeShape(
        origin=first,
        along=along,
        down=down,
        length_px=length,
        columns=columns,
        upper=_arc(uv(upper), columns, length),
        lower=_arc(uv(lower), columns, length),
        brow=np.interp(columns, brow_line[:, 0], brow_line[:, 1]).astype(np.float32),
        iris_uv=iris_points[0],
        iris_radius_px=radius,
        outer_is_right=side == "right",
    )
    return None if shape.is_shut else shape


def _arc(points: Floats, columns: Floats, length: float) -> Floats:
    """A smooth curve over `columns` near (n, 2) points, zero at 0 and `length` and beyond."""

    def basis(x: Floats) -> Floats:
        t = np.clip(x / length, 0, 1)
        arch = t * (1 - t)
        return np.stack([arch, arch * t, arch * t * t, arch**2 * (2 * t - 1), np.sqrt(arch)], 1)

    design = basis(points[:, 0])
    ridge = 1e-3 * np.eye(design.shape[1])
    weights = np.linalg.solve(design.T @ design + ridge, design.T @ points[:, 1])
    return np.asarray(basis(columns) @ weights, np.float32)
