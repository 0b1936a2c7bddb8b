"""IPA in the phoneme names that espeak-ng's English voices take between [[ and ]].

https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md
"""

from __future__ import annotations

import re
import unicodedata

_NAMES = {
    "p": "p", "b": "b", "t": "t", "d": "d", "k": "k", "g": "g", "ɡ": "g", "f": "f", "v": "v",
    "tʃ": "tS", "dʒ": "dZ", "θ": "T", "ð": "D", "s": "s", "z": "z", "ʃ": "S", "ʒ": "Z", "h": "h",
    "m": "m", "n": "n", "ŋ": "N", "l": "l", "ɫ": "l", "r": "r", "ɹ": "r", "ɾ": "t", "j": "j",
    "w": "w", "x": "x", "ʔ": "?",
    "iː": "i:", "i": "i", "ɪ": "I", "eɪ": "eI", "e": "E", "ɛ": "E", "æ": "a", "a": "a",
    "ɑː": "A:", "ɑ": "A:", "aː": "A:", "ɒ": "0", "ɔː": "O:", "ɔ": "O:", "oʊ": "oU", "əʊ": "oU",
    "o": "oU", "ʊ": "U", "uː": "u:", "u": "u:", "ʌ": "V", "ə": "@", "ɐ": "@", "ɜː": "3:",
    "ɜ": "3:", "ɝ": "3:", "ɝː": "3:", "ɚ": "3", "aɪ": "aI", "aʊ": "aU", "ɔɪ": "OI", "ɪə": "i@",
    "eə": "e@", "ɛə": "e@", "ʊə": "U@",
    "ˈ": "'", "ˌ": ",", ".": "", " ": "||", "ː": "",
}  # fmt: skip
_SYMBOL = re.compile("|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)))


def to_mnemonics(ipa: str) -> str | None:
    """The same sounds in espeak-ng's names; None when a sound is not of English."""
    ipa = unicodedata.normalize("NFC", ipa).replace("\u0361", "").strip("/[] ")
    names = [match[0] for match in _SYMBOL.finditer(ipa)]
    return "".join(map(_NAMES.__getitem__, names)) if names and "".join(names) == ipa else None
