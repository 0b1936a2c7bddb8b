"""Spans as the SSML that espeak-ng reads, and where each character of it is in the plain text."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lipsmith.phonetics.espeak import EspeakEvent
from lipsmith.phonetics.mnemonics import to_mnemonics
from lipsmith.speech.words.pronouncing import warn_of
from lipsmith.speech.words.script import Span
from lipsmith.speech.words.text import Piece, clean, is_speakable, pieces

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SILENT_DB = -60.0


@dataclass(frozen=True, slots=True)
class Passage:
    """What espeak-ng is given at a time.

    piece: the plain text. source: the same as SSML, "" when there is no markup. positions: of each
    character of the source in the plain text.
    """

    piece: Piece
    source: str = ""
    positions: Sequence[int] = ()

    def plain(self, event: EspeakEvent) -> EspeakEvent:
        """An event in the source, as one in the plain text."""
        if not self.source:
            return event
        at = min(max(event.position, 0), len(self.positions) - 1)
        return replace(event, position=self.positions[at])


def passages(
    spans: Iterable[Span], longest: int, identifier: str, warnings: list[str]
) -> Iterator[Passage]:
    """Spans in passages of about `longest` characters, cut between sentences where it can be.

    identifier: of the voice that says them.
    """
    builder = _Builder(identifier, warnings)
    for span in spans:
        parts = [span]
        if len(span.text) > longest:
            texts = [piece.text + " " for piece in pieces([span.text], longest)]
            parts = [
                replace(span, text=t, pause_ms=span.pause_ms * (not i)) for i, t in enumerate(texts)
            ]
        for part in parts:
            if len(builder) > longest and (part.pause_ms or builder.ends_sentence):
                yield from builder.take()
            builder.add(part)
    yield from builder.take()


class _Builder:
    def __init__(self, identifier: str, warnings: list[str]) -> None:
        self._voice = identifier.partition("+")[0]  # a variant has the sounds of its voice
        self._warnings = warnings
        self._reset()

    def __len__(self) -> int:
        return len(self._plain)

    @property
    def ends_sentence(self) -> bool:
        return self._plain.rstrip()[-1:] in tuple(".!?…。！？।۔؟")

    def add(self, span: Span) -> None:
        text = clean(span.text)
        before, after = span.text[:1].isspace(), span.text[-1:].isspace()
        blank = bool(self._plain) and not self._plain[-1].isspace()
        if span.pause_ms:
            self._tag(f'<break time="{span.pause_ms}ms"/>')
        if blank and (before or span.pause_ms):
            self._text(" ")
        tags = _tags(span)
        for tag, attributes in tags:
            self._tag(f"<{tag} {attributes}>")
        names = to_mnemonics(span.ipa, self._voice) if span.ipa else None
        if names is not None:
            self._has_names = True
            self._tag(f"[[{names}]]")
            self._plain += text
        else:
            if span.ipa:
                warn_of(span.ipa, self._warnings)
            # Brackets would be read as phoneme names.
            self._text(text.replace("[[", "[ ["))
        for tag, _ in reversed(tags):
            self._tag(f"</{tag}>")
        if after and text:
            self._text(" ")

    def take(self) -> Iterator[Passage]:
        """What was added, if there is anything in it to say."""
        if is_speakable(self._plain):
            self._tag("</speak>")
            piece = Piece(self._plain, ends_paragraph=True)
            yield Passage(piece, "".join(self._source), self._positions)
        self._reset()

    def _reset(self) -> None:
        self._source: list[str] = []
        self._positions = array("q")
        self._plain = ""
        self._has_names = False
        self._tag("<speak>")

    def _tag(self, source: str) -> None:
        if self._has_names and source.startswith("<"):
            source = f" {source}"  # right behind names a tag is read out
        self._source.append(source)
        self._positions.extend([len(self._plain)] * len(source))

    def _text(self, text: str) -> None:
        for char in text:
            source = _ESCAPES.get(char, char)
            if char == "." and self._source[-1].endswith("]]"):
                source = ".\n"  # or it is read out, too
            self._source.append(source)
            self._positions.extend([len(self._plain)] * len(source))
            self._plain += char


def _tags(span: Span) -> list[tuple[str, str]]:
    """The elements around a span, outer ones first."""
    tags = []
    prosody = []
    if span.rate != 1:
        prosody.append(f'rate="{round(span.rate * 100)}%"')
    if span.pitch != 1:
        prosody.append(f'pitch="{round(span.pitch * 100) - 100:+d}%"')
    if span.gain_db:
        share = 10 ** (max(span.gain_db, _SILENT_DB) / 20) if span.gain_db > _SILENT_DB else 0
        prosody.append(f'volume="{math.ceil(share * 100)}"')
    if prosody:
        tags.append(("prosody", " ".join(prosody)))
    if span.emphasis:
        tags.append(("emphasis", f'level="{span.emphasis}"'))
    if span.say_as:
        tags.append(("say-as", f'interpret-as="{span.say_as}"'))
    return tags
