"""A guess at phones from loudness and hiss alone, for when nothing better is to be had."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.sphinx import TimedName
from lipsmith.media.voice_activity import FRAME, levels_db

_SMOOTHING_FRAMES, _SYLLABLE_FRAMES = 5, 21
_DIP_DB = 3.0
_LOUD_DB, _MEDIUM_DB = 4.0, 12.0
"""Below the loudest: an open vowel, a middle one, a narrow one."""

_HISS_CROSSINGS = 0.3
"""Of the samples; above it the sound is a sibilant."""


def energy_phones(samples: NDArray[np.float32], speech: NDArray[np.bool_]) -> list[TimedName]:
    """A vowel at each peak of loudness, a consonant at each dip, nothing where nobody speaks.

    samples: (n,) at 16 kHz. speech: from `speech_frames`.
    """
    levels = _smooth(levels_db(samples), _SMOOTHING_FRAMES)
    loudest = float(np.percentile(levels[speech], 95)) if speech.any() else 0.0
    around = _smooth(levels, _SYLLABLE_FRAMES)
    names = np.full(len(speech), "", dtype="U2")
    names[speech & (levels > loudest - _LOUD_DB)] = "AA"
    names[speech & (levels <= loudest - _LOUD_DB)] = "EH"
    names[speech & (levels <= loudest - _MEDIUM_DB)] = "IH"
    names[speech & (levels < around - _DIP_DB)] = "D"
    names[speech & (_crossings(samples, len(speech)) > _HISS_CROSSINGS)] = "S"
    edges = np.flatnonzero(names[1:] != names[:-1]) + 1
    bounds = [0, *(int(edge) for edge in edges), len(names)]
    return [
        TimedName(str(names[start]), start, end) for start, end in pairwise(bounds) if end > start
    ]


def _smooth(levels: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    """The mean over an odd number of frames around each."""
    padded = np.pad(levels, frames // 2, mode="edge")
    return np.convolve(padded, np.ones(frames) / frames, "valid")


def _crossings(samples: NDArray[np.float32], count: int) -> NDArray[np.float64]:
    """(count,) share of sign changes in each 10 ms."""
    changes = np.zeros(count * FRAME)
    changes[1 : len(samples)] = np.signbit(samples[1:]) != np.signbit(samples[:-1])
    return np.asarray(changes.reshape(count, FRAME).mean(axis=1))
