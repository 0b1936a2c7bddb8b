"""Whether landmarks can be those of the face that they were on a moment ago.

A skull does not change its shape: where blur, a hand or light mislead the landmark network, the
points that move with the head alone no longer fit onto those of the frames before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.similarity import fit_similarity

_RIGID = [
    *(1, 2, 4, 5, 6, 168, 195, 197, 98, 327, 129, 358, 48, 278, 64, 294, 97, 326, 94, 19),  # nose
    *(10, 151, 9, 109, 338, 67, 297, 103, 332, 54, 284, 21, 251),  # forehead
    *(33, 133, 362, 263, 127, 356, 162, 389, 234, 454, 93, 323),  # corners of the eyes, temples
    *(50, 280, 101, 330, 117, 346, 118, 347, 36, 266, 123, 352),  # cheek bones
]
_MOST, _MOST_PX = 0.022, 0.6
"""Mean distance, in widths of the face and in px: talking heads stay below 0.016, also while they
turn; blur, turns in the picture and hands before the eyes, which mislead the network, exceed it."""
_USUAL, _LEARNED, _ADAPTED = 4.0, 0.1, 0.3
"""A face that trembles by itself may do so by that many times; how fast that is learned, and how
fast its shape, which seems to change a little while the head turns."""


class FaceShape:
    """The shape of one head, from frame to frame."""

    def __init__(self) -> None:
        self._shape: NDArray[np.float64] | None = None
        self._error = 0.0

    def begin(self, landmarks: NDArray[np.float64]) -> None:
        """Take (478, 3) landmarks for what they are, as where a detector has found the face."""
        self._shape, self._error = landmarks[_RIGID], 0.0

    def fits(self, landmarks: NDArray[np.float64]) -> bool:
        """Whether these of the next frame can be the same head's; it is learned from, if so."""
        if self._shape is None:
            self.begin(landmarks)
            return True
        points = landmarks[_RIGID]
        placed = fit_similarity(self._shape, points).apply(self._shape)
        width = max(float(np.ptp(landmarks[:, 0])), 1.0)
        error = float(np.sqrt(((placed - points)[:, :2] ** 2).sum(1).mean())) / width
        if error > max(_MOST + _MOST_PX / width, _USUAL * self._error):
            return False
        self._shape = placed + _ADAPTED * (points - placed)
        self._error += _LEARNED * (error - self._error)
        return True
