"""ARPAbet, as the CMU pronouncing dictionary writes English, and IPA.

http://www.speech.cs.cmu.edu/cgi-bin/cmudict
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_IPA = {
    "AA": "ɑː", "AE": "æ", "AH": "ʌ", "AO": "ɔː", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ",
    "D": "d", "DH": "ð", "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h",
    "IH": "ɪ", "IY": "iː", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ",
    "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ",
    "UH": "ʊ", "UW": "uː", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip


_WITH_TH = frozenset(["en", "es", "el", "ar", "sq", "is", "cy", "ca", "eu", "gl"])
_ELSEWHERE = {"TH": "t", "DH": "d", "R": "ɾ", "ER": "ə"}
"""What English sounds stand for in languages that lack them: tongue and lips stay in."""

_PAIRS = {
    "tʃ": "CH", "dʒ": "JH", "tɕ": "CH", "dʑ": "JH", "tʂ": "CH", "dʐ": "JH", "aɪ": "AY",
    "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "ɔʏ": "OY",
}  # fmt: skip
_LETTERS = {
    "p": "P", "ʘ": "P", "b": "B", "ɓ": "B", "ʙ": "B", "m": "M", "ɱ": "M",
    "f": "F", "ɸ": "F", "v": "V", "ʋ": "V", "β": "V", "ⱱ": "V", "θ": "TH", "ð": "DH",
    "t": "T", "ʈ": "T", "d": "D", "ɖ": "D", "ɗ": "D", "ɾ": "D", "ɽ": "D",
    "k": "K", "q": "K", "c": "K", "ɡ": "G", "ɢ": "G", "ɟ": "G", "ɠ": "G", "ʛ": "G",
    "x": "K", "χ": "K", "ç": "HH", "ɣ": "G", "ʝ": "Y", "ɰ": "G", "ŋ": "NG", "ɴ": "NG",
    "ʃ": "SH", "ʂ": "SH", "ɕ": "SH", "ɧ": "SH", "ʒ": "ZH", "ʐ": "ZH", "ʑ": "ZH",
    "s": "S", "z": "Z", "n": "N", "ɲ": "N", "ɳ": "N", "l": "L", "ɫ": "L", "ʎ": "L", "ɭ": "L",
    "ʟ": "L", "ɬ": "L", "ɮ": "L", "ɺ": "L", "r": "R", "ɹ": "R", "ɻ": "R", "ʀ": "R", "ʁ": "R",
    "h": "HH", "ɦ": "HH", "ħ": "HH", "ʜ": "HH", "j": "Y", "w": "W", "ʍ": "W", "ɥ": "W",
    "a": "AA", "ɑ": "AA", "ɶ": "AA", "æ": "AE", "ɐ": "AH", "ʌ": "AH", "ə": "AH", "ɤ": "AH",
    "ɞ": "AH", "ɘ": "AH", "e": "EH", "ɛ": "EH", "ɜ": "ER", "ɚ": "ER", "ɝ": "ER", "i": "IY",
    "ɪ": "IH", "ɨ": "IH", "ᵻ": "IH", "ɯ": "UW", "o": "AO", "ɔ": "AO", "ɒ": "AA", "ɵ": "UH",
    "œ": "ER", "ø": "ER", "u": "UW", "ʉ": "UW", "y": "UW", "ʊ": "UH", "ʏ": "UH", "ɷ": "UH",
}  # fmt: skip
"""The English sound whose spectrum is nearest, which is not always made by like lips."""


def to_ipa(name: str, language: str = "en") -> str:
    """The IPA of an ARPAbet phone heard in speech of `language` (BCP 47).

    "" for silence and noise ("SIL", "+NSN+", "+SPN+").
    """
    name = name.rstrip("012")
    primary = language.lower().partition("-")[0]
    keeps = primary == "en" or (name in ("TH", "DH") and primary in _WITH_TH)
    return _IPA.get(name, "") if keeps else _ELSEWHERE.get(name) or _IPA.get(name, "")


@lru_cache(maxsize=4096)
def from_ipa(symbol: str) -> tuple[str, ...]:
    """The ARPAbet phones that sound most like an IPA phone of any language.

    () for glottal stops, pauses and symbols without any known letter.
    """
    letters = [char for char in unicodedata.normalize("NFD", symbol) if char in _LETTERS]
    if unicodedata.normalize("NFC", symbol).startswith("ç"):  # NFD takes its letter apart
        letters.insert(0, "ç")
        del letters[1:2]
    names: list[str] = []
    at = 0
    while at < len(letters):
        pair = "".join(letters[at : at + 2])
        names.append(_PAIRS.get(pair) or _LETTERS[letters[at]])
        at += 2 if pair in _PAIRS else 1
    return tuple(names)
