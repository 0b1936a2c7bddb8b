"""How a rigid thing has moved, told by points on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Similarity:
    """Turns, scales and shifts points in space: p -> matrix @ p + shift, in px."""

    matrix: NDArray[np.float64]
    shift: NDArray[np.float64]

    def apply(self, points: Points) -> Points:
        """(n, 3) -> (n, 3)."""
        return np.asarray(points @ self.matrix.T + self.shift)

    @property
    def scale(self) -> float:
        return float(np.cbrt(np.linalg.det(self.matrix)))


def fit_similarity(before: Points, after: Points) -> Similarity:
    """The similarity that brings (n, 3) `before` nearest to `after`.

    Umeyama (1991), "Least-squares estimation of transformation parameters between two point
    patterns", IEEE TPAMI 13(4), eqs. 40 to 42.
    """
    mean_before, mean_after = before.mean(0), after.mean(0)
    a, b = before - mean_before, after - mean_after
    u, singular, vt = np.linalg.svd(b.T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    scale = float((singular * sign).sum() / max((a**2).sum(), 1e-12))
    matrix = scale * (u * sign) @ vt
    return Similarity(matrix, mean_after - matrix @ mean_before)
