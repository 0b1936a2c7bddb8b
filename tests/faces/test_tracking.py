"""A face in a video is found once and then followed, without jitter, lag or mistaken identity."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from films import placing, view
from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import Picture
from lipsmith.faces import find_faces
from lipsmith.faces.cast import Cast, Person
from lipsmith.faces.footage import track_faces
from lipsmith.faces.identity import OTHER, SAME, describe, distance, most_like
from lipsmith.faces.scene_cuts import scenes
from lipsmith.faces.smoothing import smooth
from lipsmith.faces.tracking import FaceTracker

Pixels = NDArray[np.uint8]
FPS = Fraction(25)
STEADY = [10, 151, 9, 168, 6, 197, 195, 4, 1, 33, 133, 362, 263, 98, 327]


def follow(pictures: list[Pixels], people: list[Person] | None = None) -> list[FootageFrame]:
    people = people or cast_of(pictures[0])
    return [frame for (frame,) in track_faces(pictures, people[:1], people, FPS)]


def cast_of(*pictures: Pixels) -> list[Person]:
    cast = Cast()
    for pixels in pictures:
        cast.watch(pixels, 0)
    return cast.ordered()


def someone_else(pixels: Pixels) -> Pixels:
    """The portrait with another face's proportions and colours."""
    wide = cv2.resize(pixels, None, fx=1.22, fy=1.0)[:, 50:-50]
    wide = np.ascontiguousarray(cv2.resize(wide, (512, 512)))
    darker = wide[:, ::-1] * np.array([0.5, 0.62, 0.75])
    return np.ascontiguousarray(darker, np.uint8)


@pytest.fixture
def moving(portrait_pixels: Pixels) -> tuple[list[Pixels], list[NDArray[np.float64]]]:
    """Half a second of a face that moves, turns and comes nearer; and its true landmarks."""
    (face,) = find_faces(Picture(portrait_pixels, "portrait"))
    pictures, truth = [], []
    noise = np.random.default_rng(3)
    for index in range(14):
        how = {
            "shift": (3.0 * index - 18, 8 * np.sin(index / 3)),
            "zoom": 1.0 + 0.012 * index,
            "turn_deg": 0.8 * index,
        }
        grain = noise.normal(0, 2.5, (256, 256, 3))
        pictures.append(np.clip(view(portrait_pixels, **how) + grain, 0, 255).astype(np.uint8))
        matrix = placing(**how)
        truth.append(face.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2])
    return pictures, truth


def test_the_landmarks_move_with_the_face(
    moving: tuple[list[Pixels], list[NDArray[np.float64]]],
) -> None:
    pictures, truth = moving
    frames = follow(pictures)
    assert [frame.index for frame in frames] == list(range(len(pictures)))
    off = np.array(
        [
            f.face.landmarks[STEADY, :2] - t[STEADY]
            for f, t in zip(frames, truth, strict=True)
            if f.face
        ]
    )
    assert len(off) == len(pictures)
    assert np.abs(off).mean() < 1.2, "px, of 43 between the eyes"
    assert np.abs(off.mean((0, 1))).max() < 0.7, "a lag would be 3 px a frame"


def test_smoothing_takes_most_of_the_jitter_away(
    moving: tuple[list[Pixels], list[NDArray[np.float64]]],
) -> None:
    pictures, truth = moving
    people = cast_of(pictures[0])
    raw = list(FaceTracker(people[0], people, FPS).track(scenes(pictures)))
    smoothed = list(smooth(raw))
    assert len(smoothed) == len(raw)

    def jitter(sightings: list[object]) -> float:
        off = [s.landmarks[STEADY, :2] - t[STEADY] for s, t in zip(sightings, truth, strict=True)]
        return float(np.diff(np.array(off), axis=0).std())

    assert jitter(smoothed) < 0.65 * jitter(raw)


def test_a_cut_begins_another_scene_in_that_very_frame(portrait_pixels: Pixels) -> None:
    here = [view(portrait_pixels, shift=(index, 0)) for index in range(5)]
    other = 255 - portrait_pixels
    there = [view(other, shift=(40 + index, 10), zoom=1.3) for index in range(3)]
    back = [view(portrait_pixels, shift=(-50, -index)) for index in range(5)]
    frames = follow([*here, *there, *back])
    assert [frame.scene for frame in frames] == [0] * 5 + [1] * 3 + [2] * 5
    assert all(frame.face is not None for frame in frames[:5] + frames[8:])
    assert frames[8].face is not None
    assert frames[8].face.box.left < frames[4].face.box.left - 30, "found anew, not followed"


def test_fast_motion_fades_and_flashes_are_no_cuts(portrait_pixels: Pixels) -> None:
    moving = [view(portrait_pixels, shift=(12.0 * index - 60, 0)) for index in range(10)]
    fading = [(moving[-1] * light).astype(np.uint8) for light in np.linspace(1, 0.3, 12)]
    flash = np.full_like(moving[0], 250)
    pictures = [*moving, flash, moving[-1], *fading]
    found = list(scenes(pictures))
    assert all(scene == 0 for _, scene in found)
    assert all(a is b for (a, _), b in zip(found, pictures, strict=True))


def test_a_face_that_goes_away_is_none_until_it_comes_back(portrait_pixels: Pixels) -> None:
    seen = [view(portrait_pixels, shift=(index, 0)) for index in range(6)]
    gone = []
    for pixels in seen:
        pixels = pixels.copy()
        pixels[40:220, 50:210] = (120, 118, 116)
        gone.append(pixels)
    frames = follow([*seen, *gone, *seen, *seen])
    faces = [frame.face is not None for frame in frames]
    assert faces[:6] == [True] * 6 and faces[8:10] == [False] * 2 and faces[-9:] == [True] * 9


def test_a_face_missed_in_one_frame_is_where_it_went_through(portrait_pixels: Pixels) -> None:
    pictures = [view(portrait_pixels, shift=(2.0 * index, 0)) for index in range(9)]
    pictures[4] = cv2.GaussianBlur(pictures[4], (0, 0), 14)
    frames = follow(pictures)
    x = [frame.face.landmarks[4, 0] for frame in frames if frame.face]
    assert len(x) == 9
    assert np.allclose(np.diff(x), 2.0, atol=1.6)


def test_people_are_told_apart_and_recognised_in_other_scenes(portrait_pixels: Pixels) -> None:
    anna, other = portrait_pixels, someone_else(portrait_pixels)
    together = np.hstack([view(anna, zoom=1.1), view(other)])
    swapped = np.hstack([view(other, zoom=1.1), view(anna)])
    alone = np.hstack([view(other), np.full((256, 256, 3), 90, np.uint8)])
    people = cast_of(together)
    assert len(people) == 2 and people[0].area > people[1].area
    frames = follow([*[together] * 3, *[alone] * 3, *[swapped] * 3], people)
    sides = [None if f.face is None else f.face.box.left > 256 for f in frames]
    assert sides == [False] * 3 + [None] * 3 + [True] * 3


def test_a_picture_tells_who_is_meant(portrait_pixels: Pixels) -> None:
    anna, other = portrait_pixels, someone_else(portrait_pixels)

    def looks(pixels: Pixels) -> Iterator[object]:
        for face in find_faces(Picture(pixels, "picture")):
            yield describe(pixels, face.landmarks)

    (first,), (again,), (second,) = (
        looks(view(anna)), looks(view(anna, zoom=1.4, turn_deg=8)), looks(view(other))
    )  # fmt: skip
    assert distance(first, again) < SAME < OTHER < distance(first, second)
    assert most_like(again, [second, first]) == (1, True)
