"""IPA as espeak-ng writes it, made plain."""

from __future__ import annotations

import re
import unicodedata

_STRESS = {"ˈ": 2, "ˌ": 1}
_LANGUAGE_SWITCH = re.compile(r"\([a-z-]*\)?")
_NOT_SOUND = re.compile(r"[^\w\u0300-\u036f]|[\dˈˌ_⁰¹²³⁴-⁹]")
_SPELLINGS = (
    ("s.", "ʂ"), ("z.", "ʐ"), ("i.", "ɨ"), ("t`", "ʈ"), (":", "ː"), ("ε", "ɛ"), ("ʦ", "ts"),
    ("g", "ɡ"), ("nɡ", "ŋ"), ("A", "ɑ"), ("N", "ŋ"), ("S", "ʃ"), ("X", "χ"), ("Z", "ʒ"),
)  # fmt: skip
"""espeak-ng's own spellings that some voices leave in their IPA."""


def plain_ipa(text: str) -> str:
    """IPA as people write it, in NFC, without delimiters, syllable dots and ties."""
    text = unicodedata.normalize("NFC", text.strip().strip("/[]").strip())
    for char in ".\u0361\u035c":
        text = text.replace(char, "")
    return text.replace("g", "ɡ")


def split_stress(token: str) -> tuple[str, int]:
    """An espeak-ng phoneme as (IPA symbol in NFC, stress).

    Language switches ("(en)"), tones and syllable marks are dropped, length and diphthongs are
    kept. The symbol is "" for a pause and for a mark that stands alone.
    """
    stress = max((_STRESS.get(mark, 0) for mark in token), default=0)
    token = _LANGUAGE_SWITCH.sub("", token)
    for own, ipa in _SPELLINGS:
        token = token.replace(own, ipa)
    token = _NOT_SOUND.sub("", token)
    return unicodedata.normalize("NFC", token), stress


def is_modifier(symbol: str) -> bool:
    """Whether a symbol only changes the one before it (length, aspiration, nasality)."""
    return all(unicodedata.category(char) in ("Lm", "Mn") for char in symbol)
