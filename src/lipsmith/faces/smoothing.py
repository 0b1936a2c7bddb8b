"""Tracked faces without the jitter of the network, and without a lag.

Each face is averaged with those of the frames around it, after they were moved to where the face
is by what its pixels tell of its motion. What moves by itself, as lips and lids do, is smoothed by
far less.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.faces.tracking import Sighting

RADIUS = 2
"""Frames before and behind that count."""
_STABLE = [
    *(10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327),  # forehead and nose
    *(117, 346, 127, 356, 234, 454, 93, 323, 109, 338, 67, 297, 54, 284),  # sides
    *(33, 133, 362, 263),  # corners of the eyes
]
_RIGID = np.zeros(478, np.bool_)
_RIGID[_STABLE] = True
_TOLERANCE = 0.012
"""Between the outer corners of the eyes: frames that differ by more count little."""
_PARABOLA = np.array([-3.0, 12.0, 17.0, 12.0, -3.0]) / 35
"""Through five points (Savitzky and Golay 1964, Anal. Chem. 36(8), table I)."""


def smooth(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """The same sightings, `RADIUS` later; those without a face between two with one get one."""
    window: deque[Sighting | None] = deque([None] * (RADIUS + 1), 2 * RADIUS + 1)
    ahead = 0
    for sighting in sightings:
        window.append(sighting)
        ahead += 1
        if ahead > RADIUS:
            yield _middle(list(window))
    for _ in range(min(RADIUS, ahead)):
        window.append(None)
        yield _middle(list(window)[-2 * RADIUS - 1 :])


def _middle(window: list[Sighting | None]) -> Sighting:
    middle = window[RADIUS]
    assert middle is not None
    if middle.landmarks is None:
        return _bridged(middle, window)
    around = [(0, middle.landmarks)]
    for step in (-1, 1):
        matrix = np.eye(3)
        for away in range(step, step * (RADIUS + 1), step):
            other, later = window[RADIUS + away], window[RADIUS + away + (step < 0)]
            # The motion belongs to the later of two frames, and leads from the one before.
            if other is None or later is None or other.landmarks is None or later.motion is None:
                break
            hop = np.vstack([later.motion, (0, 0, 1)])
            matrix = matrix @ (hop if step < 0 else np.linalg.inv(hop))
            points = other.landmarks.copy()
            points[:, :2] = points[:, :2] @ matrix[:2, :2].T + matrix[:2, 2]
            around.append((away, points))
    return replace(middle, landmarks=_mean(around, middle.landmarks))


def _mean(
    around: list[tuple[int, NDArray[np.float64]]], own: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The landmarks of one frame by all of them; `around`: by how many frames each is later."""
    points = np.stack([each for _, each in around])
    eyes = float(np.hypot(*(own[263, :2] - own[33, :2])))
    away = np.sqrt(((points - own)[:, _RIGID, :2] ** 2).sum(2).mean(1)) / max(eyes, 1.0)
    weights = np.exp(-0.5 * (away / _TOLERANCE) ** 2)
    weights /= weights.sum()
    mean = np.einsum("n,nij->ij", weights, points)
    placed = np.stack([_onto(each, mean) for each in points])
    result = np.einsum("n,nij->ij", weights, placed)
    order = np.argsort([step for step, _ in around])
    if len(around) == len(_PARABOLA) and weights.min() > 0.3 * weights.max():
        mobile = np.einsum("n,nij->ij", _PARABOLA, placed[order])
    else:
        mobile = placed[0]
    result[~_RIGID] = mobile[~_RIGID]
    return np.asarray(result)


def _onto(points: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turned, scaled and shifted in the picture, so that what is rigid lies on the mean best."""
    a, b = points[_RIGID, :2], mean[_RIGID, :2]
    middle_a, middle_b = a.mean(0), b.mean(0)
    za, zb = ((c - m) @ (1, 1j) for c, m in ((a, middle_a), (b, middle_b)))
    turn = (za.conj() @ zb) / (za.conj() @ za)
    moved = ((points[:, :2] - middle_a) @ (1, 1j)) * turn
    placed = points.copy()
    placed[:, 0], placed[:, 1] = moved.real + middle_b[0], moved.imag + middle_b[1]
    return placed


def _bridged(middle: Sighting, window: list[Sighting | None]) -> Sighting:
    """Between two faces close by in the same scene it is where it went through."""

    def nearest(steps: range) -> tuple[int, Sighting] | None:
        for away in steps:
            other = window[RADIUS + away]
            if other is None or other.scene != middle.scene:
                return None
            if other.landmarks is not None:
                return away, other
        return None

    before, after = nearest(range(-1, -RADIUS - 1, -1)), nearest(range(1, RADIUS + 1))
    if before is None or after is None:
        return middle
    (i, a), (j, b) = before, after
    assert a.landmarks is not None and b.landmarks is not None
    share = -i / (j - i)
    landmarks = a.landmarks + share * (b.landmarks - a.landmarks)
    return replace(middle, landmarks=landmarks, presence=min(a.presence, b.presence))
