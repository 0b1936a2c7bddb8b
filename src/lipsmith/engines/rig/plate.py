"""A thin elastic plate on a grid, bent by points that are pulled, and cut along the lip line.

Minimises, over node values u, the sum of |L u|^2 + a u'Lu (L the grid's graph Laplacian; Duchon's
thin plate with some tension) + |P u - d|^2 (points) + |w (u - r)|^2 (held nodes). All columns
share one sparse factorisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla
from numpy.typing import NDArray

from lipsmith.engines.rig.layers import FaceGrid

_TENSION = 0.02
_COLUMNS = 4
_REFERENCE_STEP_MM = 1.5  # the step at which the constants above were chosen


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a grid is cut, all (rows, columns).

    between: nodes between the corners of the mouth. side: 1 above the line, -1 below it.
    hole: nodes in the open mouth, which belong to no side.
    """

    between: NDArray[np.bool_]
    side: NDArray[np.int_]
    hole: NDArray[np.bool_]


def bend(
    grid: FaceGrid,
    step_mm: float,
    cut: Cut,
    points: NDArray[np.float64],
    sides: NDArray[np.int_],
    targets: NDArray[np.float64],
    held: NDArray[np.float64],
    held_values: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Node values (rows * columns, k) of the plate.

    points: (n, 2) px, inside the grid. sides: (n,) 1, -1 or 0, the side of the cut that a point
    belongs to. targets: (n, k) values at the points. held: (rows, columns) weight with which a
    node is held at `held_values` (rows * columns, k), by default 0.
    """
    scale = step_mm / _REFERENCE_STEP_MM
    laplacian = _laplacian(grid, cut)
    picks = _pick(grid, cut, points, sides)
    weight = scale**2
    hold = held.ravel() * weight
    system = (
        laplacian.T @ laplacian
        + _TENSION * weight * laplacian
        + weight * picks.T @ picks
        + sp.diags(hold + cut.hole.ravel() + 1e-7)
    )
    right = weight * (picks.T @ targets)
    if held_values is not None:
        right = right + hold[:, None] * held_values
    factors = sla.splu(
        system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )  # fmt: skip
    # few columns at a time: for more, BLAS wakes its threads, which then burn time by waiting
    parts = [right[:, i : i + _COLUMNS] for i in range(0, right.shape[1], _COLUMNS)]
    return np.concatenate([factors.solve(np.ascontiguousarray(part)) for part in parts], 1)


def _edges(grid: FaceGrid) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    index = np.arange(grid.rows * grid.columns).reshape(grid.rows, grid.columns)
    return (
        np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()]),
        np.concatenate([index[:, 1:].ravel(), index[1:].ravel()]),
    )


def _laplacian(grid: FaceGrid, cut: Cut) -> sp.csr_matrix:
    a, b = _edges(grid)
    hole, side, between = cut.hole.ravel(), cut.side.ravel(), cut.between.ravel()
    torn = (side[a] != side[b]) & between[a] & between[b]
    whole = ~hole[a] & ~hole[b] & ~torn
    return _graph(a[whole], b[whole], grid.rows * grid.columns)


def _graph(a: NDArray[np.intp], b: NDArray[np.intp], n: int) -> sp.csr_matrix:
    adjacency = sp.coo_matrix((np.ones(len(a)), (a, b)), (n, n)).tocsr()
    adjacency = adjacency + adjacency.T
    return (sp.diags(np.asarray(adjacency.sum(1)).ravel()) - adjacency).tocsr()


def _pick(
    grid: FaceGrid, cut: Cut, points: NDArray[np.float64], sides: NDArray[np.int_]
) -> sp.csr_matrix:
    """Bilinear weights of each point on nodes of its own side of the cut."""
    n = len(points)
    fx, fy = (points[:, 0] - grid.left) / grid.step, (points[:, 1] - grid.top) / grid.step
    ix = np.clip(np.floor(fx).astype(int), 0, grid.columns - 2)
    iy = np.floor(fy).astype(int)
    rows, columns, weights = [], [], []
    for dy in (-1, 0, 1, 2):
        for dx in (0, 1):
            jx, jy = ix + dx, np.clip(iy + dy, 0, grid.rows - 1)
            near_x = 1 - np.abs(fx - jx)
            weight = near_x * np.clip(1 - np.abs(fy - iy - dy), 0, 1)
            # a point whose own nodes lie across the cut takes the nearest on its side
            spare = 1e-3 * near_x / (1 + np.abs(fy - iy - dy)) ** 2
            weight = np.where(sides != 0, np.maximum(weight, spare), weight)
            wrong = (sides != 0) & cut.between[jy, jx] & (cut.side[jy, jx] != sides)
            rows.append(np.arange(n))
            columns.append(jy * grid.columns + jx)
            weights.append(np.where(wrong | cut.hole[jy, jx], 0.0, weight))
    row, weight = np.concatenate(rows), np.concatenate(weights)
    weight = weight / np.maximum(np.bincount(row, weight, n), 1e-12)[row]
    shape = (n, grid.rows * grid.columns)
    return sp.coo_matrix((weight, (row, np.concatenate(columns))), shape).tocsr()
