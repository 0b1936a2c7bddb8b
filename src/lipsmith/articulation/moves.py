"""Movements on a clock: smooth steps and band-limited wandering."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def minimum_jerk(progress: Array) -> Array:
    """0..1, still at both ends (Flash and Hogan 1985, J. Neuroscience 5, p. 1692)."""
    u = np.clip(progress, 0.0, 1.0)
    return np.asarray(u**3 * (10.0 - 15.0 * u + 6.0 * u * u))


class Moves:
    """One value that is moved by smooth steps, which may overlap."""

    def __init__(self) -> None:
        self._settled = 0.0
        self._under_way: list[tuple[float, float, float]] = []
        self.goal = 0.0

    def by(self, amount: float, start: float, duration: float) -> None:
        """Move by `amount` from `start` on, both in seconds."""
        self._under_way.append((start, duration, amount))
        self.goal += amount

    def to(self, goal: float, start: float, duration: float) -> None:
        """Move so that the value ends at `goal` once all moves are over."""
        self.by(goal - self.goal, start, duration)

    def bump(self, amount: float, start: float, up: float, hold: float, down: float) -> None:
        """Go and come back."""
        self.by(amount, start, up)
        self.by(-amount, start + up + hold, down)

    def at(self, t: Array) -> Array:
        """The value at ascending times; times before the first of them are over."""
        value = np.full(len(t), self._settled)
        for start, duration, amount in self._under_way:
            value += amount * minimum_jerk((t - start) / duration)
        over = [move for move in self._under_way if move[0] + move[1] <= t[0]]
        if over:
            self._settled += sum(amount for _, _, amount in over)
            self._under_way = [move for move in self._under_way if move[0] + move[1] > t[0]]
        return value


class Wander:
    """Smooth noise: sines of nearby octaves with random phases, so it never drifts away."""

    def __init__(self, rng: np.random.Generator, lowest_hz: float, octaves: int = 4) -> None:
        steps = np.arange(octaves)
        self._hz = lowest_hz * 1.7**steps * rng.uniform(0.85, 1.18, octaves)
        self._phase = rng.uniform(0.0, 2.0 * np.pi, octaves)
        weight = 1.5**-steps
        self._weight = weight / np.sqrt(0.5 * (weight**2).sum())

    def at(self, t: Array) -> Array:
        """Values of unit variance."""
        angle = 2.0 * np.pi * self._hz[:, None] * t + self._phase[:, None]
        return np.asarray(self._weight @ np.sin(angle))
