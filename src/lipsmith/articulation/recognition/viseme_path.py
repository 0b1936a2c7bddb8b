"""The likeliest way through the visemes, in which each lasts a while."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_CHANGE = 1.5
"""Cost of going from one viseme to another, natural logarithm."""

_SHORTEST = 3
"""Frames that a viseme lasts at least."""


class VisemePath:
    """Viterbi's best path, frame by frame.

    classes: how many visemes there are.
    """

    def __init__(self, classes: int) -> None:
        self._total = np.full((_SHORTEST, classes), -np.inf)
        self._is_first = True
        self._stays: list[NDArray[np.bool_]] = []
        self._origins: list[int] = []

    def extend(self, scores: Array) -> None:
        """(n, classes) natural logarithms of the next frames."""
        for row in scores:
            last = self._total[-1]
            origin = int(np.argmax(last))
            grown = self._total[-2] > last
            total = np.empty_like(self._total)
            total[-1] = np.where(grown, self._total[-2], last)
            total[1:-1] = self._total[:-2]
            total[0] = 0.0 if self._is_first else last[origin] - _CHANGE
            self._is_first = False
            self._total = total + row
            self._stays.append(~grown)
            self._origins.append(origin)

    def take(self, waiting: int = 0) -> NDArray[np.int_]:
        """The visemes of all frames that were not taken before, but for the last `waiting`.

        What comes later may show another path to have been better; what was taken stays.
        """
        count = len(self._origins) - waiting
        if count <= 0:
            return np.zeros(0, int)
        path = self._walk_back()[:count]
        del self._stays[:count], self._origins[:count]
        return path

    def _walk_back(self) -> NDArray[np.int_]:
        stage, label = divmod(int(np.argmax(self._total)), self._total.shape[1])
        path = np.empty(len(self._origins), int)
        for index in range(len(path) - 1, -1, -1):
            path[index] = label
            if stage == 0:
                stage, label = _SHORTEST - 1, self._origins[index]
            elif stage < _SHORTEST - 1 or not self._stays[index][label]:
                stage -= 1
        return path
