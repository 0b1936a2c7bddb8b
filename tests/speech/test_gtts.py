"""Google Translate's voices, spoken by a stand-in for the service: the library is real."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("gtts", reason="needs lipsmith[gtts]")
pytest.importorskip("aiohttp", reason="the stand-in for the service needs lipsmith[edge]")

from stand_in_services import GoogleService, google_service

from lipsmith.core.speech import Speech
from lipsmith.errors import OptionError, ServiceError, TextError
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.gtts import GttsEngine

TEXT = "Hello my baby boy, how are you all today? Peter moved far away and stopped for a while."


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleService]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with google_service(monkeypatch) as running:
        yield running


def say(text: str, **options: object) -> Speech:
    return GttsEngine().speak([text], SpeechOptions(**options), len(text))  # type: ignore[arg-type]


def test_sentences_are_said_and_their_phones_left_open(service: GoogleService) -> None:
    speech = say(TEXT, voice="en")
    chunks = list(speech.chunks)
    assert (speech.rate_hz, speech.channels, speech.voice) == (24_000, 1, "gtts:en")
    assert " ".join(chunk.text or "" for chunk in chunks) == TEXT
    assert sorted(service.sentences) == sorted(chunk.text or "" for chunk in chunks)
    assert [chunk.start for chunk in chunks] == [0, chunks[0].end]
    assert all(chunk.phones is None and chunk.words == () for chunk in chunks)
    assert max(abs(chunk.samples).max() for chunk in chunks) > 0.3


@pytest.mark.parametrize(
    ("voice", "language", "asked", "spoken"),
    [
        ("pt-PT", None, "pt-PT", "pt-PT"),
        (None, "de-AT", "de", "de"),
        (None, "he", "iw", "he"),
        (None, "zh-Hant", "zh-TW", "zh-TW"),
        (None, None, "en", "en"),
    ],
)
def test_languages(
    service: GoogleService, voice: str | None, language: str | None, asked: str, spoken: str
) -> None:
    assert say("Hello.", voice=voice, language=language).language == spoken
    assert service.languages == [asked]


@pytest.mark.parametrize(("how", "words"), [("refuse", "429"), ("mute", "no sound for this text")])
def test_a_service_that_fails_says_so(service: GoogleService, how: str, words: str) -> None:
    service.how, service.fail_on = how, "Peter"
    speech = say(TEXT)
    assert len(next(speech.chunks).samples)
    with pytest.raises(ServiceError, match=words):
        next(speech.chunks)


def test_no_network_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with google_service(monkeypatch):
        pass
    with pytest.raises(ServiceError, match=r"cannot be reached.*gtts:en,espeak"):
        say("Hello.")


def test_what_cannot_be_asked_for_is_refused() -> None:
    with pytest.raises(OptionError, match="near: "):
        say("Hello.", voice="enn")
    with pytest.raises(TextError):
        say("...")


def test_every_listed_voice_can_be_asked_for(service: GoogleService) -> None:
    voices = GttsEngine().voices()
    assert len(voices) > 50 and all(voice.online for voice in voices)
    for voice in voices[:5]:
        name = voice.name.removeprefix("gtts:")
        assert say("Hello.", voice=name).language == voice.language
