"""Who moves the mouth with the sound is the one who is heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.faces.speaking import agreement, loudness, mouth_opening, who_speaks

FPS, SECONDS, RATE_HZ = 25.0, 12, 16000


def syllables(seed: int) -> NDArray[np.float64]:
    """(SECONDS * FPS,), 0..1: a mouth that opens four times a second, with pauses."""
    chance = np.random.default_rng(seed)
    opening = np.zeros(int(SECONDS * FPS))
    at = 0
    while at < len(opening) - 8:
        length = int(chance.integers(4, 9))
        if chance.random() > 0.25:
            opening[at : at + length] = chance.uniform(0.4, 1) * np.hanning(length)
        at += length
    return opening


def sound_of(opening: NDArray[np.float64]) -> NDArray[np.float32]:
    gain = np.repeat(opening, round(RATE_HZ / FPS))
    return (gain * np.random.default_rng(0).normal(0, 0.2, len(gain))).astype(np.float32)


def test_the_mouth_that_moves_with_the_sound_wins() -> None:
    speaker, other = syllables(1), syllables(2)
    level = loudness(sound_of(speaker), RATE_HZ, FPS, len(speaker))
    heard = np.roll(speaker, -2) * 0.08 + np.random.default_rng(1).normal(0, 0.004, len(speaker))
    seen_late = heard.copy()
    seen_late[:50] = np.nan
    scores = np.array([agreement(each, level, FPS) for each in (other * 0.08, seen_late)])
    assert scores[1] > 0.5 > 0.3 > scores[0]
    assert who_speaks(scores) == 1


def test_nobody_is_named_in_doubt() -> None:
    level = loudness(sound_of(syllables(1)), RATE_HZ, FPS, int(SECONDS * FPS))
    still = np.full(len(level), 0.02) + np.random.default_rng(1).normal(0, 0.002, len(level))
    unseen = np.full(len(level), np.nan)
    voice_over = syllables(5) * 0.08
    scores = np.array([agreement(each, level, FPS) for each in (still, unseen, voice_over)])
    assert who_speaks(scores) is None
    assert agreement(syllables(1) * 0.08, np.zeros(len(level)), FPS) == 0.0


def test_an_opening_does_not_depend_on_the_size() -> None:
    points = np.zeros((478, 3))
    points[152, 1], points[[14, 87, 317], 1] = 100, 12
    assert mouth_opening(points) == mouth_opening(points * 3) == 0.12
