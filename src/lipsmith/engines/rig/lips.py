"""The line between the lips: where it is in the source, and on which side of it a point lies."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.basis import upper_share
from lipsmith.engines.rig.geometry import LOWER_INNER, UPPER_INNER, HeadFrame
from lipsmith.engines.rig.layers import Lips
from lipsmith.engines.rig.warp import fetch

OPEN_MM = 1.6
"""Lips farther apart than this show the inside of the mouth."""

_POINTS = 61
_UPPER_MARGIN_MM, _LOWER_MARGIN_MM = 0.35, 0.55  # else teeth stick to the lips
_SEARCH_MM = 2.2
_CORNER_REACH = 0.7  # of the way from the inner to the outer corners: lips part beyond the former


@dataclass(frozen=True, slots=True)
class LipAxis:
    """From corner to corner: u runs along the mouth from 0 to `length`, v across it, downwards."""

    corner: NDArray[np.float64]
    along: NDArray[np.float64]
    length: float

    @staticmethod
    def of(lips: Lips) -> LipAxis:
        corner = 0.5 * (lips.upper[0] + lips.lower[0])
        chord = 0.5 * (lips.upper[-1] + lips.lower[-1]) - corner
        length = float(np.linalg.norm(chord))
        return LipAxis(corner, chord / max(length, 1e-6), length)

    def coordinates(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """u and v of picture points, in px."""
        dx, dy = x - self.corner[0], y - self.corner[1]
        return (
            np.asarray(dx * self.along[0] + dy * self.along[1]),
            np.asarray(dy * self.along[0] - dx * self.along[1]),
        )

    def height_above(
        self, line: NDArray[np.float64], u: NDArray[np.float64], v: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """How far above (> 0) `line` (n, 2) the points are, in px across the mouth."""
        line_u, line_v = self.coordinates(line[:, 0], line[:, 1])
        line_u = np.maximum.accumulate(line_u)
        return np.asarray(np.interp(u, line_u, line_v) - v)

    def heights(self, lips: Lips, u: NDArray[np.float64]) -> NDArray[np.float32]:
        """(2, n) float32: v of the upper and the lower lip's edge at (n,) u."""
        nothing = np.zeros_like(u)
        edges = (lips.upper, lips.lower)
        return np.stack([self.height_above(edge, u, nothing) for edge in edges]).astype(np.float32)

    def nearest_on(self, line: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) px: the points of `line` (n, 2) at u."""
        line_u, _ = self.coordinates(line[:, 0], line[:, 1])
        line_u = np.maximum.accumulate(line_u)
        return np.stack([np.interp(u, line_u, line[:, i]) for i in (0, 1)], -1)


def find_lips(luma: NDArray[np.uint8], landmarks: NDArray[np.float64], head: HeadFrame) -> Lips:
    """Find the lips' inner edges in (H, W) uint8 `luma`, from (478, 3) landmarks in px.

    Closed lips outside of the picture are where the landmarks tell.
    """
    upper = landmarks[list(UPPER_INNER), :2]
    lower = landmarks[list(LOWER_INNER), :2]
    ends = landmarks[[61, 291], :2]
    upper[[0, -1]] += _CORNER_REACH * (ends - upper[[0, -1]])
    lower[[0, -1]] += _CORNER_REACH * (ends - lower[[0, -1]])
    points_mm = head.to_mm(landmarks)
    upper_y, lower_y = float(points_mm[13, 1]), float(points_mm[14, 1])
    gap_mm = float(np.linalg.norm(lower[5] - upper[5])) / head.px_per_mm
    if gap_mm <= OPEN_MM:
        line = _snap_to_seam(luma, 0.5 * (upper + lower), head.px_per_mm)
        middle = np.array([*line[_POINTS // 2], landmarks[13, 2]])
        return Lips(line, line, False, float(head.to_mm(middle[None])[0, 1]))
    down = head.rotation[:2, 1] * head.px_per_mm
    bulge = np.sqrt(np.sin(np.linspace(0.0, np.pi, _POINTS)))[:, None]
    return Lips(
        _resample(upper) - bulge * down * _UPPER_MARGIN_MM,
        _resample(lower) + bulge * down * _LOWER_MARGIN_MM,
        True,
        upper_y + upper_share(lower_y - upper_y) * (lower_y - upper_y),
    )


def _resample(points: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    to = np.linspace(0.0, at[-1], _POINTS)
    return np.stack([np.interp(to, at, points[:, 0]), np.interp(to, at, points[:, 1])], 1)


def _snap_to_seam(
    luma: NDArray[np.uint8], points: NDArray[np.float64], px_per_mm: float
) -> NDArray[np.float64]:
    """Move a closed mouth's line into the dark valley between the lips (dynamic programming)."""
    line = _resample(points)
    tangent = np.asarray(cv2.GaussianBlur(np.gradient(line, axis=0), (1, 9), 3.0), np.float64)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    offsets = np.linspace(-_SEARCH_MM, _SEARCH_MM, 17) * px_per_mm
    probes = (line[:, None] + offsets[None, :, None] * normal[:, None]).astype(np.float32)
    margin = int(np.ceil(3.0 * px_per_mm)) + 3
    height, width = luma.shape
    left, top = np.maximum(probes.min((0, 1)).astype(int) - margin, 0)
    right, bottom = np.minimum(probes.max((0, 1)).astype(int) + margin, (width, height))
    if right <= left or bottom <= top:
        return line
    crop = cv2.GaussianBlur(
        luma[top:bottom, left:right].astype(np.float32), (0, 0), max(0.6, 0.25 * px_per_mm)
    )
    local = probes - np.array([left, top], np.float32)
    value = fetch(np.asarray(crop, np.float32), local)
    cost = (value - value.mean(1, keepdims=True)) / (float(value.std()) + 1e-3)
    cost = cost + 0.7 * np.linspace(-1.0, 1.0, 17) ** 2
    steps = offsets[_cheapest_path(cost)]
    path = np.asarray(cv2.GaussianBlur(steps[:, None], (1, 5), 1.2), np.float64)[:, 0]
    ends = np.clip(np.minimum(np.arange(_POINTS), np.arange(_POINTS)[::-1]) / 6.0, 0.0, 1.0)
    return np.asarray(line + (path * ends)[:, None] * normal)


def _cheapest_path(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """Row by row through (n, m) costs, at most one column aside a step, ends near the middle."""
    n, m = cost.shape
    far = 3.0 * np.abs(np.arange(m) - m // 2)
    total = far.copy()
    came = np.zeros((n, m), np.intp)
    columns = np.arange(m)
    for i in range(1, n):
        padded = np.pad(total, 1, constant_values=np.inf)
        options = np.stack([padded[:-2] + 0.25, padded[1:-1], padded[2:] + 0.25])
        best = options.argmin(0)
        came[i] = columns + best - 1
        total = options[best, columns] + cost[i]
    path = np.zeros(n, np.intp)
    path[-1] = int((total + far).argmin())
    for i in range(n - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return path
