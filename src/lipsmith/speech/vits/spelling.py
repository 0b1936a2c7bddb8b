"""Between written words and sounds, for voices that read one and are seen saying the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lipsmith.errors import OptionError
from lipsmith.phonetics.espeak import EspeakProcess
from lipsmith.phonetics.pronunciation import PlannedPhone, Pronouncer
from lipsmith.speech.chunks.phones import TimedSymbol
from lipsmith.speech.espeak.voices import choose
from lipsmith.speech.options import Pronunciation
from lipsmith.speech.vits.letters import match_letters, sounds_of_letters
from lipsmith.speech.words.pronouncing import parts

_STRESS_MARKS = ("", "ˌ", "ˈ")
_PUNCTUATION = ';:,.!?¡¿—…"«»“”'


class Speller:
    """Knows how the words of a language are pronounced, if espeak-ng does.

    language: BCP 47; None for romanised text, whose letters tell their sounds.
    """

    def __init__(self, language: str | None) -> None:
        self._pronouncer: Pronouncer | None = None
        if language is None:
            return
        process = EspeakProcess()
        try:
            voice = choose(process.voices(), None, language)
            self._pronouncer = Pronouncer(process, voice.identifier)
        except OptionError:
            process.close()

    def ipa(self, text: str, known: Sequence[Pronunciation] = ()) -> str:
        """A text in IPA with stress marks, its blanks and punctuation kept.

        known: what is pronounced otherwise than espeak-ng would.
        """
        told = "".join(ipa or self._ipa(part) for part, ipa in parts(text, known))
        return " ".join(told.split())

    def _ipa(self, text: str) -> str:
        """The same with a blank at each end that has one."""
        planned = self._pronouncer.phones(text) if self._pronouncer else []
        said: list[str] = []
        for match in re.finditer(r"\S+", text):
            word = "".join(
                _STRESS_MARKS[phone.stress] + phone.symbol
                for phone in planned
                if match.start() <= phone.position < match.end()
            )
            closing = match[0][len(match[0].rstrip(_PUNCTUATION)) :]
            said.append(word + closing)
        before, behind = (" " if edge.isspace() else "" for edge in (text[:1], text[-1:]))
        return f"{before}{' '.join(part for part in said if part)}{behind}"

    def sounds(self, symbols: Sequence[TimedSymbol]) -> list[TimedSymbol]:
        """The sounds of timed letters, in their time; blanks and what is no letter are kept."""
        text = "".join(symbol.symbol for symbol in symbols)
        planned = self._pronouncer.phones(text) if self._pronouncer else []
        sounds: list[TimedSymbol] = []
        for start, word in _together(list(_words(symbols)), planned):
            letters = "".join(symbol.symbol for symbol in word)
            spoken = [p for p in planned if start <= p.position < start + len(letters)]
            if not letters.strip():
                sounds += word
            else:
                sounds += _spoken(word, letters, spoken) if spoken else _read_out(word, letters)
        return sounds


_Word = tuple[int, list[TimedSymbol]]
"""The position of the first letter, and the letters."""


def _together(words: Sequence[_Word], planned: Sequence[PlannedPhone]) -> list[_Word]:
    """Join words that are pronounced as one, such as "in the", with the blank between them."""
    positions = {phone.position for phone in planned}
    joined: list[_Word] = []
    for start, symbols in words:
        has_letters = any(symbol.symbol.strip() for symbol in symbols)
        is_said = any(at in positions for at in range(start, start + len(symbols)))
        if has_letters and not is_said and positions and len(joined) > 1:
            (_, between), (before, first) = joined[-1], joined[-2]
            joined[-2:] = [(before, [*first, *between, *symbols])]
        else:
            joined.append((start, symbols))
    return joined


def _words(symbols: Sequence[TimedSymbol]) -> Iterator[_Word]:
    """Words, and each symbol between them, with the position of their first letter."""
    word: list[TimedSymbol] = []
    word_at = position = 0
    for symbol in symbols:
        if symbol.symbol.strip():
            word_at = word_at if word else position
            word.append(symbol)
        else:
            if word:
                yield word_at, word
                word = []
            yield position, [symbol]
        position += len(symbol.symbol)
    if word:
        yield word_at, word


def _spoken(
    word: Sequence[TimedSymbol], letters: str, planned: Sequence[PlannedPhone]
) -> list[TimedSymbol]:
    sounds: list[TimedSymbol] = []
    spans = match_letters(letters, [phone.symbol for phone in planned])
    for phone, span in zip(planned, spans, strict=True):
        start, end = word[span.first].start, word[span.last - 1].end
        length = end - start
        first = start + round(length * span.start_share)
        last = start + round(length * span.end_share)
        if phone.stress:
            sounds.append(TimedSymbol(_STRESS_MARKS[phone.stress], first, first))
        sounds.append(TimedSymbol(phone.symbol, first, last))
    return sounds


def _read_out(word: Sequence[TimedSymbol], letters: str) -> list[TimedSymbol]:
    sounds: list[TimedSymbol] = []
    at = 0
    for sound, count in sounds_of_letters(letters):
        sounds.append(TimedSymbol(sound, word[at].start, word[at + count - 1].end))
        at += count
    return sounds
