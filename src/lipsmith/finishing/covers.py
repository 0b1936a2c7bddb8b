"""Hands and microphones before a face stay as they are, whatever is done to the face."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame, RgbImage
from lipsmith.finishing.resampling import rgb

VisibleIn = Callable[[Frame], NDArray[np.uint8] | None]
"""What can be seen of the faces in a frame: (h, w) uint8 in any size, 255 where nothing stands
before them; None where nothing does. Asked once for each frame, in their order."""


def keep_covers(
    frames: Iterator[Frame],
    visible_in: VisibleIn,
    change: Callable[[Iterator[Frame]], Iterator[Frame]],
) -> Iterator[Frame]:
    """What `change` makes of the frames, RgbImages, with what stands before faces as it was.

    change: yields a frame of the same size for each one, some late.
    """
    waiting: deque[tuple[RgbImage, NDArray[np.uint8]] | None] = deque()

    def watched() -> Iterator[Frame]:
        for frame in frames:
            pixels = rgb(frame)
            visible = visible_in(frame)
            waiting.append(None if visible is None else (pixels.copy(), visible))
            yield replace(frame, image=pixels)

    for frame in change(watched()):
        before = waiting.popleft()
        yield frame if before is None else replace(frame, image=_over(rgb(frame), *before))


def _over(made: RgbImage, before: RgbImage, visible: NDArray[np.uint8]) -> RgbImage:
    """The picture that was made, with the one before wherever the face cannot be seen."""
    height, width = made.shape[:2]
    if visible.shape != (height, width):
        visible = np.asarray(cv2.resize(visible, (width, height)), np.uint8)
    share = visible.astype(np.float32) / np.float32(255)
    return np.asarray(cv2.blendLinear(made, before, share, 1 - share), np.uint8)
