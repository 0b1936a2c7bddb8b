"""Phones out of what voices tell: symbols with times, and stretches in between."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lipsmith.core.speech import Phone, TimedWord
from lipsmith.phonetics.ipa import is_modifier, split_stress

_SHORTEST_PAUSE_MS = 60
"""Shorter stretches without a phone are glides and transitions, not pauses."""

_TIE = "\u0361"
_STRESS_MARKS = "ˈˌ"
_AFFRICATES = frozenset(["tʃ", "dʒ", "tɕ", "dʑ", "tʂ", "dʐ", "ts", "dz"])


@dataclass(frozen=True, slots=True)
class TimedSymbol:
    """A symbol that a voice was given, and the samples that it made of it; end may equal start.

    symbol: a letter of IPA, a mark, punctuation, a blank, or "" for what is no text.
    """

    symbol: str
    start: int
    end: int


def phones_of_symbols(symbols: Sequence[TimedSymbol], rate_hz: int) -> tuple[Phone, ...]:
    """IPA symbols as phones: marks join the letters they belong to, punctuation is a pause."""
    phones: list[Phone] = []
    stress, stressed_from = 0, -1
    may_join = False
    for symbol in symbols:
        if symbol.symbol and symbol.symbol in _STRESS_MARKS:
            stress = split_stress(symbol.symbol)[1]
            stressed_from = symbol.start
            may_join = False
            continue
        letter = split_stress(symbol.symbol)[0] if symbol.symbol.strip() else ""
        start = stressed_from if stressed_from >= 0 else symbol.start
        stressed_from = -1
        last = phones[-1] if phones else None
        if last is not None and last.symbol and letter and start == symbol.start:
            joined = last.symbol + letter
            plain = unicodedata.normalize("NFD", joined).replace(_TIE, "")
            if is_modifier(letter) or (may_join and plain in _AFFRICATES):
                phones[-1] = replace(last, symbol=joined, end=symbol.end)
                continue
        may_join = bool(letter)
        if symbol.end > start:
            phones.append(Phone(letter, start, symbol.end, stress if letter else 0))
            stress = 0
    return _without_short_pauses(phones, rate_hz)


def words_of_symbols(symbols: Iterable[TimedSymbol], text: str) -> tuple[TimedWord, ...]:
    """The words of a text out of the blanks between symbols; () when the numbers differ."""
    spans: list[tuple[int, int]] = []
    inside = False
    for symbol in symbols:
        if symbol.symbol.isspace():
            inside = False
        elif any(unicodedata.category(char)[0] == "L" for char in symbol.symbol):
            if inside:
                spans[-1] = (spans[-1][0], symbol.end)
            else:
                spans.append((symbol.start, symbol.end))
            inside = True
    written = [word for word in text.split() if any(char.isalnum() for char in word)]
    if len(written) != len(spans) or any(end <= start for start, end in spans):
        return ()
    return tuple(
        TimedWord(word, start, end) for word, (start, end) in zip(written, spans, strict=True)
    )


def fill_pauses(phones: Iterable[Phone], start: int, end: int, rate_hz: int) -> tuple[Phone, ...]:
    """Phones without gaps from sample `start` to `end`: short gaps go to the phone before."""
    filled: list[Phone] = [Phone("", start, start)]
    shortest = _SHORTEST_PAUSE_MS * rate_hz // 1000
    for phone in (*phones, Phone("", end, end)):
        last = filled[-1]
        phone = replace(phone, start=max(phone.start, last.end), end=min(phone.end, end))
        gap = phone.start - last.end
        if not last.symbol or (gap < shortest and len(filled) > 1):
            filled[-1] = last = replace(last, end=phone.start)
        elif gap:
            filled.append(Phone("", last.end, phone.start))
        if phone.end <= phone.start:
            continue
        if not phone.symbol and not filled[-1].symbol:
            filled[-1] = replace(filled[-1], end=phone.end)
        else:
            filled.append(phone)
    return tuple(phone for phone in filled if phone.end > phone.start)


def _without_short_pauses(phones: Sequence[Phone], rate_hz: int) -> tuple[Phone, ...]:
    """Pauses at least as long as one hears; what is shorter goes to the phone before."""
    if not phones:
        return ()
    sounds = [phone for phone in phones if phone.symbol]
    return fill_pauses(sounds, phones[0].start, phones[-1].end, rate_hz)
