"""What people's front teeth look like, in millimetres.

Widths and lengths start from the average permanent crowns (Nelson, "Wheeler's Dental Anatomy",
table 1-1: mesiodistal diameter and crown length). The sets differ the way people do: outline,
length, rounding, wear, gaps and crowding. Which outline suits which face follows Williams (1914),
"A new classification of human tooth forms": the outline of a central incisor, upside down,
resembles the outline of the face.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.geometry import CHIN, LEFT_CHEEK_EDGE, RIGHT_CHEEK_EDGE, HeadFrame


@dataclass(frozen=True, slots=True)
class Tooth:
    """One crown as seen from the front.

    width_mm: at the contact with the neighbours. length_mm: from incisal edge to gum.
    lift_mm: how far the edge stays short of the row's incisal plane. cusp_mm: depth of the point
    of a canine or premolar. mesial_mm, distal_mm: radius of the edge's corner towards and away
    from the middle of the row. taper: 0..0.5 loss of width at the gum. tone: brightness, 1 is the
    central incisor's. warmth: 0..1 extra yellow.
    """

    width_mm: float
    length_mm: float
    lift_mm: float
    cusp_mm: float
    mesial_mm: float
    distal_mm: float
    taper: float
    tone: float
    warmth: float


@dataclass(frozen=True, slots=True)
class ToothSet:
    """Both rows from the middle outwards, the same on both sides before irregularities.

    midline_gap_mm: diastema between the central incisors. lift_spread_mm, turn_spread: standard
    deviations of each tooth's own lift and of its rotation as a share of its width.
    yellowing: 0..1. gum_mm: how far the gum's papillae reach down between the teeth.
    """

    name: str
    upper: tuple[Tooth, ...]
    lower: tuple[Tooth, ...]
    midline_gap_mm: float = 0.0
    lift_spread_mm: float = 0.10
    turn_spread: float = 0.03
    yellowing: float = 0.0
    gum_mm: float = 3.2


def _row(*rows: tuple[float, ...]) -> tuple[Tooth, ...]:
    return tuple(Tooth(*values) for values in rows)


# width length lift cusp mesial distal taper tone warmth; central incisor to first molar
_UPPER = _row(
    (8.5, 10.5, 0.0, 0.0, 0.6, 1.3, 0.20, 1.00, 0.00),
    (6.5, 9.0, 0.5, 0.1, 0.9, 1.7, 0.22, 0.97, 0.05),
    (7.5, 10.0, -0.1, 1.2, 1.2, 1.6, 0.26, 0.92, 0.28),
    (7.0, 8.5, 0.3, 1.1, 1.4, 1.4, 0.24, 0.90, 0.18),
    (7.0, 8.5, 0.5, 0.8, 1.3, 1.3, 0.22, 0.86, 0.18),
    (10.0, 7.5, 1.1, 0.6, 1.2, 1.2, 0.16, 0.80, 0.20),
    (9.0, 7.0, 1.2, 0.6, 1.2, 1.2, 0.16, 0.74, 0.20),
)
_LOWER = _row(
    (5.0, 9.0, 0.1, 0.0, 0.4, 0.5, 0.26, 1.00, 0.00),
    (5.5, 9.5, 0.0, 0.0, 0.4, 0.8, 0.26, 0.99, 0.04),
    (7.0, 11.0, -0.3, 1.1, 1.1, 1.5, 0.24, 0.93, 0.22),
    (7.0, 8.5, 0.5, 1.3, 1.4, 1.4, 0.22, 0.90, 0.18),
    (7.0, 8.0, 0.8, 0.9, 1.3, 1.3, 0.20, 0.86, 0.18),
    (11.0, 7.5, 1.0, 0.6, 1.2, 1.2, 0.14, 0.80, 0.20),
)


def _front(
    row: tuple[Tooth, ...],
    *,
    width: tuple[float, float, float] = (1.0, 1.0, 1.0),
    length: tuple[float, float, float] = (0.0, 0.0, 0.0),
    lift: tuple[float, float, float] = (0.0, 0.0, 0.0),
    rounding: float = 1.0,
    taper: float = 0.0,
    cusp: float = 1.0,
) -> tuple[Tooth, ...]:
    """`row` with its incisors and canine changed; lengths and lifts are added, in mm."""
    changed = [
        replace(
            tooth,
            width_mm=tooth.width_mm * width[i],
            length_mm=tooth.length_mm + length[i],
            lift_mm=tooth.lift_mm + lift[i],
            cusp_mm=tooth.cusp_mm * cusp,
            mesial_mm=tooth.mesial_mm * rounding,
            distal_mm=tooth.distal_mm * rounding,
            taper=tooth.taper + taper,
        )
        for i, tooth in enumerate(row[:3])
    ]
    return (*changed, *row[3:])


OVOID = ToothSet("ovoid", _front(_UPPER, rounding=1.25, taper=0.04), _LOWER)
SQUARE = ToothSet(
    "square",
    _front(_UPPER, width=(1.03, 1.05, 1.0), lift=(0.0, -0.25, 0.1), rounding=0.7, taper=-0.08),
    _LOWER,
    lift_spread_mm=0.07,
    turn_spread=0.02,
)
TAPERED = ToothSet(
    "tapered",
    _front(_UPPER, width=(1.0, 0.92, 1.0), lift=(0.0, 0.25, 0.0), taper=0.10, cusp=1.15),
    _LOWER,
    turn_spread=0.04,
)
WORN = ToothSet(
    "worn",
    _front(_UPPER, length=(-1.0, -0.4, -0.8), lift=(0.5, -0.1, 0.5), rounding=0.45, cusp=0.45),
    _front(_LOWER, length=(-0.8, -0.8, -1.0), rounding=0.6, cusp=0.4),
    lift_spread_mm=0.16,
    turn_spread=0.04,
    yellowing=0.45,
    gum_mm=2.4,
)
CROWDED = ToothSet(
    "crowded",
    _front(_UPPER, width=(1.0, 0.93, 1.02), lift=(0.0, 0.15, -0.25), cusp=1.3),
    _front(_LOWER, width=(0.95, 0.95, 1.0)),
    lift_spread_mm=0.24,
    turn_spread=0.09,
    yellowing=0.15,
)
GAPPED = ToothSet(
    "gapped",
    _front(_UPPER, width=(0.98, 0.96, 1.0), rounding=1.1),
    _LOWER,
    midline_gap_mm=0.28,
    lift_spread_mm=0.14,
    turn_spread=0.04,
)
TOOTH_SETS = (OVOID, SQUARE, TAPERED, WORN, CROWDED, GAPPED)


@dataclass(frozen=True, slots=True)
class ToothChoice:
    """A person's teeth. seed: for the irregularities. scale: of all widths, 1 is average."""

    tooth_set: ToothSet
    seed: int
    scale: float


