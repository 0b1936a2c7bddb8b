"""How a face moves from one picture to the next, told by its pixels."""

from __future__ import annotations

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


class FaceFlow:
    """Compares each picture with the one before it, in a small part around the face.

    Points are followed by Lucas and Kanade's method in pyramids (Bouguet 2001), and what most of
    them agree on is the motion.
    """

    def __init__(self) -> None:
        self._before: tuple[NDArray[np.uint8], float, NDArray[np.float64]] | None = None

    def forget(self) -> None:
        """The next picture is not compared with the one before it."""
        self._before = None

    def motion(self, pixels: RgbImage, points: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """(2, 3): where a point of the face in the picture before is in this one, px.

        points: (478, 3), the landmarks in this picture, which need not be exact. None where it
        cannot be told.
        """
        eyes = float(np.hypot(*(points[_EYES[1], :2] - points[_EYES[0], :2])))
        scale = min(1.0, _WORKING_EYES_PX / max(eyes, 1.0))
        before = self._before
        if before is not None and 0.8 < scale / before[1] < 1.25:
            scale = before[1]  # sizes that follow each other closely can be compared
        else:
            before = None
        part, corner = _part(pixels, points, scale)
        self._before = part, scale, np.append(corner, points[_POINTS, :2].ravel())
        if before is None:
            return None
        old_part, _, known = before
        old_corner, old_points = known[:2], known[2:].reshape(-1, 2)
        start = ((old_points - old_corner) * scale).astype(np.float32)
        guess = ((points[_POINTS, :2] - corner) * scale).astype(np.float32)
        flags = cv2.OPTFLOW_USE_INITIAL_FLOW
        old_part, part = _same_size(old_part, part)
        found, status, _ = cv2.calcOpticalFlowPyrLK(
            old_part, part, start[:, None], guess[:, None].copy(),
            winSize=_WINDOW, maxLevel=_LEVELS, flags=flags,
        )  # fmt: skip
        good = status[:, 0] > 0
        if good.sum() < _MIN_INLIERS:
            return None
        a = start[good] / scale + old_corner
        b = found[good, 0] / scale + corner
        fitted, inliers = cv2.estimateAffinePartial2D(
            a, b, method=cv2.RANSAC, ransacReprojThreshold=_INLIER_PX / scale
        )
        if fitted is None or inliers.sum() < max(_MIN_INLIERS, 0.4 * len(a)):
            return None
        off = np.hypot(*(fitted @ np.append(a.mean(0), 1) - a.mean(0)))
        return None if off > _MAX_SHIFT * eyes else np.asarray(fitted, np.float64)


def _part(
    pixels: RgbImage, points: NDArray[np.float64], scale: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The face in grey at a scale, and where its corner is in the picture."""
    height, width = pixels.shape[:2]
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    margin = _MARGIN * (high - low)
    left, top = np.clip(np.floor(low - margin), 0, (width - 8, height - 8)).astype(int)
    right, bottom = np.clip(np.ceil(high + margin), (left + 8, top + 8), (width, height)).astype(
        int
    )
    grey = np.asarray(cv2.cvtColor(pixels[top:bottom, left:right], cv2.COLOR_RGB2GRAY), np.uint8)
    if scale >= 1:
        return grey, np.array([left, top], float)
    # Whole px on the picture's own grid, so that the same scale means the same places.
    size = max(8, int((right - left) * scale)), max(8, int((bottom - top) * scale))
    matrix = np.array([[1 / scale, 0, 0.5 / scale - 0.5], [0, 1 / scale, 0.5 / scale - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    soft = cv2.GaussianBlur(grey, (0, 0), 0.45 / scale)
    small = cv2.warpAffine(soft, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(small, np.uint8), np.array([left, top], float)


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
