"""Edge's voices, spoken by a stand-in for the service: the library and its protocol are real."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("edge_tts", reason="needs lipsmith[edge]")

from stand_in_services import WORD_S, EdgeService, edge_service

from lipsmith.articulation.track import make_track
from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.errors import OptionError, ServiceError, SpeechError, TextError
from lipsmith.pipeline.listening import listened
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.edge import EdgeEngine

TEXT = "Hello my baby boy, how are you all today? Peter moved far away & stopped for a while."


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeService]:
    with edge_service(monkeypatch) as running:
        yield running


def say(text: str, **options: object) -> Speech:
    return EdgeEngine().speak([text], SpeechOptions(**options), len(text))  # type: ignore[arg-type]


def test_sentences_are_asked_one_by_one_and_join_without_a_gap(service: EdgeService) -> None:
    speech = say(TEXT, voice="en-US-AriaNeural", rate_wpm=350)
    chunks = list(speech.chunks)
    assert (speech.rate_hz, speech.channels, speech.language) == (24_000, 1, "en-US")
    assert speech.voice == "edge:en-US-AriaNeural"
    assert " ".join(chunk.text or "" for chunk in chunks) == TEXT and len(chunks) == 2
    assert "(en-US, AriaNeural)" in service.voices[0] and service.rates == ["+100%"] * 2
    assert [chunk.start for chunk in chunks] == [0, chunks[0].end]
    assert sorted(chunk.text or "" for chunk in chunks) == sorted(service.sentences)
    assert chunks[0].progress < chunks[1].progress == 1.0
    assert all(chunk.phones is None for chunk in chunks)


def test_words_are_said_when_they_are_heard(service: EdgeService) -> None:
    """Although the MP3 encoder makes the sound some 46 ms late."""
    speech = say("One two three four.")
    (chunk,) = speech.chunks
    assert [word.text for word in chunk.words] == ["One", "two", "three", "four."]
    for word, (start, end) in zip(chunk.words, _hums(chunk, speech.rate_hz), strict=True):
        assert abs(word.start - start) < 0.015 * speech.rate_hz
        assert abs(word.end - end) < 0.015 * speech.rate_hz
        assert word.end - word.start == pytest.approx(WORD_S * speech.rate_hz, rel=0.05)


def test_words_get_the_phones_of_their_letters(service: EdgeService) -> None:
    with ExitStack() as stack:
        (chunk,) = listened(say("My baby moved."), stack).chunks
    assert chunk.phones is not None
    assert chunk.phones[0].start == chunk.start and chunk.phones[-1].end == chunk.end
    assert all(a.end == b.start for a, b in itertools.pairwise(chunk.phones))
    for word, first, last in zip(chunk.words, "mbm", ("aɪ", "i", "d"), strict=True):
        inside = [p.symbol for p in chunk.phones if word.start <= p.start < word.end and p.symbol]
        assert (inside[0], inside[-1]) == (first, last)


def test_the_lips_shut_where_a_word_begins_with_b(service: EdgeService) -> None:
    (chunk,) = say("Baby Bob.").chunks
    with ExitStack() as stack:
        track = make_track(listened(say("Baby Bob."), stack), fps=Fraction(50), motion=0)
        mouths = [frame.pose.mouth for frame in track.frames]
    opening = np.array([mouth.upper_raise_mm + mouth.lower_drop_mm for mouth in mouths])
    bob = chunk.words[1].start * 50 // 24_000
    assert opening[bob - 2 : bob + 4].min() < 0.1 * opening.max()


def test_long_texts_are_asked_for_as_they_are_taken(service: EdgeService) -> None:
    taken = itertools.count()
    texts = ("This is one of very many sentences." for _ in range(10_000) if next(taken) >= 0)
    engine = EdgeEngine()
    speech = engine.speak(texts, SpeechOptions())
    for _ in range(3):
        next(speech.chunks)
    engine.close()
    with pytest.raises(SpeechError):
        list(speech.chunks)
    assert next(taken) < 10


@pytest.mark.parametrize(
    ("how", "words"),
    [("drop", "broke off"), ("mute", "made no sound")],
)
def test_a_service_that_fails_says_so(service: EdgeService, how: str, words: str) -> None:
    service.how, service.fail_on = how, "Peter"
    speech = say(TEXT)
    assert len(next(speech.chunks).samples)
    with pytest.raises(ServiceError, match=words):
        list(speech.chunks)


def test_no_network_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with edge_service(monkeypatch) as gone:
        gone.refusing = True
        with pytest.raises(ServiceError, match=r"refuses \(503"):
            say("Hello.")
    with pytest.raises(ServiceError, match=r"cannot be reached .*,espeak"):
        say("Hello.")


def test_a_service_that_does_not_answer_can_be_left(service: EdgeService) -> None:
    service.how, service.fail_on = "hang", "Hello"
    engine = EdgeEngine()
    threading.Timer(0.3, engine.close).start()
    started_s = time.monotonic()
    with pytest.raises(SpeechError):
        engine.speak(["Hello."], SpeechOptions())
    assert time.monotonic() - started_s < 2


def test_a_service_that_does_not_answer_is_given_up(
    service: EdgeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipsmith.speech.edge._LONGEST_S", 0.3)
    service.how, service.fail_on = "hang", "Hello"
    with pytest.raises(ServiceError, match="does not answer"):
        say("Hello.")


def test_voices_are_asked_for_and_remembered(service: EdgeService) -> None:
    engine = EdgeEngine()
    assert engine.voices() == ()
    engine.refresh_voices()
    names = {voice.name: voice for voice in EdgeEngine().voices()}
    assert list(names) == ["edge:en-US-AriaNeural", "edge:de-DE-KatjaNeural"]
    aria = names["edge:en-US-AriaNeural"]
    assert (aria.language, aria.gender, aria.label, aria.online) == (
        "en-US",
        "female",
        "Aria",
        True,
    )
    service.refusing = True
    with pytest.raises(ServiceError):
        engine.refresh_voices()
    assert len(engine.voices()) == 2


def test_a_language_finds_its_voice(service: EdgeService) -> None:
    assert say("Guten Tag.", language="de").voice == "edge:de-DE-KatjaNeural"
    with pytest.raises(OptionError, match="does not speak"):
        say("Bonjour.", language="fr")
    with pytest.raises(OptionError, match="near: en-US-AriaNeural"):
        say("Hello.", voice="en-US-AriaNeurall")


def test_what_cannot_be_asked_for_is_refused(service: EdgeService) -> None:
    with pytest.raises(OptionError, match="called like en-US-AriaNeural"):
        say("Hello.", voice="aria")
    with pytest.raises(OptionError, match="rate"):
        say("Hello.", rate_wpm=10)
    with pytest.raises(TextError):
        say("...")


def _hums(chunk: SpeechChunk, rate_hz: int) -> list[tuple[int, int]]:
    """Where each hum of a chunk starts and ends, by its loudness."""
    frame = rate_hz // 400
    count = len(chunk.samples) // frame
    loud = np.abs(chunk.samples[: count * frame]).reshape(count, -1).max(axis=1) > 0.1
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(int)))
    return [
        (chunk.start + int(a) * frame, chunk.start + int(b) * frame)
        for a, b in edges.reshape(-1, 2)
    ]
