"""Which rectangle of a picture the network sees, and what it gets of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import RgbImage
from lipsmith.core.options import CropOptions
from lipsmith.core.portrait import Box, Face

SIDE_PX = 96
FIRST_ROW = 40
"""Of these: the rows above are neither drawn nor changed. What is hidden from the network begins
with row 48."""
MIN_BOX_PX = 24
"""Faces smaller than this a side are left as they are."""

_SMOOTHED = 5
_FOREHEAD = 0.45
"""Detectors that were trained on WIDER FACE, as S3FD was, draw the upper edge on the forehead: this
far from the brows to its top."""
_BROWS, _TOP = (105, 334), 10
_BELOW_CHIN = 0.04
"""In face heights: room for the jaw to come down, in large pictures too, where pads are small."""


@dataclass(frozen=True, slots=True)
class CropBox:
    """Whole pixels of the picture, inside it; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The view of a picture inside the box."""
        return pixels[self.top : self.bottom, self.left : self.right]


def crop_box(face: Face, options: CropOptions, width: int, height: int) -> CropBox | None:
    """The box of a face in a picture of this size; None where it is too small to be drawn in."""
    return _whole(_padded(face, options), width, height)


def tracked_boxes(
    frames: Iterator[FootageFrame], options: CropOptions, width: int, height: int
) -> Iterator[tuple[FootageFrame, CropBox | None]]:
    """Each frame with the box of its face, None where it has none, two frames late.

    Boxes are means over five frames, two before and two after, of the same scene.
    """
    window: deque[tuple[FootageFrame, Box | None]] = deque()
    fixed: CropBox | None = None
    reach = _SMOOTHED // 2 if options.smooth and not options.static else 0

    def finished(at: int) -> tuple[FootageFrame, CropBox | None]:
        nonlocal fixed
        frame, box = window[at]
        if box is None or _whole(box, width, height) is None:
            return frame, None
        if options.static:
            fixed = fixed or _whole(box, width, height)
            return frame, fixed
        around = range(max(0, at - reach), min(len(window), at + reach + 1))
        near = [window[i][1] for i in around if window[i][0].scene == frame.scene]
        return frame, _whole(_mean([each for each in near if each is not None]), width, height)

    at = 0
    for frame in frames:
        window.append((frame, None if frame.face is None else _padded(frame.face, options)))
        if len(window) - at > reach:
            yield finished(at)
            at += 1
        if at > reach:
            window.popleft()
            at -= 1
    while at < len(window):
        yield finished(at)
        at += 1


def network_face(pixels: RgbImage) -> NDArray[np.float32]:
    """A crop of any size -> (96, 96, 3) float32, 0..1, RGB."""
    shrinks = min(pixels.shape[:2]) > SIDE_PX
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(pixels, (SIDE_PX, SIDE_PX), interpolation=how), np.float32
    ) / np.float32(255)


def network_input(face: NDArray[np.float32]) -> NDArray[np.float32]:
    """(96, 96, 3) RGB -> (6, 96, 96): BGR with the lower half black, then whole."""
    whole = face[:, :, ::-1].transpose(2, 0, 1)
    joined = np.concatenate([whole, whole])
    joined[:3, SIDE_PX // 2 :] = 0
    return joined


def _padded(face: Face, options: CropOptions) -> Box:
    if options.box is not None:
        return face.box
    box = face.box if options.detector == "s3fd" else _box_of(face.landmarks)
    top, bottom, left, right = options.pads_px
    return Box(box.left - left, box.top - top, box.right + right, box.bottom + bottom)


def _box_of(landmarks: NDArray[np.float64]) -> Box:
    """What a detector would draw around a face with these landmarks."""
    (left, top), (right, bottom) = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    brows = float(landmarks[list(_BROWS), 1].mean())
    top = min(brows, brows + _FOREHEAD * (float(landmarks[_TOP, 1]) - brows))
    below = _BELOW_CHIN * (float(bottom) - top)
    return Box(float(left), top, float(right), float(bottom) + below)


def _mean(boxes: list[Box]) -> Box:
    edges = np.mean([(each.left, each.top, each.right, each.bottom) for each in boxes], axis=0)
    return Box(*(float(edge) for edge in edges))


def _whole(box: Box, width: int, height: int) -> CropBox | None:
    found = CropBox(
        max(0, round(box.left)),
        max(0, round(box.top)),
        min(width, round(box.right)),
        min(height, round(box.bottom)),
    )
    return found if min(found.width, found.height) >= MIN_BOX_PX else None
