"""Who of the people in a video is heard in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from itertools import islice, tee
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.errors import AudioError
from lipsmith.faces.cast import Person
from lipsmith.faces.scene_cuts import scenes
from lipsmith.faces.speaking import agreement, loudness, mouth_opening, who_speaks
from lipsmith.faces.tracking import FaceTracker, Sighting
from lipsmith.media.audio import open_audio
from lipsmith.media.footage import VideoReader

_LISTEN_S = 20.0
_MOST_PEOPLE = 6
_ENOUGH_FPS = Fraction(15)
"""Syllables come about four times a second."""


def find_speaker(
    reader: VideoReader,
    transform: Callable[[RgbImage], RgbImage],
    people: Sequence[Person],
    path: Path,
) -> int | None:
    """Which of the people moves the mouth with the video's own sound, by its first seconds.

    None where that is not clear, or where there is no sound to be heard.
    """
    people = people[:_MOST_PEOPLE]
    reader = VideoReader(reader.source, min(reader.fps, _ENOUGH_FPS))
    frames = round(_LISTEN_S * reader.fps)
    openings: list[list[float]] = [[] for _ in people]
    with closing(reader.forwards()) as pictures:
        copies = tee(scenes(map(transform, islice(pictures, frames))), len(people))
        trackers = [FaceTracker(person, people, reader.fps) for person in people]
        streams = [tracker.track(copy) for tracker, copy in zip(trackers, copies, strict=True)]
        for together in zip(*streams, strict=True):
            for own, sighting in zip(openings, together, strict=True):
                own.append(_opening(sighting))
    for person in people:
        person.last = None
    count = len(openings[0])
    try:
        samples, rate_hz = _heard(path, _LISTEN_S)
    except AudioError:
        return None
    fps = float(reader.fps)
    level = loudness(samples, rate_hz, fps, count)
    return who_speaks(np.array([agreement(np.array(own), level, fps) for own in openings]))


def _opening(sighting: Sighting) -> float:
    return float("nan") if sighting.landmarks is None else mouth_opening(sighting.landmarks)


def _heard(path: Path, seconds: float) -> tuple[NDArray[np.float32], int]:
    """(n,) mono, the beginning of the video's own sound, and its rate."""
    source = open_audio(path)

    def blocks() -> Iterator[NDArray[np.float32]]:
        needed = round(seconds * source.rate_hz)
        for block in source.blocks():
            yield block.mean(1)
            needed -= len(block)
            if needed <= 0:
                return

    return np.concatenate(list(blocks())), source.rate_hz
