"""espeak-ng's samples and events, joined to chunks with timed phones."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Phone, SpeechChunk, TimedWord
from lipsmith.phonetics.espeak import EspeakEvent, EventKind
from lipsmith.phonetics.ipa import is_modifier, split_stress
from lipsmith.speech.espeak.closures import extend_closures
from lipsmith.speech.words.text import Piece

_LEAD_IN_MS, _TAIL_MS = 150, 300
"""Silence around the speech, in which the mouth opens and comes to rest."""

_PARAGRAPH_PAUSE_MS, _PIECE_PAUSE_MS = 650, 300
_NORMAL_RATE_WPM = 175
_SHORTEST_CHUNK_MS = 1200
_CLOSING = frozenset(["Pe", "Pf", "Po", "Pd"])
"""Unicode categories of punctuation that belongs to the text before it."""

_OPENING = frozenset(["Ps", "Pi", "Sc"])
"""And to the text behind it; so do straight quotes."""

_SHORTEST_PAUSE_MS = 60
"""Shorter stretches without a phone are glides and transitions, not pauses."""


class ChunkAssembler:
    """Takes what espeak-ng makes, in order, and gives chunks that end in pauses.

    characters: of the whole text, if known.
    """

    def __init__(self, rate_hz: int, rate_wpm: int | None, characters: int | None) -> None:
        self._rate_hz = rate_hz
        self._tempo = _NORMAL_RATE_WPM / (rate_wpm or _NORMAL_RATE_WPM)
        self._characters = characters
        self._said_characters = 0
        self._sound: list[NDArray[np.int16]] = []
        self._start = self._total = self._piece_start = 0
        self._phones: list[tuple[int, str, int]] = []
        self._ends: list[tuple[int, int]] = []
        self._words: list[tuple[int, Piece, int]] = []
        self._piece: Piece | None = None
        self._text_before, self._text_from = "", 0

    def begin(self, piece: Piece) -> None:
        """What comes from here on says `piece`."""
        if self._piece is None:
            self._silence(_LEAD_IN_MS)
        else:
            ended = self._piece.ends_paragraph
            self._silence((_PARAGRAPH_PAUSE_MS if ended else _PIECE_PAUSE_MS) * self._tempo)
            self._text_before = self._take_text(len(self._piece.text)) + " "
            self._ends = [(self._total, 0)]
        self._piece, self._piece_start, self._text_from = piece, self._total, 0

    def add_events(self, events: list[EspeakEvent]) -> None:
        """Note what starts when; samples are counted from the start of the piece."""
        for event in events:
            at = self._piece_start + event.sample
            if event.kind == EventKind.PHONEME:
                symbol, stress = split_stress(event.phoneme)
                if symbol and is_modifier(symbol):
                    self._modify(symbol)
                elif symbol or not event.phoneme:
                    self._phones.append((at, symbol, stress))
            elif event.kind == EventKind.WORD and self._piece is not None:
                begin = _word_begin(self._piece.text, event.position)
                if begin is not None:
                    self._words.append((at, self._piece, begin))
            elif event.kind == EventKind.END:
                self._ends.append((at, max(0, event.position)))

    def add_sound(self, samples: NDArray[np.int16]) -> Iterator[SpeechChunk]:
        """Take sound whose events were added, and give the chunks that it completes."""
        self._sound.append(samples)
        self._total += len(samples)
        last = max((at for at, symbol, _ in self._phones if symbol), default=-1)
        while self._ends and self._ends[0][0] <= last:
            end, position = self._ends.pop(0)
            if end - self._start >= _SHORTEST_CHUNK_MS * self._rate_hz // 1000:
                yield self._cut(end, self._take_text(position), last=False)

    def finish(self) -> Iterator[SpeechChunk]:
        """The last chunk; none if nothing was ever said."""
        if self._piece is not None and (self._start or any(phone[1] for phone in self._phones)):
            self._silence(_TAIL_MS)
            yield self._cut(self._total, self._take_text(len(self._piece.text)), last=True)

    def _silence(self, milliseconds: float) -> None:
        count = round(self._rate_hz * milliseconds / 1000)
        self._phones.append((self._total, "", 0))
        self._sound.append(np.zeros(count, np.int16))
        self._total += count

    def _modify(self, mark: str) -> None:
        if self._phones and self._phones[-1][1]:
            at, symbol, stress = self._phones[-1]
            self._phones[-1] = (at, symbol + mark, stress)

    def _take_text(self, position: int) -> str:
        """The text from the last cut to a position in the piece and the punctuation there."""
        text = self._text_before
        if self._piece is not None and position > self._text_from:
            while (
                unicodedata.category(self._piece.text[position : position + 1] or " ") in _CLOSING
            ):
                position += 1
            text += self._piece.text[self._text_from : position]
            self._said_characters += position - self._text_from
            self._text_from = position
        self._text_before = ""
        return text

    def _cut(self, end: int, text: str, last: bool) -> SpeechChunk:
        """Everything before sample `end` as a chunk."""
        sound = np.concatenate(self._sound)
        chunk, rest = sound[: end - self._start], sound[end - self._start :]
        phones = self._timed_phones(end)
        phones = extend_closures(phones, chunk, self._start, self._rate_hz)
        share = self._said_characters / self._characters if self._characters else 0.0
        made = SpeechChunk(
            samples=np.divide(chunk, 32768, dtype=np.float32)[:, np.newaxis],
            start=self._start,
            phones=tuple(phones),
            text=text.strip(),
            progress=1.0 if last else min(1.0, share),
            words=self._timed_words(end, phones),
        )
        self._words = [word for word in self._words if word[0] >= end]
        self._phones = [phone for phone in self._phones if phone[0] >= end]
        self._sound, self._start = [rest], end
        return made

    def _timed_phones(self, end: int) -> list[Phone]:
        """The phones from the last cut to sample `end`, without gaps."""
        starts: list[tuple[int, str, int]] = [(self._start, "", 0)]
        for phone in self._phones:
            if phone[0] >= end:
                break
            if phone[1] or starts[-1][1]:
                starts.append(phone)
        stops = [at for at, _, _ in starts[1:]] + [end]
        shortest_pause = _SHORTEST_PAUSE_MS * self._rate_hz // 1000
        phones: list[Phone] = []
        for (start, symbol, stress), stop in zip(starts, stops, strict=True):
            if not symbol and phones and stop - start < shortest_pause:
                phones[-1] = replace(phones[-1], end=stop)
            elif stop > start:
                phones.append(Phone(symbol, start, stop, stress))
        return phones

    def _timed_words(self, end: int, phones: list[Phone]) -> tuple[TimedWord, ...]:
        """The words from the last cut to sample `end`; each ends before a pause."""
        events = [word for word in self._words if word[0] < end]
        ends = [phone.end for phone in phones if phone.symbol]
        words = []
        for (at, piece, begin), after in zip_longest(events, events[1:]):
            stop = after[0] if after else end
            if after and after[1] is piece:
                text = piece.text[begin : after[2]]
            else:
                text = piece.text[begin : self._text_from if piece is self._piece else None]
            stop = max((said for said in ends if at < said <= stop), default=stop)
            if text.strip() and stop > at:
                words.append(TimedWord(text.strip(), at, stop))
        return tuple(words)


def _word_begin(text: str, position: int) -> int | None:
    """Where the written word at a position begins; None inside one, as the 3 of "12/3" is."""
    begin = position
    while begin > 0 and _is_opening(text[begin - 1]):
        begin -= 1
    if begin == 0 or text[begin - 1].isspace():
        return begin
    wide = unicodedata.east_asian_width(text[begin - 1]) in "WF"
    unspaced = unicodedata.category(text[position : position + 1] or " ") == "Lo"
    return begin if wide or unspaced else None


def _is_opening(char: str) -> bool:
    return char in "\"'" or unicodedata.category(char) in _OPENING