def choose_teeth(landmarks: NDArray[np.float64], head: HeadFrame) -> ToothChoice:
    """Choose a set that suits the face; the same face always gets the same teeth.

    landmarks: (478, 3) px. Proportions of the face pick the outline, and a few of them hashed
    decide about wear, gaps and crowding, which faces do not tell.
    """
    mm = head.to_mm(landmarks)
    cheeks = float(np.linalg.norm(mm[LEFT_CHEEK_EDGE] - mm[RIGHT_CHEEK_EDGE]))
    jaw = float(np.linalg.norm(mm[397] - mm[172]))
    length = float(np.linalg.norm(mm[CHIN] - mm[168]))
    mouth = float(np.linalg.norm(mm[308] - mm[78]))
    nose = float(np.linalg.norm(mm[327] - mm[98]))
    traits = np.round(np.array([cheeks / length, jaw / cheeks, mouth / nose]) * 50).astype(np.int32)
    seed = zlib.crc32(traits.tobytes())
    if jaw / cheeks > 0.80:
        outline = SQUARE
    elif jaw / cheeks < 0.74 or cheeks / length < 1.18:
        outline = TAPERED
    else:
        outline = OVOID
    rarer = (WORN, CROWDED, GAPPED)
    chosen = rarer[seed % 10] if seed % 10 < len(rarer) else outline
    # The arch follows the mouth's width only in part: lips stretch, jaws do not.
    scale = float(np.clip(0.55 + 0.45 * mouth / 48.0, 0.84, 1.06))
    return ToothChoice(chosen, seed, scale)
