"""What is read on the screen while it is heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lipsmith.core.speech import TimedWord


class SubtitleKind(StrEnum):
    """Where the words of a video can be read."""

    NONE = "none"
    SRT = "srt"
    VTT = "vtt"
    BURN = "burn"


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle: one line or two that are shown together.

    lines: of the words, in the order in which they are said. start, end: when the cue is shown,
    in samples from the start of the speech; the words are said inside. speaker: "" when there is
    only one.
    """

    lines: tuple[tuple[TimedWord, ...], ...]
    start: int
    end: int
    speaker: str = ""

    @property
    def words(self) -> tuple[TimedWord, ...]:
        return tuple(word for line in self.lines for word in line)
