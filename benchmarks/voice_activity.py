"""How often breaths, music and noise move the mouth, and how much speech is kept.

    python -m benchmarks.voice_activity [MUSIC ...]

Czech and Italian sentences said by festival are mixed with breaths, with noise, and with music: a
band made here, and pieces of your own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.known_speech import synthesise, why_not
from benchmarks.recognition import read_known
from lipsmith.articulation.recognition.recogniser import recognise
from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.speech.recording import read_recording

RATE_HZ = 16_000
_FRAME = 160
_AROUND_S = 4.0
"""Of music or noise alone before and after the sentences."""

_CHUNK_S = 8
_SHORTEST_PAUSE = 20
Sound = NDArray[np.float64]
Mix = Callable[[Sound, NDArray[np.bool_]], Sound]
"""Adds something to (n,) samples, given in which of the n // 160 frames somebody speaks."""


def mixes(pieces: Iterable[tuple[str, Sound]]) -> dict[str, Mix]:
    """What is added to speech. pieces: of music, with their names."""
    found: dict[str, Mix] = {
        "nothing": lambda speech, spoken: speech,
        "breaths, 14 dB below": lambda speech, spoken: speech + _breaths(spoken, speech, -14),
        "breaths, 24 dB below": lambda speech, spoken: speech + _breaths(spoken, speech, -24),
        "noise, 15 dB below": lambda speech, spoken: (
            speech + _below(_noise(len(speech)), speech, -15)
        ),
    }
    for name, music in pieces:
        for level_db in (-10, -20):
            found[f"{name}, {-level_db} dB below"] = _under(music, level_db)
        found[f"{name} before and after"] = _around(music)
    return found


def band(seconds: float) -> Sound:
    """A tune of sawtooth chords with vibrato, a bass and drums."""
    rng = np.random.default_rng(1)
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    sound = np.zeros(len(t))
    for bar in range(int(seconds / 1.9) + 1):
        inside = (t >= bar * 1.9) & (t < bar * 1.9 + 1.9)
        local = t[inside] - bar * 1.9
        root = 98 * 2 ** (rng.choice([0, 3, 5, 7, 10]) / 12)
        for step in (0, 7, 12, 15, 19):
            hz = root * 2 ** (step / 12)
            phase = 2 * np.pi * hz * local + 0.3 * np.sin(2 * np.pi * 5.3 * local)
            sound[inside] += sum(np.sin(k * phase) / k for k in range(1, 9)) * (1 - local / 3)
        for beat in range(4):
            hit = np.exp(-np.maximum(0, local - beat * 0.475) * 30) * (local >= beat * 0.475)
            sound[inside] += hit * rng.normal(0, 2.5 if beat % 2 else 0.8, len(local))
            sound[inside] += hit * 3 * np.sin(2 * np.pi * 60 * local)
    return sound


def _under(music: Sound, level_db: float) -> Mix:
    return lambda speech, spoken: speech + _below(np.resize(music, len(speech)), speech, level_db)


def _around(music: Sound) -> Mix:
    """Music 3 dB below the speech that stops while somebody speaks."""

    def mix(speech: Sound, spoken: NDArray[np.bool_]) -> Sound:
        played = _below(np.resize(music, len(speech)), speech, -3)
        edge = int(_AROUND_S * RATE_HZ)
        played[edge:-edge] = 0
        return speech + played

    return mix


def _below(sound: Sound, speech: Sound, level_db: float) -> Sound:
    loud = speech[np.abs(speech) > 0.01]
    gain = float(loud.std()) * 10 ** (level_db / 20) / (float(sound.std()) + 1e-9)
    return sound * gain


def _noise(count: int) -> Sound:
    """Like a street: pink."""
    spectrum = np.fft.rfft(np.random.default_rng(2).normal(size=count))
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(hz + 30), count), np.float64)


