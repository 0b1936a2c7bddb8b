"""Which language each sentence of a text is in, found without a network.

By its letters where they tell it, else by py3langid (BSD-3-Clause, 4.6 MB, 97 languages; Lui and
Baldwin 2012, "langid.py: An Off-the-shelf Language Identification Tool", ACL), which needs more
than a word or two: a short sentence is taken to be in the language around it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import ModuleType

from lipsmith.errors import MissingExtraError
from lipsmith.speech.words.script import Span, Turn
from lipsmith.speech.words.sentence_ends import split_sentences

_LETTERS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "THAI": "th", "GREEK": "el",
    "HEBREW": "he", "GEORGIAN": "ka", "ARMENIAN": "hy", "TAMIL": "ta", "TELUGU": "te",
    "KANNADA": "kn", "MALAYALAM": "ml", "GUJARATI": "gu", "GURMUKHI": "pa", "SINHALA": "si",
    "MYANMAR": "my", "ETHIOPIC": "am", "CJK": "zh",
}  # fmt: skip
"""By the first word of the letters' Unicode names. Kana before Chinese characters."""

_CANDIDATES = (
    "af", "am", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en",
    "eo", "es", "et", "eu", "fa", "fi", "fr", "ga", "gu", "he", "hi", "hr", "ht", "hu", "hy",
    "id", "is", "it", "ja", "ka", "kk", "kn", "ko", "ku", "ky", "la", "lt", "lv", "mk", "ml",
    "mr", "ms", "mt", "nb", "ne", "nl", "or", "pa", "pl", "pt", "ro", "ru", "si", "sk", "sl",
    "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "ug", "uk", "ur", "vi", "zh",
)  # fmt: skip
"""What espeak-ng speaks and py3langid knows."""

_SURE = 4.0
"""How much likelier than the language around it another one has to be, natural logarithm."""

_FEWEST_LETTERS = 10
_SAMPLE_CHARACTERS = 4000


def by_language(turn: Turn) -> Iterator[Turn]:
    """A plain turn as turns of one language each; neighbours of one language stay together.

    Raises:
        MissingExtraError: py3langid is not installed.
    """
    text = turn.text
    usual = language_of(text[:_SAMPLE_CHARACTERS])
    start, language = 0, ""
    at = 0
    for sentence in split_sentences(text):
        found = language_of(sentence, usual)
        if language and found != language:
            yield replace(turn, spans=(Span(text[start:at]),), language=language)
            start = at
        language = found
        at += len(sentence)
    if text[start:].strip():
        yield replace(turn, spans=(Span(text[start:]),), language=language or usual)


def language_of(text: str, usual: str | None = None) -> str:
    """The primary tag of a text's language. usual: what it is unless the text tells otherwise.

    Raises:
        MissingExtraError: py3langid is not installed.
    """
    letters = [char for char in text if char.isalpha()]
    scripts = Counter(unicodedata.name(char, "").partition(" ")[0] for char in letters)
    if scripts:
        name, count = scripts.most_common(1)[0]
        kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
        if kana > len(letters) // 5:
            return "ja"
        if name in _LETTERS and 2 * count > len(letters):
            return usual if name == "CJK" and usual == "ja" else _LETTERS[name]
    scores = dict(_library().rank(" ".join(text.split())))
    scores["nb"] = max(scores.pop("no", -1e9), scores.pop("nb", -1e9), scores.pop("nn", -1e9))
    best = max(_CANDIDATES, key=lambda tag: scores.get(tag, -1e9))
    if usual is None:
        return best
    sure = scores[best] - scores.get(usual, -1e9) > _SURE
    return best if sure and len(letters) >= _FEWEST_LETTERS else usual


@cache
def _library() -> ModuleType:
    try:
        import py3langid
    except ImportError as error:
        raise MissingExtraError("--language auto", "languages") from error
    module: ModuleType = py3langid
    return module
