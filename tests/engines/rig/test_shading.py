"""Shading moves with the mouth, stays soft, and spares what is not skin."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from painted_face import MIDDLE, PX_PER_MM, PaintedFace

from lipsmith.core.motion import MouthPose
from lipsmith.engines.rig.layers import FaceGrid
from lipsmith.engines.rig.shading import Shading, prepare_shading

GRID = FaceGrid(left=60.0, top=60.0, step=4.0, columns=120, rows=135)


def shading_of(face: PaintedFace) -> Shading:
    return prepare_shading(face.pixels, face.landmarks, face.head, GRID)


@pytest.fixture(scope="module")
def shading() -> Shading:
    return shading_of(PaintedFace())


def gain_of(shading: Shading, mouth: MouthPose) -> NDArray[np.float32]:
    """The gain on all of GRID."""
    gain, part = np.ones((GRID.rows, GRID.columns), np.float32), shading.grid
    top, left = (round(v / GRID.step) for v in (part.top - GRID.top, part.left - GRID.left))
    gain[top : top + part.rows, left : left + part.columns] = shading.gain(mouth)
    return gain


def at(gain: NDArray[np.float32], x_mm: float, y_mm: float) -> float:
    x, y = MIDDLE + np.array([x_mm, y_mm]) * PX_PER_MM
    return float(gain[round((y - GRID.top) / GRID.step), round((x - GRID.left) / GRID.step)])


def test_a_face_at_rest_is_left_as_it_is(shading: Shading) -> None:
    gain = gain_of(shading, MouthPose())
    assert np.all(gain == 1)


@pytest.mark.parametrize(
    "mouth",
    [
        MouthPose(6, 25, 8, 20, smile=1),
        MouthPose(round=1.2, press=1, labiodental=1, width_mm=-12),
        MouthPose(smile=-1, jaw_mm=20),
    ],
)
def test_no_pose_goes_beyond_the_limits(shading: Shading, mouth: MouthPose) -> None:
    gain = gain_of(shading, mouth)
    assert gain.min() >= np.float32(0.75) and gain.max() <= np.float32(1.12)


def test_a_smile_deepens_the_folds_on_both_sides_and_lifts_the_cheeks(shading: Shading) -> None:
    gain = gain_of(shading, MouthPose(width_mm=4.0, smile=1.0))
    for side in (-1, 1):
        assert at(gain, side * 26, -17) < 0.94
        assert at(gain, side * 43, -30) > 1.01


def test_a_dropped_jaw_shades_the_neck_but_not_the_background(shading: Shading) -> None:
    gain = gain_of(shading, MouthPose(jaw_mm=11.0))
    assert at(gain, 0, 56) < 0.93
    assert at(gain, 60, 45) == pytest.approx(1.0, abs=0.01)


def test_pushed_lips_catch_light_in_the_middle_and_lose_it_at_the_corners(
    shading: Shading,
) -> None:
    gain = gain_of(shading, MouthPose(round=1.0, width_mm=-6.0))
    assert at(gain, 0, 5) > 1.02
    assert at(gain, 26, 1) < 0.97


def test_a_flat_drawing_gets_less_of_it(shading: Shading) -> None:
    flat = shading_of(PaintedFace(rough=0.0))
    smile = MouthPose(smile=1.0)
    assert np.abs(flat.gain(smile) - 1).max() < 0.5 * np.abs(shading.gain(smile) - 1).max()
