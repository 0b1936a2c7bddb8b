"""Text as people paste it, made fit for speech."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lipsmith.speech.words.sentence_ends import sentence_ends

_PARAGRAPH = re.compile(r"\n\s*\n")
_BREAKS = (
    re.compile(r"(?<=[,;:，、；：،؛—–])\s*"),
    re.compile(r"\s+"),
)
_KEPT_FORMATS = "\u200c\u200d"
"""Joiners: without them Persian and the scripts of India are spelled wrongly."""


def clean(text: str) -> str:
    """The text without control characters, lone surrogates and repeated blanks, in NFC."""
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category in ("Zs", "Zl", "Zp") or (category == "Cc" and char.isspace()):
            kept.append(" ")
        elif category[0] != "C" or char in _KEPT_FORMATS:
            kept.append(char)
    return " ".join("".join(kept).split())


def is_speakable(text: str) -> bool:
    """Whether there is a letter, a digit or a symbol in the text, not only punctuation."""
    return any(unicodedata.category(char)[0] in "LNS" for char in text)


@dataclass(frozen=True, slots=True)
class Piece:
    """Cleaned text to say in one go; ends_paragraph: a longer pause follows."""

    text: str
    ends_paragraph: bool


def pieces(text: Iterable[str], longest: int) -> Iterator[Piece]:
    """Cut texts where speakers pause into pieces of up to `longest` characters.

    Pieces without anything to say are dropped.
    """
    for block in text:
        for start, end in _paragraphs(block):
            while start < end:
                cut = _cut(block, start, end, longest)
                piece = clean(block[start:cut])
                if is_speakable(piece):
                    yield Piece(piece, ends_paragraph=cut == end)
                start = cut


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where each paragraph starts and ends."""
    start = 0
    for match in _PARAGRAPH.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _cut(text: str, start: int, end: int, longest: int) -> int:
    """Where to cut text[start:end], at most `longest` characters behind `start`."""
    if end - start <= longest:
        return end
    ends = [start + at for at in sentence_ends(text[start : start + longest])]
    if ends and ends[-1] - start > longest // 4:
        return ends[-1]
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, start + 1, start + longest)]
        if ends and ends[-1] - start > longest // 4:
            return ends[-1]
    return start + longest
