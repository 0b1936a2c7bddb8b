"""What stands before a face is noticed, and nothing is noticed where nothing stands."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from films import view
from lipsmith.core.footage import FootageFrame
from lipsmith.faces.cast import Cast
from lipsmith.faces.footage import track_faces

Pixels = NDArray[np.uint8]
MOUTH = (128, 151)


def talking_head(portrait: Pixels, count: int) -> list[Pixels]:
    """It sways, and the light on it changes."""
    noise = np.random.default_rng(5)
    pictures = []
    for index in range(count):
        pixels = view(portrait, shift=(4 * np.sin(index / 4), 0), turn_deg=3 * np.sin(index / 6))
        light = 1 + 0.12 * np.sin(index / 5)
        pixels = np.clip(pixels * light + noise.normal(0, 3, pixels.shape), 0, 255)
        pictures.append(pixels.astype(np.uint8))
    return pictures


def follow(pictures: list[Pixels]) -> list[FootageFrame]:
    cast = Cast()
    cast.watch(pictures[0], 0)
    return [frame for (frame,) in track_faces(pictures, cast.people, cast.people, Fraction(25))]


def test_an_uncovered_face_has_no_holes(portrait_pixels: Pixels) -> None:
    frames = follow(talking_head(portrait_pixels, 40))
    assert all(frame.face is not None and frame.visible is None for frame in frames)


@pytest.mark.parametrize("colour", [(25, 25, 30), (60, 110, 190)])
def test_a_thing_before_the_mouth_is_told_where_it_is(
    portrait_pixels: Pixels, colour: tuple[int, int, int]
) -> None:
    pictures = talking_head(portrait_pixels, 36)
    covers: list[NDArray[np.bool_]] = []
    for index, pixels in enumerate(pictures):
        cover = np.zeros(pixels.shape[:2], np.uint8)
        if index >= 16:
            x = MOUTH[0] + max(0, 26 - index) * 9
            cv2.circle(cover, (x, MOUTH[1]), 17, 1, -1)
            pixels[cover > 0] = colour
        covers.append(cover > 0)
    frames = follow(pictures)
    assert all(frame.visible is None for frame in frames[:16])
    for frame, cover in list(zip(frames, covers, strict=True))[27:-1]:
        assert frame.visible is not None and frame.visible.shape == cover.shape
        hidden = frame.visible < 128
        assert (hidden & cover).sum() > 0.8 * cover.sum()
        assert (hidden & ~cover).sum() < 0.8 * cover.sum()
        assert frame.visible[60:100, 100:156].min() > 200, "the eyes"
