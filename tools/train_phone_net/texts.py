"""Sentences in many languages out of the message catalogues that Django ships (BSD licence)."""

from __future__ import annotations

import gettext
import random
import re
from pathlib import Path

import django

_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|<[^>]+>|\{[^}]*\}|&\w+;|[\"\\]")
_LONGEST, _SHORTEST = 160, 9
_KANA = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモ"
    "ヤユヨラリルレロワンガギグゲゴザジズゼゾダデドバビブベボパピプペポ"
)
_LABIAL_WORDS = """
    my move movie make made man woman moment time home come some important company member number
    maybe mother problem public people happy open up help keep sleep simple example paper apple
    bubble rubber baby boy big best become before between begin brown blue purple pepper the a we
    you they and not never when where water very voice love live five funny family
"""


def sentences(locale: str, seed: int) -> list[str]:
    """The messages of one of Django's locales ("zh_Hans"), shuffled; "en" are the originals."""
    if locale == "ja":
        return _kana(seed)
    folder = Path(django.__file__).parent
    found: set[str] = set()
    for path in folder.glob(f"**/locale/{'de' if locale == 'en' else locale}/LC_MESSAGES/*.mo"):
        with path.open("rb") as file:
            catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        for source, translation in catalog.items():
            text = source if locale == "en" else translation
            if isinstance(text, str):
                found.update(_plain(text))
    result = sorted(found)
    rng = random.Random(seed)
    if locale == "en":
        result += [
            " ".join(rng.choices(_LABIAL_WORDS.split(), k=rng.randint(4, 12))) for _ in result
        ]
    rng.shuffle(result)
    return result


def _plain(text: str) -> list[str]:
    text = " ".join(_PLACEHOLDER.sub(" ", text).split())
    parts = re.split(r"(?<=[.!?。;:])\s*", text)
    return [part for part in parts if len(part.encode()) >= _SHORTEST and len(part) <= _LONGEST]


def _kana(seed: int) -> list[str]:
    """Japanese syllables at random, since espeak-ng does not read kanji."""
    rng = random.Random(seed)
    return [
        " ".join("".join(rng.choices(_KANA, k=rng.randint(2, 6))) for _ in range(rng.randint(3, 8)))
        for _ in range(500)
    ]
