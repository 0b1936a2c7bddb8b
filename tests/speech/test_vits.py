"""VITS with tiny random checkpoints: transformers, its tokenizer and its durations are real."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs lipsmith[vits]")
pytest.importorskip("transformers", reason="needs lipsmith[vits]")

from tiny_voices import make_vits_checkpoint

from lipsmith.articulation.track import make_track
from lipsmith.core.resources import Resources
from lipsmith.core.speech import Speech
from lipsmith.errors import LicenceError, OptionError, TextError
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.vits.engine import VitsEngine

TEXT = "Hello, my baby boy. Peter moved far away from the old church. Nothing else happened."
LATIN = "abcdefghijklmnopqrstuvwxyz'-"
IPA = "abdefhijklmnopstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒˈˌːθ.,!? "


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reads letters, as MMS does."""
    folder = tmp_path_factory.mktemp("vits") / "english"
    return make_vits_checkpoint(folder, letters=LATIN, language="eng")


def say(voice: object, text: str = TEXT, **options: object) -> Speech:
    wanted = SpeechOptions(voice=str(voice), **options)  # type: ignore[arg-type]
    return VitsEngine().speak([text], wanted, len(text))


def sound(speech: Speech) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in speech.chunks])


def symbols(speech: Speech) -> list[str]:
    return [p.symbol for chunk in speech.chunks for p in chunk.phones or () if p.symbol]


def test_phones_fill_the_speech_to_its_last_frame(english: Path) -> None:
    speech = say(english)
    chunks = list(speech.chunks)
    assert (speech.rate_hz, speech.language) == (16_000, "en")
    assert " ".join(chunk.text or "" for chunk in chunks) == TEXT
    position = 0
    for chunk in chunks:
        assert chunk.start == position and chunk.phones
        assert (chunk.phones[0].start, chunk.phones[-1].end) == (chunk.start, chunk.end)
        assert all(a.end == b.start for a, b in itertools.pairwise(chunk.phones))
        assert [word.text for word in chunk.words] == (chunk.text or "").split()
        position = chunk.end
    frames = list(make_track(say(english), fps=Fraction(25)).frames)
    assert len(frames) == math.ceil(position * 25 / 16_000)


def test_letters_become_the_sounds_of_the_words(english: Path) -> None:
    said = symbols(say(english, "The baby thought in the church."))
    assert " ".join(said) == "ð ə b eɪ b i θ ɔː t ɪ n ð ə tʃ ɜː tʃ"


def test_accents_that_the_voice_does_not_know_are_left_out(english: Path) -> None:
    speech = say(english, "Café.")
    (chunk,) = speech.chunks
    assert [p.symbol for p in chunk.phones or () if p.symbol][:3] == ["k", "æ", "f"]
    assert len(chunk.words) == 1


def test_a_letter_has_the_time_that_the_model_gave_it(english: Path) -> None:
    """Each b of "bob" lies where the model says the letter, in whole frames of 256 samples."""
    (chunk,) = say(english, "Bob.").chunks
    (word,) = chunk.words
    sounds = [phone for phone in chunk.phones or () if phone.symbol]
    assert [phone.symbol for phone in sounds] == ["b", "ɑː", "b"]
    assert sounds[0].start == word.start and sounds[-1].end == word.end
    assert all((a.end - a.start) % 256 == 0 for a in sounds)


def test_a_voice_that_reads_phonemes_needs_no_other_package(tmp_path: Path) -> None:
    folder = make_vits_checkpoint(tmp_path / "ipa", letters=IPA, language=None, phonemize=True)
    speech = say(folder, "My baby, 19!")
    (chunk,) = speech.chunks
    said = "".join(phone.symbol for phone in chunk.phones or ())
    assert said.startswith("maɪbeɪbinaɪntiːn")


def test_romanised_voices_say_what_they_need(tmp_path: Path) -> None:
    folder = make_vits_checkpoint(tmp_path / "kor", letters=LATIN, language="kor", uroman=True)
    assert say(folder).language == "ko"
    assert symbols(say(folder, "mashi")) == ["m", "a", "ʃ", "i"]
    with pytest.raises(OptionError, match="pip install uroman"):
        say(folder, "안녕하세요")


def test_the_same_text_gives_the_same_samples(english: Path) -> None:
    assert np.array_equal(sound(say(english)), sound(say(english)))


def test_the_rate_changes_the_length(english: Path) -> None:
    assert len(sound(say(english, rate_wpm=350))) < 0.85 * len(sound(say(english)))


def test_numbers_that_the_voice_cannot_read_are_told(english: Path) -> None:
    speech = say(english, "He is 19 years old.")
    assert "numbers" in speech.warnings[0]
    with pytest.raises(TextError):
        say(english, "1998")


def test_what_is_not_here_says_what_to_type(
    english: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OptionError, match="hf download facebook/mms-tts-fra"):
        say("fra")
    with pytest.raises(OptionError, match="hf download facebook/mms-tts-deu"):
        VitsEngine().speak(["Hallo."], SpeechOptions(language="de"))
    with pytest.raises(OptionError, match="no folder"):
        say(tmp_path / "gone")
    with pytest.raises(OptionError, match=r"a folder with config\.json"):
        say(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(OptionError, match="holds a bert model"):
        say(tmp_path)
    with pytest.raises(OptionError, match="has one speaker: #0"):
        say(f"{english}#4")


def test_a_commercial_user_is_kept_from_mms(tmp_path: Path) -> None:
    folder = make_vits_checkpoint(tmp_path / "mms-tts-eng", letters=LATIN, language="eng")
    engine = VitsEngine()
    engine.resources = Resources(commercial=True)
    with pytest.raises(LicenceError, match="CC BY-NC"):
        engine.speak(["Hi."], SpeechOptions(voice=str(folder)))
