"""The skin of the lower face as an elastic sheet: where the head carries it in a frame, and where
the mouth of the footage has pulled it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.similarity import fit_similarity
from lipsmith.engines.rig.basis import smoothstep
from lipsmith.engines.rig.dubbing.regions import LIP_OUTLINE, MOVED, STABLE
from lipsmith.engines.rig.field import even_rect, even_step
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.layers import FaceGrid, Rect
from lipsmith.engines.rig.plate import Cut, bend
from lipsmith.engines.rig.warp import Field, cover, fetch, nodes_of, to_grid

_STEP_MM, _MAX_NODES = 4.0, 6000
_CENTRE_Y_MM, _HALF_WIDTH_MM, _HALF_HEIGHT_MM = 30.0, 92.0, 74.0
_FADES_FROM, _HELD_FROM = 0.7, 0.85
_HELD, _LOOSE = 5.0, 1e-3
_FOLLOW_STEPS = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet at rest, in px of the reference picture.

    landmarks: (478, 3) of the reference. beyond_mm: (rows, columns) float32, how far outside the
    lips a node is, negative on them. window: (rows, columns) float32, 1 on the lower face, 0 from
    where on nothing may change. stable, moved: (n,) landmarks on the grid that keep their places
    on the head, and that move with the mouth. carried, followed, pulled: (rows * columns, n)
    float32, what the nodes do when stable and moved landmarks, stable ones, or moved ones alone
    are displaced.
    """

    grid: FaceGrid
    landmarks: NDArray[np.float64]
    beyond_mm: NDArray[np.float32]
    window: NDArray[np.float32]
    stable: NDArray[np.intp]
    moved: NDArray[np.intp]
    carried: NDArray[np.float32]
    followed: NDArray[np.float32]
    pulled: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Placement:
    """A sheet in one frame.

    The head carries its nodes to `affine`, (2, 3), of their places at rest, plus `bent`, px of
    the frame. pulled: how much farther the mouth of the footage has moved them. Both
    (rows, columns, 2) float32. scale: px of the frame for one of the reference.
    """

    sheet: Sheet
    affine: NDArray[np.float64]
    bent: Field
    pulled: Field
    scale: float

    def nodes(self) -> Field:
        """(rows, columns, 2): where the head carries the nodes, px of the frame."""
        return _mapped(self.affine, nodes_of(self.sheet.grid)) + self.bent

    def to_rest(self, at: Field) -> Field:
        """Points of the frame, px -> px of the reference."""
        back = np.asarray(cv2.invertAffineTransform(self.affine), np.float64)
        rest = _mapped(back, at)
        for _ in range(_FOLLOW_STEPS):
            rest = _mapped(back, at - fetch(self.bent, to_grid(self.sheet.grid, rest)))
        return rest

    def in_footage(self, rest: Field, own: Field) -> Field:
        """How far the skin at `rest` lies in the footage from where the head carries `own`, px.

        rest, own: (rows, columns, 2) px of the reference.
        """
        grid = self.sheet.grid
        at, own_at = to_grid(grid, rest), to_grid(grid, own)
        moved = _mapped(np.column_stack([self.affine[:, :2], [0.0, 0.0]]), rest - own)
        moved += fetch(self.bent, at) - fetch(self.bent, own_at) + fetch(self.pulled, at)
        return np.asarray(moved * fetch(self.sheet.window, own_at)[..., None], np.float32)


def prepare_sheet(
    landmarks: NDArray[np.float64], head: HeadFrame, width: int, height: int
) -> Sheet:
    """The sheet of a face in a width x height picture, from its (478, 3) landmarks in px."""
    rect = _rect(head, width, height)
    grid = cover(rect, even_step(_STEP_MM * head.px_per_mm, rect, _MAX_NODES))
    x, y = grid.coordinates()
    to_plane = np.linalg.inv(head.plane_px_per_mm).T
    mm = np.stack([x - head.origin[0], y - head.origin[1]], -1) @ to_plane
    away = np.hypot(mm[..., 0] / _HALF_WIDTH_MM, (mm[..., 1] - _CENTRE_Y_MM) / _HALF_HEIGHT_MM)
    outline = (landmarks[list(LIP_OUTLINE), :2] - head.origin[:2]) @ to_plane
    stable, moved = (_on_grid(landmarks, ids, grid) for ids in (STABLE, MOVED))
    every = landmarks[np.concatenate([stable, moved]), :2]
    step_mm = grid.step / head.px_per_mm
    loose = np.full(away.shape, _LOOSE)
    held = np.where(away > _HELD_FROM, _HELD, _LOOSE)
    return Sheet(
        grid=grid,
        landmarks=landmarks,
        beyond_mm=_beyond(outline, mm),
        window=(1.0 - smoothstep(_FADES_FROM, 1.0, away)).astype(np.float32),
        stable=stable,
        moved=moved,
        carried=_spread(grid, step_mm, every, loose),
        followed=_spread(grid, step_mm, every[: len(stable)], loose),
        pulled=_spread(grid, step_mm, every, held)[:, len(stable) :],
    )


