"""The engine as the pipeline uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from lipsmith.core.image import Nv12Image
from lipsmith.core.motion import HeadPose, MouthPose, MouthTrack, Pose, TrackFrame, Viseme
from lipsmith.core.portrait import Box, Portrait
from lipsmith.engines.rig.engine import RigEngine
from lipsmith.errors import FaceError


def _pose(index: int) -> Pose:
    return Pose(
        MouthPose(lower_drop_mm=index % 7, jaw_mm=index % 5),
        head=HeadPose(yaw_rad=0.02 * (index % 3), x_mm=index % 4),
    )


def _frames(count: int, taken: list[int] | None = None) -> Iterator[TrackFrame]:
    for index in range(count):
        if taken is not None:
            taken.append(index)
        samples = np.full((640, 1), index, np.float32)
        yield TrackFrame(index, _pose(index), samples, Viseme.SIL, index / count)


def _track(frames: Iterator[TrackFrame]) -> MouthTrack:
    return MouthTrack(Fraction(25), 16000, 1, frames)


def test_one_frame_for_each_track_frame_in_order_with_its_sound(portrait: Portrait) -> None:
    frames = list(RigEngine().animate(portrait, _track(_frames(12))))
    assert [frame.index for frame in frames] == list(range(12))
    for frame in frames:
        assert isinstance(frame.image, Nv12Image)
        assert (frame.image.width, frame.image.height) == (portrait.width, portrait.height)
        assert frame.samples[0, 0] == frame.index


def test_same_track_gives_the_same_frames(portrait: Portrait) -> None:
    first, second = (
        [f.image for f in RigEngine().animate(portrait, _track(_frames(8)))] for _ in range(2)
    )
    for a, b in zip(first, second, strict=True):
        assert isinstance(a, Nv12Image) and isinstance(b, Nv12Image)
        assert np.array_equal(a.luma, b.luma)
        assert np.array_equal(a.chroma, b.chroma)


def test_closing_stops_at_once_and_takes_little_of_the_track_ahead(portrait: Portrait) -> None:
    threads = cv2.getNumThreads()
    taken: list[int] = []
    frames = RigEngine().animate(portrait, _track(_frames(10_000, taken)))
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert len(taken) < 20
    assert cv2.getNumThreads() == threads


def test_two_portraits_are_animated_at_the_same_time(portrait: Portrait) -> None:
    threads = cv2.getNumThreads()
    both = [RigEngine().animate(portrait, _track(_frames(5))) for _ in range(2)]
    assert [len(list(pair)) for pair in zip(*both, strict=True)] == [2] * 5
    assert cv2.getNumThreads() == threads


def test_tiny_face_is_refused_before_the_first_frame(portrait: Portrait) -> None:
    face = replace(portrait.face, box=Box(10, 10, 30, 34))
    with pytest.raises(FaceError, match=r"24 pixels high.*at least 32"):
        RigEngine().animate(replace(portrait, face=face), _track(_frames(1)))


def test_profile_is_refused_before_the_first_frame(portrait: Portrait) -> None:
    face = replace(portrait.face, yaw_deg=-70.0)
    with pytest.raises(FaceError, match="70 degrees"):
        RigEngine().animate(replace(portrait, face=face), _track(_frames(1)))


@pytest.mark.parametrize("scale", [0.5, 4.0])
def test_small_and_large_faces_move(portrait: Portrait, scale: float) -> None:
    side = round(portrait.width * scale)
    face = replace(
        portrait.face,
        landmarks=portrait.face.landmarks * scale,
        box=Box(*(v * scale for v in (portrait.face.box.left, portrait.face.box.top,
                                      portrait.face.box.right, portrait.face.box.bottom))),
    )  # fmt: skip
    resized = replace(
        portrait,
        pixels=cv2.resize(portrait.pixels, (side, side)),
        matte=cv2.resize(portrait.matte, (side, side)),
        face=face,
    )
    frames = [f.image for f in RigEngine().animate(resized, _track(_frames(5)))]
    assert isinstance(frames[0], Nv12Image) and isinstance(frames[4], Nv12Image)
    assert frames[4].luma.shape == (side, side)
    assert (frames[0].luma != frames[4].luma).any()


def test_picture_cut_above_the_mouth_is_refused(portrait: Portrait) -> None:
    bottom = int(portrait.face.landmarks[2, 1]) // 2 * 2 - 20
    above = replace(
        portrait,
        pixels=np.ascontiguousarray(portrait.pixels[:bottom]),
        matte=np.ascontiguousarray(portrait.matte[:bottom]),
    )
    with pytest.raises(FaceError, match="mouth is cut off"):
        RigEngine().animate(above, _track(_frames(1)))


@pytest.mark.parametrize("shift", [(-400.0, 0.0), (400.0, 0.0), (0.0, 500.0), (0.0, -300.0)])
def test_mouth_outside_of_the_picture_is_refused(
    closed_portrait: Portrait, shift: tuple[float, float]
) -> None:
    landmarks = closed_portrait.face.landmarks + np.array([*shift, 0.0])
    elsewhere = replace(closed_portrait, face=replace(closed_portrait.face, landmarks=landmarks))
    with pytest.raises(FaceError, match="mouth is cut off"):
        RigEngine().animate(elsewhere, _track(_frames(1)))
