"""A piece of the model with its own texture, and what each morph target does to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Part:
    """positions: (n, 3) m in glTF's space. uv: (n, 2). triangles: (m, 3), counter-clockwise as
    glTF's viewers want the side that is seen. targets: (t, n, 3) m, in the order of the model's
    targets, or None for what never moves. head_share: (n,) 0..1 how much of it goes with the head
    and not with the body; None where all of it does.
    """

    name: str
    material: str
    positions: NDArray[np.float64]
    uv: NDArray[np.float64]
    triangles: NDArray[np.intp]
    targets: NDArray[np.float64] | None
    head_share: NDArray[np.float64] | None = None


def strip(rows: int, columns: int, *, flipped: bool = False) -> NDArray[np.intp]:
    """(m, 3) triangles of a grid of vertices that are numbered row by row, the first row on top."""
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = at[:-1, :-1], at[:-1, 1:], at[1:, :-1], at[1:, 1:]
    cells = [np.stack(corners, -1).reshape(-1, 3) for corners in ((a, c, b), (b, c, d))]
    triangles = np.concatenate(cells)
    return triangles[:, [0, 2, 1]] if flipped else triangles
