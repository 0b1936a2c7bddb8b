"""IPA phones to visemes.

The classes are those of the Oculus lip-sync convention
(https://developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference/);
phones that it does not name go to the class whose lips, jaw and tongue tip look most alike.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from lipsmith.core.motion import TimedViseme, Viseme
from lipsmith.core.speech import Phone

VOWELS = frozenset("aɑæʌɐəɶɞɤeɛɘɜiɪɨᵻɯoɔɒœɵøuʊʉyʏɚɝɷ")
"""The letters of vowels in NFD."""

GLOTTALS = frozenset("hɦħʕʔʜʢ")
"""Letters of sounds that are made behind the mouth, which takes the shape of what follows."""

_LETTERS = {
    Viseme.PP: "pbmɓʙʘ",
    Viseme.FF: "fvɸβʋɱⱱ",
    Viseme.TH: "θð",
    Viseme.DD: "tdʈɖɗɾɽᶑǀǃǂ",
    Viseme.KK: "kɡŋxɣqχʁɢɴcɟʝçɠʛʄʀɰ",
    Viseme.CH: "ʃʒɕʑʂʐɧ",
    Viseme.SS: "sz",
    Viseme.NN: "nlɲɳɫʎɭɬɮʟɺǁ",
    Viseme.RR: "rɹɻɚɝ",
    Viseme.AA: "aɑæʌɐɶɞ",
    Viseme.E: "eɛɘɜəɤ",
    Viseme.IH: "iɪɨᵻɯj",
    Viseme.OH: "oɔɒœɵ",
    Viseme.OU: "uʊʉyʏøɷwʍɥʷ",
}
_OF_LETTER = {letter: viseme for viseme, letters in _LETTERS.items() for letter in letters}
_FRICATION = frozenset({Viseme.CH, Viseme.SS})
_FIRST_OF_TWO_VOWELS = 0.6


@lru_cache(maxsize=4096)
def visemes_of(symbol: str) -> tuple[Viseme, ...]:
    """The visemes that an IPA phone passes through; () for sounds made behind the mouth.

    A pause and a symbol without any known letter are SIL.
    """
    letters = [char for char in unicodedata.normalize("NFD", symbol) if char in _OF_LETTER]
    if not letters:
        return () if any(char in GLOTTALS for char in symbol) else (Viseme.SIL,)
    if symbol == "ɜː":  # the vowel of "nurse", which most speakers colour with r
        return (Viseme.RR,)
    visemes: list[Viseme] = []
    for viseme in (_OF_LETTER[letter] for letter in letters):
        if visemes and viseme in _FRICATION and visemes[-1] is Viseme.DD:
            visemes[-1] = viseme  # in an affricate the lips take the fricative's shape at once
        elif not visemes or visemes[-1] is not viseme:
            visemes.append(viseme)
    return tuple(visemes)


def timed_visemes(phones: Iterable[Phone]) -> list[TimedViseme]:
    """The visemes of timed phones, in order; each phone's stretch is filled without a gap."""
    phones = list(phones)
    shapes = [visemes_of(phone.symbol) for phone in phones]
    timed: list[TimedViseme] = []
    for index, phone in enumerate(phones):
        visemes = shapes[index] or (_neighbour(shapes, index),)
        visemes = visemes[: phone.end - phone.start]
        edges = _edges(phone, visemes)
        timed += [
            TimedViseme(viseme, start, end, phone.stress)
            for viseme, start, end in zip(visemes, edges, edges[1:], strict=False)
        ]
    return timed


def _neighbour(shapes: Sequence[tuple[Viseme, ...]], index: int) -> Viseme:
    """The shape that the mouth already has, or still has, while the throat makes a sound."""
    for shape in shapes[index + 1 : index + 3]:
        if shape and shape[0] is not Viseme.SIL:
            return shape[0]
    for shape in reversed(shapes[max(0, index - 2) : index]):
        if shape and shape[-1] is not Viseme.SIL:
            return shape[-1]
    return Viseme.E


def _edges(phone: Phone, visemes: Sequence[Viseme]) -> list[int]:
    """Where each viseme starts, and the end of the last one."""
    length, count = phone.end - phone.start, len(visemes)
    if count == 2 and phone.symbol[0] in VOWELS:
        middle = min(max(1, round(length * _FIRST_OF_TWO_VOWELS)), length - 1)
        return [phone.start, phone.start + middle, phone.end]
    return [phone.start + round(length * part / count) for part in range(count + 1)]
