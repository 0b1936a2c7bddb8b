"""Lips that were open in the picture, once they are closed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from painted_face import LIP, PaintedFace

from lipsmith.core.motion import MouthPose, Pose
from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.controls import control_values
from lipsmith.engines.rig.draw import draw
from lipsmith.engines.rig.head import BodyPose
from lipsmith.engines.rig.lip_skin import lips_alone
from lipsmith.engines.rig.mouth import warp_mouth
from lipsmith.engines.rig.own_teeth import find_enamel
from lipsmith.engines.rig.prepare import Rig
from lipsmith.engines.rig.tone import measure_tone
from lipsmith.engines.rig.warp import Canvas
from lipsmith.media.colour import nv12_to_rgb

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
WHITE = (240, 240, 235)


def draw_rgb(rig: Rig, mouth: MouthPose) -> NDArray[np.uint8]:
    return nv12_to_rgb(draw(rig, Pose(mouth), BodyPose(), Canvas.of(rig.source)))


def mouth_of(
    rig: Rig, picture: NDArray[np.uint8], half_mm: float, tall_mm: float
) -> NDArray[np.float32]:
    """The square around the closed lip line."""
    scale = rig.head.px_per_mm
    x, y = rig.head.origin[:2] + rig.head.plane_px_per_mm @ [0.0, rig.lips.line_y_mm]
    return picture[
        round(y - tall_mm * scale) : round(y + tall_mm * scale),
        round(x - half_mm * scale) : round(x + half_mm * scale),
    ].astype(np.float32)


def test_no_teeth_and_no_dark_are_left_on_lips_taken_by_themselves() -> None:
    for shown in (WHITE, (20, 8, 8)):
        face = PaintedFace(mouth_gap_mm=9.0, teeth=shown, rough=0.0)
        alone = lips_alone(face.pixels, face.landmarks, face.head, face.lips)
        x, y = (round(float(v)) for v in face.head.origin[:2])
        row = alone.pixels[:, x - alone.rect.left].astype(float)
        lips = row[y - 20 - alone.rect.top : y + 20 - alone.rect.top] @ LUMA
        own = float(LIP @ LUMA)
        assert lips.max() < own + 8
        assert lips.min() > 0.5 * own


@pytest.mark.parametrize("rounded", [0.0, 0.5, 1.0])
def test_closed_lips_meet_whatever_else_the_mouth_does(rig: Rig, rounded: float) -> None:
    mouth = MouthPose(width_mm=-6 * rounded, round=rounded, press=0.7, jaw_mm=1.0)
    edges = warp_mouth(rig, control_values(Pose(mouth), True, rig.smile)).edges
    assert np.abs(edges.upper - edges.lower).max() < 0.05


def test_corners_of_a_closed_smile_are_not_dark_holes(rig: Rig, portrait: Portrait) -> None:
    drawn = draw_rgb(rig, MouthPose(smile=0.1))
    corners = portrait.face.landmarks[[61, 291], :2].mean(0)
    around = np.s_[
        int(corners[1]) - 6 : int(corners[1]) + 14,
        int(portrait.face.landmarks[61, 0]) - 2 : int(portrait.face.landmarks[291, 0]) + 3,
    ]
    before, after = portrait.pixels[around] @ LUMA, drawn[around] @ LUMA
    skin = float(np.median(after))
    assert before.min() < 0.35 * skin
    assert after.min() > 0.45 * skin


def test_f_shows_the_edges_of_the_upper_teeth_in_a_small_face(rig: Rig) -> None:
    closed, labial = (
        mouth_of(rig, draw_rgb(rig, mouth), 8, 4) @ LUMA
        for mouth in (
            MouthPose(press=0.6),
            MouthPose(upper_raise_mm=1.4, lower_drop_mm=0.4, labiodental=1.0),
        )
    )
    assert np.abs(labial - closed).mean() > 6


def test_a_serious_mood_takes_the_smile_from_the_picture(rig: Rig) -> None:
    def corners_above_middle(smile: float) -> float:
        controls = control_values(Pose(MouthPose(smile=smile)), True, rig.smile)
        line = warp_mouth(rig, controls).edges.upper
        return float(line[len(line) // 2, 1] - line[[3, -4], 1].mean()) / rig.head.px_per_mm

    serious, natural, smiling = (corners_above_middle(s) for s in (-0.28, 0.1, 0.75))
    assert natural - serious > 2.5
    assert smiling - natural > 2.0


def test_moods_are_told_apart_on_a_face_that_does_not_smile(rig: Rig) -> None:
    def corners(smile: float) -> float:
        line = warp_mouth(rig, control_values(Pose(MouthPose(smile=smile)), True, 0.0)).edges.upper
        return float(line[len(line) // 2, 1] - line[[3, -4], 1].mean()) / rig.head.px_per_mm

    serious, natural, smiling = (corners(smile) for smile in (-0.28, 0.1, 0.75))
    assert natural - serious > 1.0
    assert smiling - natural > 3.0


def test_an_open_mouth_is_open_up_to_its_corners(closed_rig: Rig) -> None:
    controls = control_values(Pose(MouthPose(2.0, 9.0, jaw_mm=9.0)), False, 0.0)
    edges = warp_mouth(closed_rig, controls).edges
    gap = np.linalg.norm(edges.lower - edges.upper, axis=1)
    near, middle = len(gap) // 15, len(gap) // 2
    assert min(gap[near], gap[-1 - near]) > 0.15 * gap[middle]
    assert max(gap[0], gap[-1]) < 0.02 * gap[middle]


def test_a_glimpse_of_teeth_tells_their_shade() -> None:
    def enamel(teeth: tuple[int, int, int]) -> float:
        face = PaintedFace(mouth_gap_mm=2.2, teeth=teeth)
        tone = measure_tone(face.pixels, face.landmarks, face.head)
        found = find_enamel(face.pixels, face.head, face.lips, tone, 4.0)
        assert found is not None
        return float(found[2] / found[0])

    assert enamel((225, 205, 150)) < 0.92 * enamel((225, 225, 225))
    face = PaintedFace(mouth_gap_mm=2.2)
    tone = measure_tone(face.pixels, face.landmarks, face.head)
    assert find_enamel(face.pixels, face.head, face.lips, tone, 4.0) is None
