"""What a pose does to the picture."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image
from lipsmith.core.motion import EyesPose, HeadPose, MouthPose, Pose
from lipsmith.core.portrait import Box, Portrait
from lipsmith.engines.rig.draw import draw
from lipsmith.engines.rig.geometry import CHIN
from lipsmith.engines.rig.head import BodyPose
from lipsmith.engines.rig.prepare import Rig, prepare
from lipsmith.engines.rig.source import paste, prepare_source
from lipsmith.engines.rig.warp import Canvas
from lipsmith.media.colour import nv12_to_rgb, rgb_to_nv12

AAH = Pose(MouthPose(upper_raise_mm=3, lower_drop_mm=12, jaw_mm=9))
OOH = Pose(MouthPose(upper_raise_mm=1, lower_drop_mm=4.6, width_mm=-7, jaw_mm=2, round=1))
TURNED = HeadPose(math.radians(4), math.radians(4), math.radians(4), 3, 3, 1)


def _draw(rig: Rig, pose: Pose, body: BodyPose | None = None) -> Nv12Image:
    return draw(rig, pose, body or BodyPose(), Canvas.of(rig.source))


def _move(
    before: NDArray[np.uint8], after: NDArray[np.uint8], centre: NDArray[np.float64], size: int
) -> tuple[int, int]:
    """How far the square around `centre` moved, in whole px, up to 12."""
    x, y = (round(float(v)) - size // 2 for v in centre[:2])
    square = before[y : y + size, x : x + size]
    around = after[y - 12 : y + size + 12, x - 12 : x + size + 12]
    likeness = cv2.matchTemplate(around, square, cv2.TM_CCOEFF_NORMED)
    row, column = np.unravel_index(int(likeness.argmax()), likeness.shape)
    return int(column) - 12, int(row) - 12


def test_closed_mouth_at_rest_is_the_picture_itself(
    closed_rig: Rig, closed_portrait: Portrait
) -> None:
    frame = _draw(closed_rig, Pose())
    picture = rgb_to_nv12(closed_portrait.pixels)
    assert np.array_equal(frame.luma, picture.luma)
    assert np.array_equal(frame.chroma, picture.chroma)


def test_seam_of_a_closed_mouth_does_not_change_when_the_mouth_begins_to_move(
    closed_rig: Rig, closed_portrait: Portrait
) -> None:
    frame = _draw(closed_rig, Pose(MouthPose(lower_drop_mm=0.01, jaw_mm=0.01)))
    change = frame.luma.astype(int) - rgb_to_nv12(closed_portrait.pixels).luma
    assert np.abs(change).max() <= 3


def test_open_mouth_of_the_picture_is_closed_at_rest(rig: Rig, portrait: Portrait) -> None:
    lips = portrait.face.landmarks[[13, 14], :2]
    x, y = (int(v) for v in lips.mean(0))
    half = int(lips[1, 1] - lips[0, 1]) // 2
    teeth = np.s_[y - half + 1 : y + half, x - 6 : x + 7]
    before, after = portrait.pixels[teeth], nv12_to_rgb(_draw(rig, Pose()))[teeth]
    redness = [float(np.mean(p[..., 0].astype(int) - p[..., 1])) for p in (before, after)]
    assert redness[1] > redness[0] + 10, "lips, which are redder, should cover the teeth"


def test_jaw_carries_the_chin_down(closed_rig: Rig, portrait: Portrait) -> None:
    rest, opened = _draw(closed_rig, Pose()), _draw(closed_rig, AAH)
    _, down = _move(rest.luma, opened.luma, portrait.face.landmarks[CHIN], 16)
    assert down / closed_rig.head.px_per_mm == pytest.approx(9.0, abs=2.5)
    _, down = _move(rest.luma, opened.luma, portrait.face.landmarks[168], 16)
    assert down == 0, "the nose stays"


def test_opened_mouth_is_dark_between_the_lips(closed_rig: Rig) -> None:
    x, y = (round(float(v)) for v in closed_rig.head.origin[:2])
    s = closed_rig.head.px_per_mm
    below = _draw(closed_rig, AAH).luma[y + round(4 * s) : y + round(9 * s), x - 5 : x + 5]
    rest = _draw(closed_rig, Pose()).luma[y + round(4 * s) : y + round(9 * s), x - 5 : x + 5]
    assert below.mean() < 0.75 * rest.mean()


def test_rounding_narrows_the_mouth(closed_rig: Rig, portrait: Portrait) -> None:
    rest, rounded = _draw(closed_rig, Pose()), _draw(closed_rig, OOH)
    for corner, inwards in ((61, 1.0), (291, -1.0)):
        right, _ = _move(rest.luma, rounded.luma, portrait.face.landmarks[corner], 20)
        assert right * inwards > 1


def test_head_carries_the_face_the_way_it_turns(rig: Rig, portrait: Portrait) -> None:
    rest = _draw(rig, Pose())
    nose = portrait.face.landmarks[1]
    for head, axis in (
        (HeadPose(yaw_rad=0.05), 0),
        (HeadPose(pitch_rad=0.05), 1),
        (HeadPose(x_mm=3), 0),
        (HeadPose(y_mm=3), 1),
    ):
        assert _move(rest.luma, _draw(rig, Pose(head=head)).luma, nose, 40)[axis] >= 1
    forehead = portrait.face.landmarks[10]
    assert (
        _move(rest.luma, _draw(rig, Pose(head=HeadPose(roll_rad=0.05))).luma, forehead, 40)[0] > 2
    )


def test_background_far_from_the_person_never_changes(rig: Rig, portrait: Portrait) -> None:
    moved = _draw(rig, Pose(head=TURNED), BodyPose(2, 2, 0.03))
    changed = moved.luma != rgb_to_nv12(portrait.pixels).luma
    background = (portrait.matte < 40).astype(np.uint8)
    away_mm = cv2.distanceTransform(background, cv2.DIST_L2, 5) / rig.head.px_per_mm
    assert changed.any()
    assert not (changed & (away_mm > 75)).any()


def test_motion_does_not_smear_the_pictures_border(portrait: Portrait) -> None:
    """A picture cut through the hair and the chin: border pixels keep their detail."""
    landmarks = portrait.face.landmarks
    left, top = (int(v) // 2 * 2 for v in landmarks[:, :2].min(0))
    right, bottom = (int(v) // 2 * 2 for v in landmarks[:, :2].max(0))
    cut = np.s_[top:bottom, left:right]
    face = replace(portrait.face, landmarks=landmarks - [left, top, 0])
    tight = replace(
        portrait,
        pixels=np.ascontiguousarray(portrait.pixels[cut]),
        matte=np.ascontiguousarray(portrait.matte[cut]),
        face=face,
    )
    frame = _draw(prepare(tight), Pose(AAH.mouth, head=TURNED))
    assert frame.luma.shape == tight.matte.shape
    for edge in (frame.luma[:4], frame.luma[-4:], frame.luma[:, :4].T, frame.luma[:, -4:].T):
        along = np.abs(np.diff(edge.astype(int), axis=0)).mean()
        assert along > 0.3, "rows at the border repeat each other"


def test_turned_picture_gives_the_turned_frame(portrait: Portrait, rig: Rig) -> None:
    """Everything follows the head's axes: a picture lying on its side moves sideways."""
    size = portrait.width
    landmarks = portrait.face.landmarks.copy()
    landmarks[:, 0], landmarks[:, 1] = (
        size - 1 - portrait.face.landmarks[:, 1],
        portrait.face.landmarks[:, 0],
    )
    lying = replace(
        portrait,
        pixels=np.ascontiguousarray(np.rot90(portrait.pixels, -1)),
        matte=np.ascontiguousarray(np.rot90(portrait.matte, -1)),
        face=replace(portrait.face, landmarks=landmarks),
    )
    frame = np.rot90(_draw(prepare(lying), AAH).luma).astype(int)
    upright = _draw(rig, AAH).luma.astype(int)
    x, y = (int(v) for v in rig.head.origin[:2])
    reach = int(40 * rig.head.px_per_mm)
    around = np.s_[y - reach : y + reach, x - reach : x + reach]
    assert np.abs(frame - upright)[around].mean() < 5


