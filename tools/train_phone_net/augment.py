"""Rooms, noise, music, telephones and codecs, so that studio voices sound like recordings."""

from __future__ import annotations

import io

import av
import numpy as np
import soxr
from examples import FRAME, RATE_HZ, Example
from numpy.random import Generator
from numpy.typing import NDArray

STREAM_S = 9.0
Floats = NDArray[np.float32]


def streams(examples: list[Example], rng: Generator) -> list[tuple[Floats, NDArray[np.int8]]]:
    """Utterances of one voice joined to about `STREAM_S` with pauses, then made to sound real.

    Gives ((n,) samples at 16 kHz, (n // 160,) visemes).
    """
    found = []
    sound: list[Floats] = []
    labels: list[NDArray[np.int8]] = []
    for index in rng.permutation(len(examples)):
        samples, visemes = _trimmed(examples[index])
        pause = int(rng.uniform(0.05, 0.7) * 100)
        sound += [np.zeros(pause * FRAME, np.float32), samples]
        labels += [np.zeros(pause, np.int8), visemes]
        if sum(map(len, labels)) > STREAM_S * 100:
            found.append(_worn(np.concatenate(sound), np.concatenate(labels), rng))
            sound, labels = [], []
    return found


def _trimmed(example: Example) -> tuple[Floats, NDArray[np.int8]]:
    """Without the longest silence at both ends."""
    spoken = np.flatnonzero(example.visemes)
    first, last = max(0, int(spoken[0]) - 20), int(spoken[-1]) + 30
    visemes = example.visemes[first:last]
    samples = example.samples[first * FRAME : (first + len(visemes)) * FRAME]
    level = np.sqrt(np.mean(samples.astype(np.float32) ** 2)) + 1
    return (samples / level * 0.1).astype(np.float32), visemes


def _worn(
    samples: Floats, visemes: NDArray[np.int8], rng: Generator
) -> tuple[Floats, NDArray[np.int8]]:
    speed = float(rng.uniform(0.85, 1.2))
    samples = soxr.resample(samples, RATE_HZ * speed, RATE_HZ).astype(np.float32)
    count = len(samples) // FRAME
    samples = samples[: count * FRAME]
    at = np.minimum((np.arange(count) + 0.5) * speed, len(visemes) - 1).astype(int)
    if rng.random() < 0.45:
        samples = _room(samples, rng)
    if rng.random() < 0.75:
        samples = _noisy(samples, rng)
    kind = rng.random()
    if kind < 0.25:
        samples = _filtered(samples, rng.uniform(60, 350), rng.uniform(3200, 7000))
    elif kind < 0.45:
        samples = _coded(samples, rng)
    return (samples * np.float32(10 ** rng.uniform(-1.2, 0.3))).clip(-1, 1), visemes[at]


def _room(samples: Floats, rng: Generator) -> Floats:
    """A direct sound and a tail of noise that fades by 60 dB."""
    fade_s = rng.uniform(0.1, 0.6)
    t = np.arange(int(fade_s * RATE_HZ)) / RATE_HZ
    tail = rng.normal(size=len(t)) * 10 ** (-3 * t / fade_s)
    tail *= 10 ** (-rng.uniform(3, 15) / 20) / np.sqrt(np.sum(tail**2))
    tail[: int(0.002 * RATE_HZ)] = 0
    tail[0] = 1
    size = len(samples) + len(tail)
    mixed = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return mixed[: len(samples)].astype(np.float32)


def _noisy(samples: Floats, rng: Generator) -> Floats:
    count = len(samples)
    if rng.random() < 0.7:
        spectrum = np.fft.rfft(rng.normal(size=count))
        hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
        spectrum /= (hz + 50) ** rng.uniform(0, 1)
        noise = np.fft.irfft(spectrum, count)
        if rng.random() < 0.4:
            noise *= 1 + 0.8 * np.sin(np.arange(count) / RATE_HZ * rng.uniform(2, 30))
    else:
        noise = _music(count, rng)
    noise *= 10 ** (-rng.uniform(5, 40) / 20) * samples.std() / (noise.std() + 1e-9)
    return (samples + noise).astype(np.float32)


def _music(count: int, rng: Generator) -> NDArray[np.float64]:
    """Chords of plucked harmonic tones."""
    sound = np.zeros(count)
    beat = int(rng.uniform(0.2, 0.6) * RATE_HZ)
    for start in range(0, count, beat):
        t = np.arange(min(4 * beat, count - start)) / RATE_HZ
        for _ in range(3):
            hz = 110 * 2 ** (rng.integers(0, 36) / 12)
            tone = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 6) if hz * k < 7000)
            sound[start : start + len(t)] += tone * np.exp(-t * 4)
    return sound


def _filtered(samples: Floats, low_hz: float, high_hz: float) -> Floats:
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    gain = 1 / np.sqrt(1 + (low_hz / np.maximum(hz, 1)) ** 6) / np.sqrt(1 + (hz / high_hz) ** 12)
    return np.fft.irfft(spectrum * gain, len(samples)).astype(np.float32)


def _coded(samples: Floats, rng: Generator) -> Floats:
    """Through MP3 or Opus and back."""
    name, kind, rate = (("libmp3lame", "mp3", 16000), ("libopus", "ogg", 16000))[rng.integers(2)]
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as out:
        stream = out.add_stream(name, rate=rate, layout="mono")
        stream.bit_rate = int(rng.integers(16, 48)) * 1000
        pcm = (samples.clip(-1, 1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        resampler = av.AudioResampler(stream.codec_context.format, "mono", rate)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        resampler = av.AudioResampler("flt", "mono", RATE_HZ)
        parts = [p for f in container.decode(audio=0) for p in resampler.resample(f)]
        parts += resampler.resample(None)
    decoded = np.concatenate([part.to_ndarray()[0] for part in parts])
    lag = _lag(samples, decoded)
    result = np.zeros_like(samples)
    moved = decoded[max(0, lag) : max(0, lag) + len(samples)]
    result[: len(moved)] = moved
    return result


def _lag(before: Floats, after: Floats) -> int:
    """Samples by which a codec is late."""
    size = 1 << 16
    spectrum = np.fft.rfft(after[: size // 2], size) * np.conj(
        np.fft.rfft(before[: size // 2], size)
    )
    return int(np.argmax(np.fft.irfft(spectrum)[:4000]))
