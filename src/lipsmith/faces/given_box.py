"""The face in a box that somebody drew, also where no detector sees it by itself."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box
from lipsmith.faces import landmarks, search
from lipsmith.faces.crops import Crop
from lipsmith.faces.landmarks import Mesh
from lipsmith.faces.search import Candidate

_AROUND = 0.6
"""What is looked at goes so far beyond the box on every side, in its sizes."""
_SEEN_PX, _MOST_ENLARGED = 256, 6.0
"""The box is enlarged to this side, but by no more than that."""
_PRESENT, _APPROACHES = 0.5, 3
_LOOK = 1.4


def is_in(box: Box, points: NDArray[np.float64]) -> bool:
    """Whether the middle of a face with these (478, 3) landmarks is in the box."""
    x, y = (points[:, :2].min(0) + points[:, :2].max(0)) / 2
    return bool(box.left <= x <= box.right and box.top <= y <= box.bottom)


def look_in(pixels: RgbImage, box: Box) -> Candidate | None:
    """The face in a box of the picture; None where there is none.

    The box is looked at enlarged, with what is around it. Where no detector sees a face in that,
    the landmarks are placed all the same, and kept when their network is sure of a face.
    """
    found = [each for each in _search(pixels, box) if is_in(box, each.mesh.landmarks)]
    if found:
        return max(found, key=lambda each: each.box.area)
    side = max(box.width, box.height)
    crop = Crop((box.left + box.right) / 2, (box.top + box.bottom) / 2, side * _LOOK)
    for _ in range(_APPROACHES):
        mesh = landmarks.measure_crop(pixels, crop)
        if mesh.presence < _PRESENT or not is_in(box, mesh.landmarks):
            return None
        crop = landmarks.crop_around(mesh.landmarks)
    return Candidate(mesh, mesh.presence, unsure=True)


def _search(pixels: RgbImage, box: Box) -> list[Candidate]:
    """The faces in and around the box, in px of the picture."""
    height, width = pixels.shape[:2]
    reach = _AROUND * max(box.width, box.height)
    left, top = max(0, int(box.left - reach)), max(0, int(box.top - reach))
    right, bottom = min(width, int(box.right + reach) + 1), min(height, int(box.bottom + reach) + 1)
    part = np.ascontiguousarray(pixels[top:bottom, left:right])
    scale = min(max(_SEEN_PX / max(box.width, box.height), 1.0), _MOST_ENLARGED)
    if scale > 1:
        part = np.asarray(
            cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8
        )
    shift = np.array([left, top, 0.0])
    return [
        Candidate(
            Mesh(each.mesh.landmarks / scale + shift, each.mesh.presence), each.score, each.unsure
        )
        for each in search.search(part).faces
    ]
