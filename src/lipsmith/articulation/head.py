"""The head's sway and gestures, and the breath.

Talkers nod on stressed syllables and move most where they speak loudest (Hadar et al. 1983,
"Kinematics of head movements accompanying speech", Human Movement Science 2, pp. 35-46).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.cues import Cues
from lipsmith.articulation.moves import Moves, Wander
from lipsmith.articulation.timeline import TICKS_PER_SECOND

Array = NDArray[np.float64]

_NOD_REST_S = 0.45
_LIMIT_DEG = 3.4


class Head:
    """Yaw, pitch, roll and shift of the head."""

    def __init__(self, rng: np.random.Generator, motion: float) -> None:
        self._rng = rng
        self._motion = motion
        self._slow = [Wander(rng, hz) for hz in (0.07, 0.09, 0.06, 0.05, 0.08)]
        self._lively = [Wander(rng, hz, 3) for hz in (0.45, 0.5, 0.4)]
        self._posture = Moves(), Moves(), Moves()
        self._nod = Moves()
        self._last_nod = -9.0
        self._next_posture = rng.uniform(2.5, 5.0)
        self._activity = 0.0

    def move(self, t: Array, cues: Cues, loud: Array) -> tuple[Array, Array, Array, Array, Array]:
        """Yaw, pitch, roll in radians, x and y in mm."""
        for stress in cues.stresses:
            self._stress(stress.time, stress.weight, stress.question)
        for start in cues.phrase_starts:
            self._nod.by(-0.7 * self._rng.uniform(0.4, 1.3), start - 0.32, 0.34)
            self._nod.to(0.0, start + 0.06, 0.50)
            self._shift(start - 0.25, 1.0)
        if t[-1] >= self._next_posture:
            self._shift(t[-1], 0.8 if cues.quiet_for < 1.0 else 0.45)

        active = self._follow(loud)
        calm = 0.55 + 0.45 * active
        yaw, pitch, roll = (
            posture.at(t) + calm * size * slow.at(t) + active * quick * lively.at(t)
            for posture, slow, lively, size, quick in zip(
                self._posture, self._slow[:3], self._lively, (0.9, 0.5, 0.6), (0.38, 0.26, 0.26),
                strict=True,
            )
        )  # fmt: skip
        nod = self._nod.at(t)
        pitch = pitch + nod
        scale = self._motion
        limit = _LIMIT_DEG * max(1.0, 0.75 + 0.25 * scale)
        yaw, pitch, roll = (limit * np.tanh(scale * a / limit) for a in (yaw, pitch, roll))
        x = 0.35 * yaw + scale * 0.5 * self._slow[3].at(t)
        y = 0.22 * pitch + scale * 0.3 * self._slow[4].at(t)
        return np.radians(yaw), np.radians(pitch), np.radians(roll), x, y

    def _stress(self, time: float, weight: float, question: bool) -> None:
        size = self._rng.gamma(7.0, 0.2)
        chance, tilt, side = self._rng.random(), self._rng.random(), self._rng.normal()
        if question:
            self._nod.bump(-1.4, time - 0.1, 0.4, 0.3, 0.8)
            self._posture[2].by(float(np.clip(side, -1.2, 1.2)), time - 0.1, 0.6)
        elif time - self._last_nod >= _NOD_REST_S and chance < 0.75 * weight:
            size *= 0.6 + 0.4 * weight
            self._nod.by(size, time - 0.12, 0.25)
            self._nod.by(-1.18 * size, time + 0.12, 0.38)
            self._nod.by(0.18 * size, time + 0.46, 0.40)
            self._last_nod = time
            if tilt < 0.3:
                self._posture[0].bump(0.7 * side, time - 0.12, 0.28, 0.25, 0.7)
                self._posture[2].bump(0.5 * side, time - 0.08, 0.30, 0.25, 0.7)

    def _shift(self, start: float, size: float) -> None:
        """Take a new posture."""
        sizes = (1.1 * size, 0.55 * size, 0.85 * size)
        duration = self._rng.uniform(0.7, 1.2)
        for posture, spread in zip(self._posture, sizes, strict=True):
            goal = float(np.clip(self._rng.normal(0.0, spread), -2.0 * spread, 2.0 * spread))
            posture.to(goal, start + self._rng.uniform(0.0, 0.12), duration)
        self._next_posture = start + self._rng.uniform(2.5, 6.5)

    def _follow(self, loud: Array) -> Array:
        """How lively the speech is, 0..1, slowly."""
        active = np.empty(len(loud))
        for i, value in enumerate(loud):
            rate = 2.5 if value > self._activity else 0.8
            self._activity += rate / TICKS_PER_SECOND * (min(value, 1.0) - self._activity)
            active[i] = self._activity
        return active


class Breath:
    """Chest volume: filled in the pauses before phrases, spent while speaking."""

    def __init__(self) -> None:
        self._volume = 0.0
        self._speed = 0.0
        self._goal = 0.6
        self._inhaling = True

    def breathe(self, t: Array, cues: Cues) -> Array:
        """-1..1."""
        breath = np.empty(len(t))
        quiet = cues.quiet_for > 0.0
        soon = cues.next_speech is not None and cues.next_speech - t[0] < 0.6
        if quiet and soon and self._volume < 0.6:
            self._inhaling = True
        for i in range(len(t)):
            if self._inhaling:
                rate, self._goal = (5.5 if soon else 2.4), 0.95
                self._inhaling = self._volume < 0.85
            else:
                rate, self._goal = (0.9 if quiet else 0.45), -0.95
                self._inhaling = quiet and self._volume < -0.7
            # A critically damped follower keeps the turns of the breath round.
            force = rate * rate * (self._goal - self._volume) - 2.0 * rate * self._speed
            self._speed += force / TICKS_PER_SECOND
            self._volume += self._speed / TICKS_PER_SECOND
            breath[i] = self._volume
        return np.clip(breath, -1.0, 1.0)
