"""Blinks, gaze and squint as a viewer sees them, on eyes larger than the mesh believes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from drawn_eyes import IRIS, DrawnEyes, draw_eyes
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.motion import EyesPose
from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.eyes import Eyes, prepare_eyes
from lipsmith.engines.rig.geometry import LEFT_IRIS, RIGHT_IRIS, HeadFrame

CLOSURES = tuple(np.round(np.linspace(0.1, 1.0, 10), 1))


def blink(closure: float) -> EyesPose:
    return EyesPose(blink_left=closure, blink_right=closure)


def eyes_of(face: DrawnEyes) -> Eyes:
    return prepare_eyes(face.pixels, face.landmarks, face.head)


def apply(face: DrawnEyes, eyes: Eyes, pose: EyesPose) -> RgbImage:
    """The picture in a pose, after checking that the patches are what the engine expects."""
    frame = face.pixels.copy()
    for patch in eyes.draw(pose):
        rect = patch.rect
        assert patch.pixels.shape == (rect.height, rect.width, 3)
        assert patch.pixels.dtype == np.uint8
        assert all(side % 2 == 0 for side in (rect.left, rect.top, rect.width, rect.height))
        assert rect.left >= 0 and rect.right <= frame.shape[1]
        assert rect.top >= 0 and rect.bottom <= frame.shape[0]
        frame[rect.top : rect.bottom, rect.left : rect.right] = patch.pixels
    return frame


def is_white(frame: RgbImage) -> NDArray[np.bool_]:
    """Eye white, lit or in the lid's shadow: much less yellow than any skin."""
    pixels = frame.astype(float)
    return (pixels.min(2) > 110) & (np.ptp(pixels, 2) < 0.12 * pixels.max(2))


def is_iris(frame: RgbImage) -> NDArray[np.bool_]:
    return np.asarray(frame[..., 2].astype(int) - frame[..., 0] > 0.4 * (IRIS[2] - IRIS[0]))


def centre_of(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean(), rows.mean()])


@pytest.fixture(scope="module")
def face() -> DrawnEyes:
    return draw_eyes()


@pytest.fixture(scope="module")
def eyes(face: DrawnEyes) -> Eyes:
    return eyes_of(face)


def test_eyes_at_rest_need_no_patch(eyes: Eyes) -> None:
    assert eyes.draw(EyesPose()) == []
    assert eyes.draw(EyesPose(brow_mm=3.0)) == []


@pytest.mark.parametrize("size", [60, 400, 1000])
@pytest.mark.parametrize("roll_deg", [0.0, 25.0])
def test_a_blink_covers_the_whole_ball(size: int, roll_deg: float) -> None:
    face = draw_eyes(size, roll_deg)
    frame = apply(face, eyes_of(face), blink(1.0))
    seen = is_white(face.pixels) | is_iris(face.pixels)
    left = is_white(frame) | is_iris(frame)
    assert seen.sum() > 0.03 * size**2
    assert left.sum() < 0.01 * seen.sum()


def test_a_shut_lid_has_the_colour_of_the_skin_around_it(face: DrawnEyes, eyes: Eyes) -> None:
    frame = apply(face, eyes, blink(1.0))
    for x, y in face.iris_centres().astype(int):
        lid = frame[y - 20 : y + 20, x - 20 : x + 20].reshape(-1, 3).mean(0)
        skin = face.pixels[y + 110 : y + 130, x - 20 : x + 20].reshape(-1, 3).mean(0)
        assert np.abs(lid / skin - 1).max() < 0.15
        assert np.abs(lid / lid.sum() - skin / skin.sum()).max() < 0.02


def test_less_of_the_ball_shows_the_farther_the_lid_is_down(face: DrawnEyes, eyes: Eyes) -> None:
    shown = [is_iris(face.pixels).sum()]
    shown += [is_iris(apply(face, eyes, blink(closure))).sum() for closure in CLOSURES]
    assert all(later <= before + 5 for before, later in pairwise(shown))
    half = shown[5] / shown[0]
    assert 0.2 < half < 0.8


def test_half_closed_the_lid_is_over_the_upper_half(face: DrawnEyes, eyes: Eyes) -> None:
    frame = apply(face, eyes, blink(0.5))
    for x, y in face.iris_centres().astype(int):
        assert not (is_white(frame) | is_iris(frame))[y - 45 : y - 12, x - 15 : x + 15].any()
        assert is_iris(frame)[y + 20 : y + 26, x - 10 : x + 10].all()


