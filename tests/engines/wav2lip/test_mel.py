"""The sound is heard as published, in one piece or in many."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import published
import pytest
from numpy.typing import NDArray

from lipsmith.engines.wav2lip.mel import MelStream, mel_spectrogram, mel_windows


@pytest.mark.parametrize("count", [801, 4000, 9137])
def test_equals_the_published_recipe(count: int, hum: Callable[..., NDArray[Any]]) -> None:
    rng = np.random.default_rng(count)
    sound = hum(1)[:count, 0] + rng.normal(0, 0.003, count).astype(np.float32)
    expected = published.mel_spectrogram(sound).T
    made = mel_spectrogram(sound)
    assert made.shape == (1 + count // 200, 80)
    assert np.ptp(expected) > 2
    np.testing.assert_allclose(made, expected, atol=1e-4)


def test_silence_is_the_lowest_level_and_full_scale_stays_in_range() -> None:
    assert (mel_spectrogram(np.zeros(2000, np.float32)) == -4).all()
    loud = np.sign(np.sin(np.arange(4000) * 0.2)).astype(np.float32)
    assert mel_spectrogram(loud).max() <= 4


@pytest.mark.parametrize("piece", [1, 160, 801, 5000])
def test_pieces_give_the_same_as_the_whole(piece: int) -> None:
    count = 2500 if piece == 1 else 16_037
    sound = np.random.default_rng(0).normal(0, 0.1, count).astype(np.float32)
    stream = MelStream()
    parts = [stream.push(sound[at : at + piece]) for at in range(0, len(sound), piece)]
    assert sum(map(len, parts)) >= len(sound) // 200 - 3  # little is held back
    np.testing.assert_array_equal(np.concatenate([*parts, stream.finish()]), mel_spectrogram(sound))


@pytest.mark.parametrize("count", [0, 1, 2, 300, 800])
def test_sounds_shorter_than_a_window(count: int) -> None:
    made = mel_spectrogram(np.full(count, 0.5, np.float32))
    assert made.shape == ((1 + count // 200 if count else 0), 80)
    assert np.isfinite(made).all()


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(12), Fraction(60)])
def test_windows_begin_where_the_published_code_takes_them(fps: Fraction) -> None:
    columns = np.arange(200, dtype=np.float32)[:, None].repeat(80, 1)
    pieces = iter(np.split(columns, [3, 40, 41, 150]))
    windows = list(islice(mel_windows(pieces, fps), 80))
    for index, window in enumerate(windows):
        start = min(int(index * 80 / float(fps)), 200 - 16)
        assert window.shape == (80, 16)
        np.testing.assert_array_equal(window[0], np.arange(start, start + 16))


def test_a_sound_of_a_few_columns_is_followed_by_silence() -> None:
    windows = mel_windows(iter([np.ones((3, 80), np.float32)]), Fraction(25))
    first = next(windows)
    assert (first[:, :3] == 1).all() and (first[:, 3:] == -4).all()