def test_frame_depends_on_its_pose_alone(rig: Rig) -> None:
    canvas = Canvas.of(rig.source)
    poses = [
        Pose(AAH.mouth, EyesPose(blink_left=1, blink_right=1), TURNED),
        Pose(OOH.mouth, EyesPose(gaze_x_mm=0.5)),
        Pose(),
    ]
    forwards = [draw(rig, pose, BodyPose(), canvas).luma for pose in poses]
    backwards = [draw(rig, pose, BodyPose(), canvas).luma for pose in reversed(poses)]
    for a, b in zip(forwards, reversed(backwards), strict=True):
        assert np.array_equal(a, b)


def test_motion_by_part_of_a_pixel_keeps_the_face_sharp(rig: Rig, portrait: Portrait) -> None:
    low = portrait.face.landmarks[:, :2].min(0).astype(int)
    high = portrait.face.landmarks[:, :2].max(0).astype(int)
    sharpness = []
    for part in (0.0, 0.25, 0.5, 0.75):
        mm = part / rig.head.px_per_mm
        luma = _draw(rig, Pose(head=HeadPose(x_mm=mm, y_mm=mm))).luma
        detail = cv2.Laplacian(luma[low[1] : high[1], low[0] : high[0]], cv2.CV_32F)
        sharpness.append(float(np.sqrt(np.mean(np.square(detail)))))
    assert min(sharpness) > 0.75 * max(sharpness)


def test_eyes_of_a_large_turned_face_are_moved_as_the_skin_around_them(portrait: Portrait) -> None:
    """As if the picture itself had these eyes: nothing of their surroundings is smeared."""
    scale, (left, top), size = 6, (130, 40), 200
    pixels = portrait.pixels[top : top + size, left : left + size]
    landmarks = (portrait.face.landmarks - [left, top, 0]) * scale
    face = replace(portrait.face, landmarks=landmarks)
    large = Portrait(
        cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC),
        replace(face, box=Box(*landmarks[:, :2].min(0), *landmarks[:, :2].max(0))),
        np.full((size * scale, size * scale), 255, np.uint8),
        "large",
    )
    rig = prepare(large)
    eyes, turned = EyesPose(gaze_x_mm=2), HeadPose(yaw_rad=0.25)
    seen = _draw(rig, Pose(eyes=eyes, head=turned))
    picture = Nv12Image(rig.source.picture.luma.copy(), rig.source.picture.chroma.copy())
    for patch in rig.eyes.draw(eyes):
        paste(patch, picture)
    looking = replace(rig, source=prepare_source(picture, rig.motion.rect))
    told = _draw(looking, Pose(head=turned))
    off = cv2.absdiff(seen.luma, told.luma)
    assert cv2.blur(off, (7, 7)).max() < 12
