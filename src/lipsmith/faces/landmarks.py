"""478 points on a face: MediaPipe's attention mesh (Grishchenko et al. 2020, arXiv:2006.10962)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.faces import models
from lipsmith.faces.crops import Crop
from lipsmith.faces.detection import Detection

_MODEL, _SIDE = "face_landmarks", 192
_DETECTION_MARGIN = 1.5
_MESH_MARGIN = 1.4
_LOOKS = ((0.0, 0.0, 1.0), (-0.02, 0.015, 0.96), (0.02, -0.015, 1.04))
"""Final crops: shift in x and y as shares of the side, and zoom. Their mean is steadier."""
_HOPELESS = 0.2
_MAX_APPROACHES = 4
_MAX_TURN_RAD, _MAX_SHIFT = 0.1, 0.1
"""A crop that was off by more, the shift as a share of its side, is followed by another."""
_RIGHT_EYE_CORNER, _LEFT_EYE_CORNER = 33, 263


@dataclass(frozen=True, slots=True)
class Mesh:
    """landmarks: (478, 3) float64 px of the picture, z larger is farther.

    presence: 0..1, how sure the mesh is of looking at a face.
    """

    landmarks: NDArray[np.float64]
    presence: float


def measure(pixels: RgbImage, detection: Detection) -> Mesh:
    """Place the mesh, then several times in closer and straighter crops, and average."""
    box = detection.box
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    side = max(box.width, box.height) * _DETECTION_MARGIN
    near = Crop(x, y, side, detection.roll_rad)
    for _ in range(_MAX_APPROACHES):
        rough = measure_crop(pixels, near)
        if rough.presence < _HOPELESS:
            return rough
        before, near = near, crop_around(rough.landmarks)
        if _close(before, near):
            break
    looks = [
        measure_crop(
            pixels,
            Crop(near.x + dx * near.side, near.y + dy * near.side, near.side * zoom, near.roll_rad),
        )
        for dx, dy, zoom in _LOOKS
    ]
    mean = np.mean([look.landmarks for look in looks], axis=0)
    return Mesh(mean, min(look.presence for look in looks))


def measure_crop(pixels: RgbImage, crop: Crop, *, often: bool = False) -> Mesh:
    """Place the mesh in a given crop. often: as `models.run`."""
    points, presence = models.run(_MODEL, crop.cut(pixels, _SIDE), often=often)
    landmarks = crop.to_picture(points.astype(np.float64), _SIDE)
    return Mesh(landmarks, float(presence[0]))


def crop_around(landmarks: NDArray[np.float64]) -> Crop:
    """The upright square that the mesh sees a face best in."""
    x, y, side, roll = _upright_square(landmarks)
    return Crop(x, y, side * _MESH_MARGIN, roll)


def extent(landmarks: NDArray[np.float64]) -> float:
    """Side in px of the smallest upright square around the landmarks."""
    return _upright_square(landmarks)[2]


def _close(a: Crop, b: Crop) -> bool:
    turn = abs(float(np.angle(np.exp(1j * (a.roll_rad - b.roll_rad)))))
    shift = float(np.hypot(a.x - b.x, a.y - b.y))
    return turn < _MAX_TURN_RAD and shift < _MAX_SHIFT * b.side


def _upright_square(landmarks: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Centre, side and clockwise roll of the square around a face, along the line of its eyes."""
    across = landmarks[_LEFT_EYE_CORNER, :2] - landmarks[_RIGHT_EYE_CORNER, :2]
    roll = float(np.arctan2(across[1], across[0]))
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    upright = landmarks[:, :2] @ turn
    low, high = upright.min(0), upright.max(0)
    x, y = turn @ ((low + high) / 2)
    return float(x), float(y), float((high - low).max()), roll
