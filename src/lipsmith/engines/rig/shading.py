"""Light and shadow that folds, lips and jaw throw on the skin as the mouth moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.motion import MouthPose
from lipsmith.engines.rig import geometry as geo
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.layers import FaceGrid
from lipsmith.engines.rig.tone import measure_relief, skin_likeness

Map = NDArray[np.float32]

# From the wing of the nose around the corner of the mouth, the viewer's left and right.
_NASOLABIAL = ((129, 203, 206, 216, 212), (358, 423, 426, 436, 432))
_CHEEK_APPLES = ((50, 205), (280, 425))
_CREASE_TOP, _CREASE_BOTTOM = 17, 199
_JAW_LINE = (172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397)

_DARKEST, _BRIGHTEST = 0.75, 1.12
_INVISIBLE = 0.002
_FARTHEST_MM = 16.0  # that skin moves


@dataclass(frozen=True, slots=True)
class Shading:
    """Prepared shading of one face.

    grid: the nodes of the part of the face where it can be seen. basis: (6, rows * columns) float32
    relative changes of brightness, one a kind of shading, as `_amounts` orders them.
    """

    grid: FaceGrid
    basis: Map

    def gain(self, mouth: MouthPose) -> Map:
        """What to multiply the brightness of the source picture by.

        Returns:
            (rows, columns) float32 in 0.75..1.12 on the nodes of `grid`; 1 changes nothing.
        """
        gain = _amounts(mouth) @ self.basis
        gain += np.float32(1)
        shape = (self.grid.rows, self.grid.columns)
        return np.asarray(np.clip(gain, _DARKEST, _BRIGHTEST, out=gain).reshape(shape))


def _amounts(mouth: MouthPose) -> Map:
    """0..about 1 for folds, chin crease, lip shadow, jaw shadow, lip volume and cheeks."""
    smile, wide = max(mouth.smile, 0.0), max(mouth.width_mm, 0.0)
    jaw, purse = max(mouth.jaw_mm, 0.0), min(max(mouth.round, 0.0), 1.2)
    folds = min(0.65 * smile + 0.07 * wide + 0.07 * mouth.upper_raise_mm, 1.2)
    crease = 0.6 * mouth.press + 0.5 * mouth.labiodental + 0.7 * purse - 0.03 * jaw
    lip = 0.045 * mouth.lower_drop_mm + 0.5 * purse
    amounts = [folds, max(crease, -0.3), min(lip, 1.0), min(jaw / 11.0, 1.2), purse, smile]
    return np.array(amounts, np.float32)


def prepare_shading(
    pixels: RgbImage, landmarks: NDArray[np.float64], head: HeadFrame, grid: FaceGrid
) -> Shading:
    """Lay out the shading of a face over its grid.

    landmarks: (478, 3) px. The depth of the shading follows the picture's own: flat drawings get
    less of it.
    """
    x, y = grid.coordinates()
    to_plane = np.linalg.inv(head.plane_px_per_mm).T
    nodes = np.stack([x - head.origin[0], y - head.origin[1]], axis=-1) @ to_plane
    points = (landmarks[:, :2] - head.origin[:2]) @ to_plane
    at = _Plane(nodes.astype(np.float32), points)
    neck = at.jaw_shadow() * skin_likeness(pixels, landmarks, head, x, y)
    basis = [at.folds(), at.crease(), at.lip_shadow(), neck, at.lip_volume(), at.cheeks()]
    strength = np.float32(0.25 + 0.75 * measure_relief(pixels, landmarks, head))
    stacked = np.stack(basis).astype(np.float32) * strength
    margin = math.ceil(_FARTHEST_MM * head.px_per_mm / grid.step)
    part, (rows, columns) = _around(grid, np.abs(stacked).max(0) > _INVISIBLE, margin)
    return Shading(part, np.ascontiguousarray(stacked[:, rows, columns].reshape(len(basis), -1)))


def _around(
    grid: FaceGrid, seen: NDArray[np.bool_], margin: int
) -> tuple[FaceGrid, tuple[slice, slice]]:
    """The part of a grid up to `margin` nodes around those `seen`, and its nodes."""
    rows, columns = (
        slice(max(0, int(hit[0]) - margin), int(hit[-1]) + 1 + margin)
        for hit in (np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0)))
    )
    last_row, last_column = min(rows.stop, grid.rows), min(columns.stop, grid.columns)
    part = FaceGrid(
        left=grid.left + columns.start * grid.step,
        top=grid.top + rows.start * grid.step,
        step=grid.step,
        columns=last_column - columns.start,
        rows=last_row - rows.start,
    )
    return part, (rows, columns)


class _Plane:
    """Draws soft shapes over nodes and landmarks that are given in the plane of the face, in mm."""

    def __init__(self, nodes: Map, points: NDArray[np.float64]) -> None:
        self.x, self.y = nodes[..., 0], nodes[..., 1]
        self.points = points

    def blob(self, centre: NDArray[np.float64], wide_mm: float, tall_mm: float) -> Map:
        """A Gaussian bump of height 1."""
        dx, dy = (self.x - centre[0]) / wide_mm, (self.y - centre[1]) / tall_mm
        return np.asarray(np.exp(-(dx * dx) - dy * dy), np.float32)

    def below(self, indices: tuple[int, ...]) -> tuple[Map, Map]:
        """mm below a contour that runs from left to right, and 0..1 how far inside its ends."""
        line = self.points[list(indices)]
        y = np.interp(self.x, line[:, 0], line[:, 1])
        middle, half = 0.5 * (line[0, 0] + line[-1, 0]), 0.5 * (line[-1, 0] - line[0, 0])
        inside = np.clip(1.15 - np.abs(self.x - middle) / max(half, 1e-3), 0, 1)
        return np.asarray(self.y - y, np.float32), np.asarray(inside, np.float32)

    def folds(self) -> Map:
        """Nasolabial folds: a crease with the cheek swelling outside it."""
        result = np.zeros_like(self.x)
        for indices in _NASOLABIAL:
            line = self.points[list(indices)]
            outwards = float(np.sign(line[:, 0].mean()))
            top, bottom = line[0, 1], line[-1, 1]
            along = (self.y - top) / max(bottom - top, 1e-3)
            curve = np.interp(self.y, line[:, 1], line[:, 0])
            across = (self.x - curve) * outwards
            reach = np.clip((along + 0.05) / 0.35, 0, 1) * np.clip((1.05 - along) / 0.5, 0, 1)
            crease = -0.13 * np.exp(-(((across - 0.2) / 2.3) ** 2))
            swell = 0.045 * np.exp(-(((across - 6.5) / 4.5) ** 2))
            result += reach * (crease + swell)
        return result

    def crease(self) -> Map:
        """The fold between the lower lip and the chin, and the chin's ball under it."""
        top, bottom = self.points[_CREASE_TOP], self.points[_CREASE_BOTTOM]
        fold = self.blob(top + 0.38 * (bottom - top), 13.0, 3.2)
        ball = self.blob(top + 0.85 * (bottom - top), 11.0, 5.0)
        return np.asarray(-0.13 * fold + 0.035 * ball, np.float32)

    def lip_shadow(self) -> Map:
        """The shadow that the lower lip throws on the skin below it."""
        down, inside = self.below(geo.LOWER_OUTER)
        return np.asarray(-0.10 * np.exp(-(((down - 2.6) / 2.4) ** 2)) * inside, np.float32)

    def jaw_shadow(self) -> Map:
        """The shadow under the jaw on the neck, and cheeks drawn hollow beside the mouth."""
        down, inside = self.below(_JAW_LINE)
        neck = np.clip((down - 0.5) / 6.0, 0, 1) * np.exp(-np.clip(down - 6.5, 0, None) / 16.0)
        result = -0.17 * neck * np.minimum(1.6 * inside, 1.0)
        for corner, side in ((61, -1.0), (291, 1.0)):
            result -= 0.05 * self.blob(self.points[corner] + np.array([7.0 * side, 8.0]), 6.0, 12.0)
        return np.asarray(result, np.float32)

    def lip_volume(self) -> Map:
        """Pushed forward lips: light on their fullest part, shade at the corners and around."""
        upper, lower = self.points[[0, 13]].mean(0), self.points[[14, 17]].mean(0)
        result = 0.10 * self.blob(lower, 7.0, 2.6)
        result += 0.05 * self.blob(upper, 6.0, 1.8)
        for corner, side in ((61, -1.0), (291, 1.0)):
            result -= 0.09 * self.blob(self.points[corner] + np.array([2.0 * side, 1.0]), 8.0, 7.0)
        return np.asarray(result, np.float32)

    def cheeks(self) -> Map:
        """Cheeks that a smile lifts, and the dimples at the corners of the mouth."""
        result = np.zeros_like(self.x)
        for apple in _CHEEK_APPLES:
            result += 0.06 * self.blob(self.points[list(apple)].mean(0), 12.0, 9.0)
        for corner, side in ((61, -1.0), (291, 1.0)):
            result -= 0.07 * self.blob(self.points[corner] + np.array([3.5 * side, 0.0]), 4.0, 5.0)
        return result
