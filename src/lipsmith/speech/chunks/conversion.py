"""Speech at another rate, from another moment on."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import replace

import numpy as np

from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.errors import LipsmithError
from lipsmith.media.resampling import Resampler, downmix


def converted(
    speech: Speech, rate_hz: int, channels: int, start: int
) -> Generator[SpeechChunk, None, None]:
    """The same speech at another rate, with other channels, from sample `start` on.

    When the rate changes, a chunk is given when the next one is known, without which its last
    samples cannot be made. When the voice fails, what it made is given before the error is raised.
    """
    resampler = Resampler(speech.rate_hz, rate_hz, channels)
    ratio = rate_hz / speech.rate_hz
    made = np.zeros((0, channels), np.float32)
    waiting: deque[SpeechChunk] = deque()
    failure: LipsmithError | None = None
    ended = False
    while not ended:
        try:
            chunk = next(speech.chunks, None)
        except LipsmithError as error:
            chunk, failure = None, error
        if chunk is not None:
            waiting.append(_moved(chunk, ratio, start))
            samples = resampler.push(downmix(chunk.samples, channels))
        else:
            ended = True
            samples = resampler.finish()
        made = np.concatenate([made, samples])
        while waiting and (ended or len(made) >= waiting[0].end - waiting[0].start):
            ready = waiting.popleft()
            count = len(ready.samples)
            sound = np.zeros((count, channels), np.float32)
            sound[: len(made)] = made[:count]
            made = made[count:]
            yield replace(ready, samples=sound)
    if failure is not None:
        raise failure


def _moved(chunk: SpeechChunk, ratio: float, start: int) -> SpeechChunk:
    """The chunk with other times; its samples are still to be made, only their number is right."""

    def at(sample: int) -> int:
        return start + round(sample * ratio)

    count = at(chunk.end) - at(chunk.start)
    phones = chunk.phones
    if phones is not None:
        moved = (replace(p, start=at(p.start), end=at(p.end)) for p in phones)
        phones = tuple(phone for phone in moved if phone.end > phone.start)
    return replace(
        chunk,
        samples=np.zeros((count, 0), np.float32),
        start=at(chunk.start),
        phones=phones,
        words=tuple(replace(w, start=at(w.start), end=at(w.end)) for w in chunk.words),
        marks=tuple(replace(mark, at=at(mark.at)) for mark in chunk.marks),
    )
