"""Where faces are: two BlazeFace detectors (Bazarevsky et al. 2019, arXiv:1907.05047)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box
from lipsmith.faces import models
from lipsmith.faces.crops import Crop

_SHORT_RANGE, _SHORT_SIDE = "face_detection_short_range", 128
_FULL_RANGE, FAR_SIDE = "face_detection_full_range", 192
"""Input side in px at which the full-range detector sees faces of all sizes."""
_CHUNK, _CHUNK_OVERLAP, _CELL = 576, 72, 32
_SAME_FACE_OVERLAP = 0.3


@dataclass(frozen=True, slots=True)
class Detection:
    """A face that a detector saw.

    box: forehead to chin, in px. keypoints: (6, 2) px: the eyes (the viewer's left one first), the
    tip of the nose, the mouth, the ears. score: 0..1.
    """

    box: Box
    keypoints: NDArray[np.float64]
    score: float

    @property
    def roll_rad(self) -> float:
        """How far the line through the eyes is turned clockwise."""
        across = self.keypoints[1] - self.keypoints[0]
        return float(np.arctan2(across[1], across[0]))

    def scaled(self, factor: float) -> Detection:
        """The same face in a picture that is `factor` times as large."""
        b = self.box
        box = Box(b.left * factor, b.top * factor, b.right * factor, b.bottom * factor)
        return Detection(box, self.keypoints * factor, self.score)


def detect(pixels: RgbImage, crop: Crop, *, min_score: float = 0.5) -> list[Detection]:
    """Find faces in a square look at the picture, best first, in the picture's px.

    Faces between a tenth of the square and all of it are seen.
    """
    near = crop.cut(pixels, _SHORT_SIDE, cv2.BORDER_CONSTANT)
    found = _run(_SHORT_RANGE, near, _SHORT_ANCHORS, crop, min_score)
    return merge([*_detect_far(pixels, crop, FAR_SIDE, min_score), *found])


def detect_small(pixels: RgbImage, *, min_score: float = 0.5) -> list[Detection]:
    """Find faces about 20 to 60 px wide, best first."""
    height, width = pixels.shape[:2]
    side = min(_CHUNK, -(-max(height, width) // _CELL) * _CELL)
    found: list[Detection] = []
    for y in _centres(height, side):
        for x in _centres(width, side):
            found.extend(_detect_far(pixels, Crop(x, y, side), side, min_score))
    return merge(found)


def merge(detections: Iterable[Detection]) -> list[Detection]:
    """Join detections of one face into their mean weighted by score, best first."""
    remaining = sorted(detections, key=lambda d: -d.score)
    merged = []
    while remaining:
        best = remaining[0]
        same = [d for d in remaining if overlap(d.box, best.box) > _SAME_FACE_OVERLAP]
        merged.append(_mean(same))
        remaining = [d for d in remaining[1:] if all(d is not s for s in same)]
    return merged


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0..1."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a.area + b.area - width * height)


def _mean(same: list[Detection]) -> Detection:
    weights = np.array([d.score for d in same])
    weights /= weights.sum()
    boxes = np.array([[d.box.left, d.box.top, d.box.right, d.box.bottom] for d in same])
    keypoints = np.einsum("n,nij->ij", weights, np.stack([d.keypoints for d in same]))
    return Detection(Box(*(weights @ boxes).tolist()), keypoints, same[0].score)


def _detect_far(pixels: RgbImage, crop: Crop, side: int, min_score: float) -> list[Detection]:
    look = crop.cut(pixels, side, cv2.BORDER_CONSTANT)
    return _run(_FULL_RANGE, look, _full_anchors(side), crop, min_score)


def _run(
    model: str, look: RgbImage, anchors: NDArray[np.float64], crop: Crop, min_score: float
) -> list[Detection]:
    boxes, logits = models.run(model, look)
    scores = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -100, 100)))
    return [
        _decode(boxes[i], anchors[i], look.shape[0], crop, float(scores[i]))
        for i in np.flatnonzero(scores >= min_score)
    ]


def _centres(length: int, side: int) -> list[float]:
    """Middles of the fewest squares that cover a length and overlap enough."""
    if length <= side:
        return [length / 2]
    count = int(np.ceil((length - side) / (side - _CHUNK_OVERLAP))) + 1
    return [float(c) for c in np.linspace(side / 2, length - side / 2, count)]


def _decode(
    regression: NDArray[np.float32],
    anchor: NDArray[np.float64],
    side: int,
    crop: Crop,
    score: float,
) -> Detection:
    """Undo the regression: offsets from the anchor in px of the detector's input."""
    values = regression.astype(np.float64).reshape(-1, 2)
    centre, size = values[0] + anchor * side, values[1]
    points = crop.to_picture(np.concatenate([centre[None], values[2:] + anchor * side]), side)
    half = size / 2 * crop.side / side
    (x, y), keypoints = points[0], points[1:]
    box = Box(x - half[0], y - half[1], x + half[0], y + half[1])
    return Detection(box, keypoints, score)


def _anchors(side: int, layers: Iterable[tuple[int, int]]) -> NDArray[np.float64]:
    """(n, 2) anchor centres in 0..1 for layers of (stride, anchors at each place)."""
    parts = []
    for stride, each in layers:
        cells = side // stride
        y, x = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([x, y], -1).reshape(-1, 2) + 0.5) / cells
        parts.append(np.repeat(centres, each, axis=0))
    return np.concatenate(parts)


@cache
def _full_anchors(side: int) -> NDArray[np.float64]:
    return _anchors(side, ((4, 1),))


# SSD options of face_detection_short_range.pbtxt and face_detection_full_range.pbtxt in MediaPipe.
_SHORT_ANCHORS = _anchors(_SHORT_SIDE, ((8, 2), (16, 6)))
