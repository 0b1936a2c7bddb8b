"""Recordings whose words are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.articulation.recognition.recogniser import recognise
from lipsmith.articulation.recognition.script_search import find_passages
from lipsmith.articulation.recognition.sphinx import TimedName
from lipsmith.articulation.recognition.word_alignment import ScriptWord
from lipsmith.core.speech import Phone, Speech, SpeechChunk, TimedWord
from lipsmith.phonetics.arpabet import from_ipa
from lipsmith.phonetics.espeak import EspeakProcess
from lipsmith.phonetics.pronunciation import PronouncedWord, Pronouncer

RATE_HZ = 16_000
FIRST = "Every morning people walk along the river and feed the birds."
SECOND = "Nobody knows where they go, but my mother may remember a bigger boat."
OTHER = "Twelve cheap jackets shrink thoroughly whenever Zoe shuts this juicy kitchen."


@lru_cache
def said(text: str) -> NDArray[np.float32]:
    """(n,) at 16 kHz, with half a second of a quiet room behind it."""
    import soxr

    with EspeakProcess() as process:
        process.use("gmw/en-US", 140)
        made = [m for m in process.speak(text) if not isinstance(m, list)]
    voice = soxr.resample(np.concatenate(made) / 32768, process.rate_hz, RATE_HZ)
    room = np.random.default_rng(0).normal(0, 3e-4, RATE_HZ // 2)
    return np.concatenate([voice, room]).astype(np.float32)


def recording(*texts: str, known: bool = False) -> Speech:
    def chunks() -> Iterator[SpeechChunk]:
        start = 0
        for text in texts:
            samples = said(text)[:, np.newaxis]
            yield SpeechChunk(samples, start, None, text if known else None)
            start += len(samples)

    return Speech(RATE_HZ, 1, "en", chunks())


@pytest.fixture(scope="module")
def words_of() -> Iterator[Callable[[str], Sequence[PronouncedWord]]]:
    with EspeakProcess() as process:
        yield Pronouncer(process, "gmw/en-US").words


def words_in(speech: Speech) -> list[list[TimedWord]]:
    return [list(chunk.words) for chunk in speech.chunks]


def test_words_are_found_where_they_are_said(
    words_of: Callable[[str], Sequence[PronouncedWord]],
) -> None:
    speech = recognise(recording(FIRST, SECOND), words_of=words_of, transcript=[FIRST, SECOND])
    chunks = list(speech.chunks)
    assert [" ".join(w.text for w in chunk.words) for chunk in chunks] == [FIRST, SECOND]
    assert not speech.warnings
    for chunk in chunks:
        assert chunk.words[0].start >= chunk.start and chunk.words[-1].end <= chunk.end
        assert all(a.end <= b.start for a, b in zip(chunk.words, chunk.words[1:], strict=False))
        lips = [phone for phone in chunk.phones or () if phone.symbol in ("p", "b", "m")]
        assert len(lips) == sum(chunk.text.lower().count(x) for x in "pbm") - chunk.text.count("pp")


@pytest.mark.parametrize(
    "text", ["We have a few more problems to solve.", "Nobody knows why the whale swims."]
)
def test_a_short_sentence_by_an_unusual_voice_is_followed(text: str) -> None:
    """Which pocketsphinx alone hears badly."""
    import soxr

    with EspeakProcess() as process:
        process.use("gmw/en-GB-x-rp+f3", 175)
        made = [m for m in process.speak(text) if not isinstance(m, list)]
        voice = soxr.resample(np.concatenate(made) / 32768, process.rate_hz, RATE_HZ)
        room = np.random.default_rng(0).normal(0, 3e-4, RATE_HZ // 2)
        samples = np.concatenate([voice, room]).astype(np.float32)[:, np.newaxis]
        source = Speech(RATE_HZ, 1, "en-gb", iter([SpeechChunk(samples, 0, None)]))
        words_of = Pronouncer(process, "gmw/en-GB-x-rp").words
        (chunk,) = recognise(source, words_of=words_of, transcript=[text]).chunks
    assert " ".join(word.text for word in chunk.words) == text


def test_the_text_of_a_chunk_is_used(words_of: Callable[[str], Sequence[PronouncedWord]]) -> None:
    speech = recognise(recording(FIRST, known=True), words_of=words_of)
    (words,) = words_in(speech)
    assert " ".join(word.text for word in words) == FIRST


def test_times_of_words_are_spread_only_where_the_text_does_not_fit(
    words_of: Callable[[str], Sequence[PronouncedWord]],
) -> None:
    """FIRST is told rightly, though with coarse times; what is called SECOND is OTHER."""
    asked: list[str | None] = []

    def spread(chunk: SpeechChunk) -> tuple[Phone, ...]:
        asked.append(chunk.text)
        return (Phone("ɑ", chunk.start, chunk.end),)

    def chunks() -> Iterator[SpeechChunk]:
        for chunk, text in zip(recording(FIRST, OTHER).chunks, (FIRST, SECOND), strict=True):
            word = TimedWord(text, chunk.start, chunk.end)
            yield replace(chunk, text=text, words=(word,))

    source = Speech(RATE_HZ, 1, "en", chunks())
    aligned, spread_out = recognise(source, words_of=words_of, spread=spread).chunks
    assert asked == [SECOND]
    assert sum(phone.symbol == "m" for phone in aligned.phones or ()) == FIRST.count("m")
    assert [phone.symbol for phone in spread_out.phones or ()] == ["ɑ"]


def test_a_transcript_of_something_else_is_left_aside(
    words_of: Callable[[str], Sequence[PronouncedWord]],
) -> None:
    speech = recognise(recording(FIRST), words_of=words_of, transcript=[OTHER])
    (chunk,) = speech.chunks
    assert not chunk.words and len({phone.symbol for phone in chunk.phones or ()}) > 8
    assert "does not fit" in speech.warnings[0]


def test_what_the_transcript_leaves_out_does_not_stop_it(
    words_of: Callable[[str], Sequence[PronouncedWord]],
) -> None:
    speech = recognise(
        recording(FIRST, OTHER, SECOND), words_of=words_of, transcript=[FIRST, SECOND]
    )
    first, other, second = words_in(speech)
    assert len(first) == len(FIRST.split()) and not other
    assert len(second) >= len(SECOND.split()) - 2
    assert "transcript fits" in speech.warnings[0]


def test_passages_are_found_behind_words_that_are_not_said() -> None:
    script = [
        ScriptWord(word, tuple((s, 0) for s in word)) for word in ["kata", "lopi", "zumu", "nefi"]
    ]
    script += [ScriptWord(word, tuple((s, 0) for s in word)) for word in ["bɪɡa", "tomaʃ", "vɛnil"]]
    names = [name for word in script[4:] for name in word.names]
    heard = [TimedName(name, 7 * i, 7 * i + 7) for i, name in enumerate(names)]
    (passage,) = find_passages(heard, script)
    assert (passage.first, passage.last, passage.start) == (4, 7, 0)


@pytest.mark.parametrize(
    ("ipa", "names"),
    [("aɪ", "AY"), ("ts", "T S"), ("tʃ", "CH"), ("yː", "UW"), ("ɔ̃", "AO"), ("ç", "HH"), ("ʔ", "")],
)
def test_phones_of_any_language_have_an_english_stand_in(ipa: str, names: str) -> None:
    assert " ".join(from_ipa(ipa)) == names


def test_words_keep_their_punctuation_and_numbers_stay_whole(
    words_of: Callable[[str], Sequence[PronouncedWord]],
) -> None:
    text = "“Hello,” he said — in 1984, (that) was odd!"
    written = [word.text for word in words_of(text)]
    assert written == ["“Hello,”", "he", "said —", "in", "1984,", "(that)", "was", "odd!"]


@pytest.mark.parametrize(
    "text", ["We will never know what happened to him.", "The weather is very nice today."]
)
def test_a_transcript_of_one_sentence_is_enough(
    words_of: Callable[[str], Sequence[PronouncedWord]], text: str
) -> None:
    speech = recognise(recording(text), words_of=words_of, transcript=[text])
    (words,) = words_in(speech)
    assert " ".join(word.text for word in words) == text
    assert not speech.warnings


def test_english_words_are_understood(
    words_of: Callable[[str], Sequence[PronouncedWord]],
) -> None:
    (chunk,) = recognise(recording(FIRST), words_of=words_of).chunks
    heard = {word.text: word for word in chunk.words}
    known = set(FIRST.lower().strip(".").split())
    assert len(known & set(heard)) >= 4
    assert all(a.end <= b.start for a, b in zip(chunk.words, chunk.words[1:], strict=False))
