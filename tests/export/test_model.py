"""A portrait as a model: its parts, and what the morph targets do to them in millimetres."""

from __future__ import annotations

import numpy as np
import pytest
from glb import Glb
from numpy.typing import NDArray

from lipsmith.articulation.arkit import BLENDSHAPES, to_arkit
from lipsmith.articulation.viseme_poses import viseme_pose
from lipsmith.core.motion import EyesPose, MouthPose, Pose, Viseme

_APPLES = """
browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft
eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft
eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose
mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft
mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker mouthRight
mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight
mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft noseSneerRight
tongueOut
"""
_VISEMES = """
viseme_sil viseme_PP viseme_FF viseme_TH viseme_DD viseme_kk viseme_CH viseme_SS viseme_nn
viseme_RR viseme_aa viseme_E viseme_I viseme_O viseme_U
"""
APPLES, VISEMES = _APPLES.split(), _VISEMES.split()
_RIM_ROWS = 4


def _edges(model: Glb, **weights: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The upper and the lower lip's inner edge, mm, from the viewer's left to the right."""
    placed = 1000 * model.positions("LipsInside", **weights)
    count = len(placed) // (2 * _RIM_ROWS)
    return placed[:count], placed[_RIM_ROWS * count :][:count]


def _gap_mm(model: Glb, **weights: float) -> float:
    """Between the lips at their middle."""
    upper, lower = _edges(model, **weights)
    middle = len(upper) // 2
    return float(upper[middle, 1] - lower[middle, 1])


def _by_arkit(pose: Pose) -> dict[str, float]:
    values = zip(BLENDSHAPES, to_arkit(pose), strict=True)
    return {name[0].lower() + name[1:]: value for name, value in values if value}


def test_every_mesh_has_apples_blendshapes_and_the_visemes(model: Glb) -> None:
    moving = [mesh for mesh in model.meshes if model.moves(mesh)]
    assert set(model.meshes) - set(moving) == {"Background"}
    assert {"Face", "TeethUpper", "TeethLower", "Tongue", "EyeLeft", "LidRight"} <= set(moving)
    names = model.names("Face")
    assert sorted(names[:52]) == sorted(APPLES)
    assert names[52:67] == VISEMES
    assert names[67:] == ["asPictured"]
    assert all(model.names(mesh) == names for mesh in moving)


def test_numbers_are_finite_and_bounds_true(model: Glb) -> None:
    for index, accessor in enumerate(model.json["accessors"]):
        values = model.values(index)
        assert np.isfinite(values).all()
        if "min" in accessor:
            assert np.allclose(values.min(0), accessor["min"], atol=1e-7)
            assert np.allclose(values.max(0), accessor["max"], atol=1e-7)
    weights = model.attribute("Face", "WEIGHTS_0")
    assert np.allclose(weights.sum(1), 1.0)


@pytest.mark.parametrize("name", APPLES)
def test_every_blendshape_moves_the_face(model: Glb, name: str) -> None:
    moved = max(
        np.abs(model.positions(mesh, **{name: 1.0}) - model.positions(mesh)).max()
        for mesh in model.meshes
        if model.moves(mesh)
    )
    assert 0.0008 < moved < 0.045


def test_lips_are_shut_at_rest_and_torn_apart_by_the_jaw(model: Glb) -> None:
    upper, lower = _edges(model)
    assert np.abs(upper - lower).max() < 0.01
    assert 20 < _gap_mm(model, jawOpen=1) < 28
    assert 14 < _gap_mm(model, viseme_aa=1) < 19
    assert abs(_gap_mm(model, jawOpen=1, mouthClose=1)) < 0.5
    for name in ("viseme_sil", "viseme_PP", "mouthPucker", "mouthSmileLeft", "cheekPuff"):
        assert abs(_gap_mm(model, **{name: 1})) < 0.05, name
    assert _gap_mm(model, asPictured=1) > 4


@pytest.mark.parametrize("viseme", list(Viseme))
def test_a_track_of_blendshapes_opens_the_lips_as_far_as_the_video(
    model: Glb, viseme: Viseme
) -> None:
    by_track = _gap_mm(model, **_by_arkit(Pose(mouth=viseme_pose(viseme))))
    by_viseme = _gap_mm(model, **{VISEMES[list(Viseme).index(viseme)]: 1.0})
    assert by_track == pytest.approx(by_viseme, abs=0.8)


def test_a_mouth_of_the_track_is_as_wide_as_in_the_video(model: Glb) -> None:
    def width(**weights: float) -> float:
        upper, _ = _edges(model, **weights)
        return float(upper[-1, 0] - upper[0, 0])

    spread = width(**_by_arkit(Pose(mouth=MouthPose(width_mm=4)))) - width()
    assert 5 < spread < 10
    rounded = width(**_by_arkit(Pose(mouth=viseme_pose(Viseme.OU)))) - width()
    assert rounded == pytest.approx(width(viseme_U=1) - width(), abs=3.5)
    assert rounded < -8


def test_the_jaw_takes_lower_teeth_and_tongue_along(model: Glb) -> None:
    def dropped(mesh: str) -> float:
        change = model.positions(mesh, jawOpen=1) - model.positions(mesh)
        return float(-1000 * change[:, 1].min())

    assert dropped("TeethUpper") == 0
    assert dropped("TeethLower") > 15
    assert dropped("Tongue") > 12
    out = model.positions("Tongue", tongueOut=1)[:, 2].max()
    assert out > model.positions("Face")[:, 2].max() - 0.03


@pytest.mark.parametrize(("side", "sign"), [("Left", 1.0), ("Right", -1.0)])
def test_left_is_the_persons_own(model: Glb, side: str, sign: float) -> None:
    here = model.positions("Face")
    for name in ("mouthSmile", "browOuterUp", "cheekSquint", "noseSneer"):
        moved = np.abs(model.positions("Face", **{f"{name}{side}": 1}) - here).sum(1)
        assert (moved * here[:, 0]).sum() * sign > 0, name


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_lids_come_down_over_the_eyes(model: Glb, side: str) -> None:
    lid, shut = (
        1000 * model.positions(f"Lid{side}", **weights) for weights in ({}, {f"eyeBlink{side}": 1})
    )
    rows = lid.reshape(9, -1, 3)
    assert np.abs(rows - rows[:1]).max() < 0.01  # rolled up
    middle = rows.shape[1] // 2
    margin = shut.reshape(9, -1, 3)[-1, middle]
    assert 5 < rows[-1, middle, 1] - margin[1] < 15
    ball = 1000 * model.positions(f"Eye{side}")
    under = np.linalg.norm(ball[:, :2] - margin[:2], axis=1).argmin()
    assert margin[2] > ball[under, 2]  # before the ball


def test_eyes_turn_where_the_track_looks(model: Glb) -> None:
    weights = _by_arkit(Pose(eyes=EyesPose(gaze_x_mm=2.0)))
    for side in ("Left", "Right"):
        change = 1000 * (model.positions(f"Eye{side}", **weights) - model.positions(f"Eye{side}"))
        assert change[:, 0].max() == pytest.approx(2.0, abs=0.6)


def test_the_camera_sees_each_vertex_at_its_place_in_the_picture(model: Glb) -> None:
    camera = model.json["cameras"][0]["perspective"]
    eye = np.array(model.node("Front")["translation"])
    tall = np.tan(camera["yfov"] / 2)
    for mesh in ("Face", "Outline", "Background"):
        weights = {} if mesh == "Background" else {"asPictured": 1.0}
        seen = model.positions(mesh, **weights) - eye
        across = seen[:, 0] / -seen[:, 2] / (tall * camera["aspectRatio"])
        up = seen[:, 1] / -seen[:, 2] / tall
        place = np.stack([0.5 + 0.5 * across, 0.5 - 0.5 * up], 1)
        assert np.abs(place - model.attribute(mesh, "TEXCOORD_0")).max() < 5e-4


def test_the_face_has_relief(model: Glb) -> None:
    face, wall = model.positions("Face"), model.positions("Background")
    nose = face[:, 2].max()
    sides = face[np.abs(np.abs(face[:, 0]) - 0.07) < 0.005]
    assert 0.05 < nose - np.median(sides[np.abs(sides[:, 1]) < 0.03][:, 2]) < 0.15
    assert wall[:, 2].max() < face[:, 2].min()
