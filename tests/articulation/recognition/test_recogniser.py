"""Phones in recordings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.articulation.recognition import recogniser
from lipsmith.articulation.recognition.energy_phones import energy_phones
from lipsmith.articulation.recognition.hearing import Listener
from lipsmith.articulation.recognition.phone_frames import settle
from lipsmith.articulation.recognition.recogniser import recognise
from lipsmith.articulation.recognition.sphinx import TimedName
from lipsmith.core.speech import Phone, Speech, SpeechChunk
from lipsmith.media.voice_activity import speech_frames
from lipsmith.phonetics.espeak import EspeakProcess

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def voice() -> NDArray[np.float32]:
    """(n,) at 16 kHz: half a second of silence, a sentence, a second of silence, a sentence."""
    import soxr

    said = []
    for text in ("Every morning people walk along the river.", "Nobody knows where they go."):
        with EspeakProcess() as process:
            process.use("gmw/en-US", 150)
            made = [m for m in process.speak(text) if not isinstance(m, list)]
        said.append(soxr.resample(np.concatenate(made) / 32768, process.rate_hz, RATE_HZ))
    room = np.random.default_rng(0).normal(0, 3e-4, RATE_HZ)
    return np.concatenate([room[: RATE_HZ // 2], said[0], room, said[1]]).astype(np.float32)


def recording(*parts: NDArray[np.float32], rate_hz: int = RATE_HZ, language: str = "ru") -> Speech:
    def chunks() -> Iterator[SpeechChunk]:
        start = 0
        for part in parts:
            samples = part[:, np.newaxis] if part.ndim == 1 else part
            yield SpeechChunk(samples, start, None)
            start += len(samples)

    return Speech(rate_hz, parts[0].ndim, language, chunks())


def phones_of(speech: Speech) -> list[Phone]:
    return [phone for chunk in speech.chunks for phone in chunk.phones or ()]


@pytest.mark.parametrize("language", ["en-US", "ru"])
def test_speech_moves_the_mouth_and_pauses_shut_it(
    voice: NDArray[np.float32], language: str
) -> None:
    phones = phones_of(recognise(recording(voice, language=language)))
    assert phones[0].start == 0 and phones[-1].end == len(voice)
    assert all(a.end == b.start for a, b in itertools.pairwise(phones))
    spoken = np.zeros(len(voice), bool)
    for phone in phones:
        spoken[phone.start : phone.end] = phone.symbol != ""
    level = np.convolve(voice**2, np.ones(800) / 800, "same")
    assert spoken[level > 1e-4].mean() > 0.9
    assert spoken[level < 1e-6].mean() < 0.25
    assert len({phone.symbol for phone in phones}) > 8
    assert any(phone.stress == 2 for phone in phones)


def test_rate_channels_and_chunks_are_kept(voice: NDArray[np.float32]) -> None:
    import soxr

    stereo = np.repeat(soxr.resample(voice, RATE_HZ, 44100)[:, np.newaxis], 2, axis=1)
    half = len(stereo) // 2
    speech = recognise(recording(stereo[:half], stereo[half:], rate_hz=44100))
    chunks = list(speech.chunks)
    assert speech.rate_hz == 44100 and [len(chunk.samples) for chunk in chunks] == [
        half,
        len(stereo) - half,
    ]
    for chunk in chunks:
        assert chunk.phones and chunk.phones[0].start == chunk.start
        assert chunk.phones[-1].end == chunk.end


@pytest.mark.parametrize("level", [0.0, 1e-4, 0.1])
def test_silence_and_noise_keep_the_mouth_shut(level: float) -> None:
    noise = np.random.default_rng(0).normal(0, level, 3 * RATE_HZ).astype(np.float32)
    speech = recognise(recording(noise))
    assert [phone.symbol for phone in phones_of(speech)] == [""]
    assert "nobody speaks" in speech.warnings[0]


def test_a_chord_is_no_speech() -> None:
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    chord = sum(np.sin(2 * np.pi * f * t) for f in (220, 277, 330, 440)) * 0.1
    phones = phones_of(recognise(recording(np.asarray(chord, np.float32))))
    assert sum(p.end - p.start for p in phones if p.symbol) < 0.3 * RATE_HZ


def test_very_quiet_speech_is_heard(voice: NDArray[np.float32]) -> None:
    phones = phones_of(recognise(recording(voice * np.float32(0.02))))
    assert sum(1 for phone in phones if phone.symbol) > 20


def test_known_phones_are_left_alone(voice: NDArray[np.float32]) -> None:
    phones = (Phone("a", 0, len(voice)),)
    chunk = replace(next(recording(voice).chunks), phones=phones)
    speech = recognise(Speech(RATE_HZ, 1, "en", iter([chunk])))
    assert [chunk.phones for chunk in speech.chunks] == [phones]
    assert not speech.warnings


def test_the_next_chunk_only_is_read_ahead(voice: NDArray[np.float32]) -> None:
    read = itertools.count()
    source = recording(*[voice[:RATE_HZ]] * 20)
    counted = (chunk for chunk in source.chunks if next(read) >= 0)
    speech = recognise(replace(source, chunks=counted))
    next(speech.chunks)
    assert next(read) == 2
    speech.chunks.close()  # type: ignore[attr-defined]


def test_a_recogniser_that_dies_is_replaced_by_loudness(
    voice: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(1)\n")
    monkeypatch.setattr(recogniser, "_SCRIPT", broken)
    speech = recognise(recording(voice, voice))
    phones = phones_of(speech)
    assert len({phone.symbol for phone in phones}) > 3
    assert phones[-1].end == 2 * len(voice)
    assert len(speech.warnings) == 1 and "loudness" in speech.warnings[0]


@pytest.mark.parametrize("count", [1, 100, 1000, 4000])
def test_scraps_of_sound_are_no_trouble(
    voice: NDArray[np.float32], count: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scrap = voice[RATE_HZ : RATE_HZ + count]
    listener = Listener("ru")
    heard = listener.listen((scrap * 32767).astype(np.int16).tobytes())
    assert heard.phones[0].start == 0 and heard.phones[-1].end == -(-count // 160)
    monkeypatch.setattr(recogniser, "_SCRIPT", tmp_path / "missing.py")
    phones = phones_of(recognise(recording(scrap)))
    assert phones[0].start == 0 and phones[-1].end == count


def test_loudness_alone_opens_and_closes(voice: NDArray[np.float32]) -> None:
    names = {phone.name for phone in energy_phones(voice, speech_frames(voice, None))}
    assert {"", "AA", "S", "D"} <= names


def test_settled_phones_fill_all_frames() -> None:
    found = [TimedName("B", 2, 10), TimedName("AH", 10, 30), TimedName("S", 34, 60)]
    speech = np.ones(100, bool)
    speech[45:] = False
    settled = settle(found, speech, np.zeros(100))
    assert [(p.symbol, p.start, p.end) for p in settled] == [
        ("", 0, 2),
        ("b", 2, 10),
        ("ʌ", 10, 32),
        ("s", 32, 45),
        ("", 45, 100),
    ]
