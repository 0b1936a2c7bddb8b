"""Recordings of voices to clone are measured; consent is asked for once, and kept."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

import lipsmith
from lipsmith.core.speech import Reference
from lipsmith.errors import AudioError, ConsentError, OptionError
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.cloning.consent import STATEMENT, ConsentBook
from lipsmith.speech.cloning.reference import at_rate, check_reference, measure
from lipsmith.speech.cloning.speakers import speaker_gap
from lipsmith.speech.espeak.engine import EspeakEngine
from lipsmith.speech.neutts import NeuttsEngine
from parrot_voice import parrot_voice

RATE_HZ = 22_050
WORDS = "This is my own voice. I read a few words, and then a few more, so that it can be heard."


@pytest.fixture(scope="module")
def voice() -> NDArray[np.float32]:
    """(n,) about 6 s of speech at 22050 Hz with half a second of silence at both ends."""
    engine = EspeakEngine()
    speech = engine.speak([WORDS], SpeechOptions("en-us"))
    assert speech.rate_hz == RATE_HZ
    quiet = np.zeros(RATE_HZ // 2, np.float32)
    chunks = [chunk.samples[:, 0] for chunk in speech.chunks]
    return np.concatenate([quiet, *chunks, quiet])


def test_a_clean_recording_is_trimmed_and_kept(
    voice: NDArray[np.float32], write_wav: Callable[..., Path]
) -> None:
    path = write_wav(voice, RATE_HZ)
    reference = check_reference(path, f" {WORDS} ")
    assert reference.rate_hz == RATE_HZ
    assert reference.text == WORDS
    assert reference.name == path.name
    cut_s = (len(voice) - len(reference.samples)) / RATE_HZ
    assert 0.6 < cut_s < 1.6
    speech_s = (np.flatnonzero(np.abs(reference.samples) > 0.02)[[0, -1]]) / RATE_HZ
    assert speech_s[0] < 0.3
    assert len(reference.samples) / RATE_HZ - speech_s[1] < 0.3
    assert len(at_rate(reference.samples, RATE_HZ, 16_000)) == pytest.approx(
        len(reference.samples) * 16_000 / RATE_HZ, abs=2
    )


def _noise(count: int, level: float) -> NDArray[np.float32]:
    return (np.random.default_rng(1).standard_normal(count) * level).astype(np.float32)


def _chords(count: int) -> NDArray[np.float32]:
    t = np.arange(count) / RATE_HZ
    tones = [np.sin(2 * np.pi * f * t) for f in (262, 330, 392, 523)]
    return (0.1 * np.sum(tones, axis=0)).astype(np.float32)


SPOILED: dict[str, tuple[Callable[[NDArray[np.float32]], NDArray[np.float32]], str]] = {
    "short": (lambda v: v[: 2 * RATE_HZ], r"only 1\.\d s of speech"),
    "long": (lambda v: np.tile(v, 4), r"lasts 2\d s; .* cut out a clean stretch"),
    "hour": (lambda v: np.tile(v, 25), "longer than 120 s"),
    "quiet": (lambda v: v * np.float32(0.01), "too quiet"),
    "clipped": (lambda v: np.clip(v * 20, -1, 1), "is clipped"),
    "noisy": (lambda v: v + _noise(len(v), 0.04), "is noisy"),
    "music": (lambda v: _chords(len(v)), "nobody speaks"),
    "music behind": (lambda v: v + 0.7 * _chords(len(v)), "is noisy"),
    "silence": (lambda v: np.zeros_like(v), "nobody speaks"),
    "noise": (lambda v: _noise(len(v), 0.1), "nobody speaks"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_recording_that_spoils_the_voice_is_refused(
    voice: NDArray[np.float32], write_wav: Callable[..., Path], how: str
) -> None:
    spoil, reason = SPOILED[how]
    with pytest.raises(AudioError, match=reason):
        check_reference(write_wav(spoil(voice), RATE_HZ))


def test_no_recording(tmp_path: Path) -> None:
    with pytest.raises(AudioError):
        check_reference(tmp_path / "nothing.wav")


def test_the_noise_is_measured(voice: NDArray[np.float32]) -> None:
    levels = [0.02, 0.02 / 10**0.5, 0.002]  # 10 dB apart
    noisy = [measure(voice + _noise(len(voice), level), RATE_HZ)[0] for level in levels]
    assert [quality.snr_db for quality in noisy] == pytest.approx(
        [noisy[0].snr_db + more for more in (0, 10, 20)], abs=2
    )
    assert noisy[0].level_db - noisy[0].snr_db == pytest.approx(20 * np.log10(0.02), abs=2.5)


def _said_by(voice: str) -> NDArray[np.float32]:
    """(n,) the same words by another voice."""
    chunks = EspeakEngine().speak([WORDS], SpeechOptions(voice)).chunks
    return np.concatenate([chunk.samples[:, 0] for chunk in chunks])


@pytest.mark.parametrize("voice", ["en-us", "en-us+f3", "de", "en-us+m3"])
def test_one_speaker_is_taken_for_one(voice: str) -> None:
    said = _said_by(voice)
    for part in (said, said[: 4 * RATE_HZ], said[2 * RATE_HZ :]):
        assert speaker_gap(part, RATE_HZ) < 1.5


def test_a_second_speaker_is_told(
    parrot: None, portrait_path: Path, tmp_path: Path, write_wav: Callable[..., Path]
) -> None:
    man, woman = _said_by("en-us"), _said_by("en-us+f3")
    both = np.concatenate([man[: 3 * RATE_HZ], woman[: 3 * RATE_HZ], man[3 * RATE_HZ :]])
    assert speaker_gap(both, RATE_HZ) > 2
    report = lipsmith.render(
        portrait_path, text="Hi.", voice="parrot", size=(128, 128), out=tmp_path / "a.mp4",
        clone=write_wav(both, RATE_HZ, "we.wav"), clone_text=WORDS, consent=True,
    )  # fmt: skip
    (warning,) = report.warnings
    assert "more than one person" in warning and "we.wav" in warning


def _reference(sha256: str = "ab" * 32) -> Reference:
    return Reference(np.zeros(10, np.float32), 16_000, "", sha256, "me.wav")


def test_consent_is_declared_once(tmp_path: Path) -> None:
    book = ConsentBook(tmp_path)
    with pytest.raises(ConsentError, match="--i-have-consent"):
        book.require(_reference(), declared=False)
    given = book.require(_reference(), declared=True)
    assert given.statement == STATEMENT
    assert ConsentBook(tmp_path).require(_reference(), declared=False) == given
    with pytest.raises(ConsentError):
        book.require(_reference("cd" * 32), declared=False)
    assert len(book.path.read_text().splitlines()) == 1


def test_a_consent_that_cannot_be_kept_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConsentError, match="cannot be written"):
        ConsentBook(tmp_path / "file").require(_reference(), declared=True)


def test_neutts_says_what_it_needs() -> None:
    with pytest.raises(OptionError, match="--clone"):
        NeuttsEngine().speak(["Hello."], SpeechOptions())
    with pytest.raises(OptionError, match="--clone-text"):
        NeuttsEngine().speak(["Hello."], SpeechOptions(reference=_reference()))


@pytest.fixture
def parrot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The voice "parrot"; see `parrot_voice`."""
    with parrot_voice(tmp_path, monkeypatch):
        yield


