"""The smile that a face keeps while it talks."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from lipsmith.engines.rig.dubbing.choice import Look

_BEFORE_FRAMES = 16
_LIFT_MM, _WIDTH_MM = 2.6, 5.2
"""What one unit of the smile control does to the corners of the mouth."""
_UNITS_PER_SMILE = 2.0
_IGNORED_UNITS, _KEPT = 0.25, 0.7
_FROWN_MOST, _SMILE_MOST = 0.3, 0.6


class Mood:
    """Follows the corners of the mouth, slowly enough for words to cancel out."""

    def __init__(self) -> None:
        self._before: deque[Look] = deque(maxlen=_BEFORE_FRAMES)
        self._lift_mm = self._width_mm = 0.0

    def follow(self, shown: Look, ahead: Sequence[Look]) -> None:
        """Go on to the next frame; `ahead` are those that follow it."""
        self._before.append(shown)
        around = [*self._before, *ahead]
        self._lift_mm = float(np.median([each.lift_mm for each in around]))
        self._width_mm = float(np.median([each.width_mm for each in around]))

    def smile_beyond(self, reference: Look) -> float:
        """How much more the face smiles than in the reference, as `MouthPose.smile`.

        Lips that are wide but no higher at the corners only speak.
        """
        lift = (self._lift_mm - reference.lift_mm) / _LIFT_MM
        width = (self._width_mm - reference.width_mm) / _WIDTH_MM
        units = min(abs(lift), abs(width)) if lift * width > 0 else 0.0
        smile = _KEPT * max(units - _IGNORED_UNITS, 0.0) / _UNITS_PER_SMILE
        return min(smile, _SMILE_MOST) if lift > 0 else -min(smile, _FROWN_MOST)
