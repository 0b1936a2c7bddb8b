"""Speech of which the times of the words are known: its words as they are written, its phones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lipsmith.core.speech import Phone, SpeechChunk, TimedWord
from lipsmith.phonetics.pronunciation import PlannedPhone, Pronouncer
from lipsmith.speech.chunks.phones import fill_pauses


def spread_phones(
    chunk: SpeechChunk, rate_hz: int, pronouncer: Pronouncer
) -> tuple[Phone, ...] | None:
    """Phones for a chunk whose words have times, without gaps; None when they have none.

    Each word's time is shared among its phones as espeak-ng would, so phones are right to some
    tens of milliseconds, and exact at words' ends.
    """
    if not chunk.words:
        return None
    return fill_pauses(_phones(pronouncer, chunk), chunk.start, chunk.end, rate_hz)


def as_written(text: str, words: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
    """The words with the punctuation that they have in a text; those that it lacks stay."""
    found: list[tuple[int, int, int]] = []
    position = 0
    for index, word in enumerate(words):
        at = text.find(word.text, position)
        if at >= 0:
            position = at + len(word.text)
            found.append((index, at, position))
    written = list(words)
    ends = [(-1, 0, 0), *found, (len(words), len(text), len(text))]
    for before, (index, start, end), behind in zip(ends, ends[1:], ends[2:], strict=False):
        opening = text[before[2] : start].rpartition(" ")
        first = start - len(opening[2]) if opening[1] or index == 0 else start
        rest = text[end : behind[1]]
        # What stands alone, such as a dash, goes with the word before it.
        blank = rest.rfind(" ") if behind[0] == index + 1 else rest.find(" ")
        last = end + blank if blank >= 0 else behind[1]
        written[index] = replace(words[index], text=text[first:last].strip())
    return tuple(written)


def _phones(pronouncer: Pronouncer, chunk: SpeechChunk) -> list[Phone]:
    text = chunk.text or " ".join(word.text for word in chunk.words)
    edges = _edges(text, chunk.words)
    planned = pronouncer.phones(text)
    timed: list[tuple[TimedWord, list[PlannedPhone]]] = []
    for word, (start, end) in zip(chunk.words, pairwise(edges), strict=True):
        spoken = [phone for phone in planned if start <= phone.position < end]
        if not spoken and timed:
            # Some words are pronounced as one, such as "in the".
            timed[-1] = (replace(timed[-1][0], end=word.end), timed[-1][1])
        else:
            timed.append((word, spoken))
    return [phone for word, spoken in timed for phone in _spread(spoken, word)]


def _edges(text: str, words: Sequence[TimedWord]) -> list[int]:
    """Where each word begins in the text, and the text's end.

    Words are looked for in order; one that is not there begins where the last one does.
    """
    edges: list[int] = []
    position = 0
    for word in words:
        found = text.find(word.text, position)
        if found >= 0:
            edges.append(found)
            position = found + len(word.text)
        else:
            edges.append(position)
    return [0, *edges[1:], len(text) + 1] if edges else [0]


def _spread(planned: Sequence[PlannedPhone], word: TimedWord) -> list[Phone]:
    total = sum(phone.length for phone in planned)
    phones: list[Phone] = []
    done = 0
    for phone in planned:
        start = word.start + done * (word.end - word.start) // total
        done += phone.length
        end = word.start + done * (word.end - word.start) // total
        if end > start:
            phones.append(Phone(phone.symbol, start, end, phone.stress))
    return phones
