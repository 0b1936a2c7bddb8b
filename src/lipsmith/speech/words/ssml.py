"""SSML 1.1 (https://www.w3.org/TR/speech-synthesis11/): the part of it that voices can do."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from lipsmith.errors import TextError
from lipsmith.speech.words.script import Span, TextMark, Turn
from lipsmith.speech.words.text import is_speakable

_LONGEST_PAUSE_MS = 60_000
_PARAGRAPH_MS, _SENTENCE_MS = 650, 300
_BREAKS_MS = {
    "none": 0, "x-weak": 100, "weak": 200, "medium": 400, "strong": 700, "x-strong": 1000,
}  # fmt: skip
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.4, "x-fast": 1.9}
_PITCHES = {"x-low": 0.6, "low": 0.8, "medium": 1.0, "default": 1.0, "high": 1.25, "x-high": 1.6}
_GAINS_DB = {
    "silent": -math.inf, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0,
    "loud": 3.0, "x-loud": 6.0,
}  # fmt: skip
_LETTER_BY_LETTER = ("characters", "spell-out", "verbatim", "digits", "telephone")
_USUAL_PITCH_HZ = 150
_UNSAID = ("metadata", "meta", "desc", "lexicon", "lookup")
_TRANSPARENT = ("speak", "p", "s", "w", "token", "lang")


def is_ssml(text: str) -> bool:
    """Whether a text begins as SSML does."""
    return re.match(r"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*<speak[\s>/]", text, re.S) is not None


def parse_ssml(text: str, warnings: list[str]) -> list[Turn]:
    """The turns of a document, in order; each change of voice or language begins a new one.

    warnings: gets what is ignored.

    Raises:
        TextError: no well-formed XML, no <speak>, or entities of its own; with line and column.
    """
    reader = _Reader(warnings)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(text.strip(), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise TextError(
            f"the SSML is broken in line {error.lineno}, column {error.offset + 1}: {reason}"
        ) from error
    except _RefusedError as error:
        raise TextError(
            f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber + 1} "
            f"of the SSML: {error}"
        ) from error
    return reader.turns()


class _RefusedError(Exception):
    """Well-formed, but not SSML."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the text inside an element is said. span: without a text."""

    span: Span = field(default_factory=lambda: Span(""))
    voice: str | None = None
    language: str | None = None
    said: bool = True
    alias: bool = False


