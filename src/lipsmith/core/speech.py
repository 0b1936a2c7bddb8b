"""Sound and the speech in it. Times are counted in samples from the start of the speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Phone:
    """A timed speech sound.

    symbol: IPA without stress marks and length kept ("iː"); "" is a pause.
    start, end: samples from the start of the whole speech; end > start.
    stress: 0 none, 1 secondary, 2 primary.
    """

    symbol: str
    start: int
    end: int
    stress: int = 0


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word as it is written, and when it is said.

    start, end: samples from the start of the whole speech; end > start.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text that its author named, and when the voice comes to it.

    at: samples from the start of the whole speech.
    """

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A stretch of speech that ends where nothing is being said (a sentence, a pause).

    samples: (n, channels) float32 in -1..1. start: samples from the start of the speech.
    phones: in order, without overlap, inside [start, start + n); None until recognised.
    text: the words said, when known. progress: share of the whole input consumed, 0..1.
    words: the words of `text` with their times, in order, without overlap; () when unknown.
    speaker: who speaks, "" when there is only one. marks: in order, inside [start, start + n].
    cloned: whether it is in the voice of a reference; None when its engine does not tell.
    """

    samples: NDArray[np.float32]
    start: int
    phones: tuple[Phone, ...] | None
    text: str | None = None
    progress: float = 0.0
    words: tuple[TimedWord, ...] = ()
    speaker: str = ""
    marks: tuple[Mark, ...] = ()
    cloned: bool | None = None

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


@dataclass(frozen=True, slots=True)
class Speech:
    """Speech as it is made: chunks that follow each other without a gap.

    rate_hz and channels hold for every chunk. language: BCP 47 tag, "en" when unknown.
    warnings: for people to read; grows while the chunks are made. voice: who speaks, as
    `--voice` would name it, None for a recording.
    """

    rate_hz: int
    channels: int
    language: str
    chunks: Iterator[SpeechChunk]
    warnings: list[str] = field(default_factory=list)
    voice: str | None = None


class Timing(StrEnum):
    """What a speech engine tells about when things are said."""

    PHONES = "phones"
    WORDS = "words"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that a speech engine offers.

    name: what `--voice` takes. language: BCP 47. gender: "female", "male" or "".
    quality: "robotic", "low", "medium", "high", "natural", or "" when unknown.
    licence: of what the voice says with, "" when unknown. online: needs the network while it
    speaks. timing: what is known about when things are said without listening to the sound.
    """

    engine: str
    name: str
    language: str
    label: str
    gender: str = ""
    quality: str = ""
    licence: str = ""
    online: bool = False
    timing: Timing = Timing.PHONES


@dataclass(frozen=True, slots=True)
class Reference:
    """A recorded voice to speak with.

    samples: (n,) float32 in -1..1, mono, without silence at its ends. text: what they say, "" when
    unknown. sha256: of the file that they come from. name: of that file.
    """

    samples: NDArray[np.float32]
    rate_hz: int
    text: str
    sha256: str
    name: str
