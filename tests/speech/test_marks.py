"""Marks in a text, and when a voice comes to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import lipsmith
from lipsmith.articulation.track import make_track
from lipsmith.core.speech import Mark, Phone, Speech, SpeechChunk, TimedWord
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.chunks.conversion import converted
from lipsmith.speech.chunks.marking import with_marks
from lipsmith.speech.espeak.engine import EspeakEngine
from lipsmith.speech.words.script import Span, TextMark
from lipsmith.speech.words.ssml import parse_ssml

RATE_HZ = 1000


def spans_of(markup: str) -> tuple[Span, ...]:
    (turn,) = parse_ssml(f"<speak>{markup}</speak>", [])
    return turn.spans


def speech(*chunks: tuple[str, tuple[TimedWord, ...]], rate_hz: int = RATE_HZ) -> Speech:
    """Chunks of one second that say something from 0.1 to 0.9 s."""

    def made() -> Iterator[SpeechChunk]:
        for index, (text, words) in enumerate(chunks):
            start = index * rate_hz
            edges = [start, start + rate_hz // 10, start + 9 * rate_hz // 10, start + rate_hz]
            phones = tuple(map(Phone, ("", "a", ""), edges[:3], edges[1:]))
            samples = np.zeros((rate_hz, 1), np.float32)
            yield SpeechChunk(samples, start, phones, text, (index + 1) / len(chunks), words)

    return Speech(rate_hz, 1, "en", made())


def marks(said: Speech) -> list[tuple[str, int]]:
    return [(mark.name, mark.at) for chunk in said.chunks for mark in chunk.marks]


def test_a_mark_stands_where_it_is_written() -> None:
    text = 'One <mark name="a"/>two<mark name="b"/><break time="1s"/> <mark name="c"/>three.'
    assert [(span.text, span.marks) for span in spans_of(text)] == [
        ("One ", ()),
        ("two", (TextMark("a", 0), TextMark("b", 3))),
        ("three.", (TextMark("c", 0),)),
    ]
    last = spans_of('One two.<mark name="end"/>')[-1]
    assert last.marks == (TextMark("end", 8),)


def test_marks_take_the_times_of_words() -> None:
    first = ("One two,", (TimedWord("One", 100, 300), TimedWord("two,", 400, 800)))
    second = ("«Three» four.", (TimedWord("«Three»", 1100, 1300), TimedWord("four.", 1400, 1900)))
    text = (
        '<mark name="start"/>One <mark name="two"/>two,<mark name="behind"/> <break/>'
        '<mark name="three"/>«Three» fo<mark name="inside"/>ur.<mark name="end"/>'
    )
    assert marks(with_marks(speech(first, second), spans_of(text))) == [
        ("start", 100),
        ("two", 400),
        ("behind", 800),
        ("three", 1100),
        ("inside", 1650),
        ("end", 1900),
    ]


def test_without_times_of_words_letters_share_the_time() -> None:
    said = with_marks(speech(("Oh, abc", ())), spans_of('Oh, <mark name="abc"/>abc'))
    assert marks(said) == [("abc", 500)]


def test_a_sentence_that_is_left_out_moves_no_mark() -> None:
    text = 'One. Left out. <mark name="two"/>Two.'
    first = ("One.", (TimedWord("One.", 100, 900),))
    second = ("Two.", (TimedWord("Two.", 1100, 1900),))
    assert marks(with_marks(speech(first, second), spans_of(text))) == [("two", 1100)]


def test_espeak_reaches_marks_at_its_words() -> None:
    text = (
        'Hello my friend <mark name="there"/>there. <mark name="we"/>We<break time="2s"/> '
        '<mark name="go"/>go <mark name="on"/>"on".<mark name="end"/>'
    )
    spans = spans_of(text)
    said = list(with_marks(EspeakEngine().speak_spans(spans, SpeechOptions()), spans).chunks)
    begins = {word.text.strip('".'): word.start for chunk in said for word in chunk.words}
    found = {mark.name: mark.at for chunk in said for mark in chunk.marks}
    assert found.pop("end") == said[-1].words[-1].end
    assert found == {name.lower(): begins[name] for name in ("there", "We", "go", "on")}


def test_marks_move_with_the_sound() -> None:
    said = with_marks(
        speech(("One", (TimedWord("One", 100, 900),))), spans_of('<mark name="a"/>One')
    )
    (chunk,) = converted(said, 2 * RATE_HZ, 1, 500)
    assert chunk.marks == (Mark("a", 700),)


def test_each_mark_is_in_the_frame_that_reaches_it() -> None:
    said = speech(("One", ()), rate_hz=16_000)
    at = (Mark("first", 0), Mark("middle", 8000), Mark("last", 16_000))
    chunks = [replace(chunk, marks=at) for chunk in said.chunks]
    frames = make_track(replace(said, chunks=iter(chunks)), fps=Fraction(25)).frames
    found = {mark.name: frame.index for frame in frames for mark in frame.marks}
    assert found == {"first": 0, "middle": 12, "last": 24}


@pytest.mark.parametrize("voice", ["en-us", "espeak,de"])
def test_marks_are_in_the_viseme_file_and_the_report(
    portrait_path: Path, tmp_path: Path, voice: str
) -> None:
    text = '<speak>One <mark name="two"/>two. <voice name="de">Drei <mark name="é"/>vier.</voice>'
    report = lipsmith.render(
        portrait_path, text=f"{text}</speak>", voice=voice, size=(128, 128),
        out=tmp_path / "face.mp4", visemes=tmp_path / "face.json",
    )  # fmt: skip
    written = json.loads((tmp_path / "face.json").read_text(encoding="utf-8"))["marks"]
    assert [mark["name"] for mark in written] == ["two", "é"]
    assert [mark.time_s for mark in report.marks] == pytest.approx(
        [m["time"] for m in written], abs=1e-6
    )
    assert 0.2 < written[0]["time"] < written[1]["time"] < report.duration_s
    assert not report.warnings
