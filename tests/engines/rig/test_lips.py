"""Where the line between the lips is."""

from __future__ import annotations

import numpy as np

from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.geometry import LOWER_INNER, UPPER_INNER, HeadFrame
from lipsmith.engines.rig.lips import find_lips
from lipsmith.media.colour import rgb_to_nv12


def test_open_lips_have_two_edges_outside_the_landmarks(portrait: Portrait) -> None:
    head = HeadFrame.of(portrait.face.landmarks)
    lips = find_lips(rgb_to_nv12(portrait.pixels).luma, portrait.face.landmarks, head)
    assert lips.is_open
    middle = len(lips.upper) // 2
    assert lips.upper[middle, 1] < portrait.face.landmarks[13, 1]
    assert lips.lower[middle, 1] > portrait.face.landmarks[14, 1]


def test_closed_line_falls_into_the_dark_valley(closed_portrait: Portrait) -> None:
    landmarks = closed_portrait.face.landmarks
    head = HeadFrame.of(landmarks)
    inner = landmarks[list(UPPER_INNER), :2]
    assert np.array_equal(inner, landmarks[list(LOWER_INNER), :2])
    luma = np.full(closed_portrait.matte.shape, 180, np.uint8)
    row = round(float(inner[5, 1])) + 1
    luma[row, :] = 40
    lips = find_lips(luma, landmarks, head)
    assert not lips.is_open
    middle = lips.upper[20:41]
    assert np.abs(middle[:, 1] - row).mean() < 0.6


def test_lips_outside_of_the_picture_are_where_the_landmarks_are(closed_portrait: Portrait) -> None:
    landmarks = closed_portrait.face.landmarks + np.array([-400.0, 0.0, 0.0])
    head = HeadFrame.of(landmarks)
    lips = find_lips(rgb_to_nv12(closed_portrait.pixels).luma, landmarks, head)
    assert not lips.is_open
    assert np.allclose(lips.upper.mean(0), landmarks[list(UPPER_INNER), :2].mean(0), atol=4.0)
