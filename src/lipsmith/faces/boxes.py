"""The boxes of another detector around faces that are tracked by their landmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box, Face
from lipsmith.faces.detection import overlap

Detect = Callable[[RgbImage], list[Box]]
"""The faces in a picture, the surest first."""

_LOOK_EVERY_S = 0.4
_REACH = 1.0
"""What is looked at goes so many face sizes beyond the face on every side."""
_SAME_FACE = 0.2
_NEW_SHARE = 0.3


def with_boxes(
    frames: Iterable[FootageFrame], detect: Detect, fps: Fraction
) -> Iterator[FootageFrame]:
    """The same frames, whose faces have the detector's boxes.

    It looks at the part around the face a few times a second; between, the box keeps its place on
    the face.
    """
    every = max(1, round(_LOOK_EVERY_S * fps))
    placed: NDArray[np.float64] | None = None
    scene, wait = -1, 0
    for frame in frames:
        if frame.face is None:
            yield frame
            continue
        if frame.scene != scene:
            scene, placed, wait = frame.scene, None, 0
        if wait == 0:
            seen = box_near(frame.pixels, frame.face, detect)
            if seen is not None:
                place = _relative(seen, frame.face.box)
                placed = place if placed is None else placed + _NEW_SHARE * (place - placed)
            wait = every
        wait -= 1
        box = frame.face.box if placed is None else _absolute(placed, frame.face.box)
        yield replace(frame, face=replace(frame.face, box=box))


def with_given_box(frames: Iterable[FootageFrame], box: Box) -> Iterator[FootageFrame]:
    """The same frames, whose faces have the box as theirs, wherever they are."""
    for frame in frames:
        yield frame if frame.face is None else replace(frame, face=replace(frame.face, box=box))


def box_near(pixels: RgbImage, face: Face, detect: Detect) -> Box | None:
    """The detector's box of a face; None where it does not see it."""
    height, width = pixels.shape[:2]
    size = _REACH * max(face.box.width, face.box.height)
    left, top = max(0, int(face.box.left - size)), max(0, int(face.box.top - size))
    right = min(width, int(face.box.right + size) + 1)
    bottom = min(height, int(face.box.bottom + size) + 1)
    part = np.ascontiguousarray(pixels[top:bottom, left:right])
    for box in detect(part):
        moved = Box(box.left + left, box.top + top, box.right + left, box.bottom + top)
        if overlap(moved, face.box) > _SAME_FACE:
            return moved
    return None


def _relative(box: Box, around: Box) -> NDArray[np.float64]:
    """Its sides in sizes of the other box from that one's corner."""
    return np.array(
        [
            (box.left - around.left) / around.width,
            (box.top - around.top) / around.height,
            (box.right - around.left) / around.width,
            (box.bottom - around.top) / around.height,
        ]
    )


def _absolute(place: NDArray[np.float64], around: Box) -> Box:
    left, top, right, bottom = (float(side) for side in place)
    return Box(
        around.left + left * around.width,
        around.top + top * around.height,
        around.left + right * around.width,
        around.top + bottom * around.height,
    )
