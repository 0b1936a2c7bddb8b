"""Steadies the camera of a shaky video, picture by picture.

The motion of the whole picture is measured by points that are followed (Shi and Tomasi 1994; Lucas
and Kanade 1981), summed up to the camera's path, and smoothed over a window around each picture.
Each picture is then moved from the path to the smooth one, and cut on all sides by the same
margin, so that the edge of the video is never seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, pairwise, repeat

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage

MARGIN = 0.05
"""Share of each side's length that is cut off at both of its ends."""

_REACH_S = 0.6
_HELD_BYTES = 120_000_000
_MIN_REACH = 4
_FOR_ROTATION = 0.3
"""Share of the margin that turning the picture may use; the rest is for moving it."""
_LOOK_PX = 480
"""Longer side of the picture that the motion is measured in."""
_POINTS, _CELLS = 240, 6
_MIN_POINTS, _MIN_AGREEING = 12, 0.3
"""Fewer points, or a smaller share of them that move together, mean a cut or nothing to hold on."""
_TOLERANCE_PX = 1.5


@dataclass(frozen=True, slots=True)
class _Shot:
    """A picture and where the camera's path is: x, y in widths, and the turn in radians.

    run: one more after each cut, where the path begins anew.
    """

    pixels: RgbImage
    path: NDArray[np.float64]
    run: int


def steadied(pictures: Iterable[RgbImage], fps: Fraction) -> Iterator[RgbImage]:
    """Yield the pictures, all of one size, as from a steady camera, up to 0.6 s late.

    fps: of the pictures.
    """
    shots = _followed(pictures)
    first = next(shots, None)
    if first is None:
        return
    reach = _reach(first.pixels, fps)
    window: deque[_Shot | None] = deque([None] * (2 * reach + 1), 2 * reach + 1)
    for newest in chain([first], shots, repeat(None, reach)):
        window.append(newest)
        middle = window[reach]
        if middle is not None:
            yield _moved(middle.pixels, _limited(_smooth(window, reach) - middle.path, middle))


def _reach(pixels: RgbImage, fps: Fraction) -> int:
    """Pictures on each side that are smoothed over, as many as a bounded memory holds."""
    return max(_MIN_REACH, min(round(_REACH_S * fps), _HELD_BYTES // pixels.nbytes))


def _followed(pictures: Iterable[RgbImage]) -> Iterator[_Shot]:
    before: NDArray[np.uint8] | None = None
    last: _Shot | None = None
    for pixels in pictures:
        look = _look(pixels)
        motion = None if before is None else _motion(before, look)
        if last is None:
            last = _Shot(pixels, np.zeros(3), 0)
        elif motion is None:
            last = _Shot(pixels, np.zeros(3), last.run + 1)
        else:
            last = replace(last, pixels=pixels, path=last.path + motion)
        before = look
        yield last


def _look(pixels: RgbImage) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = _LOOK_PX / max(grey.shape)
    if factor < 1:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)


def _motion(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """How the picture's middle moves, in widths, and turns, in radians; None where it cannot be
    told."""
    points = _points(before)
    if len(points) < _MIN_POINTS:
        return None
    moved, there, _ = cv2.calcOpticalFlowPyrLK(before, after, points, np.empty_like(points))
    kept = there[:, 0] == 1
    if kept.sum() < _MIN_POINTS:
        return None
    matrix, agreeing = cv2.estimateAffinePartial2D(
        points[kept], moved[kept], method=cv2.RANSAC, ransacReprojThreshold=_TOLERANCE_PX
    )
    if matrix is None or agreeing.sum() < max(_MIN_POINTS, _MIN_AGREEING * len(points)):
        return None
    height, width = before.shape
    middle = np.array([width / 2, height / 2])
    shift = (matrix[:, :2] @ middle + matrix[:, 2] - middle) / width
    return np.array([*shift, np.arctan2(matrix[1, 0], matrix[0, 0])])


def _points(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 1, 2) corners from all over the picture, so that what is large and far counts most."""
    height, width = grey.shape
    found = []
    rows = np.linspace(0, height, _CELLS + 1).astype(int)
    columns = np.linspace(0, width, _CELLS + 1).astype(int)
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            corners = cv2.goodFeaturesToTrack(
                np.ascontiguousarray(grey[top:bottom, left:right]), _POINTS // _CELLS**2, 0.02, 5
            )
            if corners is not None:
                found.append(corners + np.array([left, top], np.float32))
    return np.concatenate(found) if found else np.zeros((0, 1, 2), np.float32)


def _smooth(window: deque[_Shot | None], reach: int) -> NDArray[np.float64]:
    """The path at the middle of the window, as a mean over the pictures of its run."""
    middle = window[reach]
    assert middle is not None
    total, weights = np.zeros(3), 0.0
    for away in range(-reach, reach + 1):
        shot = window[reach + away]
        # What is missing on one side must not pull to the other.
        mirror = window[reach - away]
        if shot is None or mirror is None or not shot.run == mirror.run == middle.run:
            continue
        weight = float(np.exp(-((2.2 * away / reach) ** 2) / 2))
        total += weight * shot.path
        weights += weight
    return np.asarray(total / weights, np.float64)


def _limited(move: NDArray[np.float64], shot: _Shot) -> NDArray[np.float64]:
    """The move, softly kept so small that the picture's edge stays outside."""
    height, width = shot.pixels.shape[:2]
    shift = MARGIN * (1 - _FOR_ROTATION)
    turn = MARGIN * _FOR_ROTATION * min(width, height) / (np.hypot(width, height) / 2)
    limits = np.array([shift, shift * height / width, turn])
    return np.asarray(limits * np.tanh(move / limits), np.float64)


def _moved(pixels: RgbImage, move: NDArray[np.float64]) -> RgbImage:
    height, width = pixels.shape[:2]
    zoom = 1 / (1 - 2 * MARGIN)
    cos, sin = np.cos(move[2]) * zoom, np.sin(move[2]) * zoom
    linear = np.array([[cos, -sin], [sin, cos]])
    middle = np.array([width - 1, height - 1]) / 2
    shift = middle + zoom * move[:2] * width - linear @ middle
    matrix = np.concatenate([linear, shift[:, None]], 1)
    steady = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(steady, np.uint8)
