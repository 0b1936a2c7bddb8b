"""Speech engines that break where a text says so."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np

from lipsmith.core.speech import Phone, Speech, Voice
from lipsmith.errors import OptionError, ServiceError
from lipsmith.speech.base import SpeechCapabilities, SpeechEngine, SpeechOptions
from lipsmith.speech.chunks.sentences import Speaker, Utterance


class BreakingEngine(SpeechEngine):
    """Hums 10 ms a letter in stereo at 16 kHz; fails at sentences with "BREAK" in them.

    It does not speak Chinese.
    """

    capabilities = SpeechCapabilities(online=True)

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        if options.language == "zh":
            raise OptionError("this voice does not speak 'zh'")

        def say(sentence: str, stop: threading.Event) -> Utterance:
            if "BREAK" in sentence:
                raise ServiceError("the line is dead")
            count = 160 * len(sentence)
            hum = 0.3 * np.sin(np.arange(count) / 20).astype(np.float32)
            return Utterance(np.stack([hum, hum], axis=1), 16_000, (Phone("a", 0, count),))

        self.speaker = Speaker(say, 2)
        language = options.language or (options.voice or "en").partition("-")[0]
        return self.speaker.speak(text, language=language, voice="breaking", characters=characters)

    def voices(self) -> tuple[Voice, ...]:
        return ()

    def language_of(self, voice: str) -> str | None:
        return voice.partition("-")[0]

    def close(self) -> None:
        self.speaker.close()
