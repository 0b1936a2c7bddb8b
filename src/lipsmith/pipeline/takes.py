"""Long speech cut into takes: stretches that are rendered apart and joined without a seam.

A take begins and ends where nothing is said, with the face at rest, on a frame's edge. Where a
text is cut depends only on what is said near the cut, so that a change in one sentence leaves the
other takes as they were.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction

import numpy as np

from lipsmith.core.motion import first_sample, frame_count
from lipsmith.core.speech import Mark, Phone, Speech, SpeechChunk, TimedWord

_LEAST_S, _MOST_S = 8.0, 24.0
_ONE_IN = 3
"""Of the places behind `_LEAST_S` where a take may end, so many do."""
_FULL_SCALE = 32767.0


@dataclass(frozen=True, slots=True)
class Take:
    """A stretch of speech, counted from its own start.

    chunks: as in `Speech`. frames: of the video that shows them. warnings: for people to read, of
    how it was said or heard.
    """

    rate_hz: int
    channels: int
    language: str
    chunks: tuple[SpeechChunk, ...]
    frames: int
    voice: str | None = None
    warnings: tuple[str, ...] = ()

    def speech(self) -> Speech:
        """As something to render."""
        return Speech(
            self.rate_hz,
            self.channels,
            self.language,
            iter(self.chunks),
            list(self.warnings),
            self.voice,
        )


def cut_into_takes(speech: Speech, fps: Fraction) -> Iterator[Take]:
    """The takes of a speech, each as soon as it is over.

    A recording keeps every sample in its place. Between two takes of a text, the pause becomes
    longer by less than a frame, so that a take does not depend on the length of those before it.
    """
    recorded = speech.voice is None
    waiting: list[SpeechChunk] = []
    frames = told = 0
    for chunk in speech.chunks:
        if waiting and _ends_before(chunk, waiting, speech.rate_hz):
            if recorded:
                reached = frame_count(waiting[-1].end, speech.rate_hz, fps)
                edge = first_sample(reached, speech.rate_hz, fps)
                head, chunk = _split(chunk, edge)
                waiting.append(head)
            take = _take(speech, waiting, fps, frames, told)
            frames, told = frames + take.frames, told + len(take.warnings)
            yield take
            waiting = []
        if len(chunk.samples):
            waiting.append(chunk)
    if waiting:
        yield _take(speech, waiting, fps, frames, told)


def as_one_take(speech: Speech, fps: Fraction) -> Take | None:
    """A short speech as one take; None when there is no sound in it."""
    chunks = [chunk for chunk in speech.chunks if len(chunk.samples)]
    return _take(speech, chunks, fps, 0, 0) if chunks else None


def joined_takes(takes: Iterable[Take], fps: Fraction) -> Iterator[SpeechChunk]:
    """The chunks of takes that follow each other, as of one speech.

    Each take begins with the first sample of its first frame, so nothing drifts.
    """
    frames = start = 0
    for take in takes:
        frames += take.frames
        end = first_sample(frames, take.rate_hz, fps)
        for chunk in take.chunks:
            moved = moved_chunk(chunk, start)
            # A take lasts whole frames, rounded up to a sample; all of them are rounded once.
            yield _split(moved, end)[0] if moved.end > end else moved
        start = min(start + take.chunks[-1].end, end)


def take_to_bytes(take: Take) -> bytes:
    """A take as a file; equal takes give equal bytes. Samples keep 16 bits."""
    about = {
        "rate_hz": take.rate_hz,
        "channels": take.channels,
        "language": take.language,
        "frames": take.frames,
        "voice": take.voice,
        "warnings": list(take.warnings),
        "chunks": [_told(chunk) for chunk in take.chunks],
    }
    samples = np.concatenate([chunk.samples for chunk in take.chunks])
    whole = np.rint(np.clip(samples, -1.0, 1.0) * _FULL_SCALE).astype("<i2")
    text = np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, about=text, samples=whole)
    return file.getvalue()


def take_from_bytes(data: bytes) -> Take:
    """What `take_to_bytes` made a file of."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        about = json.loads(file["about"].tobytes())
        samples = file["samples"].astype(np.float32) / np.float32(_FULL_SCALE)
    chunks = []
    for told in about.pop("chunks"):
        phones = told.pop("phones")
        words, marks = told.pop("words"), told.pop("marks")
        start, end = told["start"], told.pop("end")
        chunks.append(
            SpeechChunk(
                samples=samples[start:end],
                phones=None if phones is None else tuple(Phone(*phone) for phone in phones),
                words=tuple(TimedWord(*word) for word in words),
                marks=tuple(Mark(*mark) for mark in marks),
                **told,
            )
        )
    return Take(chunks=tuple(chunks), warnings=tuple(about.pop("warnings")), **about)


