"""Texts in which several speak, and their joining to one speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.errors import TextError
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.chunks.joining import Part, joined
from lipsmith.speech.espeak.engine import EspeakEngine
from lipsmith.speech.words.languages import by_language
from lipsmith.speech.words.script import Span, Turn, parse_script


def turns(text: str, *names: str) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in parse_script(text, names, [])]


def test_names_in_brackets_begin_a_turn() -> None:
    text = "Once upon a time. [Anna] Hello. [ben]: Hi! How are you?\n[anna]Fine."
    assert turns(text, "anna", "Ben") == [
        ("", "Once upon a time."),
        ("anna", "Hello."),
        ("Ben", "Hi! How are you?"),
        ("anna", "Fine."),
    ]


def test_other_brackets_are_text_and_a_near_miss_is_told() -> None:
    warnings: list[str] = []
    text = "[anna] He wrote [sic] that. [ana] Hello."
    assert [turn.text for turn in parse_script(text, ["anna"], warnings)] == [
        "He wrote [sic] that. [ana] Hello."
    ]
    assert len(warnings) == 1 and "[ana]" in warnings[0] and "[anna]" in warnings[0]


def test_turns_without_words_are_left_out() -> None:
    assert turns("[anna] [ben]  \n [anna] Yes.", "anna", "ben") == [("anna", "Yes.")]


def say(text: str, voice: str = "en-us") -> Speech:
    return EspeakEngine().speak([text], SpeechOptions(voice=voice), len(text))


def check_whole(chunks: list[SpeechChunk]) -> None:
    position = 0
    for chunk in chunks:
        assert chunk.start == position and chunk.phones is not None
        for timed in (*chunk.phones, *chunk.words):
            assert chunk.start <= timed.start < timed.end <= chunk.end
        position = chunk.end


def test_parts_follow_each_other_and_tell_their_speaker() -> None:
    parts = [Part(say("Hello there."), 0.5, "anna"), Part(say("Hi.", "de"), 0.5, "ben")]
    chunks = list(joined(iter(parts), []).chunks)
    check_whole(chunks)
    assert [chunk.speaker for chunk in chunks] == ["anna", "ben"]
    shares = [chunk.progress for chunk in chunks]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert [word.text for chunk in chunks for word in chunk.words] == ["Hello", "there.", "Hi."]


def test_a_part_of_another_rate_takes_that_of_the_first() -> None:
    def other() -> Speech:
        speech = say("One two three four.")

        def chunks() -> Iterator[SpeechChunk]:
            for chunk in speech.chunks:  # every other sample, in stereo
                yield replace(
                    chunk,
                    samples=np.repeat(chunk.samples[::2], 2, axis=1),
                    start=0,
                    phones=None,
                    words=(),
                )

        return Speech(11025, 2, "en", chunks())

    length = sum(len(chunk.samples) for chunk in say("One two three four.").chunks)
    parts = [Part(say("Hello."), 0.5), Part(other(), 0.5)]
    speech = joined(iter(parts), [])
    first, second = speech.chunks
    assert (speech.rate_hz, speech.channels) == (22050, 1)
    assert second.samples.shape[1] == 1 and abs(len(second.samples) - length) <= 2
    assert second.start == first.end
    # It is as loud as it was.
    assert float(np.abs(second.samples).max()) > 0.3


def test_silence_is_cut_off_within_a_sentence() -> None:
    apart = [Part(say("Hello,"), 0.5), Part(say("world."), 0.5)]
    inside = [
        Part(say("Hello,"), 0.5, inside_end=True),
        Part(say("world."), 0.5, inside_start=True),
    ]
    long, short = (list(joined(iter(parts), []).chunks) for parts in (apart, inside))
    check_whole(short)
    saved_s = (long[-1].end - short[-1].end) / 22050
    assert 0.3 < saved_s < 0.6


def test_nothing_to_join_is_refused() -> None:
    with pytest.raises(TextError):
        joined(iter(()), [])


def test_sentences_are_told_apart_by_language() -> None:
    pytest.importorskip("py3langid")
    text = (
        "Good morning, my friends, and welcome. Guten Morgen, wie geht es Ihnen heute? Ja. "
        "Fine. 今日はいい天気です。Привет, как дела сегодня? And that was all for this morning."
    )
    found = list(by_language(Turn((Span(text),), "anna")))
    assert "".join(turn.text for turn in found) == text
    assert [turn.language for turn in found] == ["en", "de", "en", "ja", "ru", "en"]
    assert all(turn.speaker == "anna" for turn in found)
