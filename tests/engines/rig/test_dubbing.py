"""New words for a face that moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from films import turned_head
from lipsmith.core.footage import Footage, FootageFrame
from lipsmith.core.image import Nv12Image, RgbImage
from lipsmith.core.motion import (
    EyesPose,
    HeadPose,
    MouthPose,
    MouthTrack,
    Pose,
    TrackFrame,
    Viseme,
)
from lipsmith.core.portrait import Box, Face, Portrait
from lipsmith.engines.rig.engine import RigEngine
from lipsmith.evaluation.dubbing import measure_dub
from lipsmith.evaluation.sync import landmark_opening_mm
from lipsmith.faces.footage import face_of
from lipsmith.faces.landmarks import crop_around, measure_crop
from lipsmith.media.colour import nv12_to_rgb

SHUT, OPEN = MouthPose(), MouthPose(upper_raise_mm=2.0, lower_drop_mm=8.0, jaw_mm=7.0)
EYES, LIPS, CHIN = (33, 133, 362, 263, 168), (0, 17, 61, 291, 13, 14), (152, 148, 377)


@pytest.fixture(scope="module")
def still(portrait: Portrait) -> FootageFrame:
    """The smiling portrait, cut out so that the face fills more of it and frames are small."""
    box = portrait.face.box
    left, top = int(box.left) - 40 & ~1, int(box.top) - 40 & ~1
    pixels = portrait.pixels[top : top + 240, left : left + 200]
    landmarks = portrait.face.landmarks - (left, top, 0)
    return FootageFrame(0, np.ascontiguousarray(pixels), _face(portrait.face, landmarks))


def _face(face: Face, landmarks: NDArray[np.float64]) -> Face:
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    return replace(face, landmarks=landmarks, box=Box(*map(float, (*low, *high))))


def _moved(
    frame: FootageFrame, dx: float = 0.0, dy: float = 0.0, zoom: float = 1.0, turn_deg: float = 0.0
) -> FootageFrame:
    """The frame as a camera sees it that pans, zooms and rolls."""
    assert frame.face is not None
    height, width = frame.pixels.shape[:2]
    centre = (width / 2, height / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, -turn_deg, zoom), np.float64)
    matrix[:, 2] += (dx, dy)
    pixels = cv2.warpAffine(
        frame.pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    landmarks = frame.face.landmarks.copy()
    landmarks[:, :2] = landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    landmarks[:, 2] *= zoom
    return replace(frame, pixels=np.asarray(pixels, np.uint8), face=_face(frame.face, landmarks))


def _mirrored(frame: FootageFrame) -> FootageFrame:
    """The picture mirrored, with landmarks found in it anew."""
    assert frame.face is not None
    pixels = np.ascontiguousarray(frame.pixels[:, ::-1])
    landmarks = frame.face.landmarks.copy()
    landmarks[:, 0] = pixels.shape[1] - 1 - landmarks[:, 0]
    crop = replace(crop_around(landmarks), roll_rad=0.0)
    return replace(
        frame, pixels=pixels, face=_face(frame.face, measure_crop(pixels, crop).landmarks)
    )


def _footage(frames: list[FootageFrame], taken: list[int] | None = None) -> Footage:
    def pull() -> Iterator[FootageFrame]:
        for index, frame in enumerate(frames):
            if taken is not None:
                taken.append(index)
            yield replace(frame, index=index)

    height, width = frames[0].pixels.shape[:2]
    return Footage(width, height, Fraction(25), pull(), "talk.mp4")


def _track(poses: list[Pose]) -> MouthTrack:
    frames = (
        TrackFrame(index, pose, np.full((640, 1), index, np.float32), Viseme.SIL, 0.0)
        for index, pose in enumerate(poses)
    )
    return MouthTrack(Fraction(25), 16000, 1, frames)


def _dub(frames: list[FootageFrame], mouths: list[MouthPose]) -> list[RgbImage]:
    dubbed = RigEngine().dub(_footage(frames), _track([Pose(mouth) for mouth in mouths]))
    images = [frame.image for frame in dubbed]
    assert all(isinstance(image, np.ndarray) for image in images)
    return [np.asarray(image) for image in images]


def _opened(gap_mm: float) -> MouthPose:
    return MouthPose(lower_drop_mm=0.8 * gap_mm, upper_raise_mm=0.2 * gap_mm, jaw_mm=0.7 * gap_mm)


def _animated(still: FootageFrame, gaps_mm: NDArray[np.float64]) -> list[RgbImage]:
    """The picture as the engine animates it."""
    assert still.face is not None
    matte = np.full(still.pixels.shape[:2], 255, np.uint8)
    portrait = Portrait(still.pixels, still.face, matte, "still")
    frames = RigEngine().animate(portrait, _track([Pose(_opened(gap)) for gap in gaps_mm]))
    images = [frame.image for frame in frames]
    return [nv12_to_rgb(image) for image in images if isinstance(image, Nv12Image)]


def _around(frame: FootageFrame, indices: tuple[int, ...], margin: int) -> tuple[slice, slice]:
    assert frame.face is not None
    points = frame.face.landmarks[list(indices), :2]
    (left, top), (right, bottom) = points.min(0).astype(int), points.max(0).astype(int)
    return np.s_[top - margin : bottom + margin, left - margin : right + margin]


def _opening_mm(image: RgbImage, frame: FootageFrame) -> float:
    """How far a face tracker sees the lips apart."""
    assert frame.face is not None
    found = measure_crop(np.ascontiguousarray(image), crop_around(frame.face.landmarks))
    return landmark_opening_mm(found.landmarks)


def test_a_frame_of_sound_for_every_picture_in_order(still: FootageFrame) -> None:
    frames = list(RigEngine().dub(_footage([still] * 5), _track([Pose(OPEN)] * 5)))
    assert [frame.index for frame in frames] == list(range(5))
    assert [float(frame.samples[0, 0]) for frame in frames] == [0, 1, 2, 3, 4]
    assert {frame.image.shape for frame in frames} == {still.pixels.shape}  # type: ignore[union-attr]


def test_the_mouth_says_the_new_words_whatever_it_did_before(still: FootageFrame) -> None:
    before = _opening_mm(still.pixels, still)
    shut, opened = _dub([still] * 2, [SHUT, OPEN])
    assert _opening_mm(shut, still) < 0.5 * before
    assert _opening_mm(opened, still) > _opening_mm(shut, still) + 5.0


def test_the_mouth_is_carried_onto_a_head_that_turns_by_35_degrees(portrait: Portrait) -> None:
    frames = [FootageFrame(0, portrait.pixels, portrait.face)] * 3
    for turn_deg in (*range(4, 44, 4), 45):
        pixels, landmarks = turned_head(portrait.pixels, portrait.face.landmarks, turn_deg)
        seen = measure_crop(pixels, crop_around(landmarks))
        seen = measure_crop(pixels, crop_around(seen.landmarks))
        frames.append(FootageFrame(0, pixels, face_of(seen.landmarks, seen.presence)))
    yaw = [frame.face.yaw_deg for frame in frames if frame.face is not None]
    assert 33 < yaw[-1] < 37, "as the landmarks tell"
    shut = _dub(frames, [SHUT] * len(frames))
    opened = _dub(frames, [OPEN] * len(frames))
    for frame, closed, wide in list(zip(frames, shut, opened, strict=True))[3:]:
        before = _opening_mm(frame.pixels, frame)
        assert _opening_mm(closed, frame) < 0.6 * before
        assert _opening_mm(wide, frame) > _opening_mm(closed, frame) + 4.0


def test_a_talking_face_says_the_new_words_and_not_the_old_ones(still: FootageFrame) -> None:
    at = np.arange(50) / 25
    old, new = (4.0 + 4.0 * np.sin(2 * np.pi * hz * at) for hz in (2.1, 3.3))
    new = np.maximum(new - 2.0, 0.0)
    assert still.face is not None
    talking = []
    for image in _animated(still, old):
        landmarks = measure_crop(image, crop_around(still.face.landmarks)).landmarks
        talking.append(replace(still, pixels=image, face=_face(still.face, landmarks)))
    dubbed = _dub(talking, [_opened(mm) for mm in new])
    seen = np.array([_opening_mm(image, still) for image in dubbed])
    before = np.array([landmark_opening_mm(f.face.landmarks) for f in talking if f.face])
    measures = measure_dub(seen, new, before, 25.0)
    assert measures.sync.correlation > 0.95
    assert abs(measures.sync.offset_ms) < 10
    assert abs(measures.old_mouth) < 0.5
    assert measures.shut_mm < 2.0


def test_only_the_lower_face_changes(still: FootageFrame) -> None:
    (image,) = _dub([still], [OPEN])
    changed = (image != still.pixels).any(-1)
    assert changed[_around(still, LIPS, 0)].any()
    assert not changed[_around(still, EYES, 4)].any()
    assert not changed[:, :12].any() and not changed[:, -12:].any()


def test_head_and_eyes_of_the_track_are_left_to_the_footage(still: FootageFrame) -> None:
    nod = Pose(OPEN, EyesPose(blink_left=1.0, brow_mm=2.0), HeadPose(yaw_rad=0.2, x_mm=5.0))
    plain, nodding = (
        next(RigEngine().dub(_footage([still]), _track([pose]))).image for pose in (Pose(OPEN), nod)
    )
    assert np.array_equal(np.asarray(plain), np.asarray(nodding))


@pytest.mark.parametrize(
    "move",
    [
        {"dx": 17.0, "dy": -11.0},
        {"dx": 3.5, "dy": 2.5},
        {"zoom": 0.8},
        {"zoom": 1.25},
        {"turn_deg": 25.0},
    ],
    ids=str,
)
def test_the_mouth_goes_with_the_head(still: FootageFrame, move: dict[str, float]) -> None:
    """Dubbing a moved picture is moving the dubbed one."""
    other = _moved(still, **move)
    at_rest, moved = _dub([still] * 12 + [other], [OPEN] * 13)[-2:]
    expected = _moved(replace(still, pixels=at_rest), **move).pixels
    where = _around(other, LIPS + CHIN, 4)
    off = np.abs(moved[where].astype(int) - expected[where]).mean()
    assert off < 2.5
    assert off < 0.25 * np.abs(other.pixels[where].astype(int) - expected[where]).mean()


def test_the_mouth_takes_the_light_of_each_frame(still: FootageFrame) -> None:
    def lit(gain: tuple[float, float, float]) -> FootageFrame:
        return replace(still, pixels=(still.pixels * np.array(gain)).astype(np.uint8))

    warm = (0.75, 0.6, 0.45)
    bright, dim = _dub([still] * 12 + [lit(warm)], [SHUT] * 13)[-2:]
    where = _around(still, LIPS, 2)
    ratio = dim[where].mean((0, 1)) / bright[where].mean((0, 1))
    assert ratio == pytest.approx(warm, abs=0.04)


def test_a_standing_picture_with_a_shut_mouth_stands_still(still: FootageFrame) -> None:
    images = _dub([still] * 30, [SHUT] * 30)
    assert all(np.array_equal(image, images[0]) for image in images)


def test_a_frame_without_a_face_passes_untouched(still: FootageFrame) -> None:
    away = replace(still, face=None)
    images = _dub([still, away, still], [OPEN] * 3)
    assert np.array_equal(images[1], still.pixels)
    assert np.array_equal(images[0], images[2])
    assert not np.array_equal(images[0], still.pixels)


def test_footage_without_any_face_passes_untouched(still: FootageFrame) -> None:
    images = _dub([replace(still, face=None)] * 3, [OPEN] * 3)
    assert all(np.array_equal(image, still.pixels) for image in images)


def test_a_face_too_small_to_dub_passes_untouched(still: FootageFrame) -> None:
    tiny = _moved(still, zoom=0.15)
    assert np.array_equal(_dub([tiny], [OPEN])[0], tiny.pixels)


def test_a_cut_starts_anew(still: FootageFrame) -> None:
    other = replace(_mirrored(still), scene=1)
    images = _dub([still] * 3 + [other] * 3, [OPEN] * 6)
    alone = _dub([other] * 3, [OPEN] * 3)
    assert all(np.array_equal(a, b) for a, b in zip(images[3:], alone, strict=True))


def test_what_stands_before_the_mouth_stays_before_it(still: FootageFrame) -> None:
    visible = np.full(still.pixels.shape[:2], 255, np.uint8)
    hand = _around(still, LIPS, 0)
    middle = (hand[1].start + hand[1].stop) // 2
    visible[:, middle:] = 0
    (image,) = _dub([replace(still, visible=visible)], [OPEN])
    assert np.array_equal(image[:, middle:], still.pixels[:, middle:])
    assert (
        image[hand][:, : middle - hand[1].start] != still.pixels[hand][:, : middle - hand[1].start]
    ).any()


def test_streams_with_a_short_look_ahead(still: FootageFrame) -> None:
    threads = cv2.getNumThreads()
    taken: list[int] = []
    frames = RigEngine().dub(_footage([still] * 500, taken), _track([Pose(OPEN)] * 500))
    next(frames)
    assert len(taken) < 60
    frames.close()  # type: ignore[attr-defined]
    assert cv2.getNumThreads() == threads


def test_ends_with_the_footage_or_the_words(still: FootageFrame) -> None:
    assert [len(_dub([still] * n, [SHUT] * m)) for n, m in ((3, 5), (5, 3))] == [3, 3]
