"""Blinks and gaze.

Blinks cluster at the ends of phrases and on large shifts of gaze and otherwise come at random;
saccades take 21 ms and 2.2 ms more per degree (Carpenter 1988, "Movements of the eyes", p. 71).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.cues import Cues
from lipsmith.articulation.moves import Moves, Wander, minimum_jerk
from lipsmith.articulation.timeline import TICKS_PER_SECOND

Array = NDArray[np.float64]

EYE_RADIUS_MM = 12.0
_BLINKS_PER_S2 = 0.10
_BLINKS_PER_S_AT_PHRASE_END = 2.2
_BLINKS_PER_S_AT_GAZE_SHIFT = 0.35 * TICKS_PER_SECOND
_BLINK_REST_S = 0.9
_DOUBLE_BLINKS = 0.1
_CLOSING_S, _SHUT_S, _OPENING_S = 0.085, 0.045, 0.185


class Eyes:
    """Lids and irises."""

    def __init__(
        self, rng: np.random.Generator, motion: float, frame_s: float, blink: bool
    ) -> None:
        self._rng, lids = rng.spawn(2)
        self._motion = motion
        self._lids = Lids(lids, frame_s) if blink else None
        self._x, self._y = Moves(), Moves()
        self._drift = Wander(rng, 0.7, 3), Wander(rng, 0.8, 3)
        self._next = self._rng.uniform(0.4, 1.4)

    def look(
        self, t: Array, cues: Cues, yaw: Array, pitch: Array
    ) -> tuple[Array, Array, Array, Array]:
        """Blink left and right, gaze x and y in mm."""
        shifts = []
        while self._next <= t[-1]:
            shifts += self._saccade(self._next, cues.quiet_for > 0.0)
        x = self._x.at(t) + 0.03 * self._drift[0].at(t)
        y = self._y.at(t) + 0.02 * self._drift[1].at(t)
        # The eyes stay on the viewer while the head turns.
        gaze_x = np.clip(self._motion * x, -1.8, 1.8) - EYE_RADIUS_MM * np.sin(yaw)
        gaze_y = np.clip(self._motion * y, -0.9, 0.9) - EYE_RADIUS_MM * np.sin(pitch)
        if self._lids is None:
            return np.zeros(len(t)), np.zeros(len(t)), gaze_x, gaze_y
        left, right = self._lids.blink(t, cues, shifts)
        # The upper lid rides on the eyeball: looking down lowers it.
        lowered = np.clip(0.10 * gaze_y, 0.0, 0.2)
        return np.maximum(left, lowered), np.maximum(right, lowered), gaze_x, gaze_y

    def _saccade(self, time: float, quiet: bool) -> list[float]:
        """Look somewhere else; returns the time if it is a large shift."""
        r = self._rng
        away = np.hypot(self._x.goal, self._y.goal) > 0.45
        kind, x, y = r.random(), r.normal(), r.normal()
        if away or kind < 0.35:
            goal = 0.08 * x, 0.05 * y
            dwell = r.uniform(1.0, 2.5)
        elif kind < (0.72 if quiet else 0.84):
            goal = 0.24 * x, 0.13 * y
            dwell = r.uniform(0.6, 1.8)
        else:
            side = 1.0 if x > 0 else -1.0
            goal = side * (0.6 + 0.35 * abs(x)), 0.15 + 0.3 * y
            dwell = r.uniform(0.5, 1.1)
        size = float(np.hypot(goal[0] - self._x.goal, goal[1] - self._y.goal))
        duration = 0.021 + 0.0022 * float(np.degrees(size / EYE_RADIUS_MM))
        self._x.to(goal[0], time, duration)
        self._y.to(goal[1], time, duration)
        self._next = time + dwell
        return [time] if size > 0.55 else []


class Lids:
    """Blinks of both eyes. frame_s: each blink is shut at least that long."""

    def __init__(self, rng: np.random.Generator, frame_s: float) -> None:
        self._rng = rng
        self._shut_s = max(_SHUT_S, frame_s)
        self._blinks: list[tuple[float, float, float]] = []
        self._ends: list[float] = []
        self._last = -0.2
        self._second: float | None = None

    def blink(self, t: Array, cues: Cues, gaze_shifts: list[float]) -> tuple[Array, Array]:
        """0..1 for the left and the right eye."""
        self._ends = [e for e in self._ends if e > t[0] - 0.5] + list(cues.phrase_ends)
        urges = np.zeros(len(t))
        for end in self._ends:
            urges[(t >= end - 0.05) & (t < end + 0.25)] = _BLINKS_PER_S_AT_PHRASE_END
        for shift in gaze_shifts:
            urges[np.searchsorted(t, shift)] = _BLINKS_PER_S_AT_GAZE_SHIFT
        chances = self._rng.random((len(t), 2))
        for time, urge, (chance, again) in zip(t, urges, chances, strict=True):
            since = time - self._last
            # The need to blink grows with the time that the eyes were open.
            rate = urge * min(1.0, since / 3.0) + _BLINKS_PER_S2 * (since - _BLINK_REST_S)
            if self._second is not None and time >= self._second:
                self._start(time)
                self._second = None
            elif since > _BLINK_REST_S and chance < rate / TICKS_PER_SECOND:
                self._start(time)
                if again < _DOUBLE_BLINKS:
                    self._second = time + 0.36 + again
        left, right = np.zeros(len(t)), np.zeros(len(t))
        for start, pace, lag in self._blinks:
            left = np.maximum(left, self._lid(t - start - max(lag, 0.0), pace))
            right = np.maximum(right, self._lid(t - start - max(-lag, 0.0), pace))
        self._blinks = [b for b in self._blinks if b[0] > t[0] - 1.0]
        return left, right

    def _start(self, time: float) -> None:
        pace = float(np.clip(self._rng.normal(1.0, 0.12), 0.8, 1.3))
        lag = float(np.clip(self._rng.normal(0.0, 0.005), -0.010, 0.010))
        self._blinks.append((time, pace, lag))
        self._last = time

    def _lid(self, since: Array, pace: float) -> Array:
        closing = minimum_jerk(since / (_CLOSING_S * pace))
        opening = (since - _CLOSING_S * pace - self._shut_s) / (_OPENING_S * pace)
        # Lids open fast at first and settle slowly.
        return np.asarray(closing * (1.0 - minimum_jerk(np.clip(opening, 0.0, 1.0) ** 0.75)))
