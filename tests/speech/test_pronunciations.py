"""Pronunciations that a text tells, by every engine that takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipsmith.core.speech import Speech
from lipsmith.speech.base import SpeechEngine, SpeechOptions
from lipsmith.speech.espeak.engine import EspeakEngine
from lipsmith.speech.options import Pronunciation
from lipsmith.speech.words.pronouncing import go_together, parts, pronunciation_of, sayable
from lipsmith.speech.words.ssml import parse_ssml

TOMATO = Pronunciation("tomato", "təˈmɑːtəʊ")


def say(engine: SpeechEngine, markup: str, voice: str | None) -> tuple[str, Speech]:
    """The phones without stress, and the speech they are of."""
    (turn,) = parse_ssml(f"<speak>{markup}</speak>", [])
    speech = engine.speak_spans(turn.spans, SpeechOptions(voice), len(turn.text))
    chunks = list(speech.chunks)
    assert "".join(c.text or "" for c in chunks).replace(" ", "") == turn.text.replace(" ", "")
    return "".join(p.symbol for chunk in chunks for p in chunk.phones or ()), speech


def test_only_whole_words_are_pronounced_otherwise() -> None:
    said = list(parts("A tomato, tomatoes, a  red\ntomato.", [TOMATO]))
    assert [text for text, ipa in said if ipa] == ["tomato", "tomato"]
    assert "".join(text for text, _ in said) == "A tomato, tomatoes, a  red\ntomato."
    (two,) = [
        text for text, ipa in parts("In New \n York.", [Pronunciation("New York", "x")]) if ipa
    ]
    assert two == "New \n York"


def test_words_that_are_pronounced_in_two_ways_are_said_apart() -> None:
    assert go_together("A tomato and a tomato.", [TOMATO, TOMATO])
    assert not go_together("A tomato and a tomato.", [TOMATO])
    assert not go_together("A tomato, a tomato", [TOMATO, Pronunciation("tomato", "təˈmeɪtoʊ")])


def test_punctuation_is_not_pronounced() -> None:
    assert pronunciation_of(" «tomato!» ", "x") == Pronunciation("tomato", "x")
    assert pronunciation_of("...", "x") is None


def test_a_voice_is_told_only_what_it_can_say() -> None:
    warnings: list[str] = []
    known = [Pronunciation("a", "/ɡu.t/"), Pronunciation("b", "ç"), Pronunciation("c", "ǂ")]
    assert sayable(known, "ɡutc\u0327", warnings) == (
        Pronunciation("a", "ɡut"),
        Pronunciation("b", "c\u0327"),
    )
    assert len(warnings) == 1 and "ǂ" in warnings[0]


@pytest.mark.parametrize(
    ("voice", "word", "ipa", "phones"),
    [
        ("en-us", "tomato", "ˈkæt", "kæt"),
        ("en-us", "read", "/t͡ʃɪ.pi/", "tʃɪpi"),
        ("de", "Chance", "ˈʃøːn", "ʃøːn"),
        ("de", "Bad", "ʁoːt", "ʁoːt"),
        ("fr", "oignon", "bɔ̃ʒuʁ", "bɔ̃ʒuʁ"),
        ("es", "Wien", "niɲo", "niɲo"),
        ("it", "ciao", "ˈɡrattsje", "ɡrattsje"),
        ("ru", "Москва", "prʲɪˈvʲet", "prʲɪvʲet"),
    ],
)
def test_espeak_says_the_sounds_of_every_language(
    voice: str, word: str, ipa: str, phones: str
) -> None:
    said, speech = say(EspeakEngine(), f'<phoneme ph="{ipa}">{word}</phoneme>.', voice)
    assert said == phones and not speech.warnings
    # Whatever stands behind it is not read out.
    said, _ = say(
        EspeakEngine(), f'<emphasis><phoneme ph="{ipa}">{word}</phoneme></emphasis>', voice
    )
    assert said == phones


def test_a_sound_that_a_language_lacks_becomes_the_nearest() -> None:
    said, speech = say(EspeakEngine(), '<phoneme ph="ˈʃøːn">x</phoneme>', "it")
    assert said == "ʃøn" and not speech.warnings
    _, speech = say(EspeakEngine(), '<phoneme ph="ʘǂ">hello</phoneme> you', "de")
    assert len(speech.warnings) == 1 and "ʘǂ" in speech.warnings[0]


def test_espeak_takes_pronunciations_of_words_too() -> None:
    options = SpeechOptions("en-us", pronunciations=(Pronunciation("tomato", "ˈkæt"),))
    (chunk,) = EspeakEngine().speak(["I say tomato, not cat."], options).chunks
    assert "".join(phone.symbol for phone in chunk.phones or ()) == "aɪseɪkætnɑːtkæt"


@pytest.fixture(scope="module")
def piper_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("piper", reason="needs lipsmith[piper]")
    pytest.importorskip("onnx", reason="needs lipsmith[piper]")
    from tiny_voices import make_piper_voice

    return make_piper_voice(tmp_path_factory.mktemp("voice"))


def test_piper_takes_pronunciations_within_a_sentence(piper_voice: Path) -> None:
    from lipsmith.speech.piper.engine import PiperEngine

    markup = 'We say <phoneme ph="ˈkæt">tomato</phoneme>, not <phoneme ph="жж">dog</phoneme>.'
    said, speech = say(PiperEngine(), markup, str(piper_voice))
    assert said.startswith("wiːseɪkætnɑːtd") and "ж" not in said
    assert len(speech.warnings) == 1 and "жж" in speech.warnings[0]
    (turn,) = parse_ssml(f"<speak>{markup}</speak>", [])
    (chunk,) = PiperEngine().speak_spans(turn.spans, SpeechOptions(str(piper_voice))).chunks
    assert [word.text for word in chunk.words] == ["We", "say", "tomato,", "not", "dog."]
    assert [p.stress for p in chunk.phones or () if p.symbol == "æ"] == [2]


def test_vits_takes_pronunciations_where_it_reads_phonemes(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs lipsmith[vits]")
    pytest.importorskip("transformers", reason="needs lipsmith[vits]")
    from tiny_voices import make_vits_checkpoint

    from lipsmith.speech.vits.engine import VitsEngine

    ipa = "abdefhijklmnopstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒˈˌːθ.,!? "
    reads_phonemes = make_vits_checkpoint(
        tmp_path / "ipa", letters=ipa, language="en-us", phonemize=True
    )
    markup = 'We say <phoneme ph="ˈkæt">tomato</phoneme>.'
    said, speech = say(VitsEngine(), markup, str(reads_phonemes))
    assert said.endswith("seɪkæt") and not speech.warnings
    reads_letters = make_vits_checkpoint(
        tmp_path / "letters", letters="abcdefghijklmnopqrstuvwxyz", language="eng"
    )
    said, speech = say(VitsEngine(), markup, str(reads_letters))
    assert "kæt" not in said and len(speech.warnings) == 1