def _breaths(spoken: NDArray[np.bool_], speech: Sound, level_db: float) -> Sound:
    """Breathing in during each pause: noise through the resonances of an open throat."""
    rng = np.random.default_rng(3)
    sound = np.zeros(len(speech))
    for start, end in _pauses(spoken):
        count = min((end - start) * _FRAME, int(0.45 * RATE_HZ))
        hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
        throat = sum(1 / (1 + ((hz - f) / 180) ** 2) for f in (620, 1480, 2650, 3600)) + 0.05
        hiss = np.fft.irfft(np.fft.rfft(rng.normal(size=count)) * throat, count)
        hiss *= np.sin(np.linspace(0, np.pi, count)) ** 0.7
        last = end * _FRAME - int(0.02 * RATE_HZ)
        sound[last - count : last] = hiss[: last - max(0, last - count)]
    return _below(sound, speech, level_db) if sound.any() else sound


def _pauses(spoken: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(spoken.astype(int), prepend=1, append=1))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start, end) for start, end in pairs if end - start >= _SHORTEST_PAUSE]


def moved(sound: Sound, language: str) -> NDArray[np.bool_]:
    """(n // 160,) in which frames the mouth speaks."""
    samples = (sound / max(1.0, np.abs(sound).max())).astype(np.float32)[:, np.newaxis]
    size = _CHUNK_S * RATE_HZ
    chunks = (SpeechChunk(samples[at : at + size], at, None) for at in range(0, len(samples), size))
    speech = recognise(Speech(RATE_HZ, 1, language, chunks))
    frames = np.zeros(len(sound) // _FRAME, np.bool_)
    for phone in (phone for chunk in speech.chunks for phone in chunk.phones or ()):
        frames[phone.start // _FRAME : phone.end // _FRAME] = phone.symbol != ""
    return frames


def _sentences(folder: Path) -> list[tuple[str, Sound, NDArray[np.bool_]]]:
    """Language, samples with silence around them, and the frames in which somebody speaks."""
    found = []
    for known in read_known(folder):
        if known.language == "en":
            continue  # takes twice as long, and the same ears decide where somebody speaks
        around = int(_AROUND_S * RATE_HZ)
        room = np.random.default_rng(0).normal(0, 2e-4, around)
        speech = np.concatenate([room, _samples(known.path), room])
        spoken = np.zeros(len(speech) // _FRAME, np.bool_)
        first = around // _FRAME
        spoken[first : first + len(known.classes)] = (known.classes > 0)[: len(spoken) - first]
        found.append((known.language, speech, spoken))
    return found


def _samples(path: Path) -> Sound:
    import soxr

    speech = read_recording(path, "en")
    mono = np.concatenate([chunk.samples.mean(axis=1) for chunk in speech.chunks])
    return np.asarray(soxr.resample(mono, speech.rate_hz, RATE_HZ), np.float64)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("music", type=Path, nargs="*")
    paths: list[Path] = parser.parse_args().music
    if reason := why_not():
        print(f"skipped: {reason}")
        return 0
    pieces = [("band", band(30)), *((path.stem, _samples(path)[: 60 * RATE_HZ]) for path in paths)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        synthesise(folder)
        sentences = _sentences(folder)
    print("added                                pauses: mouth moves   long   speech kept")
    for name, mix in mixes(pieces).items():
        counts = np.zeros((3, 2))
        for language, speech, spoken in sentences:
            heard = moved(mix(speech, spoken), language)
            pauses = _pauses(spoken)
            inside = np.zeros(len(spoken), np.bool_)
            for start, end in pauses:
                inside[start:end] = True
            edge = int(_AROUND_S * 100)
            long = np.ones(len(spoken), np.bool_)
            long[edge - 20 : -edge + 20] = False
            for row, where in enumerate((inside & ~long, long, spoken)):
                counts[row] += heard[where].sum(), where.sum()
        shares = counts[:, 0] / counts[:, 1]
        print(f"{name:<36} {shares[0]:20.2f}  {shares[1]:5.2f}  {shares[2]:12.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
