"""Breaths, rooms, noise, music, telephones, codecs: studio voices made to sound like recordings."""

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


def streams(
    examples: list[Example], music: NDArray[np.int16], rng: Generator
) -> list[tuple[Floats, NDArray[np.int8]]]:
    """Utterances of one voice joined to about `STREAM_S` with pauses, then made to sound real.

    music: (n,) at 16 kHz, laid under some of them. Gives ((n,) samples at 16 kHz, (n // 160,)
    visemes).
    """
    found = []
    sound: list[Floats] = []
    labels: list[NDArray[np.int8]] = []
    for index in rng.permutation(len(examples)):
        samples, visemes = _trimmed(examples[index])
        pause = _pause(rng)
        sound += [pause, samples]
        labels += [np.zeros(len(pause) // FRAME, np.int8), visemes]
        if sum(map(len, labels)) > STREAM_S * 100:
            found.append(_worn(np.concatenate(sound), np.concatenate(labels), music, rng))
            sound, labels = [], []
    return found


def _pause(rng: Generator) -> Floats:
    """Silence of whole frames, in which somebody may breathe in or smack the lips."""
    seconds = rng.uniform(0.05, 0.7) if rng.random() < 0.8 else rng.uniform(0.7, 2.5)
    pause = np.zeros(int(seconds * 100) * FRAME, np.float32)
    room = len(pause) - int(0.25 * RATE_HZ)
    if room > 0 and rng.random() < 0.5:
        breath = _breath(min(rng.uniform(0.2, 0.7), len(pause) / RATE_HZ), rng)
        start = int(rng.integers(0, max(1, len(pause) - len(breath))))
        pause[start : start + len(breath)] += breath
    if room > 0 and rng.random() < 0.2:
        start = int(rng.integers(0, room))
        click = rng.normal(size=160) * np.exp(-np.arange(160) / rng.uniform(5, 40))
        pause[start : start + 160] += (click * rng.uniform(0.01, 0.1)).astype(np.float32)
    return pause


def _breath(seconds: float, rng: Generator) -> Floats:
    """Hiss through an open mouth: three wide resonances, swelling and fading."""
    count = int(seconds * RATE_HZ)
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    spectrum = np.fft.rfft(rng.normal(size=count))
    centres = np.array([rng.uniform(350, 900), rng.uniform(1100, 2200), rng.uniform(2400, 4200)])
    widths = rng.uniform(150, 900, 3)
    gains = rng.uniform(0.2, 1.0, 3)
    shape = np.sum(gains / (1 + ((hz[:, None] - centres) / widths) ** 2), axis=1)
    shape += rng.uniform(0.02, 0.3)
    hiss = np.fft.irfft(spectrum * shape, count)
    t = np.linspace(0, 1, count)
    peak = rng.uniform(0.2, 0.9)
    envelope = np.minimum(t / peak, (1 - t) / (1 - peak)) ** rng.uniform(0.4, 1.5)
    hiss *= envelope
    level = 0.1 * 10 ** (-rng.uniform(6, 34) / 20)
    return (hiss * level / (hiss.std() + 1e-9)).astype(np.float32)


def _trimmed(example: Example) -> tuple[Floats, NDArray[np.int8]]:
    """Without the longest silence at both ends."""
    spoken = np.flatnonzero(example.visemes)
    first, last = max(0, int(spoken[0]) - 20), int(spoken[-1]) + 30
    visemes = example.visemes[first:last]
    samples = example.samples[first * FRAME : (first + len(visemes)) * FRAME]
    level = np.sqrt(np.mean(samples.astype(np.float32) ** 2)) + 1
    return (samples / level * 0.1).astype(np.float32), visemes


def _worn(
    samples: Floats, visemes: NDArray[np.int8], music: NDArray[np.int16], rng: Generator
) -> tuple[Floats, NDArray[np.int8]]:
    speed = float(rng.uniform(0.85, 1.2))
    samples = soxr.resample(samples, RATE_HZ * speed, RATE_HZ).astype(np.float32)
    count = len(samples) // FRAME
    samples = samples[: count * FRAME]
    at = np.minimum((np.arange(count) + 0.5) * speed, len(visemes) - 1).astype(int)
    if rng.random() < 0.45:
        samples = _room(samples, rng)
    if rng.random() < 0.75:
        samples = _noisy(samples, music, rng)
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


def _noisy(samples: Floats, music: NDArray[np.int16], rng: Generator) -> Floats:
    count = len(samples)
    kind = rng.random()
    if kind < 0.55:
        spectrum = np.fft.rfft(rng.normal(size=count))
        hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
        spectrum /= (hz + 50) ** rng.uniform(0, 1)
        noise = np.fft.irfft(spectrum, count)
        if rng.random() < 0.4:
            noise *= 1 + 0.8 * np.sin(np.arange(count) / RATE_HZ * rng.uniform(2, 30))
        below_db = rng.uniform(5, 40)
    else:
        start = int(rng.integers(0, len(music) - count))
        played = music[start : start + count].astype(np.float64)
        noise = played if kind < 0.8 else _chords(count, rng)
        below_db = rng.uniform(2, 30)
    noise *= 10 ** (-below_db / 20) * samples.std() / (noise.std() + 1e-9)
    return (samples + noise).astype(np.float32)


def _chords(count: int, rng: Generator) -> NDArray[np.float64]:
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
