"""Loudness as EBU R 128 counts it."""

from __future__ import annotations

import numpy as np
import pytest

from lipsmith.media.loudness import LoudnessMeter, amplified


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (16000, 1), (44100, 2), (48000, 2)])
def test_a_tone_of_minus_23_measures_minus_23(rate_hz: int, channels: int) -> None:
    # EBU Tech 3341, case 1: a sine of 1000 Hz at -23 dBFS from both speakers.
    t = np.arange(rate_hz * 5) / rate_hz
    tone = (10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
    meter = LoudnessMeter(rate_hz, channels)
    for part in np.array_split(np.repeat(tone[:, None], channels, axis=1), 7):
        meter.push(part)
    assert meter.integrated_lufs == pytest.approx(-23, abs=0.2)
    assert meter.gain() == pytest.approx(10 ** (7 / 20), rel=0.03)


def test_silence_stays_as_it_is() -> None:
    meter = LoudnessMeter(16000, 1)
    meter.push(np.zeros((16000, 1), np.float32))
    assert meter.integrated_lufs is None and meter.gain() == 1.0


def test_the_limiter_keeps_length_and_place() -> None:
    blocks = [np.full((n, 2), 0.01, np.float32) for n in (100, 5000, 8192, 1)]
    blocks[1][2000:2010] = 0.9
    loud = np.concatenate(list(amplified(blocks, 4.0, 1.0, 16000)))
    assert loud.shape == (13293, 2)
    assert np.abs(loud).max() <= 10 ** (-1 / 20)
    assert 2100 <= int(np.argmax(np.abs(loud[:, 0]))) < 2110
    assert loud[0, 0] == pytest.approx(0.04, rel=0.01)