def test_a_shut_eye_ends_in_a_dark_line_near_the_lower_lid(face: DrawnEyes, eyes: Eyes) -> None:
    frame = apply(face, eyes, blink(1.0)).mean(2)
    for x, y in face.iris_centres().astype(int):
        column = frame[y - 60 : y + 75, x - 3 : x + 3].mean(1)
        assert column.min() < 0.75 * np.median(column)
        assert 20 < column.argmin() - 60 < 58  # the drawn lower lid is at 52


@pytest.mark.parametrize("start", [0.0, 0.05, 0.3, 0.5, 0.7, 0.95])
def test_a_blink_has_no_jumps(face: DrawnEyes, eyes: Eyes, start: float) -> None:
    steps = [apply(face, eyes, blink(start + 0.002 * i)).astype(int) for i in range(8)]
    jumps = [np.abs(b - a) for a, b in pairwise(steps)]
    assert max(jump.max() for jump in jumps) < 48  # the margin moves a fifth of a pixel a step


def test_patches_meet_the_picture_without_a_seam(face: DrawnEyes, eyes: Eyes) -> None:
    for pose in (blink(0.4), blink(1.0), EyesPose(gaze_x_mm=2, gaze_y_mm=-1), EyesPose(squint=1)):
        for patch in eyes.draw(pose):
            rect = patch.rect
            source = face.pixels[rect.top : rect.bottom, rect.left : rect.right].astype(int)
            changed = np.abs(patch.pixels - source).max(2)
            edge = np.concatenate([changed[0], changed[-1], changed[:, 0], changed[:, -1]])
            assert edge.max() <= 1


def test_each_eye_blinks_on_its_own(face: DrawnEyes, eyes: Eyes) -> None:
    middle = face.pixels.shape[1] // 2
    for pose, blinking, other in (
        (EyesPose(blink_left=1.0), slice(None, middle), slice(middle, None)),
        (EyesPose(blink_right=1.0), slice(middle, None), slice(None, middle)),
    ):
        frame = apply(face, eyes, pose)
        assert not is_iris(frame[:, blinking]).any()
        assert (frame[:, other] == face.pixels[:, other]).all()


@pytest.mark.parametrize("roll_deg", [0.0, 30.0])
def test_gaze_moves_the_iris_along_the_heads_axes(roll_deg: float) -> None:
    face = draw_eyes(roll_deg=roll_deg)
    eyes = eyes_of(face)
    at_rest = centre_of(is_iris(face.pixels))
    axes = face.head.plane_px_per_mm
    for gaze in ((1.0, 0.0), (-1.0, 0.0), (0.0, 0.8)):
        moved = centre_of(
            is_iris(apply(face, eyes, EyesPose(gaze_x_mm=gaze[0], gaze_y_mm=gaze[1])))
        )
        expected = axes @ np.array(gaze)
        assert np.linalg.norm(moved - at_rest - expected) < 0.35 * np.linalg.norm(expected)


def test_gaze_moves_reflections_less_than_the_iris(face: DrawnEyes, eyes: Eyes) -> None:
    frame = apply(face, eyes, EyesPose(gaze_x_mm=2.0))
    x, y = face.iris_centres()[0].astype(int)
    window = (slice(y - 22, y), slice(x - 19, x + 10))
    glint = [centre_of(picture[window].min(2) > 235) for picture in (face.pixels, frame)]
    iris = [centre_of(is_iris(picture)) for picture in (face.pixels, frame)]
    assert 0 <= glint[1][0] - glint[0][0] < 0.5 * (iris[1][0] - iris[0][0])


def test_gaze_stays_inside_the_opening(face: DrawnEyes, eyes: Eyes) -> None:
    far = apply(face, eyes, EyesPose(gaze_x_mm=40.0))
    changed = np.abs(far.astype(int) - face.pixels).max(2) > 8
    rows, columns = np.nonzero(changed)
    assert len(rows) > 200
    x, y = face.iris_centres().T
    from_centre = np.hypot((columns[:, None] - x) / face.half_u, (rows[:, None] - y) / face.half_v)
    assert from_centre.min(1).max() < 1.06  # the outline is two pixels wide
    assert is_iris(far).sum() > 0.7 * is_iris(face.pixels).sum()


def test_small_gaze_shifts_differ_little(face: DrawnEyes, eyes: Eyes) -> None:
    frames = [
        apply(face, eyes, EyesPose(gaze_x_mm=0.03 * i, gaze_y_mm=0.01 * i)).astype(int)
        for i in range(12)
    ]
    assert max(np.abs(b - a).max() for a, b in pairwise(frames)) < 60


