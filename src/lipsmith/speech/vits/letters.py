"""Which letters of a written word stand for which of its sounds.

A voice that reads letters tells how long it took over each of them; the mouth needs the sounds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lipsmith.core.motion import Viseme
from lipsmith.phonetics.visemes import VOWELS, visemes_of

_LIKE_LATIN = str.maketrans(
    "бвгґджзийклмнпрстфхцчшщыэюяєіїљњћђџαβγδεζηθικλμνξοπρσςτυφχψω",
    "bvggdʒzijklmnprstfxsʃʃʃɨeuaeiilntddavgdeziθiklmnsoprsstifxso",
)
_SOUNDS = {"c": "k", "q": "k", "x": "ks", "y": "j", "j": "dʒ", "g": "ɡ", "'": "", "-": ""}
"""What a letter sounds like in most romanisations, where that is not its own IPA."""

_DIGRAPHS = {"sh": "ʃ", "ch": "tʃ", "zh": "ʒ", "kh": "x", "gh": "ɣ", "ng": "ŋ", "ph": "f"}

_SAME, _KIND, _OTHER, _UNKNOWN, _GAP = 2.0, 0.8, -1.0, 0.4, -0.6


@dataclass(frozen=True, slots=True)
class LetterSpan:
    """The letters [first, last) of a word, last > first, and which share of them: 0..1."""

    first: int
    last: int
    start_share: float
    end_share: float


def match_letters(letters: str, symbols: Sequence[str]) -> list[LetterSpan]:
    """For each IPA symbol of a word, in order, the letters that stand for it.

    Together the spans cover all letters: silent ones go with the sound before them, and sounds
    that share letters divide them equally. By the alignment of Needleman and Wunsch (1970).
    """
    count, total = len(letters), len(symbols)
    if not total:
        return []
    best = np.zeros((count + 1, total + 1))
    best[:, 0] = _GAP * np.arange(count + 1)
    best[0, :] = _GAP * np.arange(total + 1)
    for i in range(1, count + 1):
        for j in range(1, total + 1):
            best[i, j] = max(
                best[i - 1, j - 1] + _likeness(letters[i - 1], symbols[j - 1]),
                best[i - 1, j] + _GAP,
                best[i, j - 1] + _GAP,
            )
    owner: list[int | None] = [None] * count
    i, j = count, total
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + _likeness(letters[i - 1], symbols[j - 1]):
            i, j = i - 1, j - 1
            owner[i] = j
        elif best[i, j] == best[i - 1, j] + _GAP:
            i -= 1
        else:
            j -= 1
    return _spans(owner, total)


def sounds_of_letters(letters: str) -> list[tuple[str, int]]:
    """Romanised letters as IPA, with the number of letters that each sound takes."""
    sounds: list[tuple[str, int]] = []
    at = 0
    while at < len(letters):
        pair = letters[at : at + 2].lower()
        if pair in _DIGRAPHS:
            sounds.append((_DIGRAPHS[pair], 2))
            at += 2
            continue
        plain = _plain(letters[at])
        is_vowel = plain == "y" and letters[at + 1 : at + 2].lower() not in tuple("aeiou")
        sounds.append(("i" if is_vowel else _SOUNDS.get(plain, plain), 1))
        at += 1
    return sounds


def _spans(owner: Sequence[int | None], total: int) -> list[LetterSpan]:
    """Spans out of the sound that each letter was matched with, if any."""
    count = len(owner)
    starts = {sound: letter for letter, sound in enumerate(owner) if sound is not None}
    if not starts:
        return [LetterSpan(0, count, j / total, (j + 1) / total) for j in range(total)]
    anchors = sorted(starts)
    spans: list[LetterSpan] = []
    for index, sound in enumerate(anchors):
        first = 0 if index == 0 else starts[sound]
        last = starts[anchors[index + 1]] if index + 1 < len(anchors) else count
        begin = 0 if index == 0 else sound
        end = anchors[index + 1] if index + 1 < len(anchors) else total
        share = end - begin
        spans += [LetterSpan(first, last, k / share, (k + 1) / share) for k in range(share)]
    return spans


def _likeness(letter: str, symbol: str) -> float:
    plain = _plain(letter)
    sound = _SOUNDS.get(plain, plain)
    base = unicodedata.normalize("NFD", symbol)[:1]
    shapes = visemes_of(sound)
    if sound[:1] == base:
        return _SAME
    if Viseme.SIL in shapes:
        return _UNKNOWN  # a letter of a script that is not known here
    if set(shapes) & set(visemes_of(symbol)):
        return _SAME
    return _KIND if (plain in VOWELS) == (base in VOWELS) else _OTHER


def _plain(letter: str) -> str:
    lower = unicodedata.normalize("NFD", letter.lower())[:1]
    return lower.translate(_LIKE_LATIN)
