"""The seam between words and sound."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from lipsmith.core.speech import Speech, Voice


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """How to say it. voice: a name from `voices()`, None the engine's default for `language`.

    rate_wpm: 80..450 words a minute, None the voice's own. pitch: 0..99, None the voice's own.
    """

    voice: str | None = None
    language: str | None = None
    rate_wpm: int | None = None
    pitch: int | None = None


class SpeechEngine(ABC):
    """Says a text. Constructors are cheap; the first chunk leaves before the last word is made."""

    @abstractmethod
    def speak(self, text: Iterator[str], options: SpeechOptions) -> Speech:
        """Say pieces of text (paragraphs) one after the other.

        Raises:
            OptionError: no such voice or language; the message names near ones.
            TextError: nothing in the text can be spoken.
        """

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """Every voice that can be asked for now."""

    def close(self) -> None:
        """Stop and free what `speak` started."""