def place(sheet: Sheet, landmarks: NDArray[np.float64]) -> Placement:
    """The sheet on the face of a frame, from its (478, 3) landmarks in px."""
    stable = list(STABLE)
    head = fit_similarity(sheet.landmarks[stable], landmarks[stable])
    carried = head.apply(sheet.landmarks)[:, :2]
    ids = np.concatenate([sheet.stable, sheet.moved])
    rest = np.column_stack([sheet.landmarks[ids, :2], np.ones(len(ids))])
    affine = np.linalg.lstsq(rest, carried[ids], rcond=None)[0].T
    shape = (sheet.grid.rows, sheet.grid.columns, 2)
    off = (landmarks[sheet.stable, :2] - carried[sheet.stable]).astype(np.float32)
    bent = _times(sheet.carried, (carried[ids] - rest @ affine.T).astype(np.float32))
    bent = (bent + _times(sheet.followed, off)).reshape(shape)
    placed = Placement(sheet, affine, bent, np.zeros_like(bent), head.scale)
    at = to_grid(sheet.grid, sheet.landmarks[None, sheet.moved, :2].astype(np.float32))
    where = rest[len(sheet.stable) :] @ affine.T + fetch(bent, at)[0]
    pulled = _times(sheet.pulled, (landmarks[sheet.moved, :2] - where).astype(np.float32))
    placed.pulled[...] = pulled.reshape(shape)
    return placed


def _rect(head: HeadFrame, width: int, height: int) -> Rect:
    """The part of the picture that the sheet covers."""
    half = np.array([_HALF_WIDTH_MM, _HALF_HEIGHT_MM])
    reach = np.abs(head.plane_px_per_mm) @ half
    centre = head.origin[:2] + head.plane_px_per_mm @ [0.0, _CENTRE_Y_MM]
    low, high = centre - reach, centre + reach
    return even_rect(low[0], low[1], high[0], high[1], width, height)


def _on_grid(
    landmarks: NDArray[np.float64], ids: tuple[int, ...], grid: FaceGrid
) -> NDArray[np.intp]:
    at = (landmarks[list(ids), :2] - [grid.left, grid.top]) / grid.step
    inside = ((at >= 0) & (at < [grid.columns - 1, grid.rows - 1])).all(1)
    return np.array(ids, np.intp)[inside]


def _spread(
    grid: FaceGrid, step_mm: float, points: NDArray[np.float64], held: NDArray[np.float64]
) -> NDArray[np.float32]:
    """(rows * columns, n): what the nodes do for one unit of each of n points."""
    whole = np.zeros(held.shape, bool)
    cut = Cut(between=whole, side=np.ones(held.shape, int), hole=whole)
    sides = np.zeros(len(points), int)
    values = bend(grid, step_mm, cut, points, sides, np.eye(len(points)), held)
    return values.astype(np.float32)


def _beyond(outline: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """(rows, columns): how far outside a polygon the points (rows, columns, 2) are."""
    contour = outline.astype(np.float32)
    flat = at.reshape(-1, 2)
    far = [-cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in flat]
    return np.array(far, np.float32).reshape(at.shape[:2])


def _mapped(affine: NDArray[np.float64], at: Field) -> Field:
    return np.asarray(cv2.transform(at, affine), np.float32)


def _times(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """a @ b in one thread: BLAS wakes its own, which then burn time by waiting."""
    return np.asarray(np.einsum("np,cp->nc", a, np.ascontiguousarray(b.T)), np.float32)
