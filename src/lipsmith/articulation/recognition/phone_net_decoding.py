"""Phones out of what the network and the phone recogniser hear.

Each is right where the other is wrong: the recogniser knows whole phones of English, the network
the shapes of the mouth in many languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.phone_net import VISEMES, MouthFrames
from lipsmith.articulation.recognition.sphinx import TimedName
from lipsmith.core.motion import Viseme
from lipsmith.core.speech import Phone
from lipsmith.phonetics.arpabet import to_ipa
from lipsmith.phonetics.visemes import timed_visemes

Array = NDArray[np.float64]

_AGREEMENT = 1.0
"""How much more likely a viseme is where the recogniser heard it, natural logarithm."""

_LIPS = 0.5
"""Weight of the network's second opinion on lip contacts."""

_CHANGE = 1.5
"""Cost of going from one viseme to another, natural logarithm."""

_SHORTEST = 3
"""Frames that a viseme lasts at least."""

_REPRESENTATIVES = {
    Viseme.SIL: ("", ""), Viseme.PP: ("M", "m"), Viseme.FF: ("F", "f"), Viseme.TH: ("TH", "θ"),
    Viseme.DD: ("D", "d"), Viseme.KK: ("K", "k"), Viseme.CH: ("SH", "ʃ"), Viseme.SS: ("S", "s"),
    Viseme.NN: ("N", "n"), Viseme.RR: ("R", "ɹ"), Viseme.AA: ("AA", "a"), Viseme.E: ("EH", "ɛ"),
    Viseme.IH: ("IH", "i"), Viseme.OH: ("AO", "o"), Viseme.OU: ("UW", "u"),
}  # fmt: skip
"""The ARPAbet and IPA of a phone of each class."""


def likeliest_phones(
    frames: MouthFrames, heard: Sequence[TimedName] | None, language: str
) -> list[TimedName]:
    """The most likely phones of at least 30 ms each.

    heard: what the recogniser found in the same sound; None: nothing.
    """
    scores = _scores(frames, _classes(heard or (), len(frames), language))
    best = _likeliest(scores)
    edges = [0, *(int(edge) for edge in np.flatnonzero(np.diff(best)) + 1), len(best)]
    found = []
    for start, end in pairwise(edges):
        if end > start:
            name, symbol = _REPRESENTATIVES[VISEMES[best[start]]]
            found.append(TimedName(name, start, end, symbol))
    return found


def _classes(heard: Sequence[TimedName], count: int, language: str) -> NDArray[np.int8]:
    """(count,) index in `VISEMES` of what the recogniser heard, -1 nothing."""
    classes = np.full(count, -1, np.int8)
    timed = [
        Phone(to_ipa(phone.name, language), phone.start, phone.end)
        for phone in heard
        if phone.end > phone.start
    ]
    for part in timed_visemes(timed):
        classes[part.start : part.end] = VISEMES.index(part.viseme)
    return classes


def _scores(frames: MouthFrames, hints: NDArray[np.int8]) -> Array:
    """(n, 15) natural logarithms."""
    scores = np.log(frames.visemes.astype(np.float64) + 1e-4)
    lips = np.clip(frames.lips.astype(np.float64), 1e-3, 1 - 1e-3)
    scores[:, VISEMES.index(Viseme.PP)] += _LIPS * np.log(lips / (1 - lips))
    known = np.flatnonzero(hints >= 0)
    scores[known, hints[known]] += _AGREEMENT
    return np.asarray(scores)


def _likeliest(scores: Array) -> NDArray[np.int_]:
    """Viterbi's best path through (n, classes) where each class lasts `_SHORTEST` frames."""
    count, classes = scores.shape
    if count == 0:
        return np.zeros(0, int)
    total = np.full((_SHORTEST, classes), -np.inf)
    total[0] = scores[0]
    stays = np.zeros((count, classes), bool)
    origins = np.zeros(count, int)
    for index in range(1, count):
        last = total[-1]
        origin = int(np.argmax(last))
        origins[index] = origin
        grown = total[-2] > last
        stays[index] = ~grown
        total[-1] = np.where(grown, total[-2], last)
        total[1:-1] = total[:-2]
        total[0] = last[origin] - _CHANGE
        total += scores[index]
    return _walk_back(total, stays, origins)


def _walk_back(
    total: Array, stays: NDArray[np.bool_], origins: NDArray[np.int_]
) -> NDArray[np.int_]:
    count = len(origins)
    stage, label = divmod(int(np.argmax(total)), total.shape[1])
    path = np.empty(count, int)
    for index in range(count - 1, -1, -1):
        path[index] = label
        if stage == 0:
            stage, label = _SHORTEST - 1, int(origins[index])
        elif stage < _SHORTEST - 1 or not stays[index, label]:
            stage -= 1
    return path
