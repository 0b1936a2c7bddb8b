from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lipsmith.core.motion import MouthPose, Pose, TrackFrame, Viseme
from lipsmith.core.speech import Phone
from lipsmith.evaluation.articulation import jitter, measure_articulation

RATE_HZ = 1000
PHONES = [Phone("a", 0, 400), Phone("m", 400, 500), Phone("a", 500, 900), Phone("", 900, 2000)]


def track(gaps_mm: list[float]) -> list[TrackFrame]:
    silent = np.zeros((40, 1), np.float32)
    return [
        TrackFrame(i, Pose(MouthPose(lower_drop_mm=gap)), silent, Viseme.AA, 0.0)
        for i, gap in enumerate(gaps_mm)
    ]


def test_closed_bilabials_and_shut_pauses_are_counted() -> None:
    good = [8.0] * 10 + [0.0, 0.0] + [8.0] * 11 + [0.0] * 27
    bad = [8.0] * 50
    measures = measure_articulation(track(good), PHONES, Fraction(25), RATE_HZ)
    assert (measures.bilabials, measures.bilabials_closed, measures.pauses_shut) == (1, 1.0, 1.0)
    assert measures.opening_mm[1] == 8.0
    assert measures.fastest_closing_mm_s == pytest.approx(200)
    measures = measure_articulation(track(bad), PHONES, Fraction(25), RATE_HZ)
    assert (measures.bilabials_closed, measures.pauses_shut) == (0.0, 0.0)


def test_jitter_tells_trembling_from_movement() -> None:
    smooth = np.sin(np.linspace(0, 6, 100))
    trembling = smooth + 0.1 * (np.arange(100) % 2)
    assert jitter(smooth) < 0.02
    assert jitter(trembling) > 0.5
