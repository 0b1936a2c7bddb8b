"""Faces are found where they are, however large, turned or many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.image import Picture
from lipsmith.faces import find_faces

# Measured by eye in the packaged portrait, px.
LEFT_PUPIL, RIGHT_PUPIL = (203.6, 101.2), (246.6, 103.6)
MOUTH = (223.5, 143.5)


def picture(pixels: NDArray[np.uint8]) -> Picture:
    return Picture(np.ascontiguousarray(pixels), "photo.png")


def on_canvas(
    pixels: NDArray[np.uint8], height: int, width: int, places: list[tuple[int, int, float]]
) -> NDArray[np.uint8]:
    """Copies of a picture on grey; places: left, top and scale of each."""
    canvas = np.full((height, width, 3), 127, np.uint8)
    for left, top, scale in places:
        copy = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        canvas[top : top + copy.shape[0], left : left + copy.shape[1]] = copy
    return canvas


def turned(pixels: NDArray[np.uint8], clockwise_deg: float) -> NDArray[np.uint8]:
    matrix = cv2.getRotationMatrix2D((225, 125), -clockwise_deg, 1)
    return np.asarray(
        cv2.warpAffine(pixels, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def test_the_landmarks_lie_on_the_features(portrait_pixels: NDArray[np.uint8]) -> None:
    (face,) = find_faces(picture(portrait_pixels))
    points = face.landmarks
    assert points.shape == (478, 3)
    assert np.linalg.norm(points[468, :2] - LEFT_PUPIL) < 1.5
    assert np.linalg.norm(points[473, :2] - RIGHT_PUPIL) < 1.5
    assert np.linalg.norm(points[[61, 291, 13, 14], :2].mean(0) - MOUTH) < 4
    assert points[4, 2] < points[[234, 454], 2].min() - 20, "the nose is nearer than the ears"
    assert face.box.left < points[234, 0] + 1 and face.box.bottom > points[152, 1] - 1
    assert not face.warnings


def test_a_frontal_face_has_small_angles(portrait_pixels: NDArray[np.uint8]) -> None:
    (face,) = find_faces(picture(portrait_pixels))
    assert abs(face.yaw_deg) < 6 and abs(face.pitch_deg) < 8 and abs(face.roll_deg) < 8


def test_a_mirrored_picture_mirrors_the_face(portrait_pixels: NDArray[np.uint8]) -> None:
    (face,) = find_faces(picture(portrait_pixels))
    (mirrored,) = find_faces(picture(portrait_pixels[:, ::-1]))
    assert mirrored.landmarks[33, 0] == pytest.approx(512 - face.landmarks[263, 0], abs=2)
    assert mirrored.roll_deg == pytest.approx(-face.roll_deg, abs=2)


@pytest.mark.parametrize("angle", [-90, -45, 30, 90, 180])
def test_turned_faces_are_found(portrait_pixels: NDArray[np.uint8], angle: int) -> None:
    (upright,) = find_faces(picture(portrait_pixels))
    (face,) = find_faces(picture(turned(portrait_pixels, angle)))
    difference = (face.roll_deg - upright.roll_deg - angle + 180) % 360 - 180
    assert abs(difference) < 6
    assert any("side" in warning for warning in face.warnings) == (abs(angle) >= 90)


def test_a_small_face_in_a_large_picture(portrait_pixels: NDArray[np.uint8]) -> None:
    scale = 40 / 92
    pixels = on_canvas(portrait_pixels, 1800, 2400, [(1700, 1300, scale)])
    (face,) = find_faces(picture(pixels))
    expected = np.array(LEFT_PUPIL) * scale + (1700, 1300)
    assert np.linalg.norm(face.landmarks[468, :2] - expected) < 3
    assert any("small" in warning for warning in face.warnings)


def test_several_faces_come_largest_first(portrait_pixels: NDArray[np.uint8]) -> None:
    places = [(0, 0, 0.5), (300, 0, 1.0), (850, 100, 0.7)]
    faces = find_faces(picture(on_canvas(portrait_pixels, 600, 1300, places)))
    assert [face.box.left > 300 for face in faces] == [True, True, False]
    assert faces[0].box.width > faces[1].box.width > faces[2].box.width


@pytest.mark.parametrize("shape", [(1, 1), (16, 900), (300, 400)])
def test_no_face_in_an_empty_picture(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert find_faces(picture(noise)) == []
    assert find_faces(picture(np.full((*shape, 3), 200, np.uint8))) == []


def test_grey_and_dark_pictures(portrait_pixels: NDArray[np.uint8]) -> None:
    grey = np.repeat(portrait_pixels.mean(2, keepdims=True), 3, 2)
    assert len(find_faces(picture(grey.astype(np.uint8)))) == 1
    assert len(find_faces(picture(portrait_pixels // 5))) == 1


def test_a_blurred_face_is_warned_of(portrait_pixels: NDArray[np.uint8]) -> None:
    large = cv2.resize(portrait_pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    (face,) = find_faces(picture(cv2.GaussianBlur(large, (0, 0), 6)))
    assert any("blurred" in warning for warning in face.warnings)


def test_a_face_at_the_edge(portrait_pixels: NDArray[np.uint8]) -> None:
    (face,) = find_faces(picture(portrait_pixels[85:]))
    assert any("outside" in warning for warning in face.warnings)
    assert find_faces(picture(portrait_pixels[:, :222])) == [], "half a face is too little"


def test_many_threads_agree(portrait_pixels: NDArray[np.uint8]) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(find_faces, [picture(portrait_pixels)] * 4))
    for faces in found[1:]:
        assert np.array_equal(faces[0].landmarks, found[0][0].landmarks)
