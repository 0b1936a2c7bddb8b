"""Pictures and video frames as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RgbImage: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, sRGB, C-contiguous."""


@dataclass(frozen=True, slots=True)
class Nv12Image:
    """A frame in the layout that video encoders take: BT.709, limited range, 4:2:0.

    luma: (H, W) uint8, 16..235. chroma: (H/2, W/2, 2) uint8, Cb then Cr, 128 is neutral.
    H and W are even.
    """

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]

    @property
    def width(self) -> int:
        return int(self.luma.shape[1])

    @property
    def height(self) -> int:
        return int(self.luma.shape[0])


@dataclass(frozen=True, slots=True)
class Picture:
    """A still picture, upright (EXIF applied), on an opaque background.

    pixels: RgbImage. alpha: (H, W) uint8 when the file had transparency, else None.
    name: what to call it in messages.
    """

    pixels: RgbImage
    name: str
    alpha: NDArray[np.uint8] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Frame:
    """One video frame together with the sound that belongs to it.

    index: 0-based. image: RgbImage or Nv12Image.
    samples: (n, channels) float32 in -1..1, the sound from this frame's start to the next's.
    """

    index: int
    image: RgbImage | Nv12Image
    samples: NDArray[np.float32]
