"""Log-mel spectrum of speech, freed from level and colour as it goes along."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
HOP = 160
WINDOW = 400
MELS = 40

_FFT = 512
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 7600.0
_QUIETEST = -16.0
"""Natural logarithm of the least power of a band, full scale 1."""

_RANGE = 9.0
"""Further below the loudest that was heard lately, frames do not count as speech (39 dB)."""

_LOUDEST_FADES = 0.002
"""How fast a loud passage is forgotten: 0.87 dB a second, in natural logarithm per frame."""

_USUAL_FRAMES, _LONGEST_MEMORY = 20.0, 300.0
"""Weight of a flat spectrum at the beginning, and frames of speech that are remembered."""

_SCALE = 0.4
"""Brings the spread to about 1."""


class LevelTracker:
    """Subtracts from each frame what speech has looked like so far in the same recording.

    Frames go in order; the result does not depend on how they are cut into blocks.
    """

    def __init__(self) -> None:
        self._loudest = _QUIETEST
        self._mean = np.zeros(MELS)
        self._weight = 0.0

    def level(self, mels: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, MELS) of `log_mels` -> (n, MELS), about zero on average."""
        out = np.empty_like(mels)
        loudness = mels.max(axis=1)
        for index, frame in enumerate(mels):
            self._loudest = max(self._loudest - _LOUDEST_FADES, float(loudness[index]))
            floor = max(self._loudest - _RANGE, _QUIETEST)
            if loudness[index] > floor + _RANGE / 3:
                self._weight = min(self._weight + 1, _LONGEST_MEMORY)
                self._mean += (frame - self._mean) / self._weight
            share = self._weight / (self._weight + _USUAL_FRAMES)
            usual = share * self._mean + (1 - share) * (self._loudest - _RANGE / 3)
            out[index] = np.maximum(frame, floor - _RANGE / 3) - usual
        return np.asarray(out * _SCALE, np.float32)


def log_mels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) in -1..1 at 16 kHz -> ((n - WINDOW) // HOP + 1, MELS), natural logarithm of power.

    Frame k looks at samples k * HOP up to k * HOP + WINDOW.
    """
    count = max(0, (len(samples) - WINDOW) // HOP + 1)
    if count == 0:
        return np.zeros((0, MELS), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP][:count]
    spectrum = np.fft.rfft(windows * _window(), _FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) @ _filters() / _FFT
    return np.asarray(np.log(power + np.exp(_QUIETEST)), np.float32)


@lru_cache(maxsize=1)
def _window() -> NDArray[np.float32]:
    return np.asarray(np.hanning(WINDOW + 1)[:-1], np.float32)


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float32]:
    """(257, MELS) triangles on the mel scale of O'Shaughnessy, 2595 log10(1 + f / 700)."""
    top, bottom = (2595 * np.log10(1 + hz / 700) for hz in (_HIGHEST_HZ, _LOWEST_HZ))
    edges = 700 * (10 ** (np.linspace(bottom, top, MELS + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * RATE_HZ / _FFT
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins[:, None] - low) / (middle - low)
    falling = (high - bins[:, None]) / (high - middle)
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None), np.float32)
