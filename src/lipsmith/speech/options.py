"""How a text is to be said, and what of it an engine can do."""

from __future__ import annotations

from dataclasses import dataclass

from lipsmith.core.speech import Reference, Timing
from lipsmith.errors import OptionError

RATE_WPM = (80, 450)
PITCH = (0, 99)


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """How words of a text are pronounced, wherever they stand in it. ipa: with stress marks."""

    words: str
    ipa: str


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """How to say it. voice: a name from `voices()`, None the engine's default for `language`.

    rate_wpm: 80..450 words a minute, None the voice's own. pitch: 0..99, None the voice's own.
    reference: whose voice it is to be, for engines that clone. pronunciations: for engines that
    take them.
    """

    voice: str | None = None
    language: str | None = None
    rate_wpm: int | None = None
    pitch: int | None = None
    reference: Reference | None = None
    pronunciations: tuple[Pronunciation, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechCapabilities:
    """What an engine can do; callers ask this instead of the engine's name.

    timing: the least that every chunk tells; below PHONES, phones have to be found by listening.
    online: sends the text to a service. rate, pitch, pronunciations: whether `SpeechOptions` can
    change them. cloning: speaks with the voice of a reference.
    """

    timing: Timing = Timing.PHONES
    online: bool = False
    rate: bool = True
    pitch: bool = True
    pronunciations: bool = False
    cloning: bool = False


def check_rate(rate_wpm: int | None) -> None:
    """Raise OptionError for a rate that no voice is asked for."""
    _check("rate", rate_wpm, RATE_WPM, "words a minute")


def check_pitch(pitch: int | None) -> None:
    """Raise OptionError for a pitch that no voice is asked for."""
    _check("pitch", pitch, PITCH, "50 is the voice's own")


def _check(name: str, value: int | None, limits: tuple[int, int], unit: str) -> None:
    if value is not None and not limits[0] <= value <= limits[1]:
        raise OptionError(f"{name} must be {limits[0]}..{limits[1]} ({unit}), not {value}")
