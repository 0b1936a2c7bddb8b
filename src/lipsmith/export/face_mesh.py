"""The picture as a net of triangles: fine at lips and lids, coarse around, torn where skin parts.

A sheet has no hole to open, so it is cut along the line between the lips, and above each upper
lid's lashes, where the skin of a shut lid unfolds. The eyes' openings are holes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from lipsmith.engines.rig.geometry import FACE_OVAL, HeadFrame
from lipsmith.engines.rig.layers import Lips
from lipsmith.export.eye_openings import EyeOpening

Points = NDArray[np.float64]
Indices = NDArray[np.intp]

_FINEST_MM, _FACE_MM, _COARSEST_MM = 1.1, 3.6, 14.0
_GROWTH, _OUTER_GROWTH = 0.12, 0.12
"""Size of a triangle per distance from lips and lids, and from the face."""
_APART = 0.65  # of a triangle's size: no two vertices are closer
_LEAST_POINTS = 15
_STEP = 2**0.5  # from one size of triangles to the next


@dataclass(frozen=True, slots=True)
class EyeEdges:
    """Vertices around one eye, each (k,), from the viewer's left corner to the right one.

    upper, lower: margins of the lids. fold: the cut above the lashes, its side towards the brow;
    lashes: the same, the side that the lid takes with it. Corners belong to all four.
    """

    upper: Indices
    lower: Indices
    fold: Indices
    lashes: Indices


@dataclass(frozen=True, slots=True)
class FaceMesh:
    """points: (n, 2) px in the picture. triangles: (m, 3), seen in the order of the hands of a
    clock. upper_lip, lower_lip: (k,) vertices of the lips' inner edges from the viewer's left to
    the right; the ends are the same. eyes: in the order of the openings.
    """

    points: Points
    triangles: Indices
    upper_lip: Indices
    lower_lip: Indices
    eyes: tuple[EyeEdges, ...]


def build_mesh(
    landmarks: Points,
    head: HeadFrame,
    lips: Lips,
    openings: tuple[EyeOpening, ...],
    width_px: int,
    height_px: int,
) -> FaceMesh:
    """Cover a picture. landmarks: (478, 3) px."""
    scale = head.px_per_mm
    curves = _resampled([lips.upper, lips.lower][: 1 + lips.is_open], _FINEST_MM * scale)
    for eye in openings:
        curves += _resampled([eye.upper, eye.lower, eye.fold], _FINEST_MM * scale)
    points, ids = _with_curves(curves)
    points = _fill(points, landmarks, scale, width_px, height_px)
    triangles = np.asarray(Delaunay(points).simplices, np.intp)
    for line in ids:
        _recover(triangles, line)
    triangles = _clockwise(points, triangles)
    triangles = triangles[_inside_picture(points, triangles, width_px, height_px)]

    net = _Net(points, triangles)
    taken = 2 if lips.is_open else 1
    if lips.is_open:
        upper, lower = ids[0], ids[1]
        net.remove(np.concatenate([points[upper], points[lower][::-1]]))
    else:
        upper, lower = ids[0], net.tear(ids[0])
    edges = []
    for index in range(len(openings)):
        above, below, fold = ids[taken + 3 * index : taken + 3 * index + 3]
        net.remove(np.concatenate([points[above], points[below][::-1]]))
        edges.append(EyeEdges(above, below, fold, net.tear(fold)))
    return net.finish(upper, lower, tuple(edges))


class _Net:
    """Triangles that holes and cuts are made in."""

    def __init__(self, points: Points, triangles: Indices) -> None:
        self.points, self.triangles = points, triangles

    def _centres(self) -> Points:
        return np.asarray(self.points[self.triangles].mean(1))

    def remove(self, outline: Points) -> None:
        """Drop the triangles inside a closed line (k, 2)."""
        around = outline.astype(np.float32)
        low, high = outline.min(0), outline.max(0)
        centres = self._centres()
        near = ((centres > low) & (centres < high)).all(1)
        gone = np.zeros(len(centres), bool)
        for i in np.flatnonzero(near):
            at = (float(centres[i, 0]), float(centres[i, 1]))
            gone[i] = cv2.pointPolygonTest(around, at, False) > 0
        self.triangles = self.triangles[~gone]

    def tear(self, line: Indices) -> Indices:
        """Part the net along a line of vertices, but for its ends; returns the lower side's."""
        inner = line[1:-1]
        below = np.arange(len(inner)) + len(self.points)
        number = np.arange(len(self.points))
        number[inner] = below
        touching = np.isin(self.triangles, inner).any(1)
        path = self.points[line]
        lower = np.flatnonzero(touching)
        lower = lower[_below(self._centres()[lower], path)]
        self.points = np.concatenate([self.points, self.points[inner]])
        self.triangles = self.triangles.copy()
        self.triangles[lower] = number[self.triangles[lower]]
        return np.concatenate([line[:1], below, line[-1:]])

    def finish(self, upper: Indices, lower: Indices, eyes: tuple[EyeEdges, ...]) -> FaceMesh:
        return FaceMesh(self.points, self.triangles, upper, lower, eyes)


def _below(centres: Points, path: Points) -> NDArray[np.bool_]:
    """Which points lie below a path (k, 2) that runs to the right: by its nearest piece."""
    start, piece = path[:-1], np.diff(path, axis=0)
    offset = centres[:, None] - start
    length = np.maximum((piece**2).sum(1), 1e-12)
    along = np.clip((offset * piece).sum(2) / length, 0.0, 1.0)
    away = ((offset - along[..., None] * piece) ** 2).sum(2)
    nearest = away.argmin(1)
    side = piece[nearest, 0] * offset[np.arange(len(centres)), nearest, 1]
    side -= piece[nearest, 1] * offset[np.arange(len(centres)), nearest, 0]
    return np.asarray(side > 0)


