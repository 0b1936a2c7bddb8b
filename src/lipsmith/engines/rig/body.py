"""The shoulders, which follow the head late and only a little."""

from __future__ import annotations

from fractions import Fraction

from lipsmith.core.motion import HeadPose
from lipsmith.engines.rig.head import BodyPose

_LAG_S = 0.25
_SHARE = 0.3


class Body:
    """Call `follow` for every frame, in order."""

    def __init__(self, fps: Fraction) -> None:
        self._pull = min(1.0, 1.0 / (float(fps) * _LAG_S))
        self._pose = BodyPose()

    def follow(self, head: HeadPose) -> BodyPose:
        """Where the shoulders are when the head is there."""
        was, pull = self._pose, self._pull
        self._pose = BodyPose(
            was.x_mm + pull * (_SHARE * head.x_mm - was.x_mm),
            was.y_mm + pull * (_SHARE * head.y_mm - was.y_mm),
            was.roll_rad + pull * (_SHARE * 0.5 * head.roll_rad - was.roll_rad),
        )
        return self._pose
