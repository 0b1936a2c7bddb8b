"""Pictures of any size go through a network of one size, and no seam is to be seen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.finishing.tiles import TiledNetwork, TileShape

SHAPE = TileShape(side=96, margin=4, factor=2)


def doubled_blur(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Looks 4 px far and, as convolutions do, takes what is outside for zeros."""
    blurred = [
        [cv2.blur(plane, (9, 9), borderType=cv2.BORDER_CONSTANT) for plane in picture]
        for picture in pictures
    ]
    return np.asarray(blurred, np.float32).repeat(2, axis=2).repeat(2, axis=3)


def picture(height: int, width: int) -> NDArray[np.float32]:
    return np.random.default_rng(height).random((3, height, width), dtype=np.float32)


@pytest.mark.parametrize(("height", "width"), [(96, 96), (96, 98), (120, 300), (258, 514)])
def test_tiles_make_what_the_whole_picture_would(height: int, width: int) -> None:
    tiled = TiledNetwork(doubled_blur, SHAPE, height, width, batch=3)
    whole = picture(height, width)
    np.testing.assert_allclose(tiled(whole), doubled_blur(whole[None])[0], atol=5e-4)


@pytest.mark.parametrize(("height", "width"), [(40, 64), (96, 66), (194, 50)])
def test_pictures_smaller_than_a_tile_are_continued(height: int, width: int) -> None:
    made = TiledNetwork(doubled_blur, SHAPE, height, width, batch=1)(picture(height, width))
    assert made.shape == (3, 2 * height, 2 * width)
    expected = doubled_blur(picture(height, width)[None])[0]
    inner = np.s_[:, : 2 * height - 8, : 2 * width - 8]
    np.testing.assert_allclose(made[inner], expected[inner], atol=5e-4)


def test_what_no_network_agrees_on_fades_instead_of_jumping() -> None:
    levels = iter(np.linspace(0, 1, 6))

    def flat(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.full((len(pictures), 3, 192, 192), next(levels), np.float32)

    made = TiledNetwork(flat, SHAPE, 96, 500, batch=1)(picture(96, 500))
    assert np.abs(np.diff(made[0, 0])).max() < 0.05


def test_only_what_changed_is_computed_again() -> None:
    tiled = TiledNetwork(doubled_blur, SHAPE, 200, 400, batch=2)
    first = picture(200, 400)
    before = tiled(first)
    assert tiled.computed == tiled.count
    np.testing.assert_array_equal(tiled(first), before)
    assert tiled.computed == tiled.count
    second = first.copy()
    second[:, 5:20, 5:20] = 0
    np.testing.assert_allclose(tiled(second), doubled_blur(second[None])[0], atol=5e-4)
    assert tiled.computed == tiled.count + 1
