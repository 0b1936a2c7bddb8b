"""The seam between words and sound."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from lipsmith.core.request import Clone
from lipsmith.core.resources import Resources
from lipsmith.core.speech import Speech, Voice
from lipsmith.errors import OptionError
from lipsmith.speech.options import (
    SpeechCapabilities,
    SpeechOptions,
    check_pitch,
    check_rate,
)
from lipsmith.speech.spans import say_one_by_one
from lipsmith.speech.words.script import Span

__all__ = ["SpeechCapabilities", "SpeechEngine", "SpeechOptions"]


class SpeechEngine(ABC):
    """Says a text. Constructors are cheap; the first chunk leaves before the last word is made.

    The text of all chunks together is the text that was given, but for blanks and punctuation, so
    that another engine can go on where this one failed.
    """

    capabilities: SpeechCapabilities = SpeechCapabilities()

    resources: Resources = Resources()
    """Set before anything is asked of the engine."""

    @abstractmethod
    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text (paragraphs) one after the other.

        characters: their total length, when known, so that chunks can tell the progress.

        Raises:
            OptionError: no such voice or language; the message names near ones.
            TextError: nothing in the text can be spoken.
            MissingExtraError: the engine's packages are not installed.
            SpeechError: the voice failed; from the chunks, too.
        """

    def speak_spans(
        self, spans: Iterable[Span], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say spans, each in its own manner, as one speech; raises as `speak` does.

        An engine that cannot change its manner within a sentence says one span after the other.
        """
        return say_one_by_one(self.speak, self.capabilities, spans, options, characters)

    def check(self, options: SpeechOptions) -> None:
        """Check what can be known without a text and without a service; quick.

        Raises:
            OptionError: a rate or a pitch out of range, or no such voice or language.
            MissingExtraError, WeightsError: something has to be installed first.
        """
        check_rate(options.rate_wpm)
        check_pitch(options.pitch)

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """Every voice that can be asked for now, without asking a service.

        Raises:
            MissingExtraError: the engine's packages are not installed.
        """

    def refresh_voices(self) -> None:
        """Ask an online engine's service for its voices; nothing to do for others.

        Raises:
            ServiceError: it cannot be reached; `voices` still tells the last answer.
        """

    def check_cloning(self, clone: Clone) -> None:
        """Check that it can speak with the voice of a recording, before anything is done for it.

        Raises:
            OptionError: it does not clone, or has to know what is said in the recording.
            MissingEnvironmentError: it has to be installed first.
        """
        if not self.capabilities.cloning:
            raise OptionError(
                "no voice that was asked for can be cloned; choose an engine that clones: "
                "--voice neutts"
            )

    def is_cloning(self, options: SpeechOptions) -> bool:
        """Whether it speaks with the voice of a reference, where its chunks do not tell."""
        return self.capabilities.cloning and options.reference is not None

    def language_of(self, voice: str) -> str | None:
        """BCP 47 tag of what a voice speaks, as its name tells; None when that is unknown."""
        return None

    def close(self) -> None:
        """Stop and free what `speak` started."""
