"""Angles of a head, and what is refused for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.image import Picture
from lipsmith.core.portrait import Face
from lipsmith.faces import find_faces, judgement, pose


@pytest.fixture
def face(portrait_pixels: NDArray[np.uint8]) -> Face:
    return find_faces(Picture(portrait_pixels, "photo.png"))[0]


def rotated(face: Face, axis: int, degrees: float) -> NDArray[np.float64]:
    """Turn the landmarks about the picture's x, y or z axis (right, down, away)."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = cos
    matrix[first, second], matrix[second, first] = -sin, sin
    middle = face.landmarks.mean(0)
    return np.asarray((face.landmarks - middle) @ matrix.T + middle)


@pytest.mark.parametrize(("axis", "which", "sign"), [(1, 0, -1), (0, 1, 1), (2, 2, 1)])
@pytest.mark.parametrize("degrees", [-35, 20])
def test_angles_follow_the_head(
    face: Face, axis: int, which: int, sign: int, degrees: float
) -> None:
    before = pose.angles_deg(pose.rotation(face.landmarks))
    after = pose.angles_deg(pose.rotation(rotated(face, axis, degrees)))
    assert after[which] - before[which] == pytest.approx(sign * degrees, abs=3)


def test_profiles_are_refused(face: Face) -> None:
    assert judgement.refusal(face, 512, 512) is None
    assert "side" in str(judgement.refusal(replace(face, yaw_deg=-75.0), 512, 512))
    assert "above" in str(judgement.refusal(replace(face, pitch_deg=60.0), 512, 512))


def test_a_turned_face_is_warned_of(face: Face, portrait_pixels: NDArray[np.uint8]) -> None:
    warnings = judgement.warnings(replace(face, yaw_deg=40.0), portrait_pixels)
    assert any("40 degrees" in warning for warning in warnings)


def test_shut_eyes_are_warned_of(face: Face, portrait_pixels: NDArray[np.uint8]) -> None:
    landmarks = face.landmarks.copy()
    for upper, lower in ((159, 145), (386, 374)):
        landmarks[upper] = landmarks[lower]
    warnings = judgement.warnings(replace(face, landmarks=landmarks), portrait_pixels)
    assert any("eyes" in warning for warning in warnings)
