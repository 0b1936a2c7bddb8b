"""Several voices for one text: nothing is lost, nothing is said twice."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipsmith.articulation.track import make_track
from lipsmith.core.resources import Resources
from lipsmith.core.speech import Speech, SpeechChunk, Timing
from lipsmith.errors import OfflineError, OptionError, ServiceError, TextError
from lipsmith.registry import EngineKind, EngineSpec, find_engine
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.choice import VoiceChoice, parse_voices
from lipsmith.speech.fallback import FallbackEngine
from lipsmith.speech.opening import open_voice

BREAKING = EngineSpec(EngineKind.SPEECH, "breaking", "breaking_voice:BreakingEngine", "", "MIT")
ESPEAK = find_engine(EngineKind.SPEECH, "espeak")
FIRST = "This is the first sentence of the whole text."
SECOND = "Here comes the second one, it is no longer."
THIRD = "At the BREAK everything stops (or so they say)."
FOURTH = "But somebody goes on with the rest of it."


def say(
    *texts: str, names: tuple[str | None, ...] = (None, None), resources: Resources | None = None
) -> Speech:
    """First the voice that breaks, then espeak's."""
    specs = [BREAKING] * (len(names) - 1) + [ESPEAK]
    choices = [VoiceChoice(spec, name) for spec, name in zip(specs, names, strict=True)]
    engine = FallbackEngine(choices, resources or Resources())
    return engine.speak(texts, SpeechOptions(), sum(map(len, texts)))


def words(chunks: list[SpeechChunk]) -> list[str]:
    return re.findall(r"\w+", " ".join(chunk.text or "" for chunk in chunks))


@pytest.mark.parametrize(
    "texts",
    [
        (f"{FIRST} {SECOND} {THIRD} {FOURTH}",),
        (f"{FIRST} {SECOND}\n\n{THIRD} {FOURTH}",),
        (FIRST, f"{SECOND} {THIRD}", "* * *", FOURTH),
        (f"{THIRD} {FOURTH}",),
    ],
)
def test_the_next_voice_goes_on_where_the_first_failed(texts: tuple[str, ...]) -> None:
    speech = say(*texts)
    chunks = list(speech.chunks)
    assert words(chunks) == re.findall(r"\w+", " ".join(texts))
    assert any("the line is dead" in warning for warning in speech.warnings)
    position = 0
    for chunk in chunks:
        assert chunk.start == position and chunk.phones
        assert chunk.samples.shape[1] == speech.channels
        assert (chunk.phones[0].start, chunk.phones[-1].end) == (chunk.start, chunk.end)
        assert all(a.end == b.start for a, b in itertools.pairwise(chunk.phones))
        position = chunk.end
    shares = [chunk.progress for chunk in chunks]
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_the_speech_keeps_its_rate_and_tells_who_took_over() -> None:
    speech = say(f"{FIRST} {SECOND} {THIRD} {FOURTH}")
    assert (speech.rate_hz, speech.channels) == (16_000, 2)
    chunks = list(speech.chunks)
    (warning,) = speech.warnings
    assert warning == 'the line is dead; from "At the BREAK everything stops" on espeak speaks'
    later = [chunk for chunk in chunks if "BREAK" in (chunk.text or "") or chunk is chunks[-1]]
    assert all(np.abs(chunk.samples).max() > 0.05 for chunk in later)
    frames = list(make_track(say(f"{FIRST} {THIRD}"), fps=Fraction(25)).frames)
    assert sum(len(frame.samples) for frame in frames) == sum(
        len(chunk.samples) for chunk in say(f"{FIRST} {THIRD}").chunks
    )


def test_espeak_says_the_same_at_another_rate() -> None:
    """Resampled speech is as long as the original, and as loud in the same places."""
    changed = list(say(THIRD).chunks)
    alone, _ = open_voice("espeak", Resources())
    own = list(alone.speak([THIRD], SpeechOptions()).chunks)
    said = say(f"{FIRST} {THIRD}")
    rate = said.rate_hz
    taken = [chunk for chunk in said.chunks if "first" not in (chunk.text or "")]
    assert [c.text for c in taken] == [c.text for c in own] == [c.text for c in changed]
    for a, b in zip(taken, own, strict=True):
        assert len(a.samples) / rate == pytest.approx(len(b.samples) / 22050, abs=1e-3)
        assert np.abs(a.samples).max() == pytest.approx(np.abs(b.samples).max(), rel=0.1)


def test_the_last_failure_is_raised() -> None:
    choices = [VoiceChoice(BREAKING, None)] * 2
    engine = FallbackEngine(choices, Resources())
    with pytest.raises(ServiceError, match="dead"):
        engine.speak([THIRD], SpeechOptions())
    speech = engine.speak([f"{FIRST} {THIRD}"], SpeechOptions())
    assert next(speech.chunks).text == FIRST
    with pytest.raises(ServiceError, match="dead"):
        next(speech.chunks)


