"""Words with times, made into subtitles that can be read in time.

The limits are those of broadcasters and streaming services: at most two lines of 42 Latin letters,
shown for one to seven seconds, at most 17 letters a second where the speech lets it (BBC Subtitle
Guidelines 1.2; Netflix Timed Text Style Guide, General Requirements).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from lipsmith.core.speech import Phone, SpeechChunk, TimedWord
from lipsmith.core.subtitle import Cue

MAX_COLUMNS = 42
"""Of a line; a Chinese, Japanese or Korean letter takes two."""

_MAX_LINES = 2
_SHORTEST_S, _LONGEST_S = 1.0, 7.0
_COLUMNS_PER_S = 17.0
_LONG_SILENCE_S = 0.8
"""No cue goes on over a longer one."""

_SILENT_TAIL_S = 1.5
"""A cue that needs more time to be read stays at most this much longer than its words."""

_APART_S = 0.08
"""Between two cues, so that one sees the change."""

_SENTENCE_ENDS, _CLAUSE_ENDS = ".!?…。！？．।۔؟", ",;:—–，、；：،؛"
_CLOSERS = "\"'”’»)]」』）"
_NO_LINE_START = _SENTENCE_ENDS + _CLAUSE_ENDS + _CLOSERS
_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class _Word:
    """timed: its times. joined: no blank between it and the word before."""

    timed: TimedWord
    joined: bool


class CueMaker:
    """Takes chunks of a speech in order and gives the cues that are complete.

    columns: the longest line, see `MAX_COLUMNS`.
    """

    def __init__(self, rate_hz: int, columns: int = MAX_COLUMNS) -> None:
        self._rate_hz = rate_hz
        self._columns = max(8, columns)
        self._words: list[_Word] = []
        self._speaker = ""
        self._held: Cue | None = None

    @property
    def settled(self) -> float:
        """The sample up to which every cue has been given; infinite when none is being made."""
        first = self._words[0].timed.start if self._words else math.inf
        return min(first, self._held.start if self._held else math.inf)

    def add(self, chunk: SpeechChunk) -> Iterator[Cue]:
        """Take a chunk's words; one without words gives none."""
        words = chunk.words or estimated_words(chunk)
        speaker = chunk.speaker
        for word, joined in _with_joints(words):
            last = self._words[-1].timed if self._words else None
            silence = self._seconds(word.start - last.end) if last else 0.0
            if last and (silence > _LONG_SILENCE_S or speaker != self._speaker):
                yield from self._flush()
            yield from self._release(word.start)
            self._speaker = speaker
            self._words.append(_Word(word, joined and bool(self._words)))
            if _width(self._words) > 2 * _MAX_LINES * self._columns:
                yield from self._flush(keep=1)
        if words and _ends(words[-1].text, _SENTENCE_ENDS) and self._is_long_enough():
            yield from self._flush()
        if self._held and self._seconds(chunk.end - self._held.end) > _SILENT_TAIL_S:
            yield from self._release(None)

    def finish(self) -> Iterator[Cue]:
        """What is left at the end of the speech."""
        yield from self._flush()
        yield from self._release(None)

    def _seconds(self, samples: int) -> float:
        return samples / self._rate_hz

    def _is_long_enough(self) -> bool:
        first, last = self._words[0].timed, self._words[-1].timed
        return (
            self._seconds(last.end - first.start) > 2 * _SHORTEST_S
            or _width(self._words) > self._columns
        )

    def _flush(self, keep: int = 0) -> Iterator[Cue]:
        """Make cues of the words; the words of the last `keep` cues stay."""
        groups = _grouped(self._words, self._columns, self._rate_hz)
        done = groups[: len(groups) - keep] if len(groups) > keep else groups
        self._words = self._words[sum(map(len, done)) :]
        for group in done:
            start, end = group[0].timed.start, group[-1].timed.end
            yield from self._release(start)
            lines = wrapped([(word.timed, word.joined) for word in group], self._columns)
            self._held = Cue(lines, start, end, self._speaker)
        if self._words:
            yield from self._release(self._words[0].timed.start)

    def _release(self, next_start: int | None) -> Iterator[Cue]:
        """Give the cue that waited for the start of the next one, shown as long as it needs."""
        held, self._held = self._held, None
        if held is None:
            return
        spoken_s = self._seconds(held.end - held.start)
        columns = sum(columns_of(line_text(line)) for line in held.lines)
        wanted_s = min(_LONGEST_S, max(_SHORTEST_S, columns / _COLUMNS_PER_S))
        wanted_s = max(spoken_s, min(wanted_s, spoken_s + _SILENT_TAIL_S))
        end = held.start + round(wanted_s * self._rate_hz)
        if next_start is not None:
            apart = next_start - round(_APART_S * self._rate_hz)
            end = min(end, max(held.end, apart), next_start)
        yield replace(held, end=max(end, held.start + 1))


def wrapped(
    words: Sequence[tuple[TimedWord, bool]], columns: int
) -> tuple[tuple[TimedWord, ...], ...]:
    """One line, or two of about the same width, the break after punctuation if it can be.

    words: each with whether it joins the one before without a blank.
    """
    whole = [_Word(timed, joined) for timed, joined in words]
    if _width(whole) <= columns or len(whole) < 2:
        return (tuple(word.timed for word in whole),)

    def cost(cut: int) -> float:
        first, second = _width(whole[:cut]), _width(whole[cut:])
        over = max(0, first - columns) + max(0, second - columns)
        return 100 * over + abs(first - second) + 6 * _break_cost(whole[cut - 1], whole[cut], 0)

    best = min(range(1, len(whole)), key=cost)
    return (
        tuple(word.timed for word in whole[:best]),
        tuple(word.timed for word in whole[best:]),
    )


