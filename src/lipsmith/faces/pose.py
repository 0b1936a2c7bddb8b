"""Which way a face looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Places that hardly move with the expression, in mm on a mean face that looks straight ahead:
# x to the viewer's right, y down, z away. Rows: a landmark at the viewer's right, its mirror image
# (itself on the middle line), then x, y and z of the first.
_RIGID_POINTS = np.array(
    [
        [263, 33, 44.6, 3.3, 21.9],
        [362, 133, 15.3, 5.9, 16.2],
        [356, 127, 70.3, 3.0, 70.9],
        [454, 234, 69.5, 17.1, 76.5],
        [323, 93, 68.0, 31.6, 78.2],
        [284, 54, 60.4, -34.2, 33.5],
        [300, 70, 57.3, -12.0, 21.8],
        [285, 55, 12.9, -8.7, 0.9],
        [327, 98, 16.7, 47.4, 6.4],
        [279, 49, 19.0, 38.0, -0.3],
        [345, 116, 63.5, 18.5, 35.3],
        [297, 67, 36.0, -48.4, 9.1],
        [168, 168, 0.0, 0.0, 0.0],
        [6, 6, 0.0, 8.5, -3.7],
        [197, 197, 0.0, 16.0, -8.1],
        [195, 195, 0.0, 22.8, -12.9],
        [5, 5, 0.0, 30.0, -17.8],
        [4, 4, 0.0, 38.5, -19.7],
        [1, 1, 0.0, 44.7, -17.3],
        [2, 2, 0.0, 50.2, -1.3],
        [10, 10, 0.0, -51.6, 1.0],
        [151, 151, 0.0, -34.5, -1.8],
        [9, 9, 0.0, -16.6, -2.9],
        [8, 8, 0.0, -7.8, -0.9],
    ]
)
_RIGHT, _LEFT = (_RIGID_POINTS[:, column].astype(int) for column in (0, 1))
_INDICES = np.concatenate([_RIGHT, _LEFT])
_MEAN_FACE = np.concatenate([_RIGID_POINTS[:, 2:], _RIGID_POINTS[:, 2:] * (-1, 1, 1)])


def rotation(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3, 3) whose columns are the head's x, y and z axes in the picture, from (478, 3) px.

    The best rotation from a mean face to the landmarks (Umeyama 1991, IEEE TPAMI 13(4), eq. 40).
    """
    measured = landmarks[_INDICES] - landmarks[_INDICES].mean(0)
    reference = _MEAN_FACE - _MEAN_FACE.mean(0)
    left, _, right = np.linalg.svd(measured.T @ reference)
    handed = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    return np.asarray(left @ handed @ right)


def angles_deg(axes: NDArray[np.float64]) -> tuple[float, float, float]:
    """Yaw, pitch and roll of a head from its axes.

    Positive turns to the viewer's right, down, clockwise.
    """
    forward = -axes[:, 2]
    yaw = np.arctan2(forward[0], -forward[2])
    pitch = np.arcsin(np.clip(forward[1], -1, 1))
    roll = np.arctan2(axes[1, 0], axes[0, 0])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))
