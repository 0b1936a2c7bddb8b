"""How well a mouth track articulates, in numbers that a viewer would notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.motion import MouthPose, TrackFrame
from lipsmith.core.speech import Phone

CLOSED_MM = 0.3
"""Lips nearer than this look closed."""

_BILABIALS = frozenset("pbmɓ")


@dataclass(frozen=True, slots=True)
class ArticulationMeasures:
    """Measures of one track.

    bilabials: how many m, b, p were said. bilabials_closed: share of them that a frame shows with
    the lips closed, 0..1. opening_mm: 5th, 50th, 75th and 95th percentile of the lip opening while
    speaking. fastest_opening_mm_s, fastest_closing_mm_s: largest change of the opening between
    two frames. pauses_shut: share of frames with closed lips in pauses, from 120 ms after the last
    sound to 250 ms before the next, 0..1. jitter: share of the frame-to-frame movement that
    the very next frame takes back, 0 smooth .. 1 trembling.
    """

    bilabials: int
    bilabials_closed: float
    opening_mm: tuple[float, float, float, float]
    fastest_opening_mm_s: float
    fastest_closing_mm_s: float
    pauses_shut: float
    jitter: float


def lip_opening_mm(pose: MouthPose) -> float:
    """The gap between the lips; a lower lip under the teeth closes it."""
    return pose.upper_raise_mm + pose.lower_drop_mm


def measure_articulation(
    frames: Iterable[TrackFrame], phones: Sequence[Phone], fps: Fraction, rate_hz: int
) -> ArticulationMeasures:
    """Compare a track with the phones that it was made from."""
    gap = np.array([lip_opening_mm(frame.pose.mouth) for frame in frames])
    at = np.arange(len(gap)) / float(fps)
    spans = [(p.symbol, p.start / rate_hz, p.end / rate_hz) for p in phones]
    speaking = np.zeros(len(gap), bool)
    for symbol, start, end in spans:
        if symbol:
            speaking |= (at >= start) & (at < end)
    closures = [
        _lowest(gap, at, start - 0.06, end + 0.02) for symbol, start, end in spans
        if symbol[:1] in _BILABIALS and symbol
    ]  # fmt: skip
    still = _deep_silence(at, [(start, end) for symbol, start, end in spans if symbol])
    speed = np.diff(gap) * float(fps)
    spoken = gap[speaking] if speaking.any() else np.zeros(1)
    p5, p50, p75, p95 = np.percentile(spoken, (5, 50, 75, 95))
    return ArticulationMeasures(
        bilabials=len(closures),
        bilabials_closed=float(np.mean([c < CLOSED_MM for c in closures])) if closures else 1.0,
        opening_mm=(float(p5), float(p50), float(p75), float(p95)),
        fastest_opening_mm_s=float(speed.max(initial=0.0)),
        fastest_closing_mm_s=float(-speed.min(initial=0.0)),
        pauses_shut=float(np.mean(gap[still] < CLOSED_MM)) if still.any() else 1.0,
        jitter=jitter(gap),
    )


def jitter(curve: NDArray[np.float64]) -> float:
    """Share of the movement from sample to sample that the next sample takes back, 0..1."""
    steps = np.diff(curve)
    total = float(np.abs(steps).sum())
    if total < 1e-9:
        return 0.0
    back = np.minimum(np.abs(steps[1:]), np.abs(steps[:-1])) * (steps[1:] * steps[:-1] < 0)
    return float(2.0 * back.sum() / total)


def _lowest(gap: NDArray[np.float64], at: NDArray[np.float64], start: float, end: float) -> float:
    near = gap[(at >= start) & (at <= end)]
    return float(near.min()) if near.size else float("inf")


def _deep_silence(
    at: NDArray[np.float64], spoken: Sequence[tuple[float, float]]
) -> NDArray[np.bool_]:
    """Frames that lie well inside a pause."""
    edges = [-1.0, *(t for span in spoken for t in span), float(at[-1]) + 1.0 if at.size else 0.0]
    still = np.zeros(len(at), bool)
    for end, start in zip(edges[::2], edges[1::2], strict=True):
        still |= (at >= end + 0.12) & (at < start - 0.25)
    return still