def line_text(words: Iterable[TimedWord]) -> str:
    """A line as it is written: blanks between words, none between letters of CJK."""
    return "".join(text for text, _ in line_pieces(words))


def line_pieces(words: Iterable[TimedWord]) -> Iterator[tuple[str, TimedWord]]:
    """Each word of a line with the blank before it, if any."""
    before = ""
    for word in words:
        blank = (
            " " if before and not (_is_unspaced(before[-1]) or _is_unspaced(word.text[0])) else ""
        )
        yield blank + word.text, word
        before = word.text


@lru_cache(4096)
def columns_of(text: str) -> int:
    """The width of a text; a wide letter counts two, a combining mark none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def estimated_words(chunk: SpeechChunk) -> tuple[TimedWord, ...]:
    """The words of a chunk whose text is known but not its words' times.

    Every letter gets the same share of the time in which something is said.
    """
    texts = _written_words(chunk.text or "")
    if not texts:
        return ()
    phones = chunk.phones or (Phone("a", chunk.start, chunk.end),)
    spoken = [(phone.start, phone.end) for phone in phones if phone.symbol]
    total = sum(end - start for start, end in spoken)
    if not total:
        return ()
    letters = [max(1, columns_of(text)) for text in texts]
    bounds = [0.0]
    for count in letters:
        bounds.append(bounds[-1] + count * total / sum(letters))

    def at(share: float, is_end: bool) -> int:
        for start, end in spoken:
            if share < end - start or (is_end and share <= end - start):
                return start + round(share)
            share -= end - start
        return spoken[-1][1]

    words = []
    for text, first, last in zip(texts, bounds, bounds[1:], strict=False):
        begin, end = at(first, False), at(last - 1e-6, True)
        if end > begin:
            words.append(TimedWord(text, begin, end))
    return tuple(words)


def _written_words(text: str) -> list[str]:
    """Words between blanks; each letter of a script without blanks, with its punctuation."""
    words: list[str] = []
    for block in text.split():
        start = 0
        for index in range(1, len(block)):
            if _is_unspaced(block[index]) and block[index] not in _NO_LINE_START:
                words.append(block[start:index])
                start = index
        words.append(block[start:])
    return words


def _with_joints(words: Iterable[TimedWord]) -> Iterator[tuple[TimedWord, bool]]:
    """Words, and whether each joins the one before without a blank."""
    before = ""
    for word in words:
        joined = bool(before) and (_is_unspaced(before[-1]) or _is_unspaced(word.text[:1] or " "))
        yield word, joined
        before = word.text


def _is_unspaced(char: str) -> bool:
    """Whether words are written without blanks around such a letter."""
    wide = unicodedata.east_asian_width(char) in "WF"
    return wide and not unicodedata.name(char, "").startswith("HANGUL")


def _width(words: Sequence[_Word]) -> int:
    blanks = sum(1 for word in words[1:] if not word.joined)
    return sum(columns_of(word.timed.text) for word in words) + blanks


def _ends(text: str, marks: str) -> bool:
    return text.rstrip(_CLOSERS)[-1:] in tuple(marks)


def _break_cost(before: _Word, after: _Word, rate_hz: int) -> float:
    """0 behind a sentence .. 4 within a clause. rate_hz: 0 leaves pauses out."""
    if _ends(before.timed.text, _SENTENCE_ENDS):
        return 0.0
    if _ends(before.timed.text, _CLAUSE_ENDS):
        return 1.0
    if rate_hz and (after.timed.start - before.timed.end) / rate_hz > _PAUSE_S:
        return 1.5
    return 3.0 + (after.joined or len(before.timed.text) <= 3)


def _grouped(words: Sequence[_Word], columns: int, rate_hz: int) -> list[list[_Word]]:
    """The words in groups of a cue each, with the cheapest breaks (dynamic programming)."""
    count = len(words)
    best = [0.0] + [math.inf] * count
    previous = [0] * (count + 1)
    for end in range(1, count + 1):
        for start in range(end - 1, -1, -1):
            cost = best[start] + _group_cost(words, start, end, columns, rate_hz)
            if cost < best[end]:
                best[end], previous[end] = cost, start
            if _width(words[start:end]) > _MAX_LINES * columns:
                break
    groups = []
    end = count
    while end:
        groups.append(list(words[previous[end] : end]))
        end = previous[end]
    return groups[::-1]


def _group_cost(words: Sequence[_Word], start: int, end: int, columns: int, rate_hz: int) -> float:
    group = words[start:end]
    cost = 2.0  # each cue is one more to read
    if len(group) > 1:
        lines = wrapped([(word.timed, word.joined) for word in group], columns)
        cost += sum(10 * max(0, columns_of(line_text(line)) - columns) for line in lines)
    seconds = (group[-1].timed.end - group[0].timed.start) / rate_hz
    cost += 8 * max(0.0, seconds - _LONGEST_S) + 5 * max(0.0, _SHORTEST_S - seconds)
    cost += 2.8 * sum(_ends(word.timed.text, _SENTENCE_ENDS) for word in group[:-1])
    width = _width(group)
    if len(words) > len(group):
        cost += max(0.0, 1 - width / columns)
    if end < len(words):
        cost += 2 * _break_cost(words[end - 1], words[end], rate_hz)
    return cost
