"""Moments in the speech that a talker's head and eyes react to."""

from __future__ import annotations

from dataclasses import dataclass

from lipsmith.articulation.targets import is_vowel
from lipsmith.articulation.timeline import BLOCK_TICKS, TICKS_PER_SECOND, Window

FORESIGHT_S = 0.4
"""Cues are told this long before they happen, so that a gesture can start ahead of its word."""

_PHRASE_PAUSE_S = 0.15


@dataclass(frozen=True, slots=True)
class Stress:
    """A stressed vowel. time: its start, s. weight: 0..1 how prominent. question: it asks."""

    time: float
    weight: float
    question: bool


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues that come into sight in one block, and whether it is quiet at the block's start.

    stresses: stressed vowels. phrase_starts: s, speech after a pause. phrase_ends: s, a pause
    after speech. quiet_for: s, how long nothing has been said. next_speech: s, the start of the
    next phrase if it is in sight.
    """

    stresses: tuple[Stress, ...]
    phrase_starts: tuple[float, ...]
    phrase_ends: tuple[float, ...]
    quiet_for: float
    next_speech: float | None


class CueFinder:
    """Finds each cue once."""

    def find(self, window: Window) -> Cues:
        block_s = BLOCK_TICKS / TICKS_PER_SECOND
        begin = window.first / TICKS_PER_SECOND
        seen = begin + FORESIGHT_S if window.first else float("-inf")
        limit = begin + FORESIGHT_S + block_s
        stresses, starts, ends = [], [], []
        quiet_for, next_speech = 0.0, None
        previous = window.segments[0]
        for segment in window.segments:
            pause_before = not previous.symbol and previous.duration >= _PHRASE_PAUSE_S
            if not segment.symbol and segment.start <= begin < segment.end:
                quiet_for = begin - segment.start
                next_speech = segment.end if segment.end < window.horizon else None
            if seen <= segment.start < limit:
                if segment.symbol and pause_before:
                    starts.append(segment.start)
                if not segment.symbol and previous.symbol and segment.duration >= _PHRASE_PAUSE_S:
                    ends.append(segment.start)
                if segment.stress and is_vowel(segment.symbol):
                    long = min(segment.duration / 0.12, 1.0)
                    weight = (0.55 if segment.stress == 1 else 1.0) * (0.5 + 0.5 * long)
                    stresses.append(Stress(segment.start, weight, segment.question))
            previous = segment
        return Cues(tuple(stresses), tuple(starts), tuple(ends), quiet_for, next_speech)
