"""Sentences, letters and words: where one ends, and which sounds are in it."""

from __future__ import annotations

import itertools
import threading
from contextlib import ExitStack

import numpy as np
import pytest

from lipsmith.core.speech import Phone, Speech, SpeechChunk, TimedWord
from lipsmith.errors import SpeechError, TextError
from lipsmith.phonetics.espeak import EspeakProcess
from lipsmith.phonetics.pronunciation import Pronouncer
from lipsmith.pipeline.listening import listened
from lipsmith.speech.chunks.phones import (
    TimedSymbol,
    fill_pauses,
    phones_of_symbols,
    words_of_symbols,
)
from lipsmith.speech.chunks.sentences import Speaker, Utterance, sentences
from lipsmith.speech.chunks.word_timing import as_written, spread_phones
from lipsmith.speech.vits.letters import match_letters, sounds_of_letters

RATE_HZ = 16_000


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (
            "Dr. Smith met J. R. Tolkien at 3.14 p.m. near No. 5 street. Then he left for home.",
            ["Dr. Smith met J. R. Tolkien at 3.14 p.m. near No. 5 street.",
             "Then he left for home."],
        ),
        (
            "He said \"Stop there right now, my dear friend!\" Nobody did. And so it went on.",
            ["He said \"Stop there right now, my dear friend!\"", "Nobody did. And so it went on."],
        ),
        ("Oh. No. Not that.", ["Oh. No. Not that."]),
        ("One.\n\nTwo.", ["One.", "Two."]),
    ],
)  # fmt: skip
def test_sentences(text: str, cut: list[str]) -> None:
    assert [piece.text for piece in sentences([text])] == cut


