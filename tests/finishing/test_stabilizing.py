"""A shaky camera is steadied, its way is kept, and no border shows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.finishing.stabilizing import steadied

WIDTH, HEIGHT, FPS = 320, 192, Fraction(25)


def scene(seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    soft = cv2.GaussianBlur(rng.integers(0, 256, (400, 640, 3)).astype(np.uint8), (0, 0), 2.5)
    return np.asarray(cv2.normalize(soft, None, 40, 255, cv2.NORM_MINMAX), np.uint8)


def filmed(count: int, pan: float = 0.0, shake: float = 3.0) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(5)
    whole, pictures = scene(0), []
    for index in range(count):
        x, y = rng.normal(0, shake, 2) + np.array([80 + pan * index, 90])
        turn = cv2.getRotationMatrix2D((x + WIDTH / 2, y + HEIGHT / 2), rng.normal(0, 0.3), 1)
        turn[:, 2] -= (x, y)
        pictures.append(np.asarray(cv2.warpAffine(whole, turn, (WIDTH, HEIGHT)), np.uint8))
    return pictures


def steps(pictures: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """(n - 1, 2): by how many px the middle of each picture moved since the one before."""
    greys = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY).astype(np.float64) for each in pictures]
    window = cv2.createHanningWindow((WIDTH, HEIGHT), cv2.CV_64F)
    return np.array([cv2.phaseCorrelate(a, b, window)[0] for a, b in pairwise(greys)])


def test_shaking_goes_and_the_pan_stays() -> None:
    shaky = filmed(60, pan=1.5)
    steady = list(steadied(iter(shaky), FPS))
    assert len(steady) == 60
    before, after = steps(shaky)[8:-8], steps(steady)[8:-8]
    assert after.std() < 0.35 * before.std()
    assert abs(after[:, 0].mean() / before[:, 0].mean() / 1.11 - 1) < 0.25, "cut by 5 % a side"


def test_no_border_shows_however_hard_it_shakes() -> None:
    for picture in steadied(iter(filmed(30, shake=14.0)), FPS):
        assert picture.shape == (HEIGHT, WIDTH, 3)
        assert picture.min() > 20


def test_a_cut_is_no_motion() -> None:
    one, other = scene(1)[:HEIGHT, :WIDTH], scene(2)[:HEIGHT, :WIDTH]
    made = list(steadied(iter([one] * 6 + [other] * 6), FPS))
    for picture in made[1:6]:
        np.testing.assert_array_equal(picture, made[0])
    for picture in made[7:]:
        np.testing.assert_array_equal(picture, made[6])
    assert not np.array_equal(made[5], made[6])


def test_pictures_with_nothing_in_them_pass() -> None:
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    made = list(steadied(iter([black] * 4), FPS))
    assert len(made) == 4 and not np.any(made)
    assert list(steadied(iter([]), FPS)) == []


def test_few_pictures_are_held() -> None:
    taken = 0

    def counted() -> Iterator[NDArray[np.uint8]]:
        nonlocal taken
        for picture in filmed(60):
            taken += 1
            yield picture

    next(steadied(counted(), FPS))
    assert taken <= 16
