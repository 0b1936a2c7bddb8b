"""The amounts of what a face can do, from a pose: the columns of the rig's fields."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.motion import Pose

NEUTRAL_WIDTH_MM = 50.0
"""Breadth of an adult's mouth at rest, between the landmarks 61 and 291."""


_SERIOUS_SMILE = 0.25
"""Corners drawn down by this much tell a mood in which a smile in the picture has no place."""
_SERIOUS_SHARE = 0.85
"""Of the picture's smile that a serious mood takes away."""
_SMILE_GAIN, _FROWN_GAIN = 2.0, 3.4
_BROAD_GAIN = 0.9
"""Added to the gain of a smile by the smile itself: a trace stays one, a broad one is seen."""
_USED_UP = 0.1
"""Share by which each unit of the picture's own smile lessens what is added."""


class Control(IntEnum):
    """The columns of the basis."""

    UPPER_RAISE = 0
    LOWER_DROP = 1
    WIDTH = 2
    JAW = 3
    PRESS = 4
    LABIODENTAL = 5
    ROUND = 6
    SMILE = 7
    FROWN = 8
    BROW = 9
    SQUINT = 10
    CLOSE = 11
    ROUND_RAISE = 12
    ROUND_DROP = 13


def source_smile(points_mm: NDArray[np.float64]) -> float:
    """How much a face smiles by itself, in units of the smile control, from (n, 3) head mm."""
    corners = points_mm[[61, 291]]
    lift = float(points_mm[[13, 14], 1].mean() - corners[:, 1].mean())
    width = float(corners[1, 0] - corners[0, 0])
    units = min((lift + 0.5) / 2.6, (width - NEUTRAL_WIDTH_MM) / 5.2)
    return min(max(units, 0.0), 3.0)


def control_values(pose: Pose, is_open: bool, smile: float) -> NDArray[np.float32]:
    """(14,) float32 amounts of the controls.

    An open source mouth (`is_open`) is closed first. smile: the source's own, which gives way to
    rounding, narrowing and a serious mood.
    """
    mouth, eyes = pose.mouth, pose.eyes
    pucker = min(max(mouth.round, 0.0), 1.0)
    serious = min(max(-mouth.smile, 0.0) / _SERIOUS_SMILE, 1.0)
    relaxed = smile * max(
        0.8 * pucker, min(-mouth.width_mm / 9.0, 0.8), 0.2 * is_open, _SERIOUS_SHARE * serious
    )
    added = max(mouth.smile, 0.0)
    added *= (_SMILE_GAIN + _BROAD_GAIN * added) * (1.0 - _USED_UP * smile)
    return np.array(
        [
            mouth.upper_raise_mm * (1.0 - pucker),
            mouth.lower_drop_mm * (1.0 - pucker),
            mouth.width_mm,
            mouth.jaw_mm,
            mouth.press,
            mouth.labiodental,
            mouth.round,
            added - relaxed,
            _FROWN_GAIN * max(-mouth.smile, 0.0),
            eyes.brow_mm,
            eyes.squint,
            1.0 if is_open else 0.0,
            mouth.upper_raise_mm * pucker,
            mouth.lower_drop_mm * pucker,
        ],
        np.float32,
    )


def moves_mouth(controls: NDArray[np.float32]) -> bool:
    """Whether any control but those of the brows and the lids is in use."""
    return bool(np.delete(controls, [Control.BROW, Control.SQUINT]).any())
