"""Spans for engines that have one manner for a whole text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from lipsmith.core.speech import Speech
from lipsmith.speech.chunks.joining import Part, joined
from lipsmith.speech.options import (
    PITCH,
    RATE_WPM,
    Pronunciation,
    SpeechCapabilities,
    SpeechOptions,
)
from lipsmith.speech.words.pronouncing import go_together, pronunciation_of
from lipsmith.speech.words.script import Span
from lipsmith.speech.words.text import is_speakable

_NORMAL_RATE_WPM, _NORMAL_PITCH = 175, 50
_EMPHASIS = {"": (1.0, 0.0), "reduced": (1.1, -3.0), "moderate": (0.95, 1.5), "strong": (0.88, 3.0)}
"""Rate and gain in dB: stressed words are longer and louder."""

_SENTENCE_ENDS = tuple(".!?…。！？।۔؟")


class Speak(Protocol):
    """`SpeechEngine.speak`."""

    def __call__(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech: ...


def say_one_by_one(
    speak: Speak,
    capabilities: SpeechCapabilities,
    spans: Iterable[Span],
    options: SpeechOptions,
    characters: int | None = None,
) -> Speech:
    """Say each span with options of its own; the pauses of an utterance are cut off within
    sentences, but its melody begins anew with every span.

    Raises:
        TextError: there is nothing in the spans to say; and whatever `speak` raises.
    """
    warnings: list[str] = []
    stretches = _merged(spans, capabilities)
    return joined(_parts(speak, capabilities, stretches, options, characters, warnings), warnings)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Spans of one manner as one, and the pronunciations in it that the voice takes.

    pause_behind_ms: of silence that nothing is said after.
    """

    span: Span
    pronunciations: tuple[Pronunciation, ...] = ()
    pause_behind_ms: int = 0


def _parts(
    speak: Speak,
    capabilities: SpeechCapabilities,
    stretches: Iterable[_Stretch],
    options: SpeechOptions,
    characters: int | None,
    warnings: list[str],
) -> Iterator[Part]:
    ends_sentence = True
    waiting: _Stretch | None = None
    for stretch in [*stretches, None]:
        if waiting is not None:
            span = waiting.span
            inside_start = not ends_sentence and not span.pause_ms
            ends_sentence = span.text.rstrip()[-1:] in _SENTENCE_ENDS
            inside_end = stretch is not None and not stretch.span.pause_ms and not ends_sentence
            share = len(span.text) / characters if characters else 0.0
            _warn(capabilities, span, warnings)
            yield Part(
                speak([_spoken(span)], _manner(waiting, options), len(_spoken(span))),
                share=share if stretch is not None else 1.0,
                pause_ms=span.pause_ms,
                pause_behind_ms=waiting.pause_behind_ms,
                inside_start=inside_start,
                inside_end=inside_end,
                gain=10 ** ((span.gain_db + _EMPHASIS[span.emphasis][1]) / 20),
            )
        waiting = stretch


def _merged(spans: Iterable[Span], capabilities: SpeechCapabilities) -> Iterator[_Stretch]:
    """Neighbours of one manner as one; what cannot be said alone joins the one before."""
    last: _Stretch | None = None
    for span in spans:
        stretch = _stretch(span, capabilities)
        if last is not None:
            together = _together(last, stretch)
            if together is not None:
                last = together
                continue
            yield last
        last = stretch
    if last is not None and is_speakable(last.span.text):
        yield last


def _stretch(span: Span, capabilities: SpeechCapabilities) -> _Stretch:
    plain = replace(span, marks=())
    if not span.ipa or not capabilities.pronunciations:
        return _Stretch(plain)
    told = pronunciation_of(span.text, span.ipa)
    return _Stretch(replace(plain, ipa=""), () if told is None else (told,))


def _together(first: _Stretch, second: _Stretch) -> _Stretch | None:
    """Both as one; None where they have to be said apart."""
    text = first.span.text + second.span.text
    joined_span = replace(first.span, text=text)
    if not is_speakable(second.span.text):
        pause_ms = first.pause_behind_ms + second.span.pause_ms
        return replace(first, span=joined_span, pause_behind_ms=pause_ms)
    manner = replace(second.span, text=first.span.text, pause_ms=first.span.pause_ms)
    pronunciations = first.pronunciations + second.pronunciations
    if (
        manner != first.span
        or second.span.pause_ms
        or first.pause_behind_ms
        or first.span.say_as
        or not go_together(text, pronunciations)
    ):
        return None
    return _Stretch(joined_span, pronunciations)


def _spoken(span: Span) -> str:
    """What the engine reads."""
    if span.say_as:
        letters = [char.upper() for char in span.text if not char.isspace()]
        # A lone A is an article for some voices, unless a comma follows.
        return (" " if all(map(str.isdigit, letters)) else ", ").join(letters)
    return span.text


def _manner(stretch: _Stretch, options: SpeechOptions) -> SpeechOptions:
    span = stretch.span
    options = replace(options, pronunciations=stretch.pronunciations)
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


def _warn(capabilities: SpeechCapabilities, span: Span, warnings: list[str]) -> None:
    found = []
    if span.ipa:
        found.append("this voice does not take pronunciations; it says words as it knows them")
    if span.rate != 1 and not capabilities.rate:
        found.append("this voice cannot change its rate")
    if span.pitch != 1 and not capabilities.pitch:
        found.append("this voice cannot change its pitch")
    warnings += [told for told in found if told not in warnings]
