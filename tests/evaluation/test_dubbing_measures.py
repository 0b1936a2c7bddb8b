"""Measures of dubbed videos."""

from __future__ import annotations

import numpy as np
import pytest

from lipsmith.evaluation.dubbing import measure_dub

FPS = 25.0
AT = np.arange(100) / FPS
MEANT = np.maximum(6.0 * np.sin(2 * np.pi * 2.3 * AT), 0.0)
FOOTAGE = 4.0 + 3.0 * np.sin(2 * np.pi * 3.1 * AT + 0.5)


def test_new_words_alone() -> None:
    measures = measure_dub(0.8 * MEANT + 1.5, MEANT, FOOTAGE, FPS)
    assert measures.sync.correlation > 0.99
    assert abs(measures.sync.offset_ms) < 3
    assert measures.old_mouth == pytest.approx(0.0, abs=0.05)
    assert measures.shut_mm == pytest.approx(1.5, abs=0.1)


def test_old_words_that_shine_through() -> None:
    left = measure_dub(0.8 * MEANT + 0.3 * FOOTAGE, MEANT, FOOTAGE, FPS)
    assert left.old_mouth > 0.9


def test_late_mouth() -> None:
    late = measure_dub(np.roll(MEANT, 2), MEANT, FOOTAGE, FPS)
    assert late.sync.offset_ms == pytest.approx(80, abs=5)


def test_lips_that_are_never_shut() -> None:
    assert np.isnan(measure_dub(MEANT + 1, MEANT + 1, FOOTAGE, FPS).shut_mm)
