"""Spans for engines that have one manner for a whole text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from lipsmith.core.speech import Speech
from lipsmith.speech.chunks.joining import Part, joined
from lipsmith.speech.options import PITCH, RATE_WPM
from lipsmith.speech.words.script import Span
from lipsmith.speech.words.text import is_speakable

if TYPE_CHECKING:
    from lipsmith.speech.base import SpeechEngine, SpeechOptions

_NORMAL_RATE_WPM, _NORMAL_PITCH = 175, 50
_EMPHASIS = {"": (1.0, 0.0), "reduced": (1.1, -3.0), "moderate": (0.95, 1.5), "strong": (0.88, 3.0)}
"""Rate and gain in dB: stressed words are longer and louder."""

_SENTENCE_ENDS = tuple(".!?…。！？।۔؟")


def say_one_by_one(
    engine: SpeechEngine,
    spans: Iterable[Span],
    options: SpeechOptions,
    characters: int | None = None,
) -> Speech:
    """Say each span with options of its own; the pauses of an utterance are cut off within
    sentences, but its melody begins anew with every span.

    Raises:
        TextError: there is nothing in the spans to say; and whatever `engine.speak` raises.
    """
    warnings: list[str] = []
    return joined(_parts(engine, _merged(spans), options, characters, warnings), warnings)


def _parts(
    engine: SpeechEngine,
    spans: Iterable[Span],
    options: SpeechOptions,
    characters: int | None,
    warnings: list[str],
) -> Iterator[Part]:
    ends_sentence = True
    waiting: Span | None = None
    for span in [*spans, None]:
        if waiting is not None:
            inside_start = not ends_sentence and not waiting.pause_ms
            ends_sentence = waiting.text.rstrip()[-1:] in _SENTENCE_ENDS
            inside_end = span is not None and not span.pause_ms and not ends_sentence
            share = len(waiting.text) / characters if characters else 0.0
            _warn(engine, waiting, warnings)
            yield Part(
                engine.speak([_spoken(waiting)], _manner(waiting, options), len(_spoken(waiting))),
                share=share if span is not None else 1.0,
                pause_ms=waiting.pause_ms,
                inside_start=inside_start,
                inside_end=inside_end,
                gain=10 ** ((waiting.gain_db + _EMPHASIS[waiting.emphasis][1]) / 20),
            )
        waiting = span


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Neighbours of one manner as one span; what cannot be said alone joins the one before."""
    last: Span | None = None
    for span in spans:
        if last is not None:
            manner = replace(span, text=last.text, pause_ms=last.pause_ms, ipa=last.ipa)
            if not is_speakable(span.text) or (
                manner == last and not span.pause_ms and not last.say_as
            ):
                last = replace(last, text=last.text + span.text)
                continue
            yield last
        last = span
    if last is not None and is_speakable(last.text):
        yield last


def _spoken(span: Span) -> str:
    """What the engine reads."""
    if span.say_as:
        letters = [char.upper() for char in span.text if not char.isspace()]
        # A lone A is an article for some voices, unless a comma follows.
        return (" " if all(map(str.isdigit, letters)) else ", ").join(letters)
    return span.text


def _manner(span: Span, options: SpeechOptions) -> SpeechOptions:
    rate = span.rate * _EMPHASIS[span.emphasis][0]
    if rate != 1:
        wanted = round((options.rate_wpm or _NORMAL_RATE_WPM) * rate)
        options = replace(options, rate_wpm=min(max(wanted, RATE_WPM[0]), RATE_WPM[1]))
    if span.pitch != 1:
        pitch = _NORMAL_PITCH if options.pitch is None else options.pitch
        # An octave is as far as the range goes to either side.
        wanted = round(pitch + _NORMAL_PITCH * math.log2(span.pitch))
        options = replace(options, pitch=min(max(wanted, PITCH[0]), PITCH[1]))
    return options


def _warn(engine: SpeechEngine, span: Span, warnings: list[str]) -> None:
    found = []
    if span.ipa:
        found.append("this voice does not take pronunciations; it says words as it knows them")
    if span.rate != 1 and not engine.capabilities.rate:
        found.append("this voice cannot change its rate")
    if span.pitch != 1 and not engine.capabilities.pitch:
        found.append("this voice cannot change its pitch")
    warnings += [told for told in found if told not in warnings]