def test_sentences_without_blanks() -> None:
    text = "今天天气很好我们一起去公园里散步看花吧然后回家吃饭好不好你说呢我的朋友快点回答我。" * 3
    assert [piece.text for piece in sentences([text])] == [text[: len(text) // 3]] * 3


def hum(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(np.arange(round(seconds * RATE_HZ)) / 20)).astype(np.float32)[:, None]


def quiet(seconds: float) -> np.ndarray:
    return np.zeros((round(seconds * RATE_HZ), 1), np.float32)


def test_the_silence_around_sentences_is_always_the_same() -> None:
    lengths = iter((0.0, 0.9))

    def say(sentence: str, stop: threading.Event) -> Utterance:
        edge = next(lengths)
        phone = Phone("a", round(edge * RATE_HZ), round((edge + 1) * RATE_HZ))
        samples = np.concatenate([quiet(edge), hum(1), quiet(edge)])
        return Utterance(samples, RATE_HZ, (phone,))

    text = "This is a sentence that is long enough. This is another one of the same sort."
    chunks = list(Speaker(say, 1).speak([text], language="en", voice="hum").chunks)
    sounds = [phone for chunk in chunks for phone in chunk.phones or () if phone.symbol]
    assert 0.3 <= (sounds[1].start - sounds[0].end) / RATE_HZ <= 0.4
    for chunk, sound in zip(chunks, sounds, strict=True):
        said = chunk.samples[sound.start - chunk.start : sound.end - chunk.start]
        assert np.abs(said[400:-400]).max() > 0.29 and len(said) == RATE_HZ


def test_what_has_no_sound_is_left_out_with_a_warning() -> None:
    def say(sentence: str, stop: threading.Event) -> Utterance:
        return Utterance(hum(0 if "silent" in sentence else 0.5), RATE_HZ)

    texts = ["One.", "A silent one.", "Three.", "And silent again."]
    speech = Speaker(say, 2).speak(texts, language="en", voice="hum")
    assert [chunk.text for chunk in speech.chunks] == ["One.", "Three."]
    assert len(speech.warnings) == 2 and "'A silent one.'" in speech.warnings[0]
    with pytest.raises(TextError):
        Speaker(say, 1).speak(["All silent."], language="en", voice="hum")


def test_closing_stops_a_voice_that_hangs() -> None:
    hanging = threading.Event()

    def say(sentence: str, stop: threading.Event) -> Utterance:
        if sentence == "Hang.":
            hanging.set()
            stop.wait(20)
        return Utterance(hum(0.2), RATE_HZ)

    speaker = Speaker(say, 1)
    speech = speaker.speak(["Go.", "Hang.", "Never."], language="en", voice="hum")
    assert next(speech.chunks).text == "Go."
    assert hanging.wait(5)
    threading.Timer(0.1, speaker.close).start()
    with pytest.raises(SpeechError, match="stopped"):
        next(speech.chunks)


@pytest.mark.parametrize(
    ("letters", "symbols", "spans"),
    [
        ("peter", "p iː ɾ ɚ", "p e te r"),
        ("moved", "m uː v d", "m o ve d"),
        ("thought", "θ ɔː t", "th ough t"),
        ("box", "b ɑː k s", "b o x x"),
        ("мама", "m a m ə", "м а м а"),
        ("in the", "ɪ n ð ə", "i n  th e"),
    ],
)
def test_letters_belong_to_the_sounds_that_they_stand_for(
    letters: str, symbols: str, spans: str
) -> None:
    found = match_letters(letters, symbols.split())
    got = [letters[span.first : span.last].replace(" ", "") for span in found]
    assert got == spans.split()
    assert found[0].first == 0 and found[-1].last == len(letters)


def test_romanised_letters_are_read_as_they_sound() -> None:
    assert "".join(sound for sound, _ in sounds_of_letters("mashi yaxqy")) == "maʃi jakski"


def test_symbols_become_phones() -> None:
    symbols = [TimedSymbol(s, i * 1000, i * 1000 + 1000) for i, s in enumerate("ˈtʃiːz, p")]
    phones = phones_of_symbols(symbols, RATE_HZ)
    assert [(p.symbol, p.start // 1000, p.end // 1000, p.stress) for p in phones] == [
        ("tʃ", 0, 3, 2), ("iː", 3, 5, 0), ("z", 5, 6, 0), ("", 6, 8, 0), ("p", 8, 9, 0),
    ]  # fmt: skip
    assert [w.text for w in words_of_symbols(symbols, "Cheese, P!")] == ["Cheese,", "P!"]
    assert words_of_symbols(symbols, "in other words") == ()


def test_gaps_are_filled() -> None:
    phones = [Phone("a", 100, 200), Phone("b", 250, 400), Phone("c", 9000, 9100)]
    filled = fill_pauses(phones, 0, 10_000, RATE_HZ)
    assert [(p.symbol, p.start, p.end) for p in filled] == [
        ("", 0, 100), ("a", 100, 250), ("b", 250, 400), ("", 400, 9000), ("c", 9000, 10_000),
    ]  # fmt: skip


def test_words_that_are_said_as_one_share_their_sounds() -> None:
    """espeak-ng tells "in the" as one word."""
    words = (
        TimedWord("in", 1000, 3000),
        TimedWord("the", 3000, 5000),
        TimedWord("pub", 5000, 9000),
    )
    chunk = SpeechChunk(quiet(1), 0, None, "in the pub", 1.0, words)
    with EspeakProcess() as process:
        phones = spread_phones(chunk, RATE_HZ, Pronouncer(process, "gmw/en-US")) or ()
    assert [p.symbol for p in phones if p.symbol] == ["ɪ", "n", "ð", "ə", "p", "ʌ", "b"]
    assert next(p for p in phones if p.symbol == "p").start == 5000
    assert all(a.end == b.start for a, b in itertools.pairwise(phones))
    assert (phones[0].start, phones[-1].end) == (0, RATE_HZ)


def test_languages_that_nobody_can_pronounce_are_left_for_the_recogniser() -> None:
    chunk = SpeechChunk(quiet(1), 0, None, "x", 1.0, (TimedWord("x", 0, 900),))
    with ExitStack() as stack:
        (heard,) = listened(Speech(RATE_HZ, 1, "qqq", iter([chunk])), stack).chunks
    assert heard.phones is not None and heard.words == chunk.words


@pytest.mark.parametrize(
    ("text", "told", "written"),
    [
        ("Oh, “my word”!", "Oh my word", ["Oh,", "“my", "word”!"]),
        ("Tom & Jerry — or so.", "Tom and Jerry or so", ["Tom", "and", "Jerry —", "or", "so."]),
        ("(One) two.", "One two", ["(One)", "two."]),
        ("你好，我们。", "你好 我们", ["你好，", "我们。"]),
        ("No words here", "", []),
    ],
)
def test_words_get_the_punctuation_of_the_text(text: str, told: str, written: list[str]) -> None:
    words = [TimedWord(word, i, i + 1) for i, word in enumerate(told.split())]
    assert [word.text for word in as_written(text, words)] == written
