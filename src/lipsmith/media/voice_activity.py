"""Where in a recording somebody speaks."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
FRAME = 160
"""Samples in the 10 ms that everything here is counted in."""

_WINDOW = 512
_SPEECH_PROBABILITY = 0.35
_HANGOVER_FRAMES = 8
"""Speech goes on this long before and after what the network is sure of."""

_VOICE_PROBABILITY = 0.5
_SMOOTHED, _WIDENED = 5, 7
"""Frames over which `voice` is averaged, and then taken for speech around each likely one."""

_SHORTEST_PAUSE_FRAMES = 15
_FLOOR_MARGIN_DB, _DYNAMIC_DB, _LEAST_DYNAMIC_DB = 3.0, 42.0, 20.0


class SpeechDetector(Protocol):
    """Tells the probability of speech in (512,) samples at 16 kHz; keeps state."""

    def process_samples(self, samples: list[float]) -> float: ...


def speech_frames(
    samples: NDArray[np.float32],
    detector: SpeechDetector | None,
    voice: NDArray[np.float32] | None = None,
) -> NDArray[np.bool_]:
    """(n,) samples at 16 kHz -> (ceil(n / 160),) whether somebody speaks in each 10 ms.

    Speech is where the detector hears a voice (Silero, which tells voices from noise), `voice`
    agrees, and the level is not that of the pauses (which Silero is slow to notice). Without
    either the level alone decides.

    voice: (ceil(n / 160),) probability of speech, from an ear that is quick to notice breaths and
    music in pauses.
    """
    levels = levels_db(samples)
    speech = levels > _pause_level_db(levels)
    if detector is not None:
        speech &= _voice(samples, detector, len(levels))
    if voice is not None:
        likely = np.convolve(voice, np.ones(_SMOOTHED) / _SMOOTHED, "same")[: len(levels)]
        speech &= (
            np.convolve(likely > _VOICE_PROBABILITY, np.ones(_WIDENED), "same")[: len(levels)] > 0
        )
    return _without_short_pauses(speech)


def levels_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """(ceil(n / 160),) the level of each 10 ms, dB below full scale."""
    count = -(-len(samples) // FRAME)
    padded = np.zeros(count * FRAME)
    padded[: len(samples)] = samples
    power = np.mean(padded.reshape(count, FRAME) ** 2, axis=1)
    return np.asarray(10 * np.log10(power + 1e-10))


def _pause_level_db(levels: NDArray[np.float64]) -> float:
    floor, loud = np.percentile(levels, (5, 95))
    level = max(floor + _FLOOR_MARGIN_DB, loud - _DYNAMIC_DB)
    return float(min(level, loud - _LEAST_DYNAMIC_DB))


def _voice(samples: NDArray[np.float32], detector: SpeechDetector, count: int) -> NDArray[np.bool_]:
    voice = np.zeros(count, np.bool_)
    for start in range(0, len(samples), _WINDOW):
        window = np.zeros(_WINDOW, np.float32)
        part = samples[start : start + _WINDOW]
        window[: len(part)] = part
        if detector.process_samples(window.tolist()) >= _SPEECH_PROBABILITY:
            first = start // FRAME - _HANGOVER_FRAMES
            last = (start + _WINDOW) // FRAME + _HANGOVER_FRAMES
            voice[max(0, first) : last] = True
    return voice


def _without_short_pauses(speech: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Closures of stops and weak fricatives are not pauses."""
    edges = np.flatnonzero(np.diff(speech.astype(np.int8), prepend=1, append=1))
    filled = speech.copy()
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        if end - start < _SHORTEST_PAUSE_FRAMES and start > 0 and end < len(speech):
            filled[start:end] = True
    return filled
