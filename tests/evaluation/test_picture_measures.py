from __future__ import annotations

import cv2
import numpy as np

from lipsmith.evaluation.pictures import change_outside, flicker, sharpness

RNG = np.random.default_rng(0)
NOISE = RNG.integers(40, 200, (40, 50, 3), dtype=np.uint8)
EVERYWHERE = np.ones((40, 50), bool)


def test_trembling_counts_and_steady_movement_does_not() -> None:
    brighter = [np.full((40, 50, 3), 40 + 4 * i, np.uint8) for i in range(10)]
    trembling = [np.full((40, 50, 3), 100 + 4 * (i % 2), np.uint8) for i in range(10)]
    assert flicker(brighter) == 0.0
    assert flicker(trembling) > 3.0
    assert flicker(trembling, ~EVERYWHERE | (np.arange(50) > 25)) > 3.0
    assert flicker([NOISE]) == 0.0


def test_blur_lowers_sharpness() -> None:
    blurred = cv2.GaussianBlur(NOISE, (0, 0), 1.0)
    assert sharpness(NOISE, NOISE, EVERYWHERE) == 1.0
    assert sharpness(blurred, NOISE, EVERYWHERE) < 0.5


def test_a_changed_background_is_found() -> None:
    changed = NOISE.copy()
    changed[0, 0] += 9
    background = np.zeros((40, 50), bool)
    background[:5] = True
    assert change_outside([NOISE, changed], NOISE, background) == 9
    assert change_outside([NOISE, changed], NOISE, ~background) == 0
