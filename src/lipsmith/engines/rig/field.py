"""What each control does to the face, as fields of displacement on two grids.

A coarse grid covers the face and ends at rest around it. A fine one covers the mouth, is held to
the coarse one at its border, and knows each lip's own field on both sides of the lip line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.basis import CONSTRAINED, LOWER_LIP, UPPER_LIP, landmark_basis, smoothstep
from lipsmith.engines.rig.geometry import (
    FACE_OVAL,
    LEFT_CHEEK_EDGE,
    RIGHT_CHEEK_EDGE,
    HeadFrame,
)
from lipsmith.engines.rig.layers import FaceGrid, Lips, Rect
from lipsmith.engines.rig.lips import LipAxis
from lipsmith.engines.rig.plate import Cut, bend
from lipsmith.engines.rig.warp import cover, fetch

HAIR_BEHIND_EARS_MM = 10.0

_FACE_STEP_MM, _MOUTH_STEP_MM = 4.0, 1.1
_MAX_FACE_NODES, _MAX_MOUTH_NODES = 11_000, 8_000
_REST = 5.0
_CORNER_SHARE = 0.015  # of the mouth's width, at each corner, is not cut
_FRAME_NODES = 2  # the mouth's field is held at this many nodes along its border


@dataclass(frozen=True, slots=True)
class FaceField:
    """The whole face, torn along the lip line.

    rect: the picture rectangle that `grid` covers. columns: (14, rows, columns, 2) float32, grid
    steps for one unit of each control. depth: (rows, columns) float32 px behind the mouth;
    hair_depth_px: the same far out.
    """

    rect: Rect
    grid: FaceGrid
    columns: NDArray[np.float32]
    depth: NDArray[np.float32]
    hair_depth_px: float


@dataclass(frozen=True, slots=True)
class MouthField:
    """The mouth: each lip's field goes on smoothly past the lip line.

    rect: the picture rectangle that `grid` covers. upper, lower: (14, rows, columns, 2) float32,
    grid steps for one unit of each control. edges: (14, 2, n, 2) float32, the same at the inner
    edges of the upper and the lower lip, px.
    """

    rect: Rect
    grid: FaceGrid
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]
    edges: NDArray[np.float32]


def even_rect(
    left: float, top: float, right: float, bottom: float, width: int, height: int
) -> Rect:
    """The smallest even rectangle around the given one, cut to a width x height picture."""
    x0, y0 = max(0, int(left) // 2 * 2), max(0, int(top) // 2 * 2)
    x1, y1 = min(width, -(-int(right) // 2) * 2), min(height, -(-int(bottom) // 2) * 2)
    return Rect(x0, y0, max(0, x1 - x0), max(0, y1 - y0))


def even_step(step_px: float, rect: Rect, max_nodes: int) -> int:
    """The even number of px near `step_px` with which a grid over `rect` has few enough nodes."""
    step = 2 * max(1, round(0.5 * step_px))
    while rect.width * rect.height / step**2 > max_nodes:
        step += 2
    return step


def solve_face(
    landmarks: NDArray[np.float64], head: HeadFrame, lips: Lips, width: int, height: int
) -> FaceField:
    """The face's field in a width x height picture, from (478, 3) landmarks in px."""
    oval = landmarks[list(FACE_OVAL), :2]
    low, high = oval.min(0), oval.max(0)
    size = high - low
    rect = even_rect(
        low[0] - 0.35 * size[0], low[1] - 0.25 * size[1],
        high[0] + 0.35 * size[0], high[1] + 0.5 * size[1], width, height,
    )  # fmt: skip
    step = even_step(_FACE_STEP_MM * head.px_per_mm, rect, _MAX_FACE_NODES)
    grid = cover(rect, step)
    ears = landmarks[[RIGHT_CHEEK_EDGE, LEFT_CHEEK_EDGE], 2].mean()
    hair = float(ears - head.origin[2]) + HAIR_BEHIND_EARS_MM * head.px_per_mm
    ids, points, sides = _pulled(landmarks, lips, grid)
    targets = np.concatenate(
        [_targets(landmarks, head, ids) / step, landmarks[ids, 2:] - head.origin[2] - hair], 1
    )
    away = _away(grid, oval, head)
    outside = np.where(away > 1.0, _REST, 0.0)
    cut = _cut(grid, lips)
    values = bend(grid, step / head.px_per_mm, cut, points, sides, targets, outside)
    values *= 1.0 - smoothstep(1.0, 1.25, away).reshape(-1, 1)
    depth = values[:, -1].reshape(grid.rows, grid.columns) + hair
    return FaceField(rect, grid, _columns(values[:, :-1], grid), depth.astype(np.float32), hair)


