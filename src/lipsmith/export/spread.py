"""A thin elastic plate over the triangles: points that are pulled, and the skin between them.

Minimises, over values u at the vertices, the integral of |Lu|^2 + a |grad u|^2 plus the weighted
squares of what pulls (Botsch and Sorkine 2008, "On linear variational surface deformation
methods", IEEE TVCG 14(1), section 3). Cuts and holes need no care: no triangle crosses them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Pulls:
    """Places on the net that are given values.

    picks: (k, n) sparse, takes the value at each place from the n vertices. weights: (k,).
    """

    picks: sp.csr_matrix
    weights: Array

    @staticmethod
    def at_vertices(vertices: Indices, weight: float, count: int) -> Pulls:
        """At vertices of a net of `count`."""
        k = len(vertices)
        picks = sp.csr_matrix((np.ones(k), (np.arange(k), vertices)), (k, count))
        return Pulls(picks, np.full(k, weight))

    @staticmethod
    def inside(points: Array, net: Array, triangles: Indices, weight: float) -> Pulls:
        """At places (k, 2) within the triangles of a net of vertices (n, 2)."""
        corners = net[triangles]
        near = np.asarray(cKDTree(corners.mean(1)).query(points, k=min(12, len(triangles)))[1])
        shares = _barycentric(points[:, None], corners[near])
        best = shares.min(2).argmax(1)
        rows = np.arange(len(points))
        chosen = np.clip(shares[rows, best], 0.0, 1.0)
        chosen /= chosen.sum(1, keepdims=True)
        columns = triangles[near[rows, best]]
        shape = (len(points), len(net))
        picks = sp.csr_matrix((chosen.ravel(), (rows.repeat(3), columns.ravel())), shape)
        return Pulls(picks, np.full(len(points), weight))

    @staticmethod
    def together(*parts: Pulls) -> Pulls:
        picks = sp.vstack([part.picks for part in parts]).tocsr()
        return Pulls(picks, np.concatenate([part.weights for part in parts]))


class Plate:
    """A net that is bent again and again by the same places."""

    def __init__(
        self, net: Array, triangles: Indices, pulls: Pulls, rest: Array, tension: float
    ) -> None:
        """net: (n, 2) mm. rest: (n,) how strongly each mm2 is held at 0, or at what is given to
        `bend`. tension: a in the formula above, 1 / mm2."""
        laplacian, area = _laplacian(net, triangles)
        used = np.zeros(len(net), bool)
        used[triangles] = True
        self._pulls = pulls
        self._hold = rest * area
        weighted = pulls.picks.T @ sp.diags(pulls.weights)
        system = (
            laplacian.T @ sp.diags(1.0 / area) @ laplacian
            + tension * laplacian
            + weighted @ pulls.picks
            + sp.diags(self._hold + 1e-7 + (~used) * 1.0)
        )
        self._weighted = weighted.tocsr()
        self._factors = sla.splu(
            system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )  # fmt: skip

    def bend(self, values: Array, held: Array | None = None) -> Array:
        """(n, c) values of the vertices. values: (k, c) at the places. held: (n, c)."""
        right = np.asarray(self._weighted @ values)
        if held is not None:
            right = right + self._hold[:, None] * held
        # few columns at a time: for more, BLAS wakes its threads, which then burn time by waiting
        parts = [right[:, i : i + _COLUMNS] for i in range(0, right.shape[1], _COLUMNS)]
        solved = [self._factors.solve(np.ascontiguousarray(part)) for part in parts]
        return np.concatenate(solved, 1)


def _laplacian(net: Array, triangles: Indices) -> tuple[sp.csr_matrix, Array]:
    """The cotangent Laplacian and the area around each vertex, mm2 (same paper, p. 3)."""
    n = len(net)
    rows, columns, weights = [], [], []
    area = np.full(n, 1e-3)
    for i in range(3):
        a, b, c = (triangles[:, (i + k) % 3] for k in range(3))
        ab, ac = net[b] - net[a], net[c] - net[a]
        twice = np.maximum(np.abs(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]), 1e-4)
        cotangent = np.clip((ab * ac).sum(1) / twice, 0.0, 10.0)
        rows.append(b)
        columns.append(c)
        weights.append(0.5 * cotangent + 1e-4)
        np.add.at(area, a, twice / 6.0)
    matrix = sp.coo_matrix(
        (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), (n, n)
    ).tocsr()
    matrix = matrix + matrix.T
    return (sp.diags(np.asarray(matrix.sum(1)).ravel()) - matrix).tocsr(), area


def _barycentric(points: Array, corners: Array) -> Array:
    """(..., 3) shares of the corners (..., 3, 2) in points (..., 2)."""
    a, b, c = corners[..., 0, :], corners[..., 1, :], corners[..., 2, :]
    u, v, w = b - a, c - a, points - a
    area = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    second = (w[..., 0] * v[..., 1] - w[..., 1] * v[..., 0]) / area
    third = (u[..., 0] * w[..., 1] - u[..., 1] * w[..., 0]) / area
    return np.stack([1.0 - second - third, second, third], -1)
