"""Faces are restored without a seam, without flicker, and in the light of the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.image import Frame, Picture
from lipsmith.core.portrait import Face
from lipsmith.faces import find_faces
from lipsmith.finishing.face_crops import SIDE_PX, add_back, crop_pose, cut, face_mask
from lipsmith.finishing.restoration import restore_faces

Crops = NDArray[np.float32]
TEMPLATE = {468: (193, 240), 473: (319, 240), 4: (257, 314), 61: (201, 371), 291: (313, 371)}


@pytest.fixture
def face(portrait_pixels: NDArray[np.uint8]) -> Face:
    return find_faces(Picture(portrait_pixels, "portrait"))[0]


def frames_of(*pictures: NDArray[np.uint8]) -> Iterator[Frame]:
    return (Frame(i, each, np.zeros((0, 1), np.float32)) for i, each in enumerate(pictures))


def restored(
    pictures: list[NDArray[np.uint8]],
    faces: list[Face | None],
    network: Callable[[Crops], Crops],
    strength: float = 1.0,
    batch: int = 1,
) -> list[NDArray[np.uint8]]:
    def faces_in(frame: Frame) -> list[Face]:
        found = faces[frame.index]
        return [] if found is None else [found]

    made = restore_faces(frames_of(*pictures), faces_in, network, strength=strength, batch=batch)
    return [np.asarray(frame.image) for frame in made]


def sharper(crops: Crops) -> Crops:
    return np.stack([np.clip(c * 2 - cv2.GaussianBlur(c, (0, 0), 3), 0, 255) for c in crops])


def moved(face: Face, x: float, y: float) -> Face:
    return replace(face, landmarks=face.landmarks + np.array([x, y, 0.0]))


def test_a_network_that_changes_nothing_leaves_every_byte(
    portrait_pixels: NDArray[np.uint8], face: Face
) -> None:
    large = np.asarray(cv2.resize(portrait_pixels, (1400, 1400)), np.uint8)
    larger = replace(face, landmarks=face.landmarks * 1400 / 512)
    shifts = [moved(larger, 3 * i, i) for i in range(7)]
    for result in restored([large] * 7, list(shifts), lambda crops: crops, batch=3):
        np.testing.assert_array_equal(result, large)


def test_the_crop_has_the_face_where_restorers_expect_it(
    portrait_pixels: NDArray[np.uint8], face: Face
) -> None:
    turn = np.array([[0.9, -0.3], [0.3, 0.9]])
    landmarks = face.landmarks.copy()
    landmarks[:, :2] = landmarks[:, :2] @ turn.T + (40, 20)
    for each in (face, replace(face, landmarks=landmarks)):
        matrix = crop_pose(each).matrix()
        for index, expected in TEMPLATE.items():
            place = matrix[:, :2] @ each.landmarks[index, :2] + matrix[:, 2]
            assert np.hypot(*(place - expected)) < 25, index


def test_a_crop_that_is_put_back_stays_in_place(
    portrait_pixels: NDArray[np.uint8], face: Face
) -> None:
    pose = crop_pose(face)
    grey = np.full((512, 512, 3), 90, np.uint8)
    mask = face_mask(face, pose)[..., None]
    add_back(grey, mask * (cut(portrait_pixels, pose) - 90), pose)
    low, high = face.landmarks[:468, :2].min(0).astype(int), face.landmarks[:468, :2].max(0)
    inner = np.s_[low[1] + 12 : int(high[1]) - 12, low[0] + 25 : int(high[0]) - 25]
    error = np.abs(grey[inner].astype(int) - portrait_pixels[inner])
    assert error.mean() < 2.5


def test_only_the_face_changes_and_its_edge_is_soft(
    portrait_pixels: NDArray[np.uint8], face: Face
) -> None:
    (result,) = restored([portrait_pixels], [face], lambda c: c + 60 * checkers()[None])
    change = np.abs(result.astype(int) - portrait_pixels).max(2)
    low, high = face.landmarks[:, :2].min(0), face.landmarks[:, :2].max(0)
    outside = np.ones(change.shape, bool)
    outside[int(low[1]) - 28 : int(high[1]) + 28, int(low[0]) - 28 : int(high[0]) + 28] = False
    assert change[outside].max() == 0
    assert change.max() > 30
    mask = face_mask(face, crop_pose(face))
    assert np.abs(np.diff(mask, axis=0)).max() < 0.06, "no step that an eye could see"
    assert max(mask[0].max(), mask[-1].max(), mask[:, 0].max(), mask[:, -1].max()) < 0.01


def checkers() -> Crops:
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX] // 32
    return np.where((x + y) % 2, 1, -1)[..., None].astype(np.float32)


def test_strength_is_how_much_of_it_is_done(portrait_pixels: NDArray[np.uint8], face: Face) -> None:
    def change(strength: float) -> NDArray[np.float64]:
        (result,) = restored([portrait_pixels], [face], sharper, strength)
        return result.astype(np.float64) - portrait_pixels

    whole, half = change(1.0), change(0.5)
    assert np.abs(whole).max() > 15
    unclipped = (whole + portrait_pixels > 0) & (whole + portrait_pixels < 255)
    assert np.abs(half - whole / 2)[unclipped].max() <= 1
    assert not change(0.0).any()


def test_light_and_colour_stay_those_of_the_picture(
    portrait_pixels: NDArray[np.uint8], face: Face
) -> None:
    tint = np.array([30, 0, -30], np.float32)
    (result,) = restored([portrait_pixels], [face], lambda crops: crops * 0.9 + tint)
    low, high = face.landmarks[:, :2].min(0).astype(int), face.landmarks[:, :2].max(0).astype(int)
    part = np.s_[low[1] : high[1], low[0] : high[0]]
    before, after = portrait_pixels[part].mean((0, 1)), result[part].mean((0, 1))
    assert np.abs(before - after).max() < 2.5


def test_what_flickers_is_steadied(portrait_pixels: NDArray[np.uint8], face: Face) -> None:
    rng = np.random.default_rng(0)

    def noisy(crops: Crops) -> Crops:
        return crops + rng.normal(0, 20, crops.shape).astype(np.float32)

    together = restored([portrait_pixels] * 16, [face] * 16, noisy)[6:]
    alone = [restored([portrait_pixels], [face], noisy)[0] for _ in range(6)]
    assert flicker(together) < 0.6 * flicker(alone)


def flicker(pictures: list[NDArray[np.uint8]]) -> float:
    return float(np.mean([np.abs(a.astype(int) - b).mean() for a, b in pairwise(pictures)]))


def test_trembling_landmarks_do_not_shake_the_crop(
    portrait_pixels: NDArray[np.uint8], face: Face
) -> None:
    rng = np.random.default_rng(1)
    trembling: list[Face | None] = [moved(face, *rng.normal(0, 1, 2)) for _ in range(20)]
    seen: list[Crops] = []

    def watch(crops: Crops) -> Crops:
        seen.extend(crops)
        return crops

    restored([portrait_pixels] * 20, trembling, watch)
    smooth = np.mean([np.abs(a - b).mean() for a, b in pairwise(seen[6:14])])
    raw = [cut(portrait_pixels, crop_pose(each)) for each in trembling[6:14] if each]
    shaken = np.mean([np.abs(a - b).mean() for a, b in pairwise(raw)])
    assert smooth < 0.4 * shaken


def test_nothing_is_carried_over_a_cut(portrait_pixels: NDArray[np.uint8], face: Face) -> None:
    mirrored = np.ascontiguousarray(portrait_pixels[:, ::-1])
    other = find_faces(Picture(mirrored, "mirrored"))[0]
    pictures = [portrait_pixels] * 5 + [mirrored] * 5
    faces: list[Face | None] = [face] * 5 + [other] * 5
    both = restored(pictures, faces, sharper)
    np.testing.assert_array_equal(both[4], restored([portrait_pixels], [face], sharper)[0])
    np.testing.assert_array_equal(both[5], restored([mirrored], [other], sharper)[0])


def test_frames_without_a_face_and_tiny_faces_pass(
    portrait_pixels: NDArray[np.uint8], face: Face
) -> None:
    tiny = replace(face, landmarks=face.landmarks * 0.1)
    results = restored([portrait_pixels] * 3, [face, None, tiny], sharper, batch=2)
    assert not np.array_equal(results[0], portrait_pixels)
    np.testing.assert_array_equal(results[1], portrait_pixels)
    np.testing.assert_array_equal(results[2], portrait_pixels)


def test_profiles_are_left_alone(portrait_pixels: NDArray[np.uint8], face: Face) -> None:
    (result,) = restored([portrait_pixels], [replace(face, yaw_deg=80.0)], sharper)
    np.testing.assert_array_equal(result, portrait_pixels)
