"""What the network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.motion import Viseme
from lipsmith.core.speech import Phone
from lipsmith.phonetics.visemes import timed_visemes

RATE_HZ = 16_000
FRAME = 160
VISEMES = tuple(Viseme)


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance. samples: (n,) int16 at 16 kHz. visemes: (n // 160,) int8, the index in
    `VISEMES` of what is said in each 10 ms."""

    voice: str
    language: str
    samples: NDArray[np.int16]
    visemes: NDArray[np.int8]


def frame_visemes(phones: Sequence[Phone], count: int) -> NDArray[np.int8]:
    """(count,) indices in `VISEMES` from phones timed in samples at 16 kHz; gaps are silent."""
    frames = np.full(count, VISEMES.index(Viseme.SIL), np.int8)
    for part in timed_visemes(phones):
        frames[round(part.start / FRAME) : round(part.end / FRAME)] = VISEMES.index(part.viseme)
    return frames
