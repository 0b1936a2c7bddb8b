from __future__ import annotations

import numpy as np
import pytest

from lipsmith.media.resampling import Resampler, downmix


@pytest.mark.parametrize(("rate_in", "rate_out"), [(96000, 48000), (22050, 48000), (48000, 16000)])
def test_resampling_in_blocks_keeps_time_and_tone(rate_in: int, rate_out: int) -> None:
    seconds = np.arange(rate_in) / rate_in
    tone = np.sin(2 * np.pi * 440 * seconds).astype(np.float32)[:, None] * [[0.8, 0.4]]
    resampler = Resampler(rate_in, rate_out, 2)
    blocks = [resampler.push(block) for block in np.array_split(tone.astype(np.float32), 37)]
    out = np.concatenate([*blocks, resampler.finish()])
    assert len(out) == rate_out
    expected = np.sin(2 * np.pi * 440 * np.arange(rate_out) / rate_out)[:, None] * [[0.8, 0.4]]
    middle = slice(rate_out // 10, -rate_out // 10)
    assert np.abs(out - expected)[middle].max() < 0.002


def test_equal_rates_pass_through() -> None:
    samples = np.ones((10, 1), np.float32)
    resampler = Resampler(16000, 16000, 1)
    assert resampler.push(samples) is samples
    assert resampler.finish().shape == (0, 1)


def test_downmixing() -> None:
    mono, stereo = np.full((4, 1), 0.5, np.float32), np.array([[0.2, 0.6]] * 4, np.float32)
    assert downmix(mono, 2).tolist() == [[0.5, 0.5]] * 4
    assert downmix(stereo, 1) == pytest.approx(np.full((4, 1), 0.4))
    names = ["FL", "FR", "FC", "LFE", "BL", "BR"]
    full = np.ones((4, 6), np.float32)
    assert downmix(full, 2, names) == pytest.approx(np.ones((4, 2)))
    centre = np.zeros((4, 6), np.float32)
    centre[:, 2] = 1
    both = downmix(centre, 2, names)
    assert (both[:, 0] == both[:, 1]).all() and both[0, 0] > 0.25
    bass = np.zeros((4, 6), np.float32)
    bass[:, 3] = 1
    assert not downmix(bass, 2, names).any()
