"""What a scene is dubbed from: the frame, the teeth and the mood."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.dubbing.choice import Look, costs, look
from lipsmith.engines.rig.dubbing.mood import Mood
from lipsmith.engines.rig.dubbing.reference import prepare_reference
from lipsmith.engines.rig.dubbing.teeth import find_upper_teeth, with_teeth
from lipsmith.engines.rig.geometry import LOWER_INNER, UPPER_INNER

Points = NDArray[np.float64]

NEUTRAL = Look(
    opening_mm=0.5,
    width_mm=50.0,
    thickness_mm=20.0,
    lift_mm=-26.0,
    yaw_deg=0.0,
    pitch_deg=0.0,
    px_per_mm=2.0,
    detail=3.0,
    hidden=0.0,
    outside=0.0,
)


@pytest.mark.parametrize(
    "worse",
    [
        {"opening_mm": 8.0},
        {"thickness_mm": 12.0},
        {"width_mm": 38.0},
        {"yaw_deg": 25.0},
        {"detail": 1.0},
        {"px_per_mm": 0.8},
        {"hidden": 0.2},
        {"outside": 0.2},
    ],
    ids=lambda worse: next(iter(worse)),
)
def test_a_shut_whole_sharp_mouth_is_chosen(worse: dict[str, float]) -> None:
    looks = [NEUTRAL] * 8 + [replace(NEUTRAL, **worse)]
    found = costs(looks, looks)
    assert found[-1] > found[0] + 0.5


def test_blur_and_cover_are_seen(portrait: Portrait) -> None:
    frame = FootageFrame(0, portrait.pixels, portrait.face)
    blurred = replace(frame, pixels=np.asarray(cv2.GaussianBlur(frame.pixels, (0, 0), 3), np.uint8))
    covered = replace(frame, visible=np.zeros(frame.pixels.shape[:2], np.uint8))
    sharp = look(frame, portrait.face)
    assert look(blurred, portrait.face).detail < 0.5 * sharp.detail
    assert (sharp.hidden, look(covered, portrait.face).hidden) == (0.0, 1.0)
    assert sharp.opening_mm > 3.0


def test_a_mouth_at_the_edge_of_the_frame_is_seen_as_cut(portrait: Portrait) -> None:
    middle = int(portrait.face.landmarks[0, 0])
    half = FootageFrame(0, np.ascontiguousarray(portrait.pixels[:, :middle]), portrait.face)
    assert look(half, portrait.face).outside == pytest.approx(0.5, abs=0.1)
    away = replace(half, pixels=np.ascontiguousarray(portrait.pixels[:40, :40]))
    assert look(away, portrait.face).outside == pytest.approx(1.0, abs=0.01)


def _with_rows(portrait: Portrait, rows: list[tuple[float, float]]) -> tuple[RgbImage, Points]:
    """The portrait enlarged, with teeth from and to these shares of its dark open mouth."""
    pixels = np.asarray(cv2.resize(portrait.pixels, None, fx=3, fy=3), np.uint8)
    landmarks = portrait.face.landmarks * 3
    upper, lower = (landmarks[list(edge), :2] for edge in (UPPER_INNER, LOWER_INNER))

    def fill(start: float, end: float, colour: tuple[int, int, int]) -> None:
        edges = [upper + share * (lower - upper) for share in (start, end)]
        outline = np.concatenate([edges[0], edges[1][::-1]])
        cv2.fillPoly(pixels, [np.rint(outline).astype(np.int32)], colour)

    fill(0.0, 1.0, (60, 20, 22))
    for start, end in rows:
        fill(start, end, (226, 208, 196))
    return pixels, landmarks


@pytest.mark.parametrize("rows", [[(0.0, 0.45)], [(0.0, 0.45), (0.7, 1.0)]], ids=["one", "two"])
def test_the_upper_teeth_are_found_and_put_into_another_frame(
    portrait: Portrait, rows: list[tuple[float, float]]
) -> None:
    pixels, landmarks = _with_rows(portrait, rows)
    found = find_upper_teeth(pixels, landmarks)
    assert found is not None
    assert found.teeth.enamel == pytest.approx((226, 208, 196), abs=12)
    frame = FootageFrame(0, portrait.pixels, portrait.face)
    reference = prepare_reference(frame, portrait.face, "talk.mp4")
    dressed = with_teeth(reference, found).rig.interior
    assert dressed.line_y_mm < dressed.upper_edge_mm < dressed.line_y_mm + 5.0
    assert not np.array_equal(dressed.upper.image, reference.rig.interior.upper.image)


def test_both_rows_shut_are_not_taken_for_one(portrait: Portrait) -> None:
    assert find_upper_teeth(*_with_rows(portrait, [(0.0, 1.0)])) is None


def test_lips_without_teeth_lend_none(closed_portrait: Portrait) -> None:
    assert find_upper_teeth(closed_portrait.pixels, closed_portrait.face.landmarks) is None


def _mood(looks: list[Look]) -> Mood:
    mood = Mood()
    for at, each in enumerate(looks):
        mood.follow(each, looks[at + 1 : at + 33])
    return mood


def test_a_lasting_smile_is_kept_and_a_lasting_frown_too() -> None:
    smiling = replace(NEUTRAL, width_mm=58.0, lift_mm=-22.0)
    assert _mood([smiling] * 30).smile_beyond(NEUTRAL) > 0.1
    assert _mood([NEUTRAL] * 30).smile_beyond(smiling) < -0.1
    assert _mood([smiling] * 30).smile_beyond(smiling) == 0.0


def test_words_are_no_smile() -> None:
    spoken = [
        replace(NEUTRAL, width_mm=50 + 8 * np.sin(at), lift_mm=-26 + 3 * np.sin(1.3 * at))
        for at in range(60)
    ]
    wide = [replace(NEUTRAL, width_mm=60.0)] * 30
    assert abs(_mood(spoken).smile_beyond(NEUTRAL)) < 0.05
    assert _mood(wide).smile_beyond(NEUTRAL) == 0.0
