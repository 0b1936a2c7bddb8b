"""Whether the mouth moves when the sound does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.geometry import LOWER_INNER, UPPER_INNER, HeadFrame

Array = NDArray[np.float64]

_STEP_S = 0.005
_WIDEST_S = 0.4
_SMOOTH_S = 0.03


@dataclass(frozen=True, slots=True)
class Sync:
    """offset_ms: positive when the sound is ahead of the picture. correlation: -1..1, at it."""

    offset_ms: float
    correlation: float


def landmark_opening_mm(landmarks: NDArray[np.float64]) -> float:
    """The gap between the lips of (478, 3) landmarks in pixels, as in `Face`."""
    upper = landmarks[list(UPPER_INNER[4:7])].mean(0)
    lower = landmarks[list(LOWER_INNER[4:7])].mean(0)
    return float(np.linalg.norm(lower - upper) / HeadFrame.of(landmarks).px_per_mm)


def sync_with_sound(
    opening_mm: Array, fps: float, samples: NDArray[np.float32], rate_hz: int
) -> Sync:
    """Compare the lips' opening in each frame, (frames,), with the loudness of (n, channels) sound.

    Mouths open a little before they are heard, so well-made speech measures -80..0 ms.
    """
    level = np.abs(samples.astype(np.float64)).mean(1)
    edges = (np.arange(int(len(level) / rate_hz / _STEP_S) + 1) * _STEP_S * rate_hz).astype(int)
    loudness = np.sqrt(np.add.reduceat(level, edges[:-1]) / np.diff(edges))
    return _best_shift(_resampled(opening_mm, fps, len(loudness)), loudness)


def sync_with_track(opening_mm: Array, meant_mm: Array, fps: float) -> Sync:
    """Compare the opening seen in each frame with the opening that the track asked for."""
    count = int(len(opening_mm) / fps / _STEP_S)
    return _best_shift(_resampled(opening_mm, fps, count), _resampled(meant_mm, fps, count))


def _resampled(per_frame: Array, fps: float, count: int) -> Array:
    at = np.arange(count) * _STEP_S
    return np.asarray(np.interp(at, np.arange(len(per_frame)) / fps, per_frame))


def _best_shift(picture: Array, sound: Array) -> Sync:
    width = round(_SMOOTH_S / _STEP_S)
    kernel = np.hanning(2 * width + 1) / width
    picture, sound = (np.convolve(a, kernel, "same") for a in (picture, sound))
    reach = round(_WIDEST_S / _STEP_S)
    if len(picture) <= 4 * reach:
        raise ValueError("too short to compare: give at least two seconds")
    lags = np.arange(-reach, reach + 1)
    inner = sound[reach:-reach]
    scores = np.array(
        [_correlation(picture[reach + lag : len(picture) - reach + lag], inner) for lag in lags]
    )
    best = int(scores.argmax())
    shift = float(lags[best])
    if 0 < best < len(lags) - 1:
        before, peak, after = scores[best - 1 : best + 2]
        curve = before - 2.0 * peak + after
        shift += 0.5 * (before - after) / curve if curve < 0 else 0.0
    return Sync(shift * _STEP_S * 1000.0, float(scores[best]))


def _correlation(a: Array, b: Array) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0
