"""Tracked faces without the jitter of the network, and without a lag."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from lipsmith.faces.tracking import Sighting

RADIUS = 2
"""Frames that are looked ahead."""
_WEIGHTS = np.array([-3.0, 12.0, 17.0, 12.0, -3.0]) / 35
"""A parabola through five points (Savitzky and Golay 1964, Anal. Chem. 36(8), table I)."""


def smooth(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """The same sightings, `RADIUS` later: each with the landmarks of the ones around it."""
    window: deque[Sighting | None] = deque([None] * RADIUS, 2 * RADIUS + 1)
    for sighting in sightings:
        window.append(sighting)
        if len(window) == 2 * RADIUS + 1:
            yield _middle(list(window))
    for _ in range(RADIUS):
        window.append(None)
        if len(window) == 2 * RADIUS + 1 and window[RADIUS] is not None:
            yield _middle(list(window))


def _middle(window: list[Sighting | None]) -> Sighting:
    middle = window[RADIUS]
    assert middle is not None
    around = [
        s.landmarks for s in window if s and s.scene == middle.scene and s.landmarks is not None
    ]
    if middle.landmarks is None or len(around) < len(window):
        return middle
    landmarks = np.einsum("n,nij->ij", _WEIGHTS, np.stack(around))
    return replace(middle, landmarks=landmarks)
