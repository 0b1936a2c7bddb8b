"""How a face moves from one picture to the next, told by its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage

_POINTS = [
    *(10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327),  # forehead and nose
    *(50, 280, 117, 346, 101, 330, 36, 266),  # cheeks
    *(70, 105, 107, 336, 334, 300, 108, 337, 69, 299, 104, 333),  # above the eyes
    *(33, 133, 362, 263),  # corners of the eyes
]
_EYES = (33, 263)
_WORKING_EYES_PX = 72
"""Between the outer corners of the eyes, in the pictures that are compared."""
_MARGIN = 0.35
_WINDOW, _LEVELS = (17, 17), 3
_INLIER_PX = 0.8
_MIN_INLIERS = 12
_MAX_SHIFT = 0.6
_SAME_SIZE = 0.7
"""Faces that change by less are compared at the size of before."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A picture's part around a face: every px is the mean of shrink x shrink px.

    left, top: of the part, px of the picture. points: (n, 2) px of the picture.
    """

    grey: NDArray[np.uint8]
    left: int
    top: int
    shrink: int
    points: NDArray[np.float64]

    def from_picture(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        inside = (points - (self.left, self.top) + 0.5) / self.shrink - 0.5
        return np.ascontiguousarray(inside, np.float32).reshape(-1, 1, 2)

    def to_picture(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        outside = (points[:, 0].astype(np.float64) + 0.5) * self.shrink - 0.5
        return np.asarray(outside + np.array([self.left, self.top]))


class FaceFlow:
    """Compares each picture with the one before it, in a small part around the face.

    Points are followed by Lucas and Kanade's method in pyramids (Bouguet 2001), and what most of
    them agree on is the motion.
    """

    def __init__(self) -> None:
        self._before: _Part | None = None

    def forget(self) -> None:
        """The next picture is not compared with the one before it."""
        self._before = None

    def motion(self, pixels: RgbImage, points: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """(2, 3): where a point of the face in the picture before is in this one, px.

        points: (478, 3), the landmarks in this picture, which need not be exact. None where it
        cannot be told.
        """
        eyes = float(np.hypot(*(points[_EYES[1], :2] - points[_EYES[0], :2])))
        shrink = max(1, round(eyes / _WORKING_EYES_PX))
        before = self._before
        if before is not None and shrink != before.shrink:
            if abs(eyes / _WORKING_EYES_PX - before.shrink) < _SAME_SIZE * before.shrink:
                shrink = before.shrink
            else:
                before = None
        now = self._before = _part(pixels, points, shrink)
        if before is None:
            return None
        start, guess = before.from_picture(before.points), now.from_picture(now.points)
        old, new = _same_size(before.grey, now.grey)
        found, status, _ = cv2.calcOpticalFlowPyrLK(
            old, new, start, guess,
            winSize=_WINDOW, maxLevel=_LEVELS, flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )  # fmt: skip
        good = status[:, 0] > 0
        if good.sum() < _MIN_INLIERS:
            return None
        a, b = before.points[good], now.to_picture(np.asarray(found, np.float32))[good]
        fitted, inliers = cv2.estimateAffinePartial2D(
            a, b, method=cv2.RANSAC, ransacReprojThreshold=_INLIER_PX * shrink
        )
        if fitted is None or inliers.sum() < max(_MIN_INLIERS, 0.4 * len(a)):
            return None
        off = np.hypot(*(fitted @ np.append(a.mean(0), 1) - a.mean(0)))
        return None if off > _MAX_SHIFT * eyes else np.asarray(fitted, np.float64)


def _part(pixels: RgbImage, points: NDArray[np.float64], shrink: int) -> _Part:
    height, width = pixels.shape[:2]
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    margin = _MARGIN * (high - low)
    least = 8 * shrink
    left, top = np.clip(np.floor(low - margin), 0, (width - least, height - least)).astype(int)
    ends = np.clip(np.ceil(high + margin), (left + least, top + least), (width, height))
    columns, rows = (ends.astype(int) - (left, top)) // shrink
    part = pixels[top : top + rows * shrink, left : left + columns * shrink]
    small = cv2.resize(part, (int(columns), int(rows)), interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    return _Part(grey, int(left), int(top), shrink, points[_POINTS, :2].copy())


def _same_size(
    a: NDArray[np.uint8], b: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Both padded to one size, at their right and lower edges."""
    height, width = max(a.shape[0], b.shape[0]), max(a.shape[1], b.shape[1])

    def padded(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        rows, columns = height - image.shape[0], width - image.shape[1]
        if not rows and not columns:
            return image
        border = cv2.BORDER_REPLICATE
        return np.asarray(cv2.copyMakeBorder(image, 0, rows, 0, columns, border), np.uint8)

    return padded(a), padded(b)