def solve_mouth(
    landmarks: NDArray[np.float64], head: HeadFrame, lips: Lips, face: FaceField, rect: Rect
) -> MouthField:
    """The mouth's field over `rect`, inside the face's rectangle."""
    step = even_step(_MOUTH_STEP_MM * head.px_per_mm, rect, _MAX_MOUTH_NODES)
    grid = cover(rect, step)
    ids, points, sides = _pulled(landmarks, lips, grid)
    targets = _targets(landmarks, head, ids) / step
    border = np.full((grid.rows, grid.columns), 50.0)
    border[_FRAME_NODES:-_FRAME_NODES, _FRAME_NODES:-_FRAME_NODES] = 0.0
    x, y = grid.coordinates()
    at = np.stack([x - face.grid.left, y - face.grid.top], -1) / face.grid.step
    ratio = face.grid.step / step
    around = np.stack([fetch(column, at.astype(np.float32)) * ratio for column in face.columns], 2)
    cut = _cut(grid, lips)
    values = bend(
        grid, step / head.px_per_mm, cut, points, sides, targets, border,
        around.reshape(grid.rows * grid.columns, -1).astype(np.float64),
    )  # fmt: skip
    upper = _columns(_continue(grid, values, cut, lips, 1), grid)
    lower = _columns(_continue(grid, values, cut, lips, -1), grid)
    edges = _on_edge(grid, upper, lips.upper), _on_edge(grid, lower, lips.lower)
    return MouthField(rect, grid, upper, lower, np.stack(edges, 1))


def _on_edge(
    grid: FaceGrid, columns: NDArray[np.float32], edge: NDArray[np.float64]
) -> NDArray[np.float32]:
    """(k, n, 2) px: what the columns (k, rows, columns, 2) do to points of the picture."""
    at = ((edge - [grid.left, grid.top]) / grid.step).astype(np.float32)[None]
    return np.stack([fetch(column, at)[0] * np.float32(grid.step) for column in columns])


def _continue(
    grid: FaceGrid, values: NDArray[np.float64], cut: Cut, lips: Lips, side: int
) -> NDArray[np.float64]:
    """One lip's values carried past its edge, unchanged across the mouth so that it never folds."""
    axis, line = LipAxis.of(lips), lips.upper if side > 0 else lips.lower
    beyond = (cut.between & ((cut.side != side) | cut.hole)).ravel()
    x, y = (c.ravel()[beyond] for c in grid.coordinates())
    u, _ = axis.coordinates(x, y)
    inwards = np.array([axis.along[1], -axis.along[0]]) * side
    at = axis.nearest_on(line, u) + 0.5 * grid.step * inwards
    local = ((at - [grid.left, grid.top]) / grid.step).astype(np.float32)[None]
    own = np.where(beyond, 0.0, 1.0).astype(np.float32)
    shape = (grid.rows, grid.columns)
    weight = fetch(own.reshape(shape), local)[0]
    result = values.copy()
    for column in range(values.shape[1]):
        masked = (values[:, column] * own).astype(np.float32).reshape(shape)
        result[beyond, column] = fetch(masked, local)[0] / np.maximum(weight, 1e-3)
    return result


def _cut(grid: FaceGrid, lips: Lips) -> Cut:
    axis = LipAxis.of(lips)
    u, v = axis.coordinates(*grid.coordinates())
    above_upper = axis.height_above(lips.upper, u, v)
    above_lower = axis.height_above(lips.lower, u, v)
    # the cut ends a little inside the corners, so that the skin there moves as one
    margin = max(_CORNER_SHARE * axis.length, 0.4 * grid.step)
    between = (u > margin) & (u < axis.length - margin)
    hole = between & (above_upper <= 0) & (above_lower > 0) & lips.is_open
    return Cut(between, np.where(above_upper > 0, 1, -1), hole)


def _pulled(
    landmarks: NDArray[np.float64], lips: Lips, grid: FaceGrid
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.int_]]:
    """The constrained landmarks inside a grid: their indices, places in px and sides."""
    ids = np.array(CONSTRAINED)
    points = landmarks[ids, :2]
    at = (points - [grid.left, grid.top]) / grid.step
    inside = ((at >= 0) & (at < [grid.columns - 1, grid.rows - 1])).all(1)
    ids, points = ids[inside], points[inside]
    sides = np.array([1 if i in UPPER_LIP else -1 if i in LOWER_LIP else 0 for i in ids], int)
    return ids, points, sides


def _targets(
    landmarks: NDArray[np.float64], head: HeadFrame, ids: NDArray[np.intp]
) -> NDArray[np.float64]:
    """(n, 28): x and y offsets in px of the landmarks `ids` for one unit of each control."""
    offsets = landmark_basis(head.to_mm(landmarks))[:, ids] @ head.rotation.T * head.px_per_mm
    return np.asarray(offsets[..., :2].transpose(1, 0, 2).reshape(len(ids), -1))


def _away(grid: FaceGrid, oval: NDArray[np.float64], head: HeadFrame) -> NDArray[np.float64]:
    """(rows, columns): 1 on an ellipse around the face and the neck, more outside it."""
    x, y = grid.coordinates()
    centre = 0.5 * (oval.min(0) + oval.max(0))
    squares = []
    for axis, reach, shift in ((0, 1.44, 0.0), (1, 1.48, 0.135)):
        direction = head.rotation[:2, axis] / np.linalg.norm(head.rotation[:2, axis])
        half = 0.5 * float(np.ptp(oval @ direction))
        along = (x - centre[0]) * direction[0] + (y - centre[1]) * direction[1]
        squares.append((along / (reach * half) - shift) ** 2)
    return np.asarray(squares[0] + squares[1])


def _columns(values: NDArray[np.float64], grid: FaceGrid) -> NDArray[np.float32]:
    """(rows * columns, 2k) -> (k, rows, columns, 2)."""
    split = values.reshape(grid.rows, grid.columns, -1, 2).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(split, np.float32)
