"""How much of straight lines is seen close around a head: there one sees the picture bend."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.geometry import HeadFrame

_BESIDE_MM, _ABOVE_MM, _BELOW_MM = 170.0, 220.0, 60.0
_RING_MM = (6.0, 55.0)  # from the person
_PERSON = 40  # of 255 in the matte
_EDGES = (30, 80)
_SHORTEST_MM, _INTERRUPTED_MM, _VOTES = 30.0, 3.0, 20


def straight_lines_mm(luma: NDArray[np.uint8], head: HeadFrame, matte: NDArray[np.uint8]) -> float:
    """Length of all straight edges in the background that moves with the head, mm.

    luma, matte: (H, W) uint8 of the picture. The lines are found by the probabilistic Hough
    transform: Matas, Galambos and Kittler (2000), "Robust detection of lines using the progressive
    probabilistic Hough transform", CVIU 78(1).
    """
    scale = head.px_per_mm
    height, width = luma.shape
    x, y = head.origin[:2]
    left, right = (int(np.clip(x + way * _BESIDE_MM * scale, 0, width)) for way in (-1, 1))
    top = int(np.clip(y - _ABOVE_MM * scale, 0, height))
    bottom = int(np.clip(y + _BELOW_MM * scale, 0, height))
    per_mm = min(1.0, scale)
    size = round((right - left) * per_mm / scale), round((bottom - top) * per_mm / scale)
    if min(size) < 2:
        return 0.0
    picture, person = (
        cv2.resize(image[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
        for image in (luma, matte)
    )
    empty = np.asarray(person < _PERSON, np.uint8)
    away_mm = cv2.distanceTransform(empty, cv2.DIST_L2, 3) / per_mm
    edges = cv2.Canny(cv2.GaussianBlur(picture, (0, 0), 1.0), *_EDGES)
    edges[(away_mm < _RING_MM[0]) | (away_mm > _RING_MM[1])] = 0
    found = cv2.HoughLinesP(
        edges, 1, np.pi / 180, _VOTES,
        minLineLength=_SHORTEST_MM * per_mm, maxLineGap=_INTERRUPTED_MM * per_mm,
    )  # fmt: skip
    if found is None:
        return 0.0
    ends = np.asarray(found, np.float64).reshape(-1, 2, 2)
    return float(np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).sum() / per_mm)
