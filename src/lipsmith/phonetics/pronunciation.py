"""How espeak-ng would say a text: its phones, whose voice ever is heard in the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from lipsmith.core.closing import Closing
from lipsmith.phonetics.espeak import EspeakProcess, EventKind
from lipsmith.phonetics.ipa import is_modifier, split_stress


@dataclass(frozen=True, slots=True)
class PlannedPhone:
    """A phone and the character of the text that it comes from.

    symbol, stress: as in `core.Phone`; no pauses. length: as espeak-ng would say it, in its
    samples, > 0. position: 0-based start of the written word in the text.
    """

    symbol: str
    stress: int
    length: int
    position: int


@dataclass(frozen=True, slots=True)
class PronouncedWord:
    """A word as it is written, punctuation and all, and its phones, at least one.

    Languages written without blanks are cut as espeak-ng reads them.
    """

    text: str
    phones: tuple[PlannedPhone, ...]


class Pronouncer(Closing):
    """Tells the phones of texts in the language of one espeak-ng voice.

    identifier: of the voice, as in `EspeakVoice`.

    Raises:
        RenderError: espeak-ng is not installed or died.
    """

    def __init__(self, process: EspeakProcess, identifier: str) -> None:
        self._process = process
        process.use(identifier)

    def phones(self, text: str) -> list[PlannedPhone]:
        """The phones of a text, in order."""
        events = [
            event
            for made in self._process.speak(text)
            if isinstance(made, list)
            for event in made
            if event.kind == EventKind.PHONEME
        ]
        planned: list[PlannedPhone] = []
        ends = [event.sample for event in events[1:]]
        ends += [events[-1].sample + 1] if events else []
        for event, end in zip(events, ends, strict=True):
            symbol, stress = split_stress(event.phoneme)
            length = max(1, end - event.sample)
            if symbol and is_modifier(symbol) and planned:
                last = planned[-1]
                planned[-1] = replace(
                    last, symbol=last.symbol + symbol, length=last.length + length
                )
            elif symbol:
                planned.append(PlannedPhone(symbol, stress, length, max(0, event.position)))
        return planned

    def words(self, text: str) -> list[PronouncedWord]:
        """The words of a text that can be heard, in order."""
        words: list[PronouncedWord] = []
        planned = self.phones(text)
        starts = [0, *_word_starts(text, planned)[1:], len(text)]
        for start, end in pairwise(starts):
            phones = tuple(phone for phone in planned if start <= phone.position < max(end, 1))
            written = text[start:end].split()
            if phones and written:
                words.append(PronouncedWord(" ".join(written), phones))
        return words

    def close(self) -> None:
        self._process.close()


def _word_starts(text: str, planned: list[PlannedPhone]) -> list[int]:
    """Where words start with what stands before them, each once, in order.

    Numbers, which espeak-ng reads in several parts, stay whole.
    """
    starts: list[int] = []
    for position in dict.fromkeys(phone.position for phone in planned):
        start = position
        while start and not (text[start - 1].isalnum() or text[start - 1].isspace()):
            start -= 1
        inside = start > 0 and text[start - 1].isascii() and not text[start - 1].isspace()
        if not starts or (start > starts[-1] and not inside):
            starts.append(start)
    return starts
