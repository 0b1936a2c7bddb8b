"""The inside of the mouth as a viewer sees it through the opening."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from painted_face import PX_PER_MM, PaintedFace

from lipsmith.core.motion import MouthPose
from lipsmith.engines.rig.interior import LOWER_JAW_SHARE, Interior, prepare_interior

STILL = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def interior_of(face: PaintedFace) -> Interior:
    return prepare_interior(face.pixels, face.landmarks, face.head, face.lips, face.rect)


def view(
    face: PaintedFace,
    mouth: MouthPose,
    top_mm: float = -3.0,
    bottom_mm: float = 12.0,
    motion: NDArray[np.float64] = STILL,
    interior: Interior | None = None,
) -> NDArray[np.float32]:
    """The whole rectangle through an opening from `top_mm` to `bottom_mm` and 40 mm wide."""
    rect = face.rect
    rows, columns = np.mgrid[: rect.height, : rect.width]
    inside = np.abs(columns - face.column(0.0)) < 20 * PX_PER_MM
    upper = ((rows < face.row(top_mm)) & inside).astype(np.float32)
    lower = ((rows > face.row(bottom_mm)) | ~inside).astype(np.float32)
    drawn = (interior or interior_of(face)).draw(mouth, motion, upper, lower)
    assert drawn.shape == (rect.height, rect.width, 3)
    assert drawn.dtype == np.uint8
    return drawn.astype(np.float32)


def band(
    face: PaintedFace, drawn: NDArray[np.float32], top_mm: float, bottom_mm: float, half_mm: float
) -> NDArray[np.float32]:
    return drawn[
        face.row(top_mm) : face.row(bottom_mm), face.column(-half_mm) : face.column(half_mm)
    ]


@pytest.fixture(scope="module")
def face() -> PaintedFace:
    return PaintedFace()


def test_an_open_mouth_shows_teeth_before_a_dark_but_not_black_cavity(face: PaintedFace) -> None:
    drawn = view(face, MouthPose(3.0, 12.0, jaw_mm=9.0))
    teeth = band(face, drawn, -0.5, 1.0, 6.0) @ LUMA
    behind = band(face, drawn, 3.5, 4.5, 6.0) @ LUMA
    assert teeth.mean() > 2.5 * behind.mean()
    assert behind.min() > 4
    red, _, blue = band(face, drawn, 3.5, 4.5, 6.0).mean((0, 1))
    assert red > blue


def test_upper_teeth_stay_with_the_head_and_lower_teeth_follow_the_jaw(face: PaintedFace) -> None:
    interior = interior_of(face)
    poses = [MouthPose(3.0, 14.0, jaw_mm=jaw) for jaw in (5.0, 9.0)]
    less, more = (view(face, pose, -3, 20, interior=interior) @ LUMA for pose in poses)
    still = np.s_[face.row(-2) : face.row(1), face.column(-7) : face.column(7)]
    np.testing.assert_allclose(less[still], more[still], atol=2.0)
    moved = np.s_[face.row(9) : face.row(16), face.column(-7) : face.column(7)]
    shift = np.roll(less, round(4 * LOWER_JAW_SHARE * PX_PER_MM), axis=0)
    assert (
        np.abs(shift[moved] - more[moved]).mean() < 0.35 * np.abs(less[moved] - more[moved]).mean()
    )


def test_the_inside_moves_with_the_head(face: PaintedFace) -> None:
    interior = interior_of(face)
    mouth = MouthPose(3.0, 10.0, jaw_mm=6.0)
    moved = np.array([[1.0, 0.0, 6.0], [0.0, 1.0, 0.0]])
    still, shifted = (view(face, mouth, motion=m, interior=interior) for m in (STILL, moved))
    part = np.s_[face.row(-1) : face.row(2), face.column(-9) : face.column(9)]
    np.testing.assert_allclose(np.roll(still, 6, axis=1)[part], shifted[part], atol=8.0)


def test_a_narrow_opening_and_rounded_lips_let_less_light_in(face: PaintedFace) -> None:
    interior = interior_of(face)
    wide = band(face, view(face, MouthPose(2, 6), -2, 7, interior=interior), 0, 1.5, 6)
    slit = band(face, view(face, MouthPose(0.4, 1.6), -0.4, 1.6, interior=interior), 0, 1.5, 6)
    rounded = view(face, MouthPose(2, 6, round=1.0), -2, 7, interior=interior)
    assert slit.mean() < 0.75 * wide.mean()
    assert band(face, rounded, 0, 1.5, 6).mean() < 0.75 * wide.mean()


def test_the_upper_lip_shades_the_teeth_next_to_it(face: PaintedFace) -> None:
    drawn = view(face, MouthPose(4.0, 8.0, jaw_mm=4.0), top_mm=-4.0)
    assert band(face, drawn, -3.9, -3.3, 5).mean() < 0.9 * band(face, drawn, -0.5, 0.5, 5).mean()


def test_the_tongue_rises_behind_the_teeth_and_comes_between_them(face: PaintedFace) -> None:
    interior = interior_of(face)
    mouth = MouthPose(2.0, 10.0, jaw_mm=7.0)
    rest, raised, out = (
        band(face, view(face, m, interior=interior), 3.2, 4.2, 6).mean((0, 1))
        for m in (mouth, replace(mouth, tongue=1.0), replace(mouth, tongue_out=1.0))
    )
    assert raised.sum() > 1.2 * rest.sum()
    assert out.sum() > 1.2 * rest.sum()
    for flesh in (raised, out):
        assert flesh[0] > 1.15 * flesh[1]


def test_teeth_are_as_soft_as_the_picture() -> None:
    sharp, soft = PaintedFace(rough=0.0), PaintedFace(rough=0.0)
    soft.pixels = cv2.GaussianBlur(soft.pixels, (0, 0), 3.0)

    def steepest(face: PaintedFace) -> float:
        teeth = view(face, MouthPose(3, 8, jaw_mm=6)) @ LUMA
        part = teeth[face.row(1) : face.row(4), face.column(-6) : face.column(6)]
        return float(np.abs(np.diff(part, axis=0)).max())

    assert steepest(soft) < 0.6 * steepest(sharp)


def test_a_monochrome_picture_gets_a_monochrome_mouth(face: PaintedFace) -> None:
    grey = PaintedFace()
    grey.pixels = np.repeat(cv2.cvtColor(grey.pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    mouth = MouthPose(3, 10, jaw_mm=7)
    assert np.ptp(band(grey, view(grey, mouth), -1, 8, 12), axis=2).max() < 6
    assert np.ptp(band(face, view(face, mouth), -1, 8, 12), axis=2).max() > 20


def test_teeth_are_fitted_to_the_brightness_of_the_skin() -> None:
    dark_skin = (110, 76, 60)
    dark, light = (
        float(np.percentile(view(f, MouthPose(3, 8, jaw_mm=5)) @ LUMA, 98))
        for f in (PaintedFace(skin=dark_skin), PaintedFace())
    )
    assert float(dark_skin @ LUMA) < dark < light - 25


def test_teeth_that_the_picture_shows_are_used() -> None:
    own = (200, 210, 235)
    smiling = PaintedFace(mouth_gap_mm=9.0, teeth=own)
    drawn = view(smiling, MouthPose(4, 8, jaw_mm=4), -4, 8)
    seen = band(smiling, drawn, -1, 2, 8).reshape(-1, 3).mean(0)
    assert seen[2] > 1.08 * seen[0]
    parted = PaintedFace(mouth_gap_mm=9.0)
    seen = band(parted, view(parted, MouthPose(4, 8, jaw_mm=4), -4, 8), -1, 1, 5)
    assert seen.reshape(-1, 3).mean(0)[2] < 1.0 * seen.reshape(-1, 3).mean(0)[0]


def test_drawing_depends_on_nothing_but_its_arguments(face: PaintedFace) -> None:
    interior = interior_of(face)
    mouth = MouthPose(2, 7, jaw_mm=4)
    first = view(face, mouth, interior=interior)
    view(face, MouthPose(3, 12, jaw_mm=9, tongue_out=1), interior=interior)
    np.testing.assert_array_equal(first, view(face, mouth, interior=interior))
    np.testing.assert_array_equal(first, view(face, mouth))


def test_a_mouth_cut_off_by_the_edge_of_the_picture_is_drawn(face: PaintedFace) -> None:
    cut = int(face.head.origin[1]) + 12
    top = np.ascontiguousarray(face.pixels[:cut])
    rect = replace(face.rect, height=(cut - face.rect.top) // 2 * 2)
    interior = prepare_interior(top, face.landmarks, face.head, face.lips, rect)
    nothing = np.zeros((rect.height, rect.width), np.float32)
    drawn = interior.draw(MouthPose(3, 12, jaw_mm=9), STILL, nothing, nothing)
    assert drawn.shape == (rect.height, rect.width, 3)
    assert drawn.max() > 60
