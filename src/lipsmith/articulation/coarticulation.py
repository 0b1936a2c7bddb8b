"""Speech sounds to the movement of the mouth.

Each sound pulls the mouth to its target with a dominance that fades before and after it; the
mouth goes to the average weighted by dominance (Cohen and Massaro 1993, "Modeling coarticulation
in synthetic visual speech", in Models and Techniques in Computer Animation, pp. 143-146, with
exponent c = 1 outside the middle of the sound). On top of it come what averages cannot do:
closures that are complete, and a limit on speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import exp

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.contacts import (
    LIP_TEETH_DROP_MM,
    LIP_TEETH_JAW_SHARE,
    LIP_TEETH_RAISE_MM,
    LIPS_JAW_SHARE,
    SMOOTHING_TICKS,
    TEETH_JAW_MM,
    Contacts,
    Part,
)
from lipsmith.articulation.targets import is_vowel, targets
from lipsmith.articulation.timeline import (
    BLOCK_TICKS,
    MARGIN_TICKS,
    TICKS_PER_SECOND,
    Segment,
    Window,
)

Array = NDArray[np.float64]

MAX_LIP_SPEED_MM_S = 150.0
MAX_CLOSURE_SPEED_MM_S = 210.0
MAX_JAW_SPEED_MM_S = 110.0
_UPPER, _LOWER, _JAW, _WIDTH, _ROUND = range(5)
_BEFORE_S = np.array([0.050, 0.050, 0.060, 0.095, 0.095])
_AFTER_S = np.array([0.056, 0.056, 0.066, 0.075, 0.075])
_USUAL_PHONE_S = 0.080
_STRESS_GAIN = (0.95, 1.02, 1.08)
_WIDE_MM, _WIDE_SHARE = 11.0, 0.6  # loud, long and stressed do not simply add up
_LIP_REACH_TICKS = 24
_MEMORY_S = 0.6
_REACH_S = 0.36
_SMOOTHING = np.hanning(2 * SMOOTHING_TICKS + 3)[1:-1] / (SMOOTHING_TICKS + 1)


@dataclass(frozen=True, slots=True)
class MouthCurves:
    """The mouth at every tick of a block, each (BLOCK_TICKS,); fields as in `MouthPose`."""

    upper_raise_mm: Array
    lower_drop_mm: Array
    width_mm: Array
    jaw_mm: Array
    press: Array
    labiodental: Array
    round: Array
    tongue: Array
    tongue_out: Array


def mouth_curves(window: Window, loudness_gain: Array, fps: Fraction) -> MouthCurves:
    """The mouth through one block.

    loudness_gain: (BLOCK_TICKS + 2 * MARGIN_TICKS,) factor on the opening. fps: of the video; a
    bilabial is held long enough to be seen in one frame.
    """
    t = window.wide_seconds
    parts = _parts(window.segments, t[0] - _MEMORY_S)
    curves = _average(parts, t)
    contacts = Contacts(t, float(1 / fps))
    for before, part, after in zip(
        [parts[0], *parts[:-1]], parts, [*parts[1:], parts[-1]], strict=True
    ):
        contacts.add(part, before, after)

    opening = loudness_gain * (1.0 - contacts.shut)
    upper, lower = curves[_UPPER] * opening, curves[_LOWER] * opening
    jaw = curves[_JAW] * opening * (1.0 - (1.0 - LIP_TEETH_JAW_SHARE) * contacts.lip_teeth)
    lower = lower + contacts.inhale
    upper, jaw = upper + 0.3 * contacts.inhale, jaw + 0.6 * contacts.inhale
    width = curves[_WIDTH] * (1.0 - 0.7 * contacts.shut)
    rounding = np.clip(curves[_ROUND] * (1.0 - 0.9 * contacts.shut), 0.0, 1.0)

    upper = upper + contacts.lip_teeth * (LIP_TEETH_RAISE_MM - upper)
    lower = lower + contacts.lip_teeth * (LIP_TEETH_DROP_MM - lower)
    jaw = jaw + contacts.teeth * (np.minimum(jaw, TEETH_JAW_MM) - jaw)
    aperture = upper + lower
    wide = np.maximum(aperture - _WIDE_MM, 0.0)
    jaw = jaw * (1.0 - (1.0 - _WIDE_SHARE) * wide / np.maximum(aperture, _WIDE_MM))
    slower = _limit_speed(aperture - (1.0 - _WIDE_SHARE) * wide, MAX_LIP_SPEED_MM_S)
    slower = _limit_speed(np.where(contacts.closed, 0.0, slower), MAX_CLOSURE_SPEED_MM_S)
    slower /= np.maximum(aperture, 1e-6)
    upper, lower = _smooth(upper * slower), _smooth(lower * slower)
    jaw = _smooth(_limit_speed(jaw, MAX_JAW_SPEED_MM_S))

    block = slice(MARGIN_TICKS, MARGIN_TICKS + BLOCK_TICKS)
    open_lips = 1.0 - contacts.lips
    return MouthCurves(
        upper_raise_mm=upper[block],
        lower_drop_mm=lower[block],
        width_mm=_smooth(width)[block],
        jaw_mm=(jaw * (1.0 - (1.0 - LIPS_JAW_SHARE) * contacts.lips))[block],
        press=contacts.press[block],
        labiodental=(contacts.lip_teeth * open_lips)[block],
        round=_smooth(rounding)[block],
        tongue=contacts.tongue[block],
        tongue_out=(contacts.tongue_out * open_lips)[block],
    )


def _parts(segments: tuple[Segment, ...], since: float) -> list[Part]:
    parts: list[Part] = []
    for i, segment in enumerate(segments):
        if segment.end < since:
            continue
        near = [s.duration for s in segments[max(0, i - 1) : i + 2] if s.symbol]
        mean = sum(min(max(d, 0.03), 0.16) for d in near) / max(len(near), 1)
        pace = min(max((mean / _USUAL_PHONE_S) ** 0.4, 0.65), 1.2) if near else 1.0
        reach = _reach(segment.duration) if is_vowel(segment.symbol) else 1.0
        start = segment.start
        for share, target in targets(segment.symbol):
            end = start + share * segment.duration
            parts.append(Part(target, start, end, segment.stress, reach, pace, not segment.symbol))
            start = end
    return parts


def _reach(duration_s: float) -> float:
    """Short vowels stop short of their targets (Lindblom 1963, J. Acoust. Soc. Am. 35, p. 1779)."""
    return (1.0 - 0.45 * exp(-duration_s / 0.07)) / (1.0 - 0.45 * exp(-0.1 / 0.07))


def _average(parts: list[Part], t: Array) -> Array:
    """(5, ticks): the targets averaged by dominance."""
    start = np.array([p.start for p in parts])
    end = np.array([p.end for p in parts])
    length = end - start
    pace = np.array([p.pace for p in parts])
    stress = np.array([_STRESS_GAIN[p.stress] for p in parts])
    pause = np.array([min(1.0, p.end - p.start) if p.pause else 0.0 for p in parts])
    # Sounds insist on their middle; pauses on all of themselves, and less the shorter they are.
    early = start + np.where(pause > 0, 0.02, 0.25 * length)
    late = end - np.where(pause > 0, 0.02, 0.35 * length)
    late = np.maximum(early, late)
    distance = np.maximum(early[:, None] - t, 0.0), np.maximum(t - late[:, None], 0.0)
    target = np.array(
        [
            [
                p.target.upper_raise_mm,
                p.target.lower_drop_mm,
                p.target.jaw_mm,
                p.target.width_mm,
                p.target.round,
            ]
            for p in parts
        ]
    )
    weight = np.array(
        [
            [p.target.opening_weight] * 2 + [p.target.jaw_weight] + [p.target.width_weight] * 2
            for p in parts
        ]
    )
    weight *= np.where(pause > 0, np.minimum(1.0, pause / 0.12), stress)[:, None]
    target[:, :3] *= (np.where(pause > 0, 1.0, stress) * [p.reach for p in parts])[:, None]
    # Beyond its reach a sound has no pull at all, so what is not yet known does not matter.
    near = np.clip(1.0 - ((distance[0] + distance[1]) / _REACH_S) ** 2, 0.0, 1.0)
    result = np.empty((5, len(t)))
    for d in (_LOWER, _JAW, _WIDTH):
        before, after = _BEFORE_S[d] * pace[:, None], _AFTER_S[d] * pace[:, None]
        dominance = weight[:, d, None] * near * np.exp(-distance[0] / before - distance[1] / after)
        dominance /= dominance.sum(0) + 1e-9
        result[d] = target[:, d] @ dominance
        if d == _LOWER:
            result[_UPPER] = target[:, _UPPER] @ dominance
        elif d == _WIDTH:
            result[_ROUND] = target[:, _ROUND] @ dominance
    return result


def _limit_speed(curve: Array, mm_per_s: float) -> Array:
    """The highest curve below `curve` that is nowhere faster than `mm_per_s`."""
    limited = curve.copy()
    for ticks in range(1, _LIP_REACH_TICKS):
        slack = mm_per_s * ticks / TICKS_PER_SECOND
        np.minimum(limited[ticks:], curve[:-ticks] + slack, out=limited[ticks:])
        np.minimum(limited[:-ticks], curve[ticks:] + slack, out=limited[:-ticks])
    return limited


def _smooth(curve: Array) -> Array:
    return np.convolve(curve, _SMOOTHING, "same")
