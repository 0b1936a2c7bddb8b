"""Follows a script through the sound in which it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.script_search import find_passages, phone_classes
from lipsmith.articulation.recognition.sphinx import TimedName
from lipsmith.articulation.recognition.word_alignment import AlignedWord, ScriptWord, align_words
from lipsmith.media.voice_activity import FRAME

MOST_WORDS_A_SECOND = 6
_WORDS_TO_SPARE = 30
_SEARCHED_WORDS = 300
_AGREES, _AGREES_SOMEWHERE = 0.43, 0.25
"""Share of the frames in which those who listen without words hear the same kind of mouth. In
single sentences of nine voices it was .44 or more where the words were right, and up to .41 where
they were wrong."""

_BY_CHANCE, _LEAST_SHARE = 0.2, 0.85
_MOST_WORDS_TRIED = 5
"""A second of speech."""

_STRETCH_FRAMES = 250
_PASSAGE_TAIL_FRAMES = 6
_LEFT_OUT_FRAMES = 80


@dataclass(frozen=True, slots=True)
class FollowedWord:
    """A word as it is written and its phones, in frames of 10 ms of the chunk."""

    text: str
    start: int
    end: int
    phones: tuple[TimedName, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """words: those that were found. unknown: (frames,) where none of them can be."""

    words: tuple[FollowedWord, ...]
    unknown: NDArray[np.bool_]


class ScriptFollower:
    """Finds the words of a script, which may be longer than any chunk.

    hear: tells the phones in (n,) int16 samples at 16 kHz without knowing words; it decides
    whether the words are right.
    """

    def __init__(self, hear: Callable[[NDArray[np.int16]], list[TimedName] | None]) -> None:
        self._hear = hear
        self._words: list[ScriptWord] = []

    def extend(self, words: Sequence[ScriptWord]) -> None:
        """Add words behind those that are known."""
        self._words += words

    @property
    def waiting(self) -> int:
        """How many words are still to come."""
        return len(self._words)

    def follow(
        self, samples: NDArray[np.int16], speech: NDArray[np.bool_], mouth: NDArray[np.int_]
    ) -> Followed:
        """The next words in a chunk of (n,) samples at 16 kHz; how many is found out.

        speech: (frames,) where somebody speaks. mouth: (frames,) the viseme that is heard without
        knowing words, as its place in `Viseme`.
        """
        most = _WORDS_TO_SPARE + MOST_WORDS_A_SECOND * len(samples) // (100 * FRAME)
        found = align_words(samples, self._words[:most], least=1) or []
        heard = _Heard(self._hear(samples) or [], mouth)
        if len(found) < len(self._words) <= _MOST_WORDS_TRIED * speech.sum() / 100:
            # How many words there are is uncertain in a short sentence: all may fit better.
            whole = align_words(samples, self._words) or []
            agreement = heard.agreement(whole)
            evidence = _evidence(heard.agreement(found))
            if _holds_everywhere(agreement) and _evidence(agreement) > _LEAST_SHARE * evidence:
                found = whole
        return self._checked(samples, speech, found, heard)

    def follow_all(
        self,
        samples: NDArray[np.int16],
        speech: NDArray[np.bool_],
        mouth: NDArray[np.int_],
        words: Sequence[ScriptWord],
    ) -> Followed:
        """Words that are known to be said in this chunk, all of them and nothing else."""
        script, self._words = self._words, list(words)
        try:
            found = align_words(samples, words) or []
            heard = _Heard(self._hear(samples) or [], mouth)
            return self._checked(samples, speech, found, heard)
        finally:
            self._words = script

    def _checked(
        self,
        samples: NDArray[np.int16],
        speech: NDArray[np.bool_],
        found: list[AlignedWord],
        heard: _Heard,
    ) -> Followed:
        unknown = np.zeros(len(speech), np.bool_)
        agreement = heard.agreement(found)
        lost = _is_left_out(found, heard.phones, speech)
        if lost or not _holds_everywhere(agreement):
            passages = self._passages(samples, heard)
            if passages or lost or not _holds(agreement):
                found = passages
                unknown[:] = True
                for word in found:
                    unknown[word.start : word.end] = False
                _close_gaps(unknown, found)
        words = tuple(
            FollowedWord(self._words[word.number].text, word.start, word.end, word.phones)
            for word in found
        )
        if found:
            del self._words[: found[-1].number + 1]
        return Followed(words, unknown)

    def _passages(self, samples: NDArray[np.int16], heard: _Heard) -> list[AlignedWord]:
        """Words in the stretches of sound where they can be made out."""
        found: list[AlignedWord] = []
        for passage in find_passages(heard.phones, self._words[:_SEARCHED_WORDS]):
            first, end = passage.start, passage.end + _PASSAGE_TAIL_FRAMES
            if found:
                first = max(first, found[-1].end)
            part = samples[first * FRAME : end * FRAME]
            aligned = align_words(part, self._words[passage.first : passage.last])
            moved = [_moved(word, first, passage.first) for word in aligned or []]
            if _holds(heard.agreement(moved)):
                found += moved
        return found


@dataclass(frozen=True, slots=True)
class _Heard:
    """What two who know no words hear in a chunk. mouth: as in `ScriptFollower.follow`."""

    phones: list[TimedName]
    mouth: NDArray[np.int_]

    def agreement(self, found: Sequence[AlignedWord]) -> NDArray[np.float64]:
        """For each frame with a word, the share of them that hear its kind of mouth."""
        frames = len(self.mouth)
        expected = phone_classes([phone for word in found for phone in word.phones], frames)
        same = [expected == phone_classes(self.phones, frames), expected == self.mouth]
        return np.asarray(np.mean(same, axis=0)[expected >= 0], np.float64)


def _moved(word: AlignedWord, frames: int, numbers: int) -> AlignedWord:
    phones = tuple(replace(p, start=p.start + frames, end=p.end + frames) for p in word.phones)
    return AlignedWord(word.number + numbers, word.start + frames, word.end + frames, phones)


def _evidence(agreement: NDArray[np.float64]) -> float:
    """How many frames more speak for the words than would by chance."""
    return float((agreement - _BY_CHANCE).sum())


def _is_left_out(
    found: Sequence[AlignedWord], heard: Sequence[TimedName], speech: NDArray[np.bool_]
) -> bool:
    """Whether a long stretch of speech has no words."""
    said = phone_classes([phone for word in found for phone in word.phones], len(speech)) >= 0
    lost = speech & ~said & (phone_classes(heard, len(speech)) >= 0)
    nearby = np.convolve(lost, np.ones(_LEFT_OUT_FRAMES), "valid")
    return bool(len(nearby) and nearby.max() > 0.8 * _LEFT_OUT_FRAMES)


def _holds(agreement: NDArray[np.float64]) -> bool:
    return bool(len(agreement) and agreement.mean() >= _AGREES)


def _holds_everywhere(agreement: NDArray[np.float64]) -> bool:
    if not _holds(agreement) or len(agreement) <= _STRETCH_FRAMES:
        return _holds(agreement)
    nearby = np.convolve(agreement, np.ones(_STRETCH_FRAMES) / _STRETCH_FRAMES, "valid")
    return bool(nearby.min() >= _AGREES_SOMEWHERE)


def _close_gaps(unknown: NDArray[np.bool_], found: Sequence[AlignedWord]) -> None:
    """Pauses between words that follow each other in the script are known to be pauses."""
    for before, after in pairwise(found):
        if after.number == before.number + 1:
            unknown[before.end : after.start] = False
