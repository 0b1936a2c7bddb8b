"""Another detector's boxes keep their place on a face that moves, though it looks seldom."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import FootageFrame
from lipsmith.core.portrait import Box, Face
from lipsmith.faces.boxes import box_near, with_boxes

PIXELS = np.zeros((200, 400, 3), np.uint8)


def face_at(left: float, size: float = 60.0) -> Face:
    return Face(Box(left, 50, left + size, 50 + size), np.zeros((478, 3)), 0, 0, 0, 1.0)


class Detector:
    """Sees a bright square, four pixels larger on every side."""

    def __init__(self) -> None:
        self.looked = 0
        self.largest = 0

    def __call__(self, pixels: NDArray[np.uint8]) -> list[Box]:
        self.looked += 1
        self.largest = max(self.largest, pixels.shape[0] * pixels.shape[1])
        rows, columns = np.nonzero(pixels[..., 0] > 128)
        if not len(rows):
            return []
        return [
            Box(columns.min() - 4.0, rows.min() - 4.0, columns.max() + 5.0, rows.max() + 5.0),
        ]


def frame(index: int, left: int, scene: int = 0, face: bool = True) -> FootageFrame:
    pixels = PIXELS.copy()
    pixels[50:110, left : left + 60] = 255
    return FootageFrame(index, pixels, face_at(left) if face else None, scene)


def test_the_box_moves_with_the_face() -> None:
    detector = Detector()
    frames = [frame(i, 20 + 5 * i) for i in range(30)]
    found = list(with_boxes(frames, detector, Fraction(25)))
    for index, each in enumerate(found):
        assert each.face is not None
        box = each.face.box
        assert abs(box.left - (16 + 5 * index)) < 0.01 and abs(box.bottom - 114) < 0.01
    assert detector.looked == 3, "every 0.4 s"
    assert detector.largest < 0.45 * PIXELS.shape[0] * PIXELS.shape[1], "only around the face"


def test_it_looks_at_once_in_a_new_scene_and_not_without_a_face() -> None:
    detector = Detector()
    frames = [frame(0, 20), frame(1, 20, face=False), frame(2, 200, scene=1), frame(3, 202, 1)]
    found = list(with_boxes(frames, detector, Fraction(25)))
    assert [each.face is None for each in found] == [False, True, False, False]
    assert detector.looked == 2


def test_what_the_detector_misses_keeps_the_own_box() -> None:
    dark = FootageFrame(0, PIXELS, face_at(40))
    (kept,) = with_boxes([dark], Detector(), Fraction(25))
    assert kept.face == dark.face
    assert box_near(PIXELS, face_at(40), Detector()) is None
