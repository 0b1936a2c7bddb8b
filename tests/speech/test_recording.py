"""Recordings in chunks that end in pauses."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.errors import AudioError
from lipsmith.media.loudness import LoudnessMeter
from lipsmith.speech.recording import cut_at_pauses, read_recording

RATE_HZ = 16_000
WriteWav = Callable[..., Path]


def noise(seconds: float, level: float, channels: int = 1) -> NDArray[np.float32]:
    shape = (round(seconds * RATE_HZ), channels)
    return (level * np.random.default_rng(1).standard_normal(shape)).astype(np.float32)


def talk(*seconds: float, room: float = 0.001) -> NDArray[np.float32]:
    """Loud and quiet in turns, loud first."""
    parts = [noise(s, 0.1 if i % 2 == 0 else room) for i, s in enumerate(seconds)]
    return np.concatenate(parts)


def blocks(samples: NDArray[np.float32], size: int = 8192) -> list[NDArray[np.float32]]:
    return [samples[i : i + size] for i in range(0, len(samples), size)]


@pytest.mark.parametrize("size", [700, 8192, 10**9])
def test_nothing_is_lost_and_cuts_lie_in_pauses(size: int) -> None:
    samples = talk(3, 0.5, 6, 0.5, 7, 0.5, 30, 0.5, 4)
    chunks = list(cut_at_pauses(blocks(samples, size), RATE_HZ, len(samples)))
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), samples)
    assert [chunk.start for chunk in chunks[1:]] == [chunk.end for chunk in chunks[:-1]]
    assert all(chunk.phones is None for chunk in chunks)
    for pause in ((3, 3.5), (9.5, 10), (17, 17.5), (47.5, 48)):
        assert any(pause[0] < chunk.end / RATE_HZ < pause[1] for chunk in chunks)
    assert max(len(chunk.samples) for chunk in chunks) <= 21 * RATE_HZ
    shares = [chunk.progress for chunk in chunks]
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_a_noisy_room_is_a_pause_too() -> None:
    samples = talk(3, 0.6, 5, room=0.02)
    first = next(cut_at_pauses(blocks(samples), RATE_HZ))
    assert 3 < first.end / RATE_HZ < 3.6


def test_the_first_chunk_comes_before_the_rest_is_read() -> None:
    read = itertools.count()
    source = (block for block in blocks(talk(3, 0.5, 60)) if next(read) >= 0)
    next(cut_at_pauses(source, RATE_HZ))
    assert next(read) < 10


def test_short_recordings_are_one_chunk() -> None:
    (chunk,) = cut_at_pauses(blocks(talk(0.5)), RATE_HZ)
    assert len(chunk.samples) == RATE_HZ // 2


def test_a_file_keeps_its_rate_and_channels(write_wav: WriteWav) -> None:
    samples = noise(1, 0.1, channels=2)
    speech = read_recording(write_wav(samples, 22050), "de", normalise=False)
    assert (speech.rate_hz, speech.channels, speech.language) == (22050, 2, "de")
    read = np.concatenate([chunk.samples for chunk in speech.chunks])
    assert read.shape == samples.shape and np.allclose(read, samples, atol=1e-3)


def test_silence_is_no_error(write_wav: WriteWav) -> None:
    chunks = list(read_recording(write_wav(np.zeros(3 * RATE_HZ))).chunks)
    assert sum(len(chunk.samples) for chunk in chunks) == 3 * RATE_HZ


def test_a_missing_file_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="nowhere"):
        read_recording(tmp_path / "nowhere.wav")


@pytest.mark.parametrize("level", [0.1, 0.3, 0.6])
def test_recordings_become_equally_loud_without_clipping(write_wav: WriteWav, level: float) -> None:
    samples = np.clip(noise(4, level / 3), -1, 1)
    samples[RATE_HZ : RATE_HZ + 3] = 0.99  # a click that would clip
    chunks = list(read_recording(write_wav(samples)).chunks)
    loud = np.concatenate([chunk.samples for chunk in chunks])
    meter = LoudnessMeter(RATE_HZ, 1)
    meter.push(loud)
    assert len(loud) == len(samples)
    assert meter.integrated_lufs == pytest.approx(-16, abs=1)
    assert meter.true_peak <= 10 ** (-0.9 / 20)


def test_silence_around_a_recording_is_trimmed_but_for_a_little(write_wav: WriteWav) -> None:
    samples = np.concatenate([noise(2, 1e-4), noise(1.5, 0.1), noise(3, 1e-4)])
    path = write_wav(samples)
    whole = list(read_recording(path).chunks)
    trimmed = list(read_recording(path, trim=True).chunks)
    assert whole[-1].end == len(samples)
    assert trimmed[-1].end / RATE_HZ == pytest.approx(0.15 + 1.5 + 0.3, abs=0.04)
    assert trimmed[0].start == 0 and trimmed[-1].progress == 1.0
    sound = np.concatenate([chunk.samples for chunk in trimmed])[:, 0]
    assert np.flatnonzero(np.abs(sound) > 0.05)[0] / RATE_HZ == pytest.approx(0.15, abs=0.02)