def _resampled(lines: list[Points], step: float) -> list[Points]:
    """The lines with as many points each, no farther apart than `step` px."""
    lengths = [
        np.concatenate([[0.0], np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum()])
        for line in lines
    ]
    count = max(_LEAST_POINTS, int(np.ceil(max(at[-1] for at in lengths) / step)) + 1)
    return [
        np.stack([np.interp(np.linspace(0.0, at[-1], count), at, line[:, i]) for i in (0, 1)], 1)
        for line, at in zip(lines, lengths, strict=True)
    ]


def _recover(triangles: Indices, line: Indices) -> None:
    """Make each piece of a line an edge, by turning the edge between two triangles around."""
    near = np.flatnonzero(np.isin(triangles, line).any(1))
    for a, b in pairwise(line):
        of_a, of_b = (near[(triangles[near] == corner).any(1)] for corner in (a, b))
        if len(np.intersect1d(of_a, of_b)):
            continue
        for i in of_a:
            for j in of_b:
                shared = np.intersect1d(triangles[i], triangles[j])
                if len(shared) == 2:
                    triangles[i] = (a, b, shared[0])
                    triangles[j] = (b, a, shared[1])


def _with_curves(curves: list[Points]) -> tuple[Points, list[Indices]]:
    """All points of the curves, those at one place once, and their numbers."""
    points: list[tuple[float, float]] = []
    known: dict[tuple[float, float], int] = {}
    numbers = []
    for curve in curves:
        ids = []
        for x, y in curve:
            key = (round(float(x), 3), round(float(y), 3))
            if key not in known:
                known[key] = len(points)
                points.append((float(x), float(y)))
            ids.append(known[key])
        numbers.append(np.array(ids, np.intp))
    return np.array(points), numbers


def _fill(points: Points, landmarks: Points, scale: float, width_px: int, height_px: int) -> Points:
    """The points, and around them the vertices of hexagonal lattices, coarser step by step."""
    fixed = cKDTree(points)
    oval = landmarks[list(FACE_OVAL), :2]
    outline = np.asarray(cv2.convexHull(oval.astype(np.float32)), np.float32)

    def wished_mm(at: Points) -> NDArray[np.float64]:
        near = fixed.query(at)[0] / scale
        outside = np.array(
            [-cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in at]
        )
        far = np.maximum(outside, 0.0) / scale
        size = np.minimum(_FINEST_MM + _GROWTH * near, _FACE_MM + _OUTER_GROWTH * far)
        return np.asarray(np.clip(size, _FINEST_MM, _COARSEST_MM))

    low, high = np.array([-0.5, -0.5]), np.array([width_px - 0.5, height_px - 0.5])
    kept = [points, _border(low, high, 0.5 * _COARSEST_MM * scale)]
    step = _FINEST_MM
    while step < _COARSEST_MM * _STEP:
        reach = (step * _STEP - _FINEST_MM) / _GROWTH * scale
        if step >= _FACE_MM / _STEP:
            reach = float(max(width_px, height_px))
        box = (
            np.maximum(points.min(0) - reach, low + 0.4 * step * scale),
            np.minimum(points.max(0) + reach, high - 0.4 * step * scale),
        )
        at = _lattice(*box, step * scale)
        if len(at):
            wished = wished_mm(at)
            last = step * _STEP >= _COARSEST_MM * _STEP
            at = at[(wished >= step) & ((wished < step * _STEP) | last)]
        if len(at):
            at = at[cKDTree(np.concatenate(kept)).query(at)[0] > _APART * step * scale]
            kept.append(at)
        step *= _STEP
    return np.concatenate(kept)


def _lattice(low: Points, high: Points, step: float) -> Points:
    rows = np.arange(low[1], high[1], step * 0.75**0.5)
    columns = np.arange(low[0], high[0], step)
    x, y = np.meshgrid(columns, rows)
    x[1::2] += 0.5 * step
    at = np.stack([x.ravel(), y.ravel()], 1)
    return np.asarray(at[(at <= high).all(1)])


def _border(low: Points, high: Points, step: float) -> Points:
    """Vertices along the edge of the picture."""
    x = np.linspace(low[0], high[0], max(2, round((high[0] - low[0]) / step) + 1))
    y = np.linspace(low[1], high[1], max(2, round((high[1] - low[1]) / step) + 1))
    sides = [np.stack([x, np.full_like(x, at)], 1) for at in (low[1], high[1])]
    sides += [np.stack([np.full_like(y[1:-1], at), y[1:-1]], 1) for at in (low[0], high[0])]
    return np.concatenate(sides)


def _clockwise(points: Points, triangles: Indices) -> Indices:
    a, b, c = (points[triangles[:, i]] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles = triangles[np.abs(area) > 1e-9]
    area = area[np.abs(area) > 1e-9]
    flipped = triangles[:, [0, 2, 1]]
    return np.where((area > 0)[:, None], triangles, flipped)


def _inside_picture(
    points: Points, triangles: Indices, width_px: int, height_px: int
) -> NDArray[np.bool_]:
    centres = points[triangles].mean(1)
    return np.asarray(((centres > -0.5) & (centres < [width_px - 0.5, height_px - 0.5])).all(1))
