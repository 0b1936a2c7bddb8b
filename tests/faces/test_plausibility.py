"""Landmarks that cannot be the face's are not believed, and a head that turns is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from films import turned_head, view
from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import Picture
from lipsmith.faces.cast import Cast
from lipsmith.faces.footage import track_faces
from lipsmith.faces.portrait import find_faces

Pixels = NDArray[np.uint8]
EYES = np.s_[84:124, 70:190]


def sideways(pixels: Pixels) -> Pixels:
    """Blurred as by a fast pan."""
    return np.asarray(cv2.blur(pixels, (37, 1)), np.uint8)


def out_of_focus(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 8), np.uint8)


def eyes_covered(pixels: Pixels) -> Pixels:
    covered = pixels.copy()
    covered[EYES] = np.random.default_rng(1).integers(0, 255, covered[EYES].shape)
    return covered


def tilted(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, 2))


def follow(pictures: list[Pixels]) -> list[FootageFrame]:
    cast = Cast()
    cast.watch(pictures[0], 0)
    return [frame for (frame,) in track_faces(pictures, cast.people, cast.people, Fraction(25))]


def swaying(portrait: Pixels, count: int) -> list[Pixels]:
    return [view(portrait, shift=(4 * np.sin(index / 4), 0)) for index in range(count)]


@pytest.mark.parametrize("spoil", [sideways, out_of_focus, eyes_covered, tilted])
def test_spoiled_frames_are_handed_through(
    portrait_pixels: Pixels, spoil: Callable[[Pixels], Pixels]
) -> None:
    good = swaying(portrait_pixels, 24)
    pictures = [spoil(pixels) if 10 <= index < 15 else pixels for index, pixels in enumerate(good)]
    frames, expected = follow(pictures), follow(good)
    assert all(frame.face is not None for frame in expected)
    seen = [frame.face is not None for frame in frames]
    assert not any(seen[10:15]), "what is told of them is not the face"
    assert all(seen[:9]) and all(seen[16:]), "the others are dubbed"
    for frame, good_one in zip(frames[16:], expected[16:], strict=True):
        assert frame.face is not None and good_one.face is not None
        off = np.abs(frame.face.landmarks - good_one.face.landmarks)[:, :2]
        assert off.mean() < 1.0


def test_one_spoiled_frame_is_bridged(portrait_pixels: Pixels) -> None:
    good = swaying(portrait_pixels, 20)
    pictures = [
        out_of_focus(pixels) if index == 10 else pixels for index, pixels in enumerate(good)
    ]
    frames, expected = follow(pictures), follow(good)
    for frame, good_one in zip(frames, expected, strict=True):
        assert frame.face is not None and good_one.face is not None
        off = np.abs(frame.face.landmarks - good_one.face.landmarks)[:, :2]
        assert off.mean() < 1.0


@pytest.mark.parametrize("a_frame_deg", [2.5, 8.0])
def test_a_head_that_turns_is_followed(portrait_pixels: Pixels, a_frame_deg: float) -> None:
    pixels = view(portrait_pixels, side=320)
    (face,) = find_faces(Picture(pixels, "face"))
    turns = [*np.zeros(6), *np.arange(0, 41, a_frame_deg), *np.arange(40, -41, -a_frame_deg)]
    frames = follow([turned_head(pixels, face.landmarks, turn)[0] for turn in turns])
    lost = [turn for turn, frame in zip(turns, frames, strict=True) if frame.face is None]
    assert not lost
    yaw = [frame.face.yaw_deg for frame in frames if frame.face is not None]
    assert max(yaw) > 25 and min(yaw) < -25
