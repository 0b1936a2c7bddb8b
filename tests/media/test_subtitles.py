"""Words become cues that can be read, and cues become files that players understand."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lipsmith.core.speech import Phone, SpeechChunk, TimedWord
from lipsmith.core.subtitle import Cue
from lipsmith.errors import OptionError, OutputError
from lipsmith.media.cues import CueMaker, columns_of, estimated_words, line_text
from lipsmith.media.subtitles import SrtWriter, VttWriter, subtitle_file, words_of_subtitles
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.espeak.engine import EspeakEngine

RATE_HZ = 1000
LONG = (
    "Hello. How are you? I'm fine, thanks; and when the sun had gone down behind the hills, the "
    "old man, who had been sitting there since the morning, got up slowly and went home without "
    "saying a single word to anybody in the village.\n\nA new paragraph begins here and it goes on "
    "and on, without a single comma until nobody remembers how it once began or why somebody would "
    "write something like this for people who are supposed to read it aloud."
)


def chunk(text: str, word_ms: int = 300, start: int = 0, speaker: str = "") -> SpeechChunk:
    """Words of the same length, one after the other."""
    words = tuple(
        TimedWord(word, start + index * word_ms, start + (index + 1) * word_ms)
        for index, word in enumerate(text.split())
    )
    samples = np.zeros((words[-1].end - start, 1), np.float32)
    return SpeechChunk(samples, start, None, text, 0.0, words, speaker)


def cues_of(*chunks: SpeechChunk, columns: int = 42) -> list[Cue]:
    maker = CueMaker(RATE_HZ, columns)
    return [cue for each in chunks for cue in maker.add(each)] + list(maker.finish())


def texts(cues: list[Cue]) -> list[str]:
    return ["|".join(line_text(line) for line in cue.lines) for cue in cues]


def spoken_cues(text: str, language: str) -> list[Cue]:
    speech = EspeakEngine().speak([text], SpeechOptions(language=language))
    maker = CueMaker(speech.rate_hz)
    return [cue for each in speech.chunks for cue in maker.add(each)] + list(maker.finish())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", LONG),
        (
            "zh",
            "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
        ),
    ],
)
def test_cues_of_real_speech_can_be_read(language: str, text: str) -> None:
    cues = spoken_cues(text, language)
    said = "".join("".join(line_text(line).split()) for cue in cues for line in cue.lines)
    assert said == "".join(text.split())
    for cue in cues:
        assert 1 <= len(cue.lines) <= 2
        assert all(columns_of(line_text(line)) <= 42 for line in cue.lines)
        assert 0.99 <= (cue.end - cue.start) / 22050 <= 7.01
        assert cue.start <= cue.words[0].start and cue.words[-1].end <= cue.end
    assert all(before.end <= after.start for before, after in pairwise(cues))


def test_cues_break_at_punctuation_before_anything_else() -> None:
    text = "When it had rained for nine days, nobody came to the old house by the sea any more."
    assert texts(cues_of(chunk(text), columns=34)) == [
        "When it had rained for nine days,",
        "nobody came to the old house|by the sea any more.",
    ]


def test_a_cue_does_not_go_on_over_a_long_silence() -> None:
    first, second = cues_of(chunk("one two three"), chunk("four five six", start=6000))
    assert first.end < 3000 and second.start == 6000


def test_a_short_cue_stays_until_it_is_read_or_the_next_one_comes() -> None:
    (alone,) = cues_of(chunk("Yes.", word_ms=200))
    assert alone.end == 1000
    first, second = cues_of(
        chunk("Yes.", word_ms=200, speaker="anna"),
        chunk("No, not at all.", start=600, speaker="ben"),
    )
    assert 500 <= first.end <= second.start == 600
    assert (first.speaker, second.speaker) == ("anna", "ben")


def test_a_text_without_any_punctuation_is_shown_while_it_is_spoken() -> None:
    maker = CueMaker(RATE_HZ)
    endless = chunk("word " * 400)
    halves = [
        SpeechChunk(endless.samples[:0], w.start, None, w.text, 0.0, (w,)) for w in endless.words
    ]
    behind = []
    for index, each in enumerate(halves):
        behind.append(index - sum(len(cue.words) for cue in maker.add(each)))
    given = [each for each in halves if each.start < maker.settled]
    assert len(given) > 350


def test_words_without_times_share_the_time_in_which_something_is_said() -> None:
    samples = np.zeros((3000, 1), np.float32)
    phones = (
        Phone("", 0, 500),
        Phone("a", 500, 1500),
        Phone("", 1500, 2500),
        Phone("b", 2500, 3000),
    )
    words = estimated_words(SpeechChunk(samples, 0, phones, "Hello to you"))
    assert [word.text for word in words] == ["Hello", "to", "you"]
    assert words[0].start == 500 and words[-1].end == 3000
    assert all(before.end <= after.start for before, after in pairwise(words))


def test_subrip() -> None:
    file = io.StringIO()
    writer = SrtWriter(file, RATE_HZ)
    for cue in cues_of(
        chunk("Hi there. ", speaker="anna"), chunk("Hello.", start=3_600_000, speaker="ben")
    ):
        writer.write(cue)
    assert file.getvalue() == (
        "1\n00:00:00,000 --> 00:00:01,000\nanna: Hi there.\n\n"
        "2\n01:00:00,000 --> 01:00:01,000\nben: Hello.\n\n"
    )


def test_webvtt_with_the_times_of_words() -> None:
    file = io.StringIO()
    writer = VttWriter(file, RATE_HZ, karaoke=True)
    for cue in cues_of(chunk("Tom & <Jerry> ran", word_ms=400, speaker="ann")):
        writer.write(cue)
    assert file.getvalue() == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.600\n"
        "<v ann>Tom <00:00:00.400>&amp; <00:00:00.800>&lt;Jerry&gt; <00:00:01.200>ran\n\n"
    )


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "face.srt"
    with pytest.raises(RuntimeError), subtitle_file(path, RATE_HZ):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with subtitle_file(path, RATE_HZ) as file:
        file.write(cues_of(chunk("Hello there."))[0])
    assert path.read_text() == "1\n00:00:00,000 --> 00:00:01,000\nHello there.\n\n"
    with pytest.raises(OutputError, match="exists"), subtitle_file(path, RATE_HZ):
        pass
    with pytest.raises(OptionError), subtitle_file(tmp_path / "face.txt", RATE_HZ):
        pass


def test_the_words_of_subtitles_come_back() -> None:
    srt = (
        "1\r\n00:00:00,100 --> 00:00:01,900\r\n<i>Hello</i>\r\nthere,\r\n\r\n2\r\n00:00:02,000 --> "
    )
    srt += "00:00:03,000\r\n1984\r\n"
    assert words_of_subtitles(srt) == "Hello there,\n1984"
    vtt = "WEBVTT\n\nNOTE not said\n\nSTYLE\n::cue {color: red}\n\nintro\n00:00.000 --> 00:01.000 "
    vtt += "align:start\n<v Anna>You &amp; <00:00:00.500><c>me.</c></v>\n"
    assert words_of_subtitles(vtt) == "You & me."
    file = io.StringIO()
    writer = VttWriter(file, RATE_HZ, karaoke=True)
    for cue in cues_of(chunk("Hello there. How are you?", 500)):
        writer.write(cue)
    assert words_of_subtitles(file.getvalue()).split() == ["Hello", "there.", "How", "are", "you?"]
