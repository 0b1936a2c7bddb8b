"""A video with a face in it that is to say something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Face


@dataclass(frozen=True, slots=True)
class FootageFrame:
    """One picture of a video.

    index: 0-based in the video to make. pixels: RgbImage in the size of the video to make.
    face: the one that speaks, in its coordinates and smoothed over time; None where it is not to
    be seen. scene: one more after each cut. visible: (H, W) uint8, 255 where nothing stands
    before the face; None when nothing does.
    """

    index: int
    pixels: RgbImage
    face: Face | None
    scene: int = 0
    visible: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class Footage:
    """A stream of video frames with the face tracked: exactly one for each frame of the track.

    width, height: even. name: what to call it in messages.
    """

    width: int
    height: int
    fps: Fraction
    frames: Iterator[FootageFrame]
    name: str
