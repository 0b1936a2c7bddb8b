"""Which writing a voice of espeak-ng cannot read."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Script:
    """name: for people. languages: primary tags of those whose voices read it; best first."""

    name: str
    languages: tuple[str, ...]


_CYRILLIC = "ru uk be bg mk sr hr bs kk kaa ky tt ba cv uz nog"
_SCRIPTS = {
    "CJK": _Script("Chinese characters", ("zh", "yue")),
    "HIRAGANA": _Script("kana", ("ja",)),
    "KATAKANA": _Script("kana", ("ja",)),
    "CYRILLIC": _Script("Cyrillic", tuple(_CYRILLIC.split())),
    "ARABIC": _Script("Arabic script", ("ar", "fa", "ur", "sd", "ug")),
    "HEBREW": _Script("Hebrew", ("he",)),
    "THAI": _Script("Thai", ("th",)),
    "MYANMAR": _Script("Burmese script", ("my", "shn")),
    "ETHIOPIC": _Script("Ethiopic", ("am", "ti")),
    "LAO": _Script("Lao", ()),
    "KHMER": _Script("Khmer", ()),
    "TIBETAN": _Script("Tibetan", ()),
}
"""By the first word of the characters' Unicode names. Other scripts are read by every voice,
which changes to a voice of theirs by itself."""


def reading_warnings(text: str, language: str) -> list[str]:
    """What a voice of `language` (BCP 47) will spell letter by letter, for people to read."""
    primary = language.partition("-")[0]
    found = {
        _SCRIPTS[word]
        for char in set(text)
        if ord(char) > 0x250 and (word := unicodedata.name(char, "").partition(" ")[0]) in _SCRIPTS
    }
    warnings = []
    for script in sorted(found, key=lambda script: script.name):
        if primary in script.languages:
            continue
        if primary == "ja" and script.name == "Chinese characters":
            way_out = "write them in kana"
        elif script.languages:
            way_out = f"choose another language (such as {script.languages[0]})"
        else:
            way_out = "no voice of espeak-ng can"
        warnings.append(f"the voice does not read {script.name} and names each letter: {way_out}")
    return warnings
