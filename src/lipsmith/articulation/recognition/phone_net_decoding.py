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
from lipsmith.articulation.recognition.viseme_path import VisemePath
from lipsmith.core.motion import Viseme
from lipsmith.core.speech import Phone
from lipsmith.phonetics.arpabet import to_ipa
from lipsmith.phonetics.visemes import timed_visemes

Array = NDArray[np.float64]

_AGREEMENT = 1.0
"""How much more likely a viseme is where the recogniser heard it, natural logarithm."""

_LIPS = 0.5
"""Weight of the network's second opinion on lip contacts."""

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
    hints = viseme_frames(heard or (), len(frames), language)
    path = VisemePath(len(VISEMES))
    path.extend(viseme_scores(frames, hints))
    best = path.take()
    edges = [0, *(int(edge) for edge in np.flatnonzero(np.diff(best)) + 1), len(best)]
    found = []
    for start, end in pairwise(edges):
        if end > start:
            name, symbol = representative(int(best[start]))
            found.append(TimedName(name, start, end, symbol))
    return found


def representative(viseme: int) -> tuple[str, str]:
    """The ARPAbet and the IPA of a phone of a class, by its index in `VISEMES`."""
    return _REPRESENTATIVES[VISEMES[viseme]]


def viseme_frames(heard: Sequence[TimedName], count: int, language: str) -> NDArray[np.int8]:
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


def viseme_scores(frames: MouthFrames, hints: NDArray[np.int8] | None = None) -> Array:
    """(n, 15) natural logarithms. hints: (n,) from `viseme_frames`."""
    scores = np.log(frames.visemes.astype(np.float64) + 1e-4)
    lips = np.clip(frames.lips.astype(np.float64), 1e-3, 1 - 1e-3)
    scores[:, VISEMES.index(Viseme.PP)] += _LIPS * np.log(lips / (1 - lips))
    if hints is not None:
        known = np.flatnonzero(hints >= 0)
        scores[known, hints[known]] += _AGREEMENT
    return np.asarray(scores)
