"""Another background stands behind the person, without the old one's colour at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.portrait import Box, Face, Portrait
from lipsmith.core.request import Background
from lipsmith.finishing.background import apply

PERSON, BEHIND = np.array([200.0, 120.0, 90.0]), np.array([20.0, 200.0, 40.0])


@pytest.fixture
def portrait() -> Portrait:
    """A disc of one colour before another, with a soft edge 12 px wide."""
    y, x = np.mgrid[0:120, 0:160]
    alpha = np.clip((40 - np.hypot(x - 80, y - 60)) / 12 + 0.5, 0, 1)[..., None]
    pixels = (alpha * PERSON + (1 - alpha) * BEHIND + 0.5).astype(np.uint8)
    face = Face(Box(50, 30, 110, 90), np.zeros((478, 3)), 0.0, 0.0, 0.0, 1.0)
    matte = (alpha[..., 0] * 255 + 0.5).astype(np.uint8)
    return Portrait(pixels, face, matte, "disc")


def ideal(portrait: Portrait, scene: NDArray[np.floating]) -> NDArray[np.floating]:
    alpha = portrait.matte[..., None] / 255
    return np.asarray(alpha * PERSON + (1 - alpha) * scene)


def test_keep_changes_nothing(portrait: Portrait) -> None:
    assert apply(portrait, Background()) is portrait


def test_a_colour_leaves_no_fringe(portrait: Portrait) -> None:
    blue = np.array([30, 40, 220])
    result = apply(portrait, Background("colour", (30, 40, 220)))
    error = np.abs(result.pixels - ideal(portrait, blue))
    assert error.max() < 30 and error.mean() < 1.5
    assert result.face is portrait.face and result.matte is portrait.matte


def test_an_image_fills_the_frame(portrait: Portrait) -> None:
    image = np.zeros((50, 300, 3), np.uint8)
    image[:, :, 2] = np.arange(300) * 255 // 299
    pixels = apply(portrait, Background("image"), image).pixels.astype(int)
    assert pixels[5, 150, 2] > pixels[5, 5, 2] + 40, "its middle part runs from left to right"
    assert pixels[5, 5, 2] > 80, "its sides are cut off"
    assert np.abs(pixels[60, 80] - PERSON).max() < 3


def test_a_blur_keeps_the_person_sharp_and_unmixed(portrait: Portrait) -> None:
    noisy = portrait.pixels.copy()
    noisy[::2, :20] = 255
    noisy[1::2, :20] = 0
    source = Portrait(noisy, portrait.face, portrait.matte, "disc")
    result = apply(source, Background("blur")).pixels.astype(float)
    assert np.abs(np.diff(result[:, :20], axis=0)).max() < 10
    assert np.abs(result[60, 80] - PERSON).max() < 3
    assert np.abs(result[10, 80] - BEHIND).max() < 12, "no halo of the person's colour"


def test_unknown_kinds_are_mistakes(portrait: Portrait) -> None:
    with pytest.raises(ValueError, match="sparkles"):
        apply(portrait, Background("sparkles"))
