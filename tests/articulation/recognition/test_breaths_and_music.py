"""What is heard in pauses must not move the mouth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.articulation.recognition.hearing import Listener
from lipsmith.phonetics.espeak import EspeakProcess

RATE_HZ = 16_000
PAUSE_S = 0.8


@pytest.fixture(scope="module")
def sentences() -> list[NDArray[np.float64]]:
    import soxr

    said = []
    for text in ("Mi mamá compró una bomba.", "Sube papá por la cama.", "El perro bebe agua."):
        with EspeakProcess() as process:
            process.use("es", 150)
            made = [m for m in process.speak(text) if not isinstance(m, list)]
        sound = soxr.resample(np.concatenate(made) / 32768, process.rate_hz, RATE_HZ)
        loud = np.flatnonzero(np.abs(sound) > 0.02)
        said.append(sound[loud[0] : loud[-1]])
    return said


def breath() -> NDArray[np.float64]:
    """Hiss that swells and fades, 0.5 s, with a pause's rest of silence."""
    count = int(0.5 * RATE_HZ)
    hiss = np.random.default_rng(0).normal(size=count) * np.sin(np.linspace(0, np.pi, count))
    smooth = np.convolve(hiss, np.ones(5) / 5, "same")
    rest = np.zeros(int(PAUSE_S * RATE_HZ) - count)
    return np.concatenate([smooth / smooth.std() * 0.012, rest])


def chords(count: int) -> NDArray[np.float64]:
    """Plucked chords, two a second."""
    t = np.arange(count) / RATE_HZ
    beat = t % 0.5
    tones = sum(np.sin(2 * np.pi * hz * k * t) / k for hz in (196, 247, 294) for k in (1, 2, 3))
    return np.asarray(tones * np.exp(-4 * beat))


def mouth_moves(sound: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n // 160,)"""
    heard = Listener("es").listen((sound.clip(-1, 1) * 32767).astype(np.int16).tobytes())
    return np.concatenate([np.full(p.end - p.start, p.symbol != "") for p in heard.phones])


def joined(
    sentences: list[NDArray[np.float64]], pause: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Samples, and in which 10 ms somebody speaks."""
    parts, spoken = [pause], [np.zeros(len(pause) // 160, bool)]
    for sentence in sentences:
        whole = sentence[: len(sentence) // 160 * 160]
        parts += [whole, pause]
        spoken += [np.ones(len(whole) // 160, bool), np.zeros(len(pause) // 160, bool)]
    sound = np.concatenate(parts)
    return sound + np.random.default_rng(1).normal(0, 2e-4, len(sound)), np.concatenate(spoken)


def test_the_mouth_stays_shut_while_somebody_breathes_in(
    sentences: list[NDArray[np.float64]],
) -> None:
    sound, spoken = joined(sentences, breath())
    moves = mouth_moves(sound)
    assert moves[~spoken].mean() < 0.25
    assert moves[spoken].mean() > 0.9


def test_the_mouth_stays_shut_in_pauses_with_music(sentences: list[NDArray[np.float64]]) -> None:
    sound, spoken = joined(sentences, np.zeros(int(PAUSE_S * RATE_HZ)))
    music = chords(len(sound))
    moves = mouth_moves(sound + music / music.std() * sound[sound != 0].std() * 10 ** (-15 / 20))
    assert moves[~spoken].mean() < 0.3
    assert moves[spoken].mean() > 0.9