def test_a_text_without_words_is_no_reason_to_fall_back() -> None:
    with pytest.raises(TextError):
        say("...")


def test_the_voice_that_takes_over_speaks_the_same_language() -> None:
    speech = say(THIRD, names=("de-anna", None))
    assert (speech.language, speech.voice) == ("de", "de")


def test_a_voice_that_lacks_a_language_is_tried_again_in_another() -> None:
    choices = [VoiceChoice(BREAKING, None), VoiceChoice(ESPEAK, None)]
    engine = FallbackEngine(choices, Resources())
    said = [
        engine.speak([FIRST], SpeechOptions(language=language)) for language in ("en", "zh", "en")
    ]
    assert [speech.voice for speech in said] == ["breaking", "cmn", "breaking"]
    assert "'zh'" in said[1].warnings[0]


def test_an_engine_that_is_not_installed_is_passed_over() -> None:
    missing = EngineSpec(EngineKind.SPEECH, "gone", "no_such_module:X", "", "MIT", extra="edge")
    engine = FallbackEngine([VoiceChoice(missing, "x"), VoiceChoice(ESPEAK, None)], Resources())
    speech = engine.speak([FIRST], SpeechOptions())
    assert words(list(speech.chunks)) == re.findall(r"\w+", FIRST)
    assert "lipsmith[edge]" in speech.warnings[0] and "espeak speaks" in speech.warnings[0]
    assert engine.capabilities.timing is Timing.PHONES


def test_offline_passes_over_what_needs_the_network() -> None:
    speech = say(FIRST, resources=Resources(offline=True))
    assert (speech.voice, speech.rate_hz) == ("en-us", 22050)
    assert "LIPSMITH_OFFLINE" in speech.warnings[0]
    with pytest.raises(OfflineError):
        open_voice("edge:en-US-AriaNeural", Resources(offline=True))


def test_texts_are_taken_as_they_are_said() -> None:
    taken = itertools.count()
    texts = (f"{FIRST} {THIRD if i == 2 else SECOND}" for i in range(9999) if next(taken) >= 0)
    engine = FallbackEngine([VoiceChoice(BREAKING, None), VoiceChoice(ESPEAK, None)], Resources())
    chunks = engine.speak(texts, SpeechOptions()).chunks
    said = list(itertools.islice(chunks, 12))
    assert "BREAK" in " ".join(chunk.text or "" for chunk in said)
    assert next(taken) < 20
    engine.close()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, ["espeak"]),
        ("de", ["espeak:de"]),
        ("en-us+f3", ["espeak:en-us+f3"]),
        ("espeak:en-us+f3", ["espeak:en-us+f3"]),
        ("piper:/a/b.onnx#3", ["piper:/a/b.onnx#3"]),
        ("edge", ["edge"]),
        ("edge:en-US-AriaNeural, piper:en_US-lessac-medium,espeak",
         ["edge:en-US-AriaNeural", "piper:en_US-lessac-medium", "espeak"]),
        ("edge:en-US-AriaNeural,de", ["edge:en-US-AriaNeural", "espeak:de"]),
    ],
)  # fmt: skip
def test_voices_are_asked_for_by_engine_and_name(asked: str | None, found: list[str]) -> None:
    assert [str(choice) for choice in parse_voices(asked)] == found


@pytest.mark.parametrize(("asked", "hint"), [("edgy:x", "'edge'"), ("edge,,de", "missing")])
def test_what_cannot_be_asked_for_is_refused(asked: str, hint: str) -> None:
    with pytest.raises(OptionError, match=hint):
        open_voice(asked, Resources())


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[object]:
    pytest.importorskip("edge_tts", reason="needs lipsmith[edge]")
    from stand_in_services import edge_service

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with edge_service(monkeypatch) as service:
        yield service


def test_a_network_that_is_lost_in_the_middle(edge: object) -> None:
    edge.fail_on = "BREAK"  # type: ignore[attr-defined]
    engine, _ = open_voice("edge:en-US-AriaNeural,espeak", Resources())
    assert engine.capabilities.timing is Timing.WORDS and engine.capabilities.online
    text = f"{FIRST} {SECOND} {THIRD} {FOURTH}"
    speech = engine.speak([text], SpeechOptions(), len(text))
    chunks = list(speech.chunks)
    assert words(chunks) == re.findall(r"\w+", text)
    assert [chunk.phones is None for chunk in chunks][:2] == [True, True]
    assert chunks[-1].phones and speech.rate_hz == 24_000
    assert "broke off" in speech.warnings[0]


def test_a_voice_that_failed_is_not_tried_at_every_text() -> None:
    engine = FallbackEngine([VoiceChoice(BREAKING, None), VoiceChoice(ESPEAK, None)], Resources())
    assert list(engine.speak([THIRD], SpeechOptions()).chunks)
    later = engine.speak([FIRST], SpeechOptions())
    assert (later.voice, later.warnings) == ("en-us", [])
