"""What the mouth aims for in each speech sound, in millimetres.

Openings follow the lip apertures of real talkers (median 5 to 10.5 mm, 95th percentile 11 to
19 mm); which sounds constrain which part of the mouth follows the classes of Löfqvist (1990,
"Speech as audible gestures") and Cohen and Massaro (1993, "Modeling coarticulation in synthetic
visual speech", p. 145): a bilabial fixes the lips and leaves the jaw, a vowel fixes the jaw.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from lipsmith.phonetics.visemes import GLOTTALS, VOWELS


class Contact(Enum):
    """A closure that is seen: the lips, the lower lip on the upper teeth, the teeth."""

    NONE = 0
    LIPS = 1
    LIP_TEETH = 2
    TEETH = 3


@dataclass(frozen=True, slots=True)
class Target:
    """A mouth shape and how firmly the sound insists on it.

    Millimetres as in `MouthPose`. round: 0..1. opening_weight, jaw_weight, width_weight: the
    dominance of the sound over its neighbours for the lips, the jaw, and the width and rounding.
    press, tongue, tongue_out: 0..1 as in `MouthPose`.
    """

    upper_raise_mm: float
    lower_drop_mm: float
    width_mm: float
    jaw_mm: float
    round: float = 0.0
    opening_weight: float = 1.0
    jaw_weight: float = 1.0
    width_weight: float = 1.0
    contact: Contact = Contact.NONE
    press: float = 0.0
    tongue: float = 0.0
    tongue_out: float = 0.0


REST = Target(0.0, 0.0, 0.0, 0.0, 0.0, 0.8, 0.8, 0.35)

_VOWELS: dict[str, Target] = {
    "i": Target(2.5, 5.4, 4.0, 2.2, 0.0, 0.9, 0.9, 1.1),
    "ɪ": Target(2.3, 6.2, 2.4, 3.0, 0.0, 0.8, 0.8, 0.75),
    "e": Target(2.8, 7.6, 3.0, 4.4, 0.0, 1.05, 1.05, 0.95),
    "ɛ": Target(3.2, 9.4, 2.4, 6.0, 0.0, 1.15, 1.15, 0.8),
    "æ": Target(3.8, 11.6, 2.4, 8.0, 0.0, 1.25, 1.25, 0.9),
    "a": Target(3.4, 12.8, 0.6, 9.4, 0.0, 1.3, 1.3, 0.7),
    "ɑ": Target(3.2, 13.2, -0.4, 9.8, 0.05, 1.3, 1.3, 0.75),
    "ɐ": Target(2.7, 9.8, 0.4, 6.6, 0.0, 1.0, 1.0, 0.5),
    "ʌ": Target(2.6, 9.6, 0.5, 6.4, 0.0, 1.1, 1.1, 0.5),
    "ə": Target(2.0, 6.6, 0.4, 3.8, 0.0, 0.5, 0.5, 0.3),
    "ɜ": Target(2.2, 6.6, -1.2, 3.6, 0.3, 0.8, 0.8, 0.8),
    "ɚ": Target(1.9, 5.8, -1.8, 3.0, 0.42, 0.7, 0.7, 0.8),
    "ɒ": Target(2.6, 11.8, -2.6, 8.4, 0.45, 1.25, 1.2, 1.0),
    "ɔ": Target(2.5, 11.0, -4.4, 7.4, 0.6, 1.2, 1.2, 1.1),
    "o": Target(2.0, 8.4, -6.4, 5.4, 0.85, 1.1, 1.1, 1.2),
    "ʊ": Target(1.6, 6.0, -5.2, 3.0, 0.7, 0.85, 0.85, 1.0),
    "u": Target(1.0, 3.8, -8.0, 2.2, 1.0, 1.15, 1.0, 1.3),
    "y": Target(1.2, 4.2, -7.0, 1.8, 0.95, 1.0, 0.95, 1.25),
    "ʏ": Target(1.6, 5.4, -4.6, 2.6, 0.8, 0.9, 0.9, 1.1),
    "ø": Target(1.9, 6.6, -5.8, 3.6, 0.8, 1.0, 0.95, 1.15),
    "œ": Target(2.2, 8.6, -3.6, 5.4, 0.65, 1.0, 1.0, 1.05),
    "ɨ": Target(2.3, 5.6, 1.6, 2.6, 0.0, 0.75, 0.75, 0.6),
}
_VOWELS |= {
    "ᵻ": _VOWELS["ɨ"],
    "ɯ": _VOWELS["ɨ"],
    "ʉ": _VOWELS["u"],
    "ᵿ": _VOWELS["ʊ"],
    "ɘ": _VOWELS["ə"],
    "ɵ": _VOWELS["ø"],
    "ɤ": _VOWELS["ʌ"],
    "ɞ": _VOWELS["œ"],
    "ɶ": _VOWELS["œ"],
    "ɝ": _VOWELS["ɚ"],
}

_LIPS = Target(1.2, 3.4, 0.0, 1.2, 0.05, 0.35, 0.75, 0.3, Contact.LIPS, press=0.9)
_LIP_TEETH = Target(1.7, 3.0, 0.4, 1.4, 0.0, 0.7, 0.8, 0.45, Contact.LIP_TEETH)
_ALVEOLAR = Target(2.0, 4.8, 0.8, 2.0, 0.0, 0.5, 0.8, 0.3, tongue=1.0)
_LATERAL = Target(2.1, 5.8, 0.6, 3.0, 0.0, 0.65, 0.7, 0.3, tongue=1.0)
_SIBILANT = Target(2.1, 3.2, 1.8, 0.6, 0.0, 1.4, 2.2, 0.7, Contact.TEETH)
_HUSHING = Target(2.6, 3.6, -3.6, 0.9, 0.75, 1.4, 2.0, 1.1, Contact.TEETH)
_DENTAL = Target(1.9, 5.0, 0.6, 2.2, 0.0, 0.9, 0.9, 0.4, tongue_out=1.0)
_VELAR = Target(2.0, 6.4, 0.4, 3.6, 0.0, 0.4, 0.4, 0.2)
_RHOTIC = Target(1.7, 4.4, -2.6, 2.2, 0.55, 0.85, 0.8, 0.9)
_TRILL = Target(2.0, 5.4, 0.2, 2.8, 0.0, 0.6, 0.7, 0.3, tongue=0.7)
_GLIDE_W = Target(0.4, 1.4, -7.8, 1.2, 1.0, 1.5, 1.0, 1.4)
_GLIDE_J = Target(2.3, 5.0, 3.0, 2.0, 0.0, 0.65, 0.7, 0.75)
_BREATH = Target(2.0, 6.4, 0.2, 3.6, 0.0, 0.2, 0.2, 0.05)

_CONSONANTS: dict[str, Target] = {
    letter: target
    for letters, target in (
        ("pbɓʙʘ", _LIPS),
        ("m", replace(_LIPS, press=0.65)),
        ("fvɱⱱʋ", _LIP_TEETH),
        ("ɸβ", replace(_GLIDE_W, upper_raise_mm=0.4, lower_drop_mm=1.0, width_mm=-2.5, round=0.4)),
        ("θð", _DENTAL),
        ("tdnʈɖɗɳǀǃǂ", _ALVEOLAR),
        ("lɫɭɬɮʎǁ", _LATERAL),
        ("sz", _SIBILANT),
        ("ʃʒʂʐɧ", _HUSHING),
        ("ɕʑ", replace(_HUSHING, width_mm=0.4, round=0.2)),
        ("kɡgŋxɣqχʁɢɴʀɠʛʟɰ", _VELAR),
        ("cɟçɲʝ", replace(_GLIDE_J, width_weight=0.5)),
        ("ɹɻ", _RHOTIC),
        ("rɾɽɺ", _TRILL),
        ("wʍɥ", _GLIDE_W),
        ("j", _GLIDE_J),
        ("hɦʔʕħ", _BREATH),
    )
    for letter in letters
}


def targets(symbol: str) -> tuple[tuple[float, Target], ...]:
    """The shapes that a phone passes through, as (share of its time, target) in order.

    symbol: IPA as in `Phone`; "" is a pause. Diphthongs and affricates give two or more shapes.
    Unknown letters are skipped; a symbol with none that is known gives a neutral vowel.
    """
    return _targets(symbol)


@lru_cache(maxsize=1024)
def _targets(symbol: str) -> tuple[tuple[float, Target], ...]:
    if not symbol:
        return ((1.0, REST),)
    decomposed = unicodedata.normalize("NFD", symbol.replace("ʲ", "").replace("ʰ", ""))
    letters = [c for c in decomposed if c in _VOWELS or c in _CONSONANTS]
    if not letters:
        return ((1.0, _VOWELS["ə"]),)
    if len(letters) > 1:
        letters = [c for c in letters if c not in GLOTTALS] or letters[:1]
    shapes = [_VOWELS[c] if c in _VOWELS else _CONSONANTS[c] for c in letters]
    if "ʷ" in symbol:
        shapes[-1] = replace(shapes[-1], width_mm=-5.0, round=0.9, width_weight=1.2)
    if len(shapes) == 1:
        return ((1.0, shapes[0]),)
    # The first element of a diphthong is held longer than the glide that follows it.
    first = 0.55 if letters[0] in VOWELS else 0.35
    rest = (1.0 - first) / (len(shapes) - 1)
    return ((first, shapes[0]), *((rest, shape) for shape in shapes[1:]))


def is_vowel(symbol: str) -> bool:
    """Whether a phone has a vowel in it."""
    return any(c in VOWELS for c in unicodedata.normalize("NFD", symbol))
