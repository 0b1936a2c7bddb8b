"""Where in a script the phones are that were heard, when it is not read word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.sphinx import TimedName
from lipsmith.articulation.recognition.word_alignment import ScriptWord
from lipsmith.core.motion import Viseme
from lipsmith.phonetics.arpabet import to_ipa
from lipsmith.phonetics.visemes import visemes_of

_SAME, _ALIKE, _KIND, _OTHER = 2.0, 1.0, -0.6, -1.6
_GAP_OPEN, _GAP_LONGER, _SKIP_LONGER = 2.0, 0.25, 0.02
"""What it costs to leave phones out; leaving out more of the script costs little."""

_LONGEST_HOLE_PHONES = 7
_LEAST_SCORE, _LEAST_MEAN = 16.0, 0.4
_MARGIN_FRAMES = 6
_VOWELS = frozenset([Viseme.AA, Viseme.E, Viseme.IH, Viseme.OH, Viseme.OU])


@dataclass(frozen=True, slots=True)
class Passage:
    """Words [first, last) of a script, said in frames [start, end)."""

    first: int
    last: int
    start: int
    end: int


def find_passages(heard: Sequence[TimedName], words: Sequence[ScriptWord]) -> list[Passage]:
    """The stretches in which words are said, in order; () of what fits nowhere.

    An alignment with affine gaps (Gotoh 1982) that may begin and end anywhere.
    """
    phones = [phone for phone in heard if phone.name]
    script = [(name, number) for number, word in enumerate(words) for name in word.names]
    if not phones or not script:
        return []
    rows = np.array([_index(phone.name) for phone in phones])
    columns = np.array([_index(name) for name, _ in script])
    likeness = _LIKENESS[rows[:, None], columns[None, :]]
    pairs = _align(likeness)
    passages: list[Passage] = []
    for run in _runs(pairs):
        score = sum(float(likeness[i, j]) for i, j in run)
        length = max(run[-1][0] - run[0][0], run[-1][1] - run[0][1]) + 1
        if score < _LEAST_SCORE or score / length < _LEAST_MEAN:
            continue
        start, end = phones[run[0][0]].start, phones[run[-1][0]].end
        first, last = script[run[0][1]][1], script[run[-1][1]][1] + 1
        if passages:
            first = max(first, passages[-1].last)
            start = max(start, passages[-1].end)
        if last > first and end > start:
            passages.append(Passage(first, last, max(0, start - _MARGIN_FRAMES), end))
    return passages


def _align(likeness: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The pairs (row, column) of the best path, in order."""
    count, total = likeness.shape
    columns = np.arange(total + 1)
    best = np.zeros((count + 1, total + 1))
    best[0, 1:] = -_GAP_OPEN - _SKIP_LONGER * columns[1:]
    down = np.full((count + 1, total + 1), -np.inf)
    came = np.zeros((count + 1, total + 1), np.int8)
    came[0] = 2
    for i in range(1, count + 1):
        down[i] = np.maximum(best[i - 1] - _GAP_OPEN, down[i - 1]) - _GAP_LONGER
        across = np.full(total + 1, -np.inf)
        across[1:] = best[i - 1, :-1] + likeness[i - 1]
        stay = np.maximum(across, down[i])
        slid = np.maximum.accumulate(stay + _SKIP_LONGER * columns)
        skip = np.full(total + 1, -np.inf)
        skip[1:] = slid[:-1] - _SKIP_LONGER * columns[1:] - _GAP_OPEN
        best[i] = np.maximum(stay, skip)
        came[i] = np.where(skip > stay, 2, np.where(across >= down[i], 0, 1))
    return _trace(best, down, came)


def _trace(
    best: NDArray[np.float64], down: NDArray[np.float64], came: NDArray[np.int8]
) -> list[tuple[int, int]]:
    count = len(best) - 1
    left = np.arange(count, -1, -1)
    ends = best.max(axis=1) - _GAP_LONGER * left - _GAP_OPEN * (left > 0)
    i = int(np.argmax(ends))
    j = int(np.argmax(best[i]))
    pairs: list[tuple[int, int]] = []
    while i > 0 and j > 0:
        if came[i, j] == 0:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif came[i, j] == 1:
            while i > 1 and down[i, j] == down[i - 1, j] - _GAP_LONGER:
                i -= 1
            i -= 1
        else:
            j -= 1
            while j > 0 and came[i, j] == 2:
                j -= 1
    return pairs[::-1]


def _runs(pairs: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Pairs parted where much is left out on one side."""
    runs: list[list[tuple[int, int]]] = []
    for pair in pairs:
        last = runs[-1][-1] if runs else None
        if last and max(pair[0] - last[0], pair[1] - last[1]) <= _LONGEST_HOLE_PHONES:
            runs[-1].append(pair)
        else:
            runs.append([pair])
    return runs


_NAMES = (
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH",
    "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH",
    "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip


def _index(name: str) -> int:
    return _NAMES.index(name)


def phone_classes(phones: Sequence[TimedName], frames: int) -> NDArray[np.int_]:
    """(frames,) which kind of mouth each 10 ms has, -1 in pauses."""
    classes = np.full(frames, -1)
    for phone in phones:
        if phone.name:
            classes[phone.start : phone.end] = _CLASSES[_index(phone.name)]
    return classes


def _classes() -> list[int]:
    shapes = [visemes_of(to_ipa(name)) for name in _NAMES]
    order = list(Viseme)
    return [order.index(shape[0]) if shape else len(order) for shape in shapes]


def _likeness_table() -> NDArray[np.float64]:
    table = np.full((len(_NAMES), len(_NAMES)), _OTHER)
    vowels = [_CLASSES[i] in [list(Viseme).index(v) for v in _VOWELS] for i in range(len(_NAMES))]
    for i in range(len(_NAMES)):
        for j in range(len(_NAMES)):
            if i == j:
                table[i, j] = _SAME
            elif _CLASSES[i] == _CLASSES[j]:
                table[i, j] = _ALIKE
            elif vowels[i] == vowels[j]:
                table[i, j] = _KIND
    return table


_CLASSES = _classes()
_LIKENESS = _likeness_table()
