"""Videos whose sync can be measured, and a player that measures it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from lipsmith.core.image import Frame


def flashes(
    fps: Fraction,
    rate_hz: int,
    channels: int,
    duration_s: float,
    marks: set[int],
    side: int = 64,
) -> Iterator[Frame]:
    """Dark, silent frames; those in `marks` are white and start with a 5 ms click."""
    total = round(duration_s * rate_hz)
    for index in range(math.ceil(duration_s * fps)):
        start, end = (min(total, math.ceil(i * rate_hz / fps)) for i in (index, index + 1))
        samples = np.zeros((end - start, channels), np.float32)
        samples[: rate_hz // 200] = 0.9 * (index in marks)
        grey = 235 if index in marks else 20
        yield Frame(index, np.full((side, side, 3), grey, np.uint8), samples)


@dataclass
class Recording:
    """What a player makes of a video. Times in seconds."""

    frames: int
    flashes: list[float]
    clicks: list[float]
    sound_s: float
    video_s: float


def play(path: Path) -> Recording:
    """Decode a video as a player does, obeying its edit lists and delays."""
    recording = Recording(0, [], [], 0.0, 0.0)
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            recording.frames += 1
            recording.video_s = picture.time + 1 / float(container.streams.video[0].average_rate)
            plane = picture.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            if rows[:, : picture.width].mean() > 128:
                recording.flashes.append(picture.time)
    with av.open(str(path)) as container:
        for sound in container.decode(audio=0):
            samples = np.abs(sound.to_ndarray()).max(0)  # planar: (channels, n)
            for loud in np.flatnonzero(samples > 0.4):
                time = sound.time + loud / sound.sample_rate
                if not recording.clicks or time > recording.clicks[-1] + 0.04:
                    recording.clicks.append(time)
            recording.sound_s = sound.time + sound.samples / sound.sample_rate
    return recording
