"""Voices made as loud as speech should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.media.loudness import TRUE_PEAK_LIMIT_DBTP, LoudnessMeter, amplified

_LONG_ENOUGH_S = 1.0
_LARGEST_CHANGE_DB = 15.0
_HEADROOM = 10 ** ((TRUE_PEAK_LIMIT_DBTP - 0.5) / 20)


class Leveller:
    """Brings one voice to -16 LUFS by one gain, which its first second or more of speech tells.

    A voice that was measured is never measured again, so that its sentences stay as loud as it
    means them, and the first one does not have to wait for the others.
    """

    def __init__(self) -> None:
        self._gain: float | None = None

    def level(self, speech: Speech) -> Speech:
        """The same speech, louder or softer, and never above -1 dBTP."""
        return replace(speech, chunks=self._chunks(speech))

    def _chunks(self, speech: Speech) -> Iterator[SpeechChunk]:
        for chunk in speech.chunks:
            samples = np.asarray(chunk.samples, np.float32)
            if self._gain is None:
                gain, is_sure = _gain(samples, speech.rate_hz)
                self._gain = gain if is_sure else None
            else:
                gain = self._gain
            peak = float(np.abs(samples).max(initial=0.0))
            if gain * peak > _HEADROOM:
                louder = amplified([samples], gain, 1 / gain, speech.rate_hz)
                yield replace(chunk, samples=np.concatenate(list(louder)))
            else:
                yield replace(chunk, samples=samples * np.float32(gain))


def _gain(samples: NDArray[np.float32], rate_hz: int) -> tuple[float, bool]:
    """The gain for (n, channels) samples, and whether they are enough to tell."""
    meter = LoudnessMeter(rate_hz, samples.shape[1])
    meter.push(samples)
    largest = 10 ** (_LARGEST_CHANGE_DB / 20)
    gain = min(max(meter.gain(), 1 / largest), largest)
    is_sure = len(samples) >= _LONG_ENOUGH_S * rate_hz and meter.integrated_lufs is not None
    return gain, is_sure
