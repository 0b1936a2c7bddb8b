"""Closures of the mouth, which are complete however short the sound and low the frame rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.targets import Contact, Target
from lipsmith.articulation.timeline import TICKS_PER_SECOND

Array = NDArray[np.float64]

VISUAL_LEAD_S = 0.035
"""How far the picture runs ahead of the sound: lips move before they are heard."""

SMOOTHING_TICKS = 4
"""Reach of the smoothing that the opening gets afterwards."""

LIP_TEETH_RAISE_MM, LIP_TEETH_DROP_MM = 1.4, 0.4
"""Where the lips are while the lower one touches the upper teeth."""

LIP_TEETH_JAW_SHARE, LIPS_JAW_SHARE, TEETH_JAW_MM = 0.6, 0.5, 1.0
"""Of the jaw's opening while the lower lip touches the upper teeth, and while the lips touch; and
the most that is left of it while the teeth do."""

_SHUT_PAUSE_S = 0.14
_BREATH_PAUSE_S = 0.40


@dataclass(frozen=True, slots=True)
class Part:
    """One target of a segment.

    reach: share of the target's opening that there is time for. pace: how drawn out the speech
    around it is, 1 is usual.
    """

    target: Target
    start: float
    end: float
    stress: int
    reach: float
    pace: float
    pause: bool


class Contacts:
    """0..1 curves over the times `t` in s, each 1 while the contact lasts.

    lips: together (m, b, p), with `press`. closed: (ticks,) bool, where the opening must be 0 for
    the lips to stay closed after smoothing. lip_teeth: lower lip on the upper teeth. teeth:
    together. shut: the mouth at rest in a pause. inhale: mm that the lower lip drops to breathe in.
    tongue, tongue_out: as in `MouthPose`.
    """

    def __init__(self, t: Array, frame_s: float) -> None:
        """frame_s: a frame's length; lip contacts last until one frame shows them."""
        self._t = t
        self._frame_s = frame_s
        zero = np.zeros_like(t)
        self.lips = self.lip_teeth = self.teeth = self.shut = zero
        self.closed = np.zeros(len(t), bool)
        self.press = self.tongue = self.tongue_out = self.inhale = zero

    def add(self, part: Part, before: Part, after: Part) -> None:
        """Take a part of the speech with its neighbours."""
        target, start, end = part.target, part.start, part.end
        length = end - start
        if part.pause:
            self._add_pause(start, end)
            return
        rise = min(max(0.8 * (before.end - before.start), 0.045), 0.075)
        fall = min(max(0.8 * (after.end - after.start), 0.050), 0.080)
        if target.contact is Contact.LIPS:
            first, last = self._seen(start, max(start + 0.6 * length, end - 0.025))
            pulse = self._pulse(first, last, rise, fall)
            self.lips = np.maximum(self.lips, pulse)
            # Wider by what smoothing opens again.
            margin = SMOOTHING_TICKS / TICKS_PER_SECOND
            self.closed = self.closed | ((self._t >= first - margin) & (self._t <= last + margin))
            self.press = np.maximum(self.press, target.press * pulse**3)
        elif target.contact is Contact.LIP_TEETH:
            first, last = self._seen(start + 0.15 * length, end - 0.3 * length)
            self.lip_teeth = np.maximum(self.lip_teeth, self._pulse(first, last, 0.070, 0.075))
        elif target.contact is Contact.TEETH:
            pulse = self._pulse(start + 0.2 * length, end - 0.25 * length, 0.07, 0.07)
            self.teeth = np.maximum(self.teeth, pulse)
        if target.tongue:
            pulse = self._pulse(start, end - 0.3 * length, 0.055, 0.055)
            self.tongue = np.maximum(self.tongue, target.tongue * pulse)
        if target.tongue_out:
            pulse = self._pulse(start + 0.15 * length, end - 0.3 * length, 0.06, 0.06)
            self.tongue_out = np.maximum(self.tongue_out, target.tongue_out * pulse)

    def _add_pause(self, start: float, end: float) -> None:
        length = end - start
        if length >= _SHUT_PAUSE_S:
            fall, rise = 0.11, 0.10
            first, last = start + fall, end - rise
            depth = 1.0
            if last < first:
                first = last = (start * rise + end * fall) / (rise + fall)
                depth = min(max((length - 0.08) / 0.10, 0.0), 1.0)
            if end - start > _BREATH_PAUSE_S:
                last -= 0.12
                self.inhale = np.maximum(
                    self.inhale, 1.2 * self._pulse(end - 0.13, end - 0.05, 0.16, 0.08)
                )
            self.shut = np.maximum(self.shut, depth * self._pulse(first, last, fall, rise))

    def _seen(self, first: float, last: float) -> tuple[float, float]:
        """Stretch a hold, if need be, to the nearest instant that a frame shows."""
        middle = 0.5 * (first + last)
        frame = max(0, round((middle - VISUAL_LEAD_S) / self._frame_s))
        shown = frame * self._frame_s + VISUAL_LEAD_S
        slack = 1.0 / TICKS_PER_SECOND
        return min(first, shown - slack), max(last, shown + slack)

    def _pulse(self, first: float, last: float, rise: float, fall: float) -> Array:
        """1 from `first` to `last`, raised-cosine flanks of the given lengths, all in seconds."""
        last = max(first, last)
        outside = np.maximum((first - self._t) / rise, (self._t - last) / fall)
        return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.clip(outside, 0.0, 1.0)))
