"""Faces, tracks and videos for the tests of this engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import Footage, FootageFrame
from lipsmith.core.motion import MouthTrack, Pose, TrackFrame, Viseme
from lipsmith.core.options import EngineOptions, Precision, Runtime
from lipsmith.core.portrait import Box, Face, Portrait
from lipsmith.core.resources import Resources

RATE_HZ = 24_000
FPS = Fraction(25)


def options(weights: Path, folder: Path, **more: Any) -> EngineOptions:
    """On the CPU, with graphs in a folder of the test; ONNX Runtime is there on every machine."""
    resources = Resources(models=folder)
    given = {"runtime": Runtime.ONNX, "precision": Precision.FP32, **more}
    return EngineOptions("cpu", weights=weights, resources=resources, **given)


def track(visemes: Sequence[Viseme], seed: int = 0) -> MouthTrack:
    """A track of one frame a viseme: noise where something is said."""
    rng = np.random.default_rng(seed)
    count = int(RATE_HZ / FPS)

    def frames() -> Iterator[TrackFrame]:
        for index, viseme in enumerate(visemes):
            level = 0.0 if viseme is Viseme.SIL else 0.2
            samples = rng.normal(0, level, (count, 1)).astype(np.float32)
            yield TrackFrame(index, Pose(), samples, viseme, (index + 1) / len(visemes))

    return MouthTrack(FPS, RATE_HZ, 1, frames())


def moved(face: Face, x: float, y: float) -> Face:
    """A face elsewhere in the picture."""
    box = face.box
    return replace(
        face,
        box=Box(box.left + x, box.top + y, box.right + x, box.bottom + y),
        landmarks=face.landmarks + np.array([x, y, 0]),
    )


def walk(portrait: Portrait, count: int, step_px: int = 2) -> list[FootageFrame]:
    """A person who moves to the right, as a video."""
    frames = []
    for index in range(count):
        shift = index * step_px
        pixels = np.ascontiguousarray(np.roll(portrait.pixels, shift, axis=1))
        frames.append(FootageFrame(index, pixels, moved(portrait.face, shift, 0)))
    return frames


def footage(frames: Sequence[FootageFrame]) -> Footage:
    height, width = frames[0].pixels.shape[:2]
    return Footage(width, height, FPS, iter(frames), "walk.mp4")


def off(a: NDArray[Any], b: NDArray[Any]) -> int:
    """The largest difference of two pictures, in levels."""
    return int(np.abs(a.astype(int) - b.astype(int)).max())
