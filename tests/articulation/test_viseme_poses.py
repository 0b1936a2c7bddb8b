"""The mouth in each viseme, held alone."""

from __future__ import annotations

import pytest

from lipsmith.articulation.arkit import BLENDSHAPES, to_arkit
from lipsmith.articulation.viseme_poses import viseme_pose
from lipsmith.core.motion import MouthPose, Pose, Viseme


def test_visemes_touch_where_their_sounds_do() -> None:
    assert viseme_pose(Viseme.SIL) == MouthPose()
    lips = viseme_pose(Viseme.PP)
    assert lips.upper_raise_mm == lips.lower_drop_mm == 0.0
    assert lips.press > 0.5
    assert viseme_pose(Viseme.FF).labiodental == 1.0
    assert viseme_pose(Viseme.SS).jaw_mm <= 1.0
    assert viseme_pose(Viseme.TH).tongue_out == viseme_pose(Viseme.DD).tongue == 1.0
    assert viseme_pose(Viseme.AA).jaw_mm > viseme_pose(Viseme.E).jaw_mm > 4.0
    assert viseme_pose(Viseme.OU).round > viseme_pose(Viseme.OH).round > 0.5


@pytest.mark.parametrize("viseme", list(Viseme))
def test_blendshapes_of_a_viseme_are_in_range(viseme: Viseme) -> None:
    values = dict(zip(BLENDSHAPES, to_arkit(Pose(mouth=viseme_pose(viseme))), strict=True))
    assert all(0.0 <= value <= 1.0 for value in values.values())
    assert (values["JawOpen"] > 0.3) == (viseme is Viseme.AA)
    assert (values["TongueOut"] > 0) == (viseme is Viseme.TH)
