"""Phones that a recogniser found, brought into agreement with where somebody speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.sphinx import TimedName
from lipsmith.phonetics.arpabet import to_ipa

_SHORTEST_PHONE_FRAMES = 3
_SHORTEST_PAUSE_FRAMES = 10
_VOWELS = frozenset(
    ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
)
_PROMINENCE_DB = 1.5
_STRESSED_FRAMES = 7


@dataclass(frozen=True, slots=True)
class HeardPhone:
    """A phone in frames of 10 ms; symbol (IPA, "" is a pause) and stress as in `core.Phone`."""

    symbol: str
    start: int
    end: int
    stress: int = 0


def settle(
    found: Sequence[TimedName],
    speech: NDArray[np.bool_],
    levels: NDArray[np.float64],
    language: str = "en",
) -> list[HeardPhone]:
    """Phones without gaps over all frames: pauses where nobody speaks, no scraps.

    speech: (frames,) from `speech_frames`. levels: (frames,) dB. language: BCP 47, of the speech.
    """
    count = len(speech)
    owner = np.full(count, -1)
    for index, phone in enumerate(found):
        if phone.name:
            owner[max(0, phone.start) : phone.end] = index
    owner[~speech] = -1
    runs = _runs(owner)
    runs = _absorb(runs, pauses=True, shortest=_SHORTEST_PAUSE_FRAMES)
    runs = _absorb(runs, pauses=False, shortest=_SHORTEST_PHONE_FRAMES)
    spoken = levels[speech]
    usual = float(np.mean(spoken)) if len(spoken) else 0.0
    settled: list[HeardPhone] = []
    for index, start, end in runs:
        if index < 0:
            settled.append(HeardPhone("", start, end))
            continue
        phone = found[index]
        symbol = to_ipa(phone.name, language) if phone.symbol is None else phone.symbol
        stress = phone.stress
        if stress is None:
            prominent = float(np.max(levels[start:end])) > usual + _PROMINENCE_DB
            long = end - start >= _STRESSED_FRAMES
            stress = 2 if phone.name in _VOWELS and prominent and long else 0
        settled.append(HeardPhone(symbol, start, end, stress))
    return settled


_Run = tuple[int, int, int]
"""What owns it (-1: a pause), first frame, frame behind the last."""


def _runs(owner: NDArray[np.int_]) -> list[_Run]:
    edges = [0, *(int(edge) for edge in np.flatnonzero(np.diff(owner)) + 1), len(owner)]
    return [(int(owner[start]), start, end) for start, end in pairwise(edges) if end > start]


def _absorb(runs: list[_Run], *, pauses: bool, shortest: int) -> list[_Run]:
    """Give runs of one kind that are too short to the neighbours on both sides."""
    kept: list[_Run] = []
    begin: int | None = None
    for position, (index, run_start, end) in enumerate(runs):
        start = run_start if begin is None else begin
        begin = None
        inner = bool(kept) and position < len(runs) - 1
        if inner and (index < 0) == pauses and end - run_start < shortest:
            begin = (run_start + end) // 2
            kept[-1] = (kept[-1][0], kept[-1][1], begin)
        elif kept and kept[-1][0] == index:
            kept[-1] = (index, kept[-1][1], end)
        else:
            kept.append((index, start, end))
    return kept
