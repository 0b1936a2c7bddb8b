"""What a face does besides talking: head, eyes, breath and mood, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.cues import CueFinder, Cues
from lipsmith.articulation.eyes import Eyes
from lipsmith.articulation.head import Breath, Head
from lipsmith.articulation.moves import Moves, Wander
from lipsmith.articulation.timeline import BLOCK_TICKS, MARGIN_TICKS, Window

Array = NDArray[np.float64]


_BROW_REST_S = 1.2


@dataclass(frozen=True, slots=True)
class LifeCurves:
    """Head, eyes and mood at every tick of a block, each (BLOCK_TICKS,); units as in `Pose`."""

    blink_left: Array
    blink_right: Array
    gaze_x_mm: Array
    gaze_y_mm: Array
    brow_mm: Array
    squint: Array
    yaw_rad: Array
    pitch_rad: Array
    roll_rad: Array
    x_mm: Array
    y_mm: Array
    breath: Array
    smile: Array


class Life:
    """Call `live` block by block, in order."""

    def __init__(
        self, seed: int, *, motion: float, expression: float, blink: bool, frame_s: float
    ) -> None:
        head, eyes, mood = np.random.default_rng(seed).spawn(3)
        self._motion = motion
        self._expression = expression
        self._cues = CueFinder()
        self._head = Head(head, motion)
        self._breath = Breath()
        self._eyes = Eyes(eyes, motion, frame_s, blink)
        self._mood = Mood(mood, expression)

    def live(self, window: Window, relative_loudness: Array) -> LifeCurves:
        """What the face does through one block.

        relative_loudness: (BLOCK_TICKS + 2 * MARGIN_TICKS,), 1 at the speaker's usual peaks.
        """
        t = window.seconds
        cues = self._cues.find(window)
        loud = relative_loudness[MARGIN_TICKS : MARGIN_TICKS + BLOCK_TICKS]
        yaw, pitch, roll, x, y = self._head.move(t, cues, loud)
        breath = self._breath.breathe(t, cues) * min(self._motion, 1.0)
        blink_left, blink_right, gaze_x, gaze_y = self._eyes.look(t, cues, yaw, pitch)
        brow, squint, smile = self._mood.show(t, cues)
        return LifeCurves(
            blink_left, blink_right, gaze_x, gaze_y, brow, squint,
            yaw, pitch, roll, x, y, breath, smile,
        )  # fmt: skip


def resting_smile(expression: float) -> float:
    """-1..1, of a face that does nothing; expression: 0..2, see `Mood`."""
    return float(np.interp(expression, (0.0, 1.0, 2.0), (-0.28, 0.10, 0.75)))


def resting_squint(expression: float) -> float:
    """0..1, of a face that does nothing; expression: 0..2, see `Mood`."""
    return float(np.interp(expression, (0.0, 1.0, 2.0), (0.0, 0.05, 0.45)))


class Mood:
    """Smile, squint and brows.

    expression: 0 serious: corners a little down, brows nearly still. 1 natural: the trace of a
    smile. 2 clearly smiling: corners up, lower lids raised, brows lively.
    """

    def __init__(self, rng: np.random.Generator, expression: float) -> None:
        self._rng = rng
        self._smile = resting_smile(expression)
        self._squint = resting_squint(expression)
        self._play = float(np.interp(expression, (0.0, 1.0, 2.0), (0.2, 1.0, 1.5)))
        self._brow = Moves()
        self._last_raise = -9.0
        self._warmth = Moves()
        self._wander = Wander(rng, 0.06, 3), Wander(rng, 0.09, 3)

    def show(self, t: Array, cues: Cues) -> tuple[Array, Array, Array]:
        """Brow in mm, squint 0..1 and smile -1..1."""
        for cue in cues.stresses:
            size, chance = self._rng.gamma(6.0, 0.22), self._rng.random()
            if cue.question:
                self._brow.bump(1.2 + size, cue.time - 0.15, 0.25, 0.35, 0.5)
            elif chance < 0.35 * cue.weight and cue.time - self._last_raise > _BROW_REST_S:
                self._brow.bump(size, cue.time - 0.14, 0.22, 0.04, 0.45)
                self._last_raise = cue.time
        for time in cues.phrase_ends:
            if self._rng.random() < 0.5:
                self._warmth.bump(self._rng.uniform(0.3, 1.0), time, 0.5, 0.4, 0.9)
        brow = self._play * np.clip(self._brow.at(t) + 0.25 * self._wander[0].at(t), -1.0, 3.5)
        warmth = 1.0 + 0.2 * self._wander[1].at(t) + 0.35 * self._warmth.at(t)
        return brow, np.clip(self._squint * warmth, 0.0, 1.0), np.clip(self._smile * warmth, -1, 1)
