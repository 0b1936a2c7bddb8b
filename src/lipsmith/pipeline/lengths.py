"""How a video and the sound for it are brought to one length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lipsmith.core.image import RgbImage
from lipsmith.core.options import Length
from lipsmith.core.speech import Phone, Speech, SpeechChunk
from lipsmith.media.footage import VideoReader


def pictures(reader: VideoReader, length: Length) -> Iterator[RgbImage]:
    """The pictures of the video to make: endless, but for `Length.VIDEO`."""
    last = None
    for last in reader.forwards():
        yield last
    if length is Length.VIDEO or last is None:
        return
    if length is Length.HOLD or reader.count == 1:
        while True:
            yield last
    while length is Length.LOOP:
        yield from reader.forwards()
    while True:  # the pictures at both ends are not shown twice
        yield from _but_the_first(reader.backwards())
        yield from _but_the_first(reader.forwards())


class SilenceAfter:
    """Speech that goes on as silence, for as long as somebody takes it.

    end: samples of what is said; None until the end is known.
    """

    def __init__(self, speech: Speech, duration_s: float | None) -> None:
        """duration_s: of what is filled, which progress is a share of; None unknown."""
        self.end: int | None = None
        self._total = (duration_s or 0.0) * speech.rate_hz
        self.speech = replace(speech, chunks=self._chunks(speech))

    def _chunks(self, speech: Speech) -> Iterator[SpeechChunk]:
        start = 0
        for chunk in speech.chunks:
            start = chunk.end
            yield replace(chunk, progress=self._progress(chunk.end))
        self.end = start
        while start:  # where nothing at all was said, there is nothing to go on
            silence = np.zeros((speech.rate_hz, speech.channels), np.float32)
            pause = Phone("", start, start + speech.rate_hz)
            start += speech.rate_hz
            yield SpeechChunk(silence, pause.start, (pause,), progress=self._progress(start))

    def _progress(self, end: int) -> float:
        return min(1.0, end / self._total) if self._total else 0.0


def _but_the_first(items: Iterator[RgbImage]) -> Iterator[RgbImage]:
    next(items, None)
    yield from items
