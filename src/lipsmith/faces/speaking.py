"""Which of several people is heard, by how their mouths move with the sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

_INNER_LIPS = ((13, 14), (82, 87), (312, 317))
_MIDDLE, _CHIN = 168, 152
_LAG_S = 0.16
"""Lips open before they are heard, and sound tracks are not always in sync."""
_SLOW_S, _FAST_S = 1.2, 0.05
_SEEN = 0.5
_SURE, _AHEAD = 0.25, 0.1
_TALKING = 0.012
"""How much the opening of a talking mouth changes; one that moves less is rather not talking."""
_LOUD_DB = 45.0
"""How far below the loudest sound counts."""


def mouth_opening(landmarks: NDArray[np.float64]) -> float:
    """Between the lips, as a share of the face's height, from (478, 3) px."""
    heights = [np.linalg.norm(landmarks[a] - landmarks[b]) for a, b in _INNER_LIPS]
    size = np.linalg.norm(landmarks[_MIDDLE] - landmarks[_CHIN])
    return float(np.mean(heights) / max(size, 1e-6))


def loudness(
    samples: NDArray[np.float32], rate_hz: int, fps: float, frames: int
) -> NDArray[np.float64]:
    """(frames,): the level of each frame's sound, 0 silent .. 1 the loudest; samples: (n,)."""
    edges = np.minimum(np.round(np.arange(frames + 1) * rate_hz / fps).astype(int), len(samples))
    squares = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    power = np.diff(squares[edges]) / np.maximum(np.diff(edges), 1)
    level = 10 * np.log10(np.maximum(power, 1e-12))
    return np.asarray(np.clip((level - level.max()) / _LOUD_DB + 1, 0, 1))


def agreement(openings: NDArray[np.float64], level: NDArray[np.float64], fps: float) -> float:
    """How well a mouth moves with the sound: about 0 by chance, up to 1.

    openings: (n,) from `mouth_opening`, nan where the face is not to be seen. level: (n,).
    """
    seen = np.isfinite(openings)
    if seen.mean() < _SEEN or level.std() < 1e-3:
        return 0.0
    filled = np.interp(np.arange(len(openings)), np.flatnonzero(seen), openings[seen])
    mouth = _band(filled, fps)
    sound = _band(level, fps)
    lags = range(-round(_LAG_S * fps), round(_LAG_S * fps) + 1)
    most = max(_correlation(mouth, np.roll(sound, lag), seen) for lag in lags)
    return most * min(1.0, float(mouth[seen].std()) / _TALKING)


def who_speaks(scores: NDArray[np.float64]) -> int | None:
    """The person with the best agreement, where it is clear; scores: (people,)."""
    ranked = sorted(scores.tolist(), reverse=True)
    clear = ranked[0] > _SURE and (len(ranked) == 1 or ranked[0] - ranked[1] > _AHEAD)
    return int(scores.argmax()) if clear else None


def _band(values: NDArray[np.float64], fps: float) -> NDArray[np.float64]:
    """What changes as fast as syllables do."""
    smooth = gaussian_filter1d(values, max(0.3, _FAST_S * fps))
    return np.asarray(smooth - uniform_filter1d(smooth, max(3, round(_SLOW_S * fps))))


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64], where: NDArray[np.bool_]) -> float:
    a, b = a[where] - a[where].mean(), b[where] - b[where].mean()
    return float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9)
