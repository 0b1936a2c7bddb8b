"""A portrait has the video's size, its face in the right place, and the person cut out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.image import Picture
from lipsmith.core.request import Fit, Size
from lipsmith.errors import FaceError
from lipsmith.faces import find_faces, make_portrait


def picture(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None) -> Picture:
    return Picture(np.ascontiguousarray(pixels), "photo.png", alpha)


def test_without_a_size_the_picture_stays_as_it_is(portrait_pixels: NDArray[np.uint8]) -> None:
    portrait = make_portrait(picture(portrait_pixels))
    assert np.array_equal(portrait.pixels, portrait_pixels)
    assert portrait.matte.shape == (512, 512)
    assert portrait.name == "photo.png"


def test_odd_sides_become_even(portrait_pixels: NDArray[np.uint8]) -> None:
    portrait = make_portrait(picture(portrait_pixels[:411, :511]))
    assert portrait.pixels.shape == (410, 510, 3)
    assert portrait.pixels.flags.c_contiguous


@pytest.mark.parametrize("fit", [Fit.CROP, Fit.PAD])
@pytest.mark.parametrize("size", [Size(320, 180), Size(180, 320), Size(640, 640)])
def test_landmarks_follow_the_picture(
    portrait_pixels: NDArray[np.uint8], size: Size, fit: Fit
) -> None:
    portrait = make_portrait(picture(portrait_pixels), size=size, fit=fit)
    assert (portrait.width, portrait.height) == (size.width, size.height)
    (again,) = find_faces(picture(portrait.pixels))
    error = np.abs(again.landmarks - portrait.face.landmarks)[:, :2].mean()
    assert error < 0.015 * portrait.face.box.width
    box = portrait.face.box
    assert box.left >= 0 and box.top >= 0
    assert box.right <= size.width and box.bottom <= size.height


def test_a_crop_leaves_room_above_the_head(portrait_pixels: NDArray[np.uint8]) -> None:
    box = make_portrait(picture(portrait_pixels), size=Size(640, 360)).face.box
    assert box.top > 0.3 * box.height
    assert 0.25 < (box.left + box.right) / 2 / 640 < 0.75


def test_a_crop_comes_closer_to_a_small_face(portrait_pixels: NDArray[np.uint8]) -> None:
    wide = np.pad(portrait_pixels, ((200, 400), (700, 700), (0, 0)), mode="edge")
    face = make_portrait(picture(wide), size=Size(256, 256)).face
    assert face.box.height > 0.25 * 256


def test_padding_keeps_all_of_the_picture(portrait_pixels: NDArray[np.uint8]) -> None:
    portrait = make_portrait(picture(portrait_pixels), size=Size(1024, 512), fit=Fit.PAD)
    assert np.array_equal(portrait.pixels[:, 256:768], portrait_pixels)
    around = portrait.pixels[:, 700:].astype(int)
    assert np.abs(np.diff(around[:, 100:], axis=1)).max() < 20, "what surrounds it is soft"
    step = np.abs(around[:, 68] - around[:, 67]).mean()
    assert step < 20, "and continues it"


def test_a_huge_picture_is_scaled_down_with_a_warning(portrait_pixels: NDArray[np.uint8]) -> None:
    huge = cv2.resize(portrait_pixels[:256, 96:352], (4000, 4000))
    portrait = make_portrait(picture(huge))
    assert (portrait.width, portrait.height) == (3840, 3840)
    assert any("3840x3840" in warning for warning in portrait.warnings)


def test_the_matte_holds_the_person(portrait_pixels: NDArray[np.uint8]) -> None:
    portrait = make_portrait(picture(portrait_pixels))
    points = portrait.face.landmarks[:, :2].round().astype(int)
    assert portrait.matte[points[:, 1], points[:, 0]].min() > 100
    assert portrait.matte[300:, 200:260].mean() > 250, "the body"
    assert portrait.matte[:40, :100].max() < 10 and portrait.matte[:60, 420:].max() < 10


def test_other_people_are_not_in_the_matte(portrait_pixels: NDArray[np.uint8]) -> None:
    person = portrait_pixels[:300, 100:340]
    gap = np.full((300, 260, 3), 200, np.uint8)
    portrait = make_portrait(picture(np.concatenate([person, gap, person], 1)), face=1)
    first = portrait.face.box.left < 300
    own, other = portrait.matte[:, :240], portrait.matte[:, -240:]
    if not first:
        own, other = other, own
    assert own[60:180, 80:170].mean() > 200
    assert other.max() < 30


def test_transparency_is_the_matte(portrait_pixels: NDArray[np.uint8]) -> None:
    alpha = np.zeros((512, 512), np.uint8)
    alpha[20:, 60:420] = 255
    portrait = make_portrait(picture(portrait_pixels, alpha), size=Size(256, 256))
    assert portrait.matte[100, 100] == 255 and portrait.matte[5].max() == 0


def test_no_face_says_what_to_do() -> None:
    with pytest.raises(FaceError, match=r"photo\.png: no face was found; use a picture"):
        make_portrait(picture(np.full((200, 200, 3), 90, np.uint8)))


@pytest.mark.parametrize("number", [1, 7, -1])
def test_a_face_that_is_not_there(portrait_pixels: NDArray[np.uint8], number: int) -> None:
    with pytest.raises(FaceError, match="1 face"):
        make_portrait(picture(portrait_pixels), face=number)