class _Reader:
    def __init__(self, warnings: list[str]) -> None:
        self._warnings = warnings
        self._manners: list[_Manner] = []
        self._spans: list[tuple[_Manner, Span]] = []
        self._pause_ms = 0
        self._marks: list[str] = []

    def refuse_doctype(self, *_: object) -> None:
        raise _RefusedError("it has a document type, which is refused; leave <!DOCTYPE> out")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2].lower()
        if not self._manners and name != "speak":
            raise _RefusedError(f"the first element is <{name}> and has to be <speak>")
        manner = self._manners[-1] if self._manners else _Manner()
        if language := attributes.get("xml:lang") or attributes.get("lang"):
            manner = replace(manner, language=language)
        if name == "break":
            self._pause(self._break_ms(attributes))
        elif name in ("p", "s"):
            self._pause(_PARAGRAPH_MS if name == "p" else _SENTENCE_MS, pile=False)
        elif name == "prosody":
            manner = replace(manner, span=self._prosody(manner.span, attributes))
        elif name == "emphasis":
            level = attributes.get("level", "moderate")
            level = "" if level == "none" else level
            if level in ("", "reduced", "moderate", "strong"):
                manner = replace(manner, span=replace(manner.span, emphasis=level))
            else:
                self._ignore(f'emphasis level="{level}"')
        elif name == "say-as":
            wanted = attributes.get("interpret-as", "")
            kind = "characters" if wanted in _LETTER_BY_LETTER else ""
            manner = replace(manner, span=replace(manner.span, say_as=kind))
        elif name == "phoneme":
            if attributes.get("alphabet", "ipa") == "ipa" and attributes.get("ph"):
                ipa = attributes["ph"].strip()
                manner = replace(manner, span=replace(manner.span, ipa=ipa))
            else:
                self._ignore(f'phoneme alphabet="{attributes.get("alphabet", "")}"')
        elif name == "voice":
            manner = self._voice(manner, attributes)
        elif name == "sub":
            self._manners.append(manner)
            self.text(attributes.get("alias", ""))
            self._manners.pop()
            manner = replace(manner, said="alias" not in attributes)
        elif name == "mark":
            self._mark(attributes)
        elif name in _UNSAID:
            manner = replace(manner, said=False)
        elif name not in _TRANSPARENT:
            self._ignore(f"<{name}>")
        self._manners.append(manner)

    def end(self, name: str) -> None:
        self._manners.pop()
        name = name.rpartition(":")[2].lower()
        if name in ("p", "s"):
            self._pause(_PARAGRAPH_MS if name == "p" else _SENTENCE_MS, pile=False)

    def text(self, text: str) -> None:
        manner = self._manners[-1]
        if not manner.said:
            return
        text = " ".join(f"|{text}|".split()).strip("|")  # keeps one blank at either end
        if not text.strip():
            if self._spans and text and not self._pause_ms:
                last, span = self._spans[-1]
                self._spans[-1] = last, replace(span, text=span.text.rstrip() + " ")
            return
        marks = tuple(TextMark(name) for name in self._marks)
        span = replace(manner.span, text=text, pause_ms=self._pause_ms, marks=marks)
        self._spans.append((manner, span))
        self._pause_ms = 0
        self._marks.clear()

    def turns(self) -> list[Turn]:
        self._mark_behind()
        if self._pause_ms and self._spans:
            manner = self._spans[-1][0]
            self._spans.append((manner, Span("", pause_ms=self._pause_ms)))
        turns: list[tuple[_Manner, list[Span]]] = []
        for manner, span in self._spans:
            last = turns[-1][0] if turns else None
            same = last and (last.voice, last.language) == (manner.voice, manner.language)
            if turns and (same or not is_speakable(span.text)):
                turns[-1][1].append(span)
            else:
                turns.append((manner, [span]))
        return [Turn(tuple(spans), "", m.voice, m.language) for m, spans in turns]

    def _pause(self, milliseconds: int, pile: bool = True) -> None:
        """pile: the pause comes on top of one that is there already."""
        if not pile and not self._spans:
            return
        self._mark_behind()
        total = self._pause_ms + milliseconds if pile else max(self._pause_ms, milliseconds)
        self._pause_ms = min(total, _LONGEST_PAUSE_MS)

    def _mark(self, attributes: dict[str, str]) -> None:
        if attributes.get("name"):
            self._marks.append(attributes["name"])
        else:
            self._ignore("mark without a name")

    def _mark_behind(self) -> None:
        """Marks that nothing was said after yet belong to the end of what was said."""
        if not self._spans:
            return
        manner, span = self._spans[-1]
        behind = tuple(TextMark(name, len(span.text)) for name in self._marks)
        self._spans[-1] = manner, replace(span, marks=span.marks + behind)
        self._marks.clear()

    def _break_ms(self, attributes: dict[str, str]) -> int:
        time = attributes.get("time")
        if time is None:
            strength = attributes.get("strength", "medium")
            if strength not in _BREAKS_MS:
                self._ignore(f'break strength="{strength}"')
            return _BREAKS_MS.get(strength, 0)
        match = re.fullmatch(r"\s*\+?(\d+(?:\.\d*)?|\.\d+)\s*(ms|s)\s*", time)
        if match is None:
            self._ignore(f'break time="{time}"')
            return 0
        wanted = float(match[1]) * (1000 if match[2] == "s" else 1)
        if wanted > _LONGEST_PAUSE_MS:
            self._warnings.append(f'break time="{time}" is cut to {_LONGEST_PAUSE_MS // 1000} s')
        return round(min(wanted, _LONGEST_PAUSE_MS))

    def _prosody(self, span: Span, attributes: dict[str, str]) -> Span:
        for name, value in attributes.items():
            wanted = value.strip().lower()
            if name == "rate" and (rate := _factor(wanted, _RATES)) is not None:
                span = replace(span, rate=min(5.0, max(0.2, span.rate * rate)))
            elif name == "pitch" and (pitch := _factor(wanted, _PITCHES)) is not None:
                span = replace(span, pitch=min(2.0, max(0.4, span.pitch * pitch)))
            elif name == "volume" and (gain := _gain_db(wanted)) is not None:
                span = replace(span, gain_db=min(12.0, span.gain_db + gain))
            else:
                self._ignore(f'prosody {name}="{value}"')
        return span

    def _voice(self, manner: _Manner, attributes: dict[str, str]) -> _Manner:
        if language := attributes.get("languages", "").split():
            manner = replace(manner, language=language[0].split(":")[0])
        elif "name" in attributes and "xml:lang" not in attributes:
            manner = replace(manner, language=None)  # the voice has its own
        voice = attributes.get("name")
        if voice is None and attributes.get("gender") in ("female", "male"):
            voice = "+f3" if attributes["gender"] == "female" else "+m3"
        return manner if voice is None else replace(manner, voice=voice)

    def _ignore(self, what: str) -> None:
        told = f"{what} in the SSML is ignored"
        if told not in self._warnings:
            self._warnings.append(told)


def _factor(value: str, names: dict[str, float]) -> float | None:
    """As "slow", "80%" of the usual, "+20%", "-3st", "180hz", "+10hz" or "1.2"; None is neither."""
    if value in names:
        return names[value]
    match = re.fullmatch(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(%|st|hz|)", value)
    if match is None or float(match[2]) > 1000:
        return None
    sign, number, unit = match[1], float(match[1] + match[2]), match[3]
    if unit == "st":
        return float(2 ** (max(-24.0, min(24.0, number)) / 12))
    if unit == "hz":
        return (1 + number / _USUAL_PITCH_HZ) if sign else number / _USUAL_PITCH_HZ
    if unit == "%":
        number /= 100
    factor = 1 + number if sign else number
    return factor if factor > 0 else None


def _gain_db(value: str) -> float | None:
    """As "soft", "+6db", "50" or "50%" of the usual loudness, "+10%"; None is neither."""
    if value in _GAINS_DB:
        return _GAINS_DB[value]
    if match := re.fullmatch(r"([+-]?\d+(?:\.\d*)?)db", value):
        return float(match[1])
    if match := re.fullmatch(r"([+-]?)(\d+(?:\.\d*)?)%?", value):
        share = float(match[1] + match[2]) / 100
        share = 1 + share if match[1] else share
        return 20 * math.log10(share) if share > 0 else -math.inf
    return None
