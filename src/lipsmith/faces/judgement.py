"""Which faces can be animated, and what to warn of."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Face
from lipsmith.faces.crops import Crop

_MIN_WIDTH_PX = 24
_SMALL_PX = 100
_MAX_YAW_DEG, _STRONG_YAW_DEG = 55.0, 28.0
_MAX_PITCH_DEG, _STRONG_PITCH_DEG = 50.0, 30.0
_SIDEWAYS_DEG = 60.0
_MAX_OUTSIDE = 0.3
_SHUT_EYE = 0.13
"""Height of the eye opening over its width."""
_MOUTH = [61, 291, 0, 17]
_BLUR_SIDE_PX = 128
_MIN_SHARPNESS = 0.025


@dataclass(frozen=True, slots=True)
class Refusal:
    """code: "too-small", "turned-away", "cut-off" or "mouth-cut-off". reason: for people, as in
    "the face cannot be animated: ..."."""

    code: str
    reason: str


def refusal(face: Face, width: int, height: int, *, margin: float = 0.0) -> Refusal | None:
    """Why a face in a picture of width x height px cannot be animated; None when it can.

    margin: share by which the limits of size and turn are tighter.
    """
    if face.box.width < _MIN_WIDTH_PX * (1 + margin):
        return Refusal("too-small", f"it is only {face.box.width:.0f} pixels wide")
    if abs(face.yaw_deg) > _MAX_YAW_DEG * (1 - margin):
        return Refusal("turned-away", "it is seen from the side")
    if abs(face.pitch_deg) > _MAX_PITCH_DEG * (1 - margin):
        way = "above" if face.pitch_deg > 0 else "below"
        return Refusal("turned-away", f"it is seen from too far {way}")
    if _outside(face.landmarks, width, height) > _MAX_OUTSIDE:
        return Refusal("cut-off", "too much of it lies outside the picture")
    if _outside(face.landmarks[_MOUTH], width, height) > 0:
        return Refusal("mouth-cut-off", "its mouth lies outside the picture")
    return None


def warnings(face: Face, pixels: RgbImage) -> tuple[str, ...]:
    """What may look wrong when the face is animated."""
    height, width = pixels.shape[:2]
    found = []
    small = max(face.box.width, face.box.height) < _SMALL_PX
    if small:
        found.append(
            f"the face is small ({face.box.width:.0f}x{face.box.height:.0f} pixels); "
            "a larger one looks better"
        )
    if abs(face.yaw_deg) > _STRONG_YAW_DEG:
        found.append(f"the face is turned far to the side ({abs(face.yaw_deg):.0f} degrees)")
    if abs(face.pitch_deg) > _STRONG_PITCH_DEG:
        way = "down" if face.pitch_deg > 0 else "up"
        found.append(f"the face looks far {way} ({abs(face.pitch_deg):.0f} degrees)")
    if abs(face.roll_deg) > _SIDEWAYS_DEG:
        found.append("the face lies on its side; turn the picture upright for a better result")
    if _outside(face.landmarks, width, height) > 0:
        found.append("part of the face lies outside the picture")
    if _shut_eyes(face.landmarks):
        found.append("the eyes are shut, so they stay shut")
    if not small and _sharpness(face, pixels) < _MIN_SHARPNESS:
        found.append("the face is blurred")
    return tuple(found)


def _outside(landmarks: NDArray[np.float64], width: int, height: int) -> float:
    """Share of the landmarks beyond the picture's edges, 0..1."""
    x, y = landmarks[:, 0], landmarks[:, 1]
    return float(np.mean((x < 0) | (y < 0) | (x > width) | (y > height)))


def _shut_eyes(landmarks: NDArray[np.float64]) -> bool:
    openings = []
    for upper, lower, outer, inner in ((159, 145, 33, 133), (386, 374, 263, 362)):
        height = np.linalg.norm(landmarks[upper] - landmarks[lower])
        openings.append(height / np.linalg.norm(landmarks[outer] - landmarks[inner]))
    return bool(max(openings) < _SHUT_EYE)


def _sharpness(face: Face, pixels: RgbImage) -> float:
    """Finest details of the face at `_BLUR_SIDE_PX`, as a share of its contrast."""
    x, y = (face.box.left + face.box.right) / 2, (face.box.top + face.box.bottom) / 2
    crop = Crop(x, y, max(face.box.width, face.box.height), float(np.radians(face.roll_deg)))
    grey = cv2.cvtColor(crop.cut(pixels, _BLUR_SIDE_PX), cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 1.0)
    return float(fine.std() / (grey.std() + 1.0))
