"""How loud the speech is, compared with how loud it has been."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.timeline import (
    BLOCK_TICKS,
    MARGIN_TICKS,
    TICKS_PER_SECOND,
    Window,
)

_ATTACK = 1.0 - np.exp(-1.0 / (0.05 * TICKS_PER_SECOND))
_RELEASE = 1.0 - np.exp(-1.0 / (6.0 * TICKS_PER_SECOND))
_NOISE = 1e-4
_SILENCE = 0.03
_LONGEST_STOP_TICKS = 32


class LoudnessMeter:
    """Relative loudness, 1 at the usual peaks of this speaker. Call it block by block."""

    def __init__(self) -> None:
        self._usual = _NOISE
        self._relative = np.zeros(BLOCK_TICKS + 2 * MARGIN_TICKS)

    def measure(self, window: Window) -> NDArray[np.float64]:
        """(BLOCK_TICKS + 2 * MARGIN_TICKS,) relative loudness 0..1.3 at the block and margins."""
        # Only the newest ticks are measured; older ones keep what was said of them before.
        older = self._relative[BLOCK_TICKS:]
        newest = window.loudness[-BLOCK_TICKS:] if window.first else window.loudness
        usual = np.empty(len(newest))
        for i, loud in enumerate(newest):
            if loud > self._usual:
                self._usual += _ATTACK * (loud - self._usual)
            elif loud > 0.2 * self._usual:
                self._usual += _RELEASE * (loud - self._usual)
            usual[i] = self._usual
        relative = np.clip(newest / np.maximum(usual, _NOISE), 0.0, 1.3)
        self._relative = np.concatenate([older, relative]) if window.first else relative
        return self._relative


def opening_gain(relative: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factor on the mouth's opening: louder speech opens wider, silence not at all.

    The silence inside a p, t or k is too short to count.
    """
    nearby = relative.copy()
    for ticks in range(1, _LONGEST_STOP_TICKS // 2 + 1):
        np.maximum(nearby[ticks:], relative[:-ticks], out=nearby[ticks:])
        np.maximum(nearby[:-ticks], relative[ticks:], out=nearby[:-ticks])
    audible = np.clip(nearby / _SILENCE, 0.0, 1.0)
    return np.asarray(audible * (0.84 + 0.28 * np.minimum(relative, 1.1)))
