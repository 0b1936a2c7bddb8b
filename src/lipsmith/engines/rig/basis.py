"""What each control does to the landmarks of a face, in head millimetres.

The offsets are hand-made. Opening and widening follow the rings of the lips; the jaw turns about
the temporomandibular joint; everything else is a handful of points that the field solver spreads.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.controls import NEUTRAL_WIDTH_MM, Control
from lipsmith.engines.rig.geometry import (
    CHIN,
    FACE_OVAL,
    LEFT_BROW,
    LEFT_CHEEK_EDGE,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    LOWER_INNER,
    LOWER_INNER_RING,
    LOWER_MIDDLE,
    LOWER_OUTER,
    MOUTH_CORNERS,
    NOSE_BASE,
    RIGHT_BROW,
    RIGHT_CHEEK_EDGE,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    UPPER_INNER,
    UPPER_INNER_RING,
    UPPER_MIDDLE,
    UPPER_OUTER,
)

UPPER_RINGS = (UPPER_INNER, UPPER_INNER_RING, UPPER_MIDDLE, UPPER_OUTER)
LOWER_RINGS = (LOWER_INNER, LOWER_INNER_RING, LOWER_MIDDLE, LOWER_OUTER)
UPPER_LIP = frozenset(i for ring in UPPER_RINGS for i in ring) - frozenset(MOUTH_CORNERS)
LOWER_LIP = frozenset(i for ring in LOWER_RINGS for i in ring) - frozenset(MOUTH_CORNERS)
LIPS = UPPER_LIP | LOWER_LIP | frozenset(MOUTH_CORNERS)


_NOSE = (1, 2, 4, 5, 6, 168, 195, 197, 98, 327, 129, 358, 48, 278, 64, 294, 97, 326, 94, 19)
_FOREHEAD = (151, 9, 108, 337, 69, 299, 104, 333, 68, 298, 67, 297, 109, 338, 10)
_EYE_SOCKET = (8, 27, 257, 28, 258, 29, 259, 30, 260, 56, 286, 222, 442, 223, 443, 224, 444,
               225, 445)  # fmt: skip
_CHEEKS = (50, 280, 205, 425, 36, 266, 101, 330, 117, 346, 118, 347, 123, 352, 147, 376, 187, 411,
           207, 427, 206, 426, 216, 436, 212, 432, 214, 434, 192, 416)  # fmt: skip
_CHIN = (CHIN, 148, 377, 175, 199, 200, 18, 83, 313, 201, 421, 170, 395, 140, 369, 171, 396, 208,
         428, 169, 394, 135, 364)  # fmt: skip
_PHILTRUM = (164, 167, 393, 165, 391, 92, 322)

CONSTRAINED = tuple(
    sorted(
        LIPS
        | set(_NOSE + _FOREHEAD + _EYE_SOCKET + _CHEEKS + _CHIN + _PHILTRUM + FACE_OVAL)
        | set(RIGHT_BROW + LEFT_BROW)
        | set(RIGHT_UPPER_LID + RIGHT_LOWER_LID + LEFT_UPPER_LID + LEFT_LOWER_LID)
    )
)
"""Landmarks whose motion is given; the rest of the skin follows smoothly."""


def landmark_basis(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(14, n, 3) offsets in head mm for one unit of each control, from (n, 3) landmarks in mm."""
    q = points_mm
    basis = np.zeros((len(Control), len(q), 3))
    _opening(basis, q)
    _width(basis[Control.WIDTH], q)
    _rolling_in(basis, q)
    _rounding(basis[Control.ROUND], q)
    _jaw(basis[Control.JAW], q)
    _expression(basis, q)
    _closing(basis[Control.CLOSE], q)
    return basis


def upper_share(gap_mm: float) -> float:
    """Share of a source mouth, open by `gap_mm`, that is closed from above.

    Parted lips meet over the edges of the upper teeth; a broad smile has drawn the upper lip up.
    """
    return 0.42 + 0.2 * float(smoothstep(4.0, 11.0, np.asarray(gap_mm)))


