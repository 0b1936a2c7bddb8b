"""Piper with a tiny voice: the library, its phonemes and its alignments are real."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("piper", reason="needs lipsmith[piper]")
pytest.importorskip("onnx", reason="needs lipsmith[piper]")

from tiny_voices import make_piper_voice

from lipsmith.articulation.track import make_track
from lipsmith.core.resources import Resources
from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.errors import LicenceError, MissingWeightsError, OptionError, TextError
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.piper.engine import PiperEngine

TEXT = (
    "Hello, my baby boy. Peter moved far away from the old church. Nothing else happened.\n\nBye."
)


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_piper_voice(tmp_path_factory.mktemp("voice"))


def say(voice: object, text: str = TEXT, **options: object) -> Speech:
    engine = PiperEngine()
    wanted = SpeechOptions(voice=str(voice), **options)  # type: ignore[arg-type]
    return engine.speak([text], wanted, len(text))


def sound(speech: Speech) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in speech.chunks])


def symbols(chunk: SpeechChunk) -> list[str]:
    return [phone.symbol for phone in chunk.phones or () if phone.symbol]


def test_phones_fill_the_speech_to_its_last_frame(voice: Path) -> None:
    speech = say(voice)
    chunks = list(speech.chunks)
    assert (speech.rate_hz, speech.language) == (22050, "en-US")
    assert [chunk.progress for chunk in chunks] == sorted(chunk.progress for chunk in chunks)
    assert chunks[-1].progress == 1.0 and chunks[0].progress < 0.7
    assert " ".join(chunk.text or "" for chunk in chunks) == TEXT.replace("\n\n", " ")
    position = 0
    for chunk in chunks:
        assert chunk.start == position and chunk.phones
        assert (chunk.phones[0].start, chunk.phones[-1].end) == (chunk.start, chunk.end)
        assert all(a.end == b.start for a, b in itertools.pairwise(chunk.phones))
        position = chunk.end
    frames = list(make_track(say(voice), fps=Fraction(25)).frames)
    assert len(frames) == math.ceil(position * 25 / 22050)
    assert sum(len(frame.samples) for frame in frames) == position


def test_each_symbol_has_the_time_that_the_model_gave_it(voice: Path) -> None:
    """The tiny voice gives 4 frames of 256 samples to a symbol, and to the padding behind it."""
    (chunk,) = say(voice, "My baby.").chunks
    assert symbols(chunk) == ["m", "a", "ɪ", "b", "e", "ɪ", "b", "i"]
    lengths = {p.symbol: (p.end - p.start) // 1024 for p in chunk.phones or () if p.symbol}
    assert lengths["m"] == 2 and lengths["e"] == 4  # the mark of stress belongs to its vowel
    assert [p.stress for p in chunk.phones or () if p.symbol == "e"] == [2]


def test_words_have_times(voice: Path) -> None:
    (chunk,) = say(voice, "My baby, sleep.").chunks
    assert [word.text for word in chunk.words] == ["My", "baby,", "sleep."]
    for word, first in zip(chunk.words, "mbs", strict=True):
        assert any(p.symbol == first and p.start == word.start for p in chunk.phones or ())


def test_the_lips_shut_for_b_and_open_for_a(voice: Path) -> None:
    (chunk,) = say(voice, "Baa baa baa.").chunks
    track = make_track(say(voice, "Baa baa baa."), fps=Fraction(50), motion=0)
    mouths = [frame.pose.mouth for frame in track.frames]
    opening = np.array([mouth.upper_raise_mm + mouth.lower_drop_mm for mouth in mouths])
    for phone in chunk.phones or ():
        middle = (phone.start + phone.end) * 25 // 22050
        if phone.symbol == "b":
            assert opening[middle - 2 : middle + 3].min() < 0.1 * opening.max()
        elif phone.symbol.startswith("ɑ"):
            assert opening[middle] > 0.3 * opening.max()


def test_the_same_text_gives_the_same_samples(voice: Path) -> None:
    assert np.array_equal(sound(say(voice)), sound(say(voice)))


def test_the_rate_changes_the_length(voice: Path) -> None:
    normal, fast = len(sound(say(voice))), len(sound(say(voice, rate_wpm=350)))
    assert 0.4 * normal < fast < 0.75 * normal


def test_speakers_are_chosen_by_number_and_by_name(tmp_path: Path) -> None:
    several = make_piper_voice(tmp_path, speakers=3)
    assert len(sound(say(f"{several}#2", "Hello."))) and len(
        sound(say(f"{several}#person1", "Hi."))
    )
    with pytest.raises(OptionError, match=r"no speaker '3'; there are 0 to 2 or one of person0"):
        say(f"{several}#3")


def test_another_language_is_told_by_the_voice(tmp_path: Path) -> None:
    speech = say(make_piper_voice(tmp_path, language="de_DE"), "Straße.")
    (chunk,) = speech.chunks
    assert speech.language == "de-DE" and "ʃ" in symbols(chunk)


def test_a_pitch_is_refused_with_a_warning(voice: Path) -> None:
    assert "pitch" in say(voice, pitch=70).warnings[0]


def test_a_voice_that_is_not_here_says_what_to_type(tmp_path: Path) -> None:
    engine = PiperEngine()
    engine.resources = Resources(models=tmp_path)
    command = "lipsmith models pull piper:en_US-kristin-medium"
    with pytest.raises(MissingWeightsError, match=command):
        engine.speak(["Hi."], SpeechOptions(voice="en_US-kristin-medium"))
    with pytest.raises(MissingWeightsError, match="piper:de_DE"):
        engine.speak(["Hallo."], SpeechOptions(language="de"))
    engine.resources = Resources(models=tmp_path, commercial=True)
    with pytest.raises(LicenceError, match="research"):
        engine.speak(["Hi."], SpeechOptions(voice="en_US-lessac-medium"))
    with pytest.raises(OptionError, match=r"no .*gone\.onnx"):
        say(tmp_path / "gone.onnx")


def test_a_broken_voice_says_so(voice: Path, tmp_path: Path) -> None:
    broken = tmp_path / "en_US-broken-low.onnx"
    broken.write_bytes(b"no model")
    with pytest.raises(OptionError, match=r"no .*broken-low\.onnx\.json"):
        say(broken)
    config = broken.with_name(f"{broken.name}.json")
    config.write_text("{}")
    with pytest.raises(OptionError, match="does not describe a voice"):
        say(broken)
    config.write_bytes(voice.with_name(f"{voice.name}.json").read_bytes())
    with pytest.raises(OptionError, match="cannot be read as a Piper voice"):
        say(broken)


def test_nothing_to_say(voice: Path) -> None:
    with pytest.raises(TextError):
        say(voice, "... !")


def test_raw_phonemes_are_text_here(voice: Path) -> None:
    (chunk,) = say(voice, "Say [[ bˈeɪ ]] now.").chunks
    assert chunk.text == "Say [[ bˈeɪ ]] now."


def test_known_voices_are_listed_with_their_licences() -> None:
    voices = {voice.name: voice for voice in PiperEngine().voices()}
    lessac = voices["piper:en_US-lessac-medium"]
    assert (lessac.language, lessac.quality, lessac.online) == ("en-US", "medium", False)
    assert "research" in lessac.licence