def test_a_video_tells_of_the_clone_and_the_consent(
    parrot: None,
    portrait_path: Path,
    tmp_path: Path,
    voice: NDArray[np.float32],
    write_wav: Callable[..., Path],
) -> None:
    recording = write_wav(voice, RATE_HZ, "me.wav")
    out = tmp_path / "clone.mp4"

    def render(**options: object) -> None:
        lipsmith.render(
            portrait_path, text="Hi.", voice="parrot", size=(128, 128), out=out, overwrite=True,
            clone=recording, clone_text=WORDS, **options,  # type: ignore[arg-type]
        )  # fmt: skip

    with pytest.raises(ConsentError):
        render()
    assert not out.exists()
    render(consent=True)
    render()
    (line,) = (tmp_path / "home" / "consents.jsonl").read_text().splitlines()
    declared = json.loads(line)
    with av.open(str(out)) as video:
        comment = video.metadata["comment"]
    assert declared["sha256"] in comment
    assert declared["given_at"] in comment
    assert STATEMENT in comment


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Here the parrot speaks all of it, from end to end.", "wholly cloned"),
        (
            "Here the parrot speaks, at least to begin with. But BREAK ends it: another goes on.",
            "partly",
        ),
        ("At BREAK, which comes at once, it says nothing.", ""),
    ],
)
def test_a_video_tells_how_much_of_it_is_cloned(
    parrot: None,
    portrait_path: Path,
    tmp_path: Path,
    voice: NDArray[np.float32],
    write_wav: Callable[..., Path],
    text: str,
    told: str,
    suffix: str,
) -> None:
    out = tmp_path / f"clone{suffix}"
    report = lipsmith.render(
        portrait_path, text=text, voice="parrot,espeak", size=(128, 128), out=out, consent=True,
        clone=write_wav(voice, RATE_HZ, "me.wav"), clone_text=WORDS,
    )  # fmt: skip
    assert any("tired" in warning for warning in report.warnings) == ("BREAK" in text)
    with av.open(str(out)) as video:
        metadata = {key.lower(): value for key, value in video.metadata.items()}
        frames = sum(1 for _ in video.decode(video=0))
    assert frames == report.frames
    comment = metadata["comment"].strip()
    assert told in comment and ("cloned" in comment) == (STATEMENT in comment) == bool(told)