def smoothstep(low: float, high: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 below `low`, 1 above `high`, C1 between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def _along(q: NDArray[np.float64], ring: tuple[int, ...]) -> NDArray[np.float64]:
    """-1..1 along a ring: the corners are at the ends."""
    x = q[list(ring), 0]
    return np.asarray(np.clip(2.0 * (x - x[0]) / max(x[-1] - x[0], 1e-6) - 1.0, -1.0, 1.0))


def _arc(
    q: NDArray[np.float64], ring: tuple[int, ...], reach: float = 1.0, power: float = 2.0
) -> NDArray[np.float64]:
    """1 in the middle of a ring, 0 from `reach` of the way to the corners; flatter by `power`."""
    return np.asarray(np.maximum(1.0 - np.abs(_along(q, ring) / reach) ** power, 0.0) ** 0.8)


def _opening(basis: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    # puckered lips touch at the sides and open in the middle only
    for raising, dropping, reach in (
        (Control.UPPER_RAISE, Control.LOWER_DROP, 1.0),
        (Control.ROUND_RAISE, Control.ROUND_DROP, 0.86),
    ):
        for rings, control, sign, power in (
            (UPPER_RINGS, raising, -1.0, 2.0),
            (LOWER_RINGS, dropping, 1.0, 2.6),
        ):
            for ring, share in zip(rings, (1.0, 0.98, 0.93, 0.86), strict=True):
                basis[control, list(ring), 1] = sign * share * _arc(q, ring, reach, power)
        basis[raising, 164, 1] = -0.5
        basis[raising, [167, 393], 1] = -0.45
        basis[raising, [165, 391, 92, 322], 1] = -0.28
        basis[dropping, [18, 83, 313], 1] = 0.5
        basis[dropping, [200, 201, 421], 1] = 0.15
        basis[dropping, list(MOUTH_CORNERS), 1] = 0.10
    # a puckered mouth opens to both sides, more evenly than a slack one
    dropping = basis[Control.ROUND_DROP]
    upper = list(UPPER_LIP | set(_PHILTRUM))
    dropping *= 0.8
    dropping[upper] += 0.2 * basis[Control.ROUND_RAISE, upper]


def _width(column: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    for ring in UPPER_RINGS + LOWER_RINGS:
        u = _along(q, ring)
        column[list(ring), 0] = np.sign(u) * np.abs(u) ** 1.2
    # narrow lips are thick
    for ring, thinner in (
        (UPPER_OUTER, 0.14), (UPPER_MIDDLE, 0.07), (LOWER_OUTER, -0.16), (LOWER_MIDDLE, -0.08)
    ):  # fmt: skip
        column[list(ring), 1] = thinner * _arc(q, ring)
    for at, share in (([205, 425, 206, 426], 0.28), ([207, 427, 216, 436, 212, 432], 0.35)):
        column[at, 0] = np.sign(q[at, 0]) * share
    # a small mouth narrows and widens by less
    width = float(q[291, 0] - q[61, 0]) / NEUTRAL_WIDTH_MM
    column *= min(max(width, 0.6), 1.15)


def _rolling_in(basis: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    for control, ring, down in (
        (Control.PRESS, UPPER_OUTER, 1.2),
        (Control.PRESS, UPPER_MIDDLE, 0.75),
        (Control.PRESS, UPPER_INNER_RING, 0.2),
        (Control.PRESS, LOWER_OUTER, -1.5),
        (Control.PRESS, LOWER_MIDDLE, -0.95),
        (Control.PRESS, LOWER_INNER_RING, -0.25),
        (Control.LABIODENTAL, LOWER_OUTER, -2.2),
        (Control.LABIODENTAL, LOWER_MIDDLE, -1.6),
        (Control.LABIODENTAL, LOWER_INNER_RING, -0.6),
    ):
        basis[control, list(ring), 1] = down * (1.0 - _along(q, ring) ** 2)
    basis[Control.PRESS, [18, 83, 313], 1] = -0.5
    basis[Control.LABIODENTAL, [18, 83, 313, 200, 201, 421], 1] = -1.0


def _rounding(column: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    swell = (
        (UPPER_OUTER, -1.9, -3.5),
        (UPPER_MIDDLE, -1.1, -4.5),
        (UPPER_INNER_RING, -0.3, -4.0),
        (UPPER_INNER, 0.0, -3.5),
        (LOWER_OUTER, 0.7, -3.5),
        (LOWER_MIDDLE, 0.4, -4.5),
        (LOWER_INNER_RING, 0.0, -4.0),
        (LOWER_INNER, 0.0, -3.5),
    )
    for ring, down, away in swell:
        bulge = 1.0 - 0.6 * _along(q, ring) ** 2
        column[list(ring), 1] = down * (1.0 - _along(q, ring) ** 2)
        column[list(ring), 2] = away * bulge
    column[[164, 167, 393, 18, 83, 313], 2] = -2.0
    column[[205, 425, 207, 427, 206, 426], 0] = -0.6 * np.sign(q[[205, 425, 207, 427, 206, 426], 0])


def _jaw(column: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    """A turn about the ear-to-ear axis through the jaw joints, one mm of drop at the chin."""
    joint = 0.5 * (q[RIGHT_CHEEK_EDGE] + q[LEFT_CHEEK_EDGE]) + np.array([0.0, 6.0, 6.0])
    arm = q - joint
    turn = 1.0 / max(-arm[CHIN, 2], 40.0)
    corner_y = 0.5 * (q[61, 1] + q[291, 1])
    slope = (joint[1] - corner_y) / max(abs(q[RIGHT_CHEEK_EDGE, 0]), 1.0)
    below = q[:, 1] - (corner_y + slope * np.abs(q[:, 0]))
    weight = smoothstep(-4.0, 26.0, below)
    column[:, 1] = np.maximum(-arm[:, 2], 0.0) * turn * weight
    column[:, 2] = np.clip(arm[:, 1], 0.0, None) * turn * weight
    column[list(LIPS)] = 0.0
    column[list(MOUTH_CORNERS), 1] = 0.12
    column[[18, 83, 313], 1] = 0.35


def _expression(basis: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    side = np.sign(q[:, 0])
    smile, frown = basis[Control.SMILE], basis[Control.FROWN]
    for ring in UPPER_RINGS + LOWER_RINGS:
        u = _along(q, ring)
        at = list(ring)
        smile[at, 0] = 2.6 * np.sign(u) * np.abs(u) ** 1.4
        smile[at, 1] = 0.25 - 2.6 * u**4
        smile[at, 2] = 1.2 * u**2
        frown[at, 0] = -0.4 * u
        frown[at, 1] = 1.7 * np.abs(u) ** 3
    for points, out, down in (
        ((206, 426, 216, 436), 1.4, -1.7),
        ((207, 427, 212, 432), 1.4, -1.2),
        ((205, 425, 187, 411), 0.9, -1.9),
        ((50, 280, 36, 266), 0.4, -1.7),
        ((117, 346, 118, 347, 101, 330), 0.1, -1.0),
    ):
        at = list(points)
        smile[at, 0] = side[at] * out
        smile[at, 1] = down
    smile[[145, 144, 153, 374, 373, 380], 1] = -0.45
    frown[[18, 83, 313, 200, 201, 421], 1] = -0.4
    frown[[107, 55, 336, 285, 66, 65, 296, 295], 1] = 1.3
    basis[Control.BROW, list(RIGHT_BROW + LEFT_BROW), 1] = -1.0
    basis[Control.BROW, list(_FOREHEAD), 1] = -0.45
    basis[Control.BROW, list(_EYE_SOCKET), 1] = -0.3
    squint = basis[Control.SQUINT]
    squint[[145, 144, 153, 374, 373, 380], 1] = -0.9
    squint[[117, 346, 118, 347, 101, 330, 50, 280], 1] = -0.7


def _closing(column: NDArray[np.float64], q: NDArray[np.float64]) -> None:
    gap = np.maximum(q[list(LOWER_INNER), 1] - q[list(UPPER_INNER), 1], 0.0)
    middle = gap[5]
    above = upper_share(middle)
    for upper, lower, share in zip(UPPER_RINGS, LOWER_RINGS, (1.0, 0.97, 0.9, 0.78), strict=True):
        column[list(upper)[1:-1], 1] = above * gap[1:-1] * share
        column[list(lower)[1:-1], 1] = -(1.0 - above) * gap[1:-1] * share
    for points, share in (
        ((18, 83, 313), 0.5),
        ((200, 201, 421), 0.3),
        ((199, 175), 0.24),
        ((CHIN, 148, 377, 176, 400, 171, 396), 0.2),
    ):
        column[list(points), 1] = -(1.0 - above) * share * middle
    column[[164, 167, 393], 1] = above * 0.35 * middle
    column[NOSE_BASE, 1] = 0.0
