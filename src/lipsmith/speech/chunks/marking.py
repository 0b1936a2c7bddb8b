"""When a voice comes to the marks in a text, told by the times of its words."""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lipsmith.core.speech import Mark, Speech, SpeechChunk
from lipsmith.media.cues import estimated_words
from lipsmith.speech.words.script import Span
from lipsmith.speech.words.text import is_speakable


@dataclass(frozen=True, slots=True)
class _Place:
    """A mark before the letter `index` of a text, or right behind the letter before that."""

    name: str
    index: int
    behind: bool


@dataclass(frozen=True, slots=True)
class _SaidLetters:
    """The letters [first, last) of a text are said from sample `start` to `end`."""

    first: int
    last: int
    start: int
    end: int

    def at(self, index: int) -> int:
        share = (index - self.first) / max(1, self.last - self.first)
        return self.start + round((self.end - self.start) * min(max(share, 0.0), 1.0))


def with_marks(speech: Speech, spans: Sequence[Span]) -> Speech:
    """The speech of spans with their marks in its chunks.

    A mark before a word is where the word begins, one before a pause where the word before it
    ends, one inside a word in between. Without times of words, letters share the time in which
    something is said.
    """
    if not any(span.marks for span in spans):
        return speech
    return replace(speech, chunks=_chunks(speech, *_places(spans)))


def _chunks(speech: Speech, letters: str, places: deque[_Place]) -> Iterator[SpeechChunk]:
    position = 0
    for chunk in speech.chunks:
        own = _letters(chunk.text or "")
        first = letters.find(own, position)  # a sentence may have been left out
        first = position if first < 0 else first
        position = first + len(own)
        is_last = chunk.progress >= 1.0
        marks: list[Mark] = []
        said = _said(chunk, own, first) if places else []
        while places and (is_last or places[0].index < position + places[0].behind):
            place = places.popleft()
            at = max(_time(place, said, chunk), marks[-1].at if marks else chunk.start)
            marks.append(Mark(place.name, min(at, chunk.end)))
        yield replace(chunk, marks=chunk.marks + tuple(marks)) if marks else chunk
    if places:
        names = ", ".join(repr(place.name) for place in places)
        speech.warnings.append(f"the voice did not come to the marks: {names}")


def _places(spans: Iterable[Span]) -> tuple[str, deque[_Place]]:
    letters = ""
    places: deque[_Place] = deque()
    for span in spans:
        for mark in span.marks:
            index = len(letters) + len(_letters(span.text[: mark.position]))
            rest = span.text[mark.position :].split(maxsplit=1)
            joined = bool(rest) and not span.text[mark.position].isspace()
            is_closing = joined and not is_speakable(rest[0])
            is_behind = bool(index) and (is_closing or not rest)
            places.append(_Place(mark.name, index, is_behind))
        letters += _letters(span.text)
    return letters, places


def _letters(text: str) -> str:
    """What can be heard of a text, however it is written: a character for each."""
    return "".join(_plain(char) for char in text if is_speakable(char))


def _plain(char: str) -> str:
    return unicodedata.normalize("NFD", char)[0].lower()[0]


def _said(chunk: SpeechChunk, own: str, first: int) -> list[_SaidLetters]:
    """When the letters of a chunk are said. own: they; first: the index of the first of them."""
    said: list[_SaidLetters] = []
    position = 0
    for word in chunk.words or estimated_words(chunk):
        letters = _letters(word.text)
        found = own.find(letters, position)
        begin = position if found < 0 else found
        position = min(begin + len(letters), len(own))
        said.append(_SaidLetters(first + begin, first + position, word.start, word.end))
    return said


def _time(place: _Place, said: list[_SaidLetters], chunk: SpeechChunk) -> int:
    if not said:
        return chunk.start
    if place.behind:
        before = [part for part in said if part.first < place.index]
        return before[-1].at(place.index) if before else said[0].start
    after = [part for part in said if part.last > place.index]
    return after[0].at(place.index) if after else said[-1].end