def test_only_engines_that_clone_take_a_recording(
    portrait_path: Path, tmp_path: Path, voice: NDArray[np.float32], write_wav: Callable[..., Path]
) -> None:
    with pytest.raises(OptionError, match="choose an engine that clones"):
        lipsmith.render(
            portrait_path, text="Hi.", voice="en-us", clone=write_wav(voice, RATE_HZ),
            consent=True, out=tmp_path / "out.mp4",
        )  # fmt: skip


def test_a_chain_of_voices_is_cloned_where_one_of_them_clones(
    parrot: None,
    portrait_path: Path,
    tmp_path: Path,
    voice: NDArray[np.float32],
    write_wav: Callable[..., Path],
) -> None:
    recording = write_wav(voice, RATE_HZ, "me.wav")
    report = lipsmith.render(
        portrait_path, text="Hi.", voice="parrot,espeak", size=(128, 128), clone=recording,
        clone_text=WORDS, consent=True, out=tmp_path / "clone.mp4",
    )  # fmt: skip
    assert 0.5 < report.duration_s < 1.1
    assert not any("instead" in warning for warning in report.warnings)


@pytest.mark.parametrize("voices", ["neutts", "neutts,espeak"])
def test_no_consent_is_asked_for_before_the_engine_is_installed(
    portrait_path: Path,
    tmp_path: Path,
    voice: NDArray[np.float32],
    write_wav: Callable[..., Path],
    voices: str,
) -> None:
    recording = str(write_wav(voice, RATE_HZ, "me.wav"))
    home, out = tmp_path / "home", str(tmp_path / "clone.mp4")
    command = [sys.executable, "-m", "lipsmith", "render", str(portrait_path), "--text", "Hi."]
    command += ["--voice", voices, "--clone", recording, "--clone-text", WORDS, "-o", out]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "LIPSMITH_HOME": str(home)}
    )
    assert done.returncode != 0
    assert "lipsmith engines install neutts" in done.stderr
    assert "consent" not in done.stderr


@pytest.mark.parametrize(("answer", "made"), [("y", True), ("n", False)])
def test_who_sits_at_the_terminal_is_asked(
    parrot: None,
    portrait_path: Path,
    tmp_path: Path,
    voice: NDArray[np.float32],
    write_wav: Callable[..., Path],
    answer: str,
    made: bool,
) -> None:
    recording = str(write_wav(voice, RATE_HZ, "me.wav"))
    out = tmp_path / "clone.mp4"
    command = [sys.executable, "-m", "lipsmith", "render", str(portrait_path), "--text", "Hi."]
    command += ["--voice", "parrot", "--clone", recording, "--clone-text", WORDS, "-o", str(out)]
    command += ["--size", "128x128"]
    person, terminal = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(command, stdin=terminal, stderr=terminal, env=environment) as process:
        os.write(person, f"{answer}\n".encode())
        os.close(terminal)
        with contextlib.suppress(OSError):
            while os.read(person, 4096):
                pass
    os.close(person)
    assert out.exists() == made == (process.returncode == 0)
    assert (tmp_path / "home" / "consents.jsonl").exists() == made
