"""The annotated picture shows what was found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Picture
from lipsmith.faces import annotate, find_faces


def test_the_face_is_drawn_over_a_copy(portrait_pixels: NDArray[np.uint8]) -> None:
    large = Picture(np.ascontiguousarray(portrait_pixels.repeat(2, 0).repeat(2, 1)), "photo.png")
    before = large.pixels.copy()
    faces = find_faces(large)
    drawn = annotate(large, faces)
    assert np.array_equal(large.pixels, before)
    assert drawn.shape[0] > 1024 and drawn.shape[1] == 1024, "notes stand below the picture"
    changed = (drawn[:1024] != before).any(2)
    box = faces[0].box
    inside = changed[round(box.top) : round(box.bottom), round(box.left) : round(box.right)]
    assert inside.mean() > 0.05
    assert not changed[:100, :200].any()


def test_small_pictures_are_enlarged(portrait_pixels: NDArray[np.uint8]) -> None:
    small = Picture(np.ascontiguousarray(portrait_pixels[::2, ::2]), "photo.png")
    assert annotate(small, find_faces(small)).shape[1] == 720


def test_no_face_is_said(portrait_pixels: NDArray[np.uint8]) -> None:
    empty = Picture(np.full((800, 800, 3), 60, np.uint8), "photo.png")
    notes = annotate(empty, [])[800:]
    assert notes.max() > 200