def test_squint_raises_the_lower_lid_only(face: DrawnEyes, eyes: Eyes) -> None:
    frame = apply(face, eyes, EyesPose(squint=1.0))
    for x, y in face.iris_centres().astype(int):
        rows = [
            np.nonzero(is_white(picture)[y : y + 80, x - 4 : x + 4].all(1))[0].max()
            for picture in (face.pixels, frame)
        ]
        assert rows[1] < rows[0]
        upper = (slice(y - 80, y - 30), slice(x - 60, x + 60))
        assert (frame[upper] == face.pixels[upper]).all()


def test_shut_eyes_are_left_alone() -> None:
    face = draw_eyes(opening=0.06)
    eyes = eyes_of(face)
    assert eyes.draw(EyesPose(1.0, 1.0, 1.0, 1.0, 0.0, 1.0)) == []


def test_an_eye_outside_of_the_picture_is_left_alone_and_the_other_blinks() -> None:
    whole = draw_eyes()
    face = whole.cut(160)
    eyes = eyes_of(face)
    frame = apply(face, eyes, blink(1.0))
    assert len(eyes.draw(blink(1.0))) == 1
    assert not is_iris(frame[:, 40:]).any()


def test_an_eye_cut_by_the_pictures_edge_still_closes() -> None:
    face = draw_eyes().cut(108)
    frame = apply(face, eyes_of(face), blink(1.0))
    assert is_iris(face.pixels[:, :60]).sum() > 300
    assert is_iris(frame).sum() < 0.02 * is_iris(face.pixels).sum()


def test_both_eyes_of_a_tilted_head_close_although_their_patches_meet() -> None:
    face = draw_eyes(roll_deg=40.0)
    eyes = eyes_of(face)
    assert len(eyes.draw(blink(1.0))) == 1
    assert is_iris(apply(face, eyes, blink(1.0))).sum() < 0.01 * is_iris(face.pixels).sum()


def test_a_pose_looks_the_same_whatever_was_drawn_before(face: DrawnEyes) -> None:
    poses = (EyesPose(gaze_x_mm=1.3, blink_left=0.4, squint=0.2), blink(0.7), EyesPose(0.0, 0.2))
    eyes = eyes_of(face)
    first = [apply(face, eyes, pose) for pose in poses]
    again = [apply(face, eyes, pose) for pose in reversed(poses)][::-1]
    fresh = [apply(face, eyes_of(face), pose) for pose in poses]
    for a, b, c in zip(first, again, fresh, strict=True):
        assert (a == b).all() and (a == c).all()


def test_the_lid_moves_behind_glasses(face: DrawnEyes) -> None:
    rims = np.zeros(face.pixels.shape[:2], np.uint8)
    for x, y in face.iris_centres().astype(int):
        cv2.ellipse(rims, (int(x), int(y)), (76, 66), 0, 0, 360, 1, 6)
    pixels = face.pixels.copy()
    pixels[rims > 0] = (20, 18, 16)
    face = replace(face, pixels=pixels)
    eyes = eyes_of(face)
    for closure in (0.3, 0.7, 1.0):
        frame = apply(face, eyes, blink(closure))
        assert np.quantile(frame[rims > 0].max(1), 0.98) < 70
    assert is_iris(frame).sum() < 0.01 * is_iris(pixels).sum()


def test_eyes_that_hold_still_are_drawn_once(eyes: Eyes) -> None:
    first = eyes.textures(EyesPose(gaze_x_mm=1.0, squint=0.3))
    assert eyes.textures(EyesPose(gaze_x_mm=1.0001, squint=0.3001)) is first
    assert eyes.textures(EyesPose(gaze_x_mm=1.5, squint=0.3)) is not first
    assert eyes.textures(EyesPose()) == []


@pytest.mark.parametrize("gaze_x_mm", [-3.0, 3.0])
def test_a_tiny_iris_stays_whole_when_it_looks_aside(portrait: Portrait, gaze_x_mm: float) -> None:
    landmarks = portrait.face.landmarks
    eyes = prepare_eyes(portrait.pixels, landmarks, HeadFrame.of(landmarks))
    patches = eyes.draw(EyesPose(gaze_x_mm=gaze_x_mm))
    for patch, iris in zip(patches, (RIGHT_IRIS, LEFT_IRIS), strict=True):
        x, y = np.rint(landmarks[iris[0], :2]).astype(int)
        whole = np.ascontiguousarray(portrait.pixels[y - 2 : y + 3, x - 2 : x + 3])
        top, left = y - patch.rect.top, x - patch.rect.left
        moved = np.ascontiguousarray(patch.pixels[top - 4 : top + 5, left - 6 : left + 7])
        likeness = cv2.matchTemplate(moved, whole, cv2.TM_CCOEFF_NORMED)
        aside = int(likeness.max(0).argmax()) - likeness.shape[1] // 2
        assert likeness.max() > 0.87
        assert aside * gaze_x_mm > 0
