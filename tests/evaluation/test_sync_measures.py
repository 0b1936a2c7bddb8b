from __future__ import annotations

import numpy as np
import pytest

from lipsmith.evaluation.sync import landmark_opening_mm, sync_with_sound, sync_with_track

FPS, RATE_HZ = 25.0, 8000


def babble(delay_s: float, seconds: int = 6) -> np.ndarray:
    """Openings in mm, one a frame, that follow `hum` after a delay."""
    t = np.arange(int(seconds * FPS)) / FPS - delay_s
    return 5.0 + 3.0 * np.sin(2 * np.pi * 3.1 * t) + 2.0 * np.sin(2 * np.pi * 1.7 * t)


def hum(seconds: int = 6) -> np.ndarray:
    t = np.arange(seconds * RATE_HZ) / RATE_HZ
    envelope = 5.0 + 3.0 * np.sin(2 * np.pi * 3.1 * t) + 2.0 * np.sin(2 * np.pi * 1.7 * t)
    return (0.02 * envelope * np.sin(2 * np.pi * 400 * t))[:, None].astype(np.float32)


@pytest.mark.parametrize("delay_ms", [-120, 0, 60, 200])
def test_offset_is_found_and_positive_when_sound_leads(delay_ms: int) -> None:
    sync = sync_with_sound(babble(delay_ms / 1000), FPS, hum(), RATE_HZ)
    assert sync.offset_ms == pytest.approx(delay_ms, abs=8)
    assert sync.correlation > 0.9


def test_one_frame_late_is_seen() -> None:
    sync = sync_with_track(babble(1 / FPS), babble(0.0), FPS)
    assert sync.offset_ms == pytest.approx(40, abs=5)


def test_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="two seconds"):
        sync_with_sound(babble(0.0, 1), FPS, hum(1), RATE_HZ)


def test_landmark_opening_is_in_millimetres() -> None:
    face = np.zeros((478, 3))
    face[[33, 263]] = (100, 200, 0), (300, 200, 0)
    face[[468, 473]] = (137, 200, 0), (263, 200, 0)  # 63 mm at 2 px/mm
    face[[234, 454]] = (58, 220, 0), (342, 220, 0)  # 142 mm
    face[[10, 152]] = (200, 50, 0), (200, 450, 0)
    face[[82, 13, 312]] = (200, 340, 0)
    face[[87, 14, 317]] = (200, 360, 0)
    assert landmark_opening_mm(face) == pytest.approx(10.0)