def moved_chunk(chunk: SpeechChunk, by: int) -> SpeechChunk:
    """The same chunk, so many samples later."""
    return replace(
        chunk,
        start=chunk.start + by,
        phones=None
        if chunk.phones is None
        else tuple(replace(p, start=p.start + by, end=p.end + by) for p in chunk.phones),
        words=tuple(replace(w, start=w.start + by, end=w.end + by) for w in chunk.words),
        marks=tuple(replace(mark, at=mark.at + by) for mark in chunk.marks),
    )


def _told(chunk: SpeechChunk) -> dict[str, object]:
    about = {
        name: value
        for name, value in asdict(replace(chunk, samples=np.zeros(0, np.float32))).items()
        if name != "samples"
    }
    return about | {
        "end": chunk.end,
        "phones": None
        if chunk.phones is None
        else [(p.symbol, p.start, p.end, p.stress) for p in chunk.phones],
        "words": [(w.text, w.start, w.end) for w in chunk.words],
        "marks": [(m.name, m.at) for m in chunk.marks],
    }


def _ends_before(following: SpeechChunk, waiting: list[SpeechChunk], rate_hz: int) -> bool:
    """Whether a take ends with what is waiting."""
    length_s = (waiting[-1].end - waiting[0].start) / rate_hz
    if length_s + len(following.samples) / rate_hz > _MOST_S:
        return True
    said = hashlib.sha256(np.ascontiguousarray(waiting[-1].samples).tobytes()).digest()
    return length_s >= _LEAST_S and said[0] % _ONE_IN == 0


def _take(
    speech: Speech,
    chunks: list[SpeechChunk],
    fps: Fraction,
    frames_before: int,
    warnings_before: int,
) -> Take:
    start = chunks[0].start
    moved = [moved_chunk(chunk, -start) for chunk in chunks]
    end = moved[-1].end
    if speech.voice is None:
        frames = frame_count(chunks[-1].end, speech.rate_hz, fps) - frames_before
    else:
        frames = frame_count(end, speech.rate_hz, fps)
        moved[-1] = _longer(moved[-1], first_sample(frames, speech.rate_hz, fps) - end)
    length = moved[-1].end
    timed = tuple(replace(chunk, progress=chunk.end / length) for chunk in moved)
    warnings = tuple(speech.warnings[warnings_before:])
    return Take(
        speech.rate_hz, speech.channels, speech.language, timed, frames, speech.voice, warnings
    )


def _longer(chunk: SpeechChunk, by: int) -> SpeechChunk:
    if by <= 0:
        return chunk
    silence = np.zeros((by, chunk.samples.shape[1]), np.float32)
    phones = chunk.phones
    if phones is not None:
        phones += (Phone("", chunk.end, chunk.end + by),)
    return replace(chunk, samples=np.concatenate([chunk.samples, silence]), phones=phones)


def _split(chunk: SpeechChunk, at: int) -> tuple[SpeechChunk, SpeechChunk]:
    """A chunk cut at a sample; a phone there is cut, a word belongs to where it begins."""
    at = min(max(at, chunk.start), chunk.end)
    cut = at - chunk.start
    before = replace(
        chunk,
        samples=chunk.samples[:cut],
        text=None,
        phones=_clipped(chunk.phones, chunk.start, at),
        words=tuple(word for word in chunk.words if word.end <= at),
        marks=tuple(mark for mark in chunk.marks if mark.at < at),
    )
    behind = replace(
        chunk,
        samples=chunk.samples[cut:],
        start=at,
        phones=_clipped(chunk.phones, at, chunk.end),
        words=tuple(
            replace(word, start=max(at, word.start)) for word in chunk.words if word.end > at
        ),
        marks=tuple(mark for mark in chunk.marks if mark.at >= at),
    )
    return before, behind


def _clipped(phones: tuple[Phone, ...] | None, start: int, end: int) -> tuple[Phone, ...] | None:
    if phones is None:
        return None
    inside = (replace(p, start=max(p.start, start), end=min(p.end, end)) for p in phones)
    return tuple(phone for phone in inside if phone.end > phone.start)
