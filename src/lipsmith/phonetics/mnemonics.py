"""IPA in the phoneme names that an espeak-ng voice takes between [[ and ]].

Each voice has names of its own, and its own sounds for them, so they are learned from what the
voice says (https://github.com/espeak-ng/espeak-ng/blob/master/docs/phonemes.md).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from lipsmith.phonetics.espeak import EspeakProcess, EventKind
from lipsmith.phonetics.ipa import plain_ipa, split_stress
from lipsmith.phonetics.visemes import VOWELS

_STRESS = {"ˈ": "'", "ˌ": ","}
_TONES = frozenset("˥˦˧˨˩ꜛꜜ↗↘")
_WORD_BREAK, _APART = "||", "|"
_NEAR = {
    "r": "ɾɹʁʀ", "ɹ": "rɾʁʀ", "ɾ": "rɹtʁ", "ʁ": "ʀrɹ", "ʀ": "ʁrɹ", "ɻ": "ɹr", "ɽ": "ɾr",
    "e": "ɛ", "ɛ": "eæ", "o": "ɔ", "ɔ": "oɒ", "ɒ": "ɔɑ", "ɑ": "aɒ", "a": "ɑæɐ", "æ": "ɛa",
    "ɐ": "aʌə", "ʌ": "ɐaə", "ə": "ɐʌɛe", "ɜ": "əɛœ", "ɪ": "i", "i": "ɪ", "ʊ": "u", "u": "ʊ",
    "y": "ʏiu", "ʏ": "yɪ", "ø": "œɜe", "œ": "øɜɛ", "ɨ": "ɪi", "ʉ": "uy", "ɯ": "ɨu", "ɤ": "əɔ",
    "ɵ": "øʊo", "ɘ": "əe", "ɚ": "ɜə", "ɝ": "ɜɚə",
    "w": "ʋvu", "v": "ʋw", "ʋ": "vw", "β": "vb", "ɸ": "f", "ɥ": "jy", "ʍ": "w", "θ": "s", "ð": "d",
    "x": "χhk", "χ": "xhk", "ç": "ʃx", "h": "xɦ", "ɦ": "h", "ɣ": "ɡx", "ʝ": "j", "ɕ": "ʃ",
    "ʑ": "ʒ", "ʂ": "ʃ", "ʐ": "ʒ", "ʒ": "ʃ", "ŋ": "n", "ɲ": "n", "ɳ": "n", "ɱ": "m", "ɫ": "l",
    "ɭ": "l", "ʎ": "lj", "ɬ": "l", "ʈ": "t", "ɴ": "ŋn", "ħ": "hx", "ʕ": "ʔ", "ɖ": "d", "c": "k",
    "ɟ": "ɡ", "q": "k", "z": "s",
}  # fmt: skip
"""What stands in for a sound that a language lacks, nearest first."""

_NEAR_DIPHTHONGS = {"oʊ": ("əʊ",), "əʊ": ("oʊ",), "tʃ": ("tɕ",), "dʒ": ("dʑ",)}
_LONGEST = 4


def to_mnemonics(ipa: str, identifier: str) -> str | None:
    """The same sounds in the names of a voice; None when it has nothing like one of them.

    A sound that the voice's language lacks becomes the nearest one that it has; tones are left
    out. identifier: of the voice, as in `EspeakVoice`.

    Raises:
        RenderError: espeak-ng is not installed or died.
    """
    names = _learned(identifier)
    text = "".join(char for char in plain_ipa(ipa) if char not in _TONES)
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in _STRESS or text[at].isspace():
            found.append(_STRESS.get(text[at], _WORD_BREAK))
            at += 1
            continue
        for length in range(min(_LONGEST, len(text) - at), 0, -1):
            name = _name_of(text[at : at + length], names)
            if name is not None:
                found += [name, _APART]
                at += length
                break
        else:
            if unicodedata.category(text[at]) not in ("Lm", "Mn"):
                return None
            at += 1  # a mark that makes no difference in this language
    return "".join(found).replace(_APART + _WORD_BREAK, _WORD_BREAK).rstrip("|") or None


def _name_of(symbol: str, names: Mapping[str, str]) -> str | None:
    for like in (symbol, *_NEAR_DIPHTHONGS.get(symbol, ())):
        if like in names:
            return names[like]
    base, length = symbol[0], symbol[1:]
    if length not in ("", "ː"):
        return None
    near = base + _NEAR.get(base, "")
    likes = [f"{sound}{length}" for sound in near] + [
        f"{sound}{'' if length else 'ː'}" for sound in near
    ]
    return next((names[like] for like in likes if like in names), None)


@lru_cache(maxsize=16)
def _learned(identifier: str) -> dict[str, str]:
    """The shortest name of every sound of a voice, by its IPA, said where it is not changed."""
    found: dict[str, str] = {}
    with EspeakProcess() as process:
        process.use(identifier)
        for name in sorted(_all_names(process.data), key=len):
            for before, behind in (("p'", "p"), ("a'", "a")):
                symbols = _said(process, f"{before}{name}{behind}")
                is_vowel = len(symbols) == 3 and symbols[1][:1] in VOWELS
                if len(symbols) == 3 and symbols[1] and is_vowel == before.startswith("p"):
                    found.setdefault(symbols[1], name)
    return found


def _said(process: EspeakProcess, names: str) -> list[str]:
    return [
        split_stress(event.phoneme)[0]
        for made in process.speak(f"[[{names}]] ", ssml=True)
        if isinstance(made, list)
        for event in made
        if event.kind == EventKind.PHONEME and event.phoneme
    ]


@lru_cache(maxsize=1)
def _all_names(data: Path) -> frozenset[str]:
    """The names of all languages, of which each voice knows some.

    Read from espeak-ng's phontab: the number of tables in 4 bytes; of each, the number of its
    phonemes in 4 and its name in 32; of each phoneme, 16 that begin with its name.
    """
    table = (data / "phontab").read_bytes()
    names = set()
    at = 4
    for _ in range(table[0]):
        count = table[at]
        at += 36
        for _ in range(count):
            names.add(table[at : at + 4].rstrip(b"\0").decode("latin-1"))
            at += 16
    return frozenset(name for name in names if name and name.isascii() and name[0] not in "_|'%,=")
