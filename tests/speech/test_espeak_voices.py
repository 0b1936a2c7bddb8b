"""Voices by name and by language."""

from __future__ import annotations

import pytest

from lipsmith.errors import OptionError
from lipsmith.phonetics.espeak import EspeakProcess, EspeakVoice
from lipsmith.speech.espeak.voices import as_voices, choose


@pytest.fixture(scope="module")
def found() -> list[EspeakVoice]:
    with EspeakProcess() as process:
        return process.voices()


@pytest.mark.parametrize(
    ("voice", "language", "name", "tag"),
    [
        (None, None, "en-us", "en-US"),
        ("en-gb", None, "en-gb", "en-GB"),
        ("fr-fr", None, "fr-fr", "fr-FR"),
        ("EN_US", None, "en-us", "en-US"),
        ("gmw/en-US", None, "en-us", "en-US"),
        ("en-us+F3", None, "en-us+f3", "en-US"),
        ("+f3", "de", "de+f3", "de"),
        (None, "de", "de", "de"),
        (None, "de-AT", "de", "de"),
        (None, "en", "en-us", "en-US"),
        (None, "fr", "fr-fr", "fr-FR"),
        (None, "zh-CN", "cmn", "zh"),
        (None, "pt-BR", "pt-br", "pt-BR"),
        (None, "no", "nb", "nb"),
        (None, "German", "de", "de"),
        ("en-gb", "en", "en-gb", "en-GB"),
    ],
)
def test_choice(
    found: list[EspeakVoice], voice: str | None, language: str | None, name: str, tag: str
) -> None:
    chosen = choose(found, voice, language)
    assert (chosen.name, chosen.language) == (name, tag)


@pytest.mark.parametrize(
    ("voice", "language", "hint"),
    [
        ("en-usa", None, "en-us"),
        ("en-us+f33", None, "f3"),
        ("f3", None, r"\+f3"),
        (None, "jermany", "german"),
        ("de", "fr", "leave one"),
    ],
)
def test_what_does_not_exist_is_refused_with_a_hint(
    found: list[EspeakVoice], voice: str | None, language: str | None, hint: str
) -> None:
    with pytest.raises(OptionError, match=hint):
        choose(found, voice, language)


def test_every_listed_name_is_unique_and_chooses_its_voice(found: list[EspeakVoice]) -> None:
    voices = as_voices(found)
    names = [voice.name for voice in voices]
    assert len(set(names)) == len(names) > 200
    for voice in voices:
        if voice.name.startswith("+"):
            assert choose(found, voice.name, None).name == f"en-us{voice.name}"
        else:
            assert choose(found, voice.name, None).language == voice.language
