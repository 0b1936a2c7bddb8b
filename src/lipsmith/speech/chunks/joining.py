"""Speeches one after the other, as one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Phone, Speech, SpeechChunk
from lipsmith.errors import TextError
from lipsmith.speech.chunks.conversion import converted

_QUIET = 10 ** (-50 / 20)
_EDGE_MS, _FADE_MS = 30, 5


@dataclass(frozen=True, slots=True)
class Part:
    """A speech in a longer one.

    share: of the whole text, for the progress. speaker: "" when nobody is named. pause_ms,
    pause_behind_ms: of silence before and behind it. inside_start, inside_end: it begins or ends
    within a sentence, so that the silence there is cut off. gain: of its samples.
    """

    speech: Speech
    share: float
    speaker: str = ""
    pause_ms: int = 0
    pause_behind_ms: int = 0
    inside_start: bool = False
    inside_end: bool = False
    gain: float = 1.0


def joined(parts: Iterator[Part], warnings: list[str], voice: str | None = None) -> Speech:
    """One speech of all parts, at the rate and with the channels of the first one.

    Takes the first part at once and each other one when it is its turn. warnings: gets theirs.

    Raises:
        TextError: there are no parts.
    """
    first = next(parts, None)
    if first is None:
        raise TextError("there is nothing in the text that a voice can say")
    speech = first.speech
    return Speech(
        speech.rate_hz,
        speech.channels,
        speech.language,
        _chunks(first, parts, warnings),
        warnings,
        voice or speech.voice,
    )


def _chunks(first: Part, rest: Iterator[Part], warnings: list[str]) -> Iterator[SpeechChunk]:
    rate_hz, channels = first.speech.rate_hz, first.speech.channels
    start, before = 0, 0.0
    part: Part | None = first
    while part is not None:
        if part.pause_ms:
            yield _silence(part.pause_ms * rate_hz // 1000, channels, start, before)
            start += part.pause_ms * rate_hz // 1000
        trimmed = replace(part.speech, chunks=_trimmed(part))
        chunks = converted(trimmed, rate_hz, channels, start)
        try:
            for chunk in chunks:
                start = chunk.end
                progress = min(1.0, before + chunk.progress * part.share)
                yield replace(chunk, speaker=part.speaker, progress=progress)
        finally:
            chunks.close()
            if isinstance(part.speech.chunks, Generator):
                part.speech.chunks.close()
            warnings += [told for told in part.speech.warnings if told not in warnings]
        before = min(1.0, before + part.share)
        if part.pause_behind_ms:
            yield _silence(part.pause_behind_ms * rate_hz // 1000, channels, start, before)
            start += part.pause_behind_ms * rate_hz // 1000
        part = next(rest, None)


def _silence(count: int, channels: int, start: int, progress: float) -> SpeechChunk:
    samples = np.zeros((count, channels), np.float32)
    return SpeechChunk(samples, start, (Phone("", start, start + count),), "", progress)


def _trimmed(part: Part) -> Generator[SpeechChunk, None, None]:
    """The part's chunks, louder or softer, without the silence where it is inside a sentence."""
    chunks = iter(part.speech.chunks)
    rate_hz = part.speech.rate_hz
    chunk = next(chunks, None)
    shift = 0
    first = True
    while chunk is not None:
        following = next(chunks, None) if part.inside_end else None
        begin, end = 0, len(chunk.samples)
        if (first and part.inside_start) or (part.inside_end and following is None):
            sounds = _sounding(chunk.samples, rate_hz)
            begin = sounds[0] if first and part.inside_start else 0
            end = sounds[1] if part.inside_end and following is None else end
        made = _cut(chunk, begin, end, shift, rate_hz)
        shift += len(chunk.samples) - len(made.samples)
        if part.gain != 1:
            made = replace(made, samples=np.clip(made.samples * np.float32(part.gain), -1, 1))
        yield made
        first = False
        chunk = following if part.inside_end else next(chunks, None)


def _sounding(samples: NDArray[np.float32], rate_hz: int) -> tuple[int, int]:
    """From where to where something is heard, with a little room."""
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > _QUIET)
    if not len(loud):
        return 0, len(samples)
    edge = rate_hz * _EDGE_MS // 1000
    return max(0, int(loud[0]) - edge), min(len(samples), int(loud[-1]) + 1 + edge)


def _cut(chunk: SpeechChunk, begin: int, end: int, shift: int, rate_hz: int) -> SpeechChunk:
    """Samples begin..end of a chunk, faded where they were cut, `shift` samples earlier."""
    if not shift and (begin, end) == (0, len(chunk.samples)):
        return chunk
    samples = chunk.samples[begin:end].copy()
    fade = min(rate_hz * _FADE_MS // 1000, len(samples) // 2)
    ramp = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)[:, None]
    if begin:
        samples[:fade] *= ramp
    if end < len(chunk.samples):
        samples[len(samples) - fade :] *= ramp[::-1]
    start = chunk.start - shift
    stop = start + len(samples)
    shift += begin

    def at(sample: int) -> int:
        return min(max(sample - shift, start), stop)

    phones = chunk.phones
    if phones is not None:
        moved = (replace(p, start=at(p.start), end=at(p.end)) for p in phones)
        phones = tuple(phone for phone in moved if phone.end > phone.start)
    words = (replace(w, start=at(w.start), end=at(w.end)) for w in chunk.words)
    return replace(
        chunk,
        samples=samples,
        start=start,
        phones=phones,
        words=tuple(word for word in words if word.end > word.start),
        marks=tuple(replace(mark, at=at(mark.at)) for mark in chunk.marks),
    )
