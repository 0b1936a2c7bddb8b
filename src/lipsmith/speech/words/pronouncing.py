"""Words in a text whose pronunciation its author tells."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence

from lipsmith.phonetics.ipa import plain_ipa
from lipsmith.phonetics.visemes import VOWELS
from lipsmith.speech.options import Pronunciation
from lipsmith.speech.words.text import clean, is_speakable

_STRESS_BEFORE_ONSET = re.compile(rf"([ˈˌ])([^\sˈˌ{''.join(VOWELS)}]+)(?=[{''.join(VOWELS)}])")


def pronunciation_of(text: str, ipa: str) -> Pronunciation | None:
    """How a stretch of text is pronounced, without its punctuation; None without a word."""
    words = clean(text)
    while words and not is_speakable(words[0]):
        words = words[1:]
    while words and not is_speakable(words[-1]):
        words = words[:-1]
    return Pronunciation(words, ipa) if words else None


def parts(text: str, known: Sequence[Pronunciation]) -> Iterator[tuple[str, str]]:
    """The parts of a text in order, each with its IPA; "" where nothing is told."""
    of_words = {_folded(each.words): each.ipa for each in known}
    longest = sorted(of_words, key=len, reverse=True)
    start = 0
    pattern = "|".join(map(_pattern, longest))
    for match in re.finditer(pattern, text) if pattern else ():
        if match.start() > start:
            yield text[start : match.start()], ""
        yield match[0], of_words[_folded(match[0])]
        start = match.end()
    if start < len(text):
        yield text[start:], ""


def go_together(text: str, known: Sequence[Pronunciation]) -> bool:
    """Whether each of some words is pronounced alike wherever it stands in a text."""
    counts = Counter((_folded(each.words), each.ipa) for each in known)
    return len({words for words, _ in counts}) == len(counts) and all(
        len(re.findall(_pattern(words), text)) == count for (words, _), count in counts.items()
    )


def sayable(
    known: Iterable[Pronunciation], symbols: Container[str], warnings: list[str]
) -> tuple[Pronunciation, ...]:
    """Those that a voice can say, in its own spelling; `warnings` gets the others.

    Marks of stress stand before vowels, as in what espeak-ng told such voices when they learned.
    symbols: single characters that the voice knows.
    """
    found = []
    for each in known:
        plain = _STRESS_BEFORE_ONSET.sub(r"\2\1", plain_ipa(each.ipa))
        forms = (unicodedata.normalize(form, plain) for form in ("NFC", "NFD"))
        said = next((form for form in forms if all(char in symbols for char in form)), None)
        if said is not None:
            found.append(Pronunciation(each.words, said))
        else:
            warn_of(each.ipa, warnings)
    return tuple(found)


def warn_of(ipa: str, warnings: list[str]) -> None:
    """Tell once that a pronunciation is not followed."""
    told = f"the voice lacks a sound of the pronunciation {ipa!r}, which is left to it"
    if told not in warnings:
        warnings.append(told)


def _pattern(words: str) -> str:
    blanks = r"\s+".join(map(re.escape, words.split()))
    return rf"(?<!\w){blanks}(?!\w)"


def _folded(words: str) -> str:
    return " ".join(words.split())
