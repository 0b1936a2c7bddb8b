"""Text to speech with timed phones."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pytest

from lipsmith.core.speech import Phone, Speech, SpeechChunk
from lipsmith.errors import OptionError, TextError
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.espeak.engine import EspeakEngine

TEXT = "Hello, my baby boy. Peter moved far away, and then he stopped. Nothing else."


def say(*texts: str, **options: object) -> Speech:
    return EspeakEngine().speak(
        texts,
        SpeechOptions(**options),  # type: ignore[arg-type]
        sum(map(len, texts)),
    )


def phones_of(chunks: list[SpeechChunk]) -> list[Phone]:
    return [phone for chunk in chunks for phone in chunk.phones or ()]


def duration_s(speech: Speech) -> float:
    return sum(len(chunk.samples) for chunk in speech.chunks) / speech.rate_hz


def test_chunks_follow_each_other_and_phones_fill_them() -> None:
    speech = say(TEXT)
    chunks = list(speech.chunks)
    assert len(chunks) > 1
    position = 0
    for chunk in chunks:
        assert chunk.start == position
        assert chunk.samples.dtype == np.float32 and chunk.samples.shape[1] == 1
        assert chunk.phones is not None
        assert chunk.phones[0].start == chunk.start and chunk.phones[-1].end == chunk.end
        assert all(a.end == b.start for a, b in itertools.pairwise(chunk.phones))
        assert all(phone.end > phone.start for phone in chunk.phones)
        position = chunk.end


def test_chunks_end_in_pauses_and_tell_their_text_and_progress() -> None:
    chunks = list(say(TEXT).chunks)
    assert all(chunk.phones and chunk.phones[-1].symbol == "" for chunk in chunks)
    assert " ".join(chunk.text or "" for chunk in chunks) == TEXT
    shares = [chunk.progress for chunk in chunks]
    assert shares == sorted(shares) and shares[0] < 0.5 and shares[-1] == 1.0


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "Hello, (my) friend: $1,200 on 12/3.", "Hello, (my) friend: $1,200 on 12/3."),
        ("zh", "你好，世界。", "你好， 世 界。"),
    ],
)
def test_words_are_timed(language: str, text: str, words: str) -> None:
    chunks = list(say(text, language=language).chunks)
    timed = [word for chunk in chunks for word in chunk.words]
    assert [word.text for word in timed] == words.split()
    assert all(a.end <= b.start for a, b in itertools.pairwise(timed))
    ends = {phone.end for phone in phones_of(chunks) if phone.symbol}
    assert all(word.end in ends for word in timed)


def test_punctuation_stays_with_the_words_before_it() -> None:
    text = "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。"
    chunks = [chunk.text or "" for chunk in say(text, language="zh").chunks]
    assert "".join(chunks) == text and all(chunk[-1] in "，。" for chunk in chunks)


def test_borders_of_phones_lie_where_the_sound_changes() -> None:
    """The hiss of s begins and ends within 5 ms of the phone's times."""
    speech = say("She said a sassy sauce is a seesaw.")
    errors_ms = []
    for chunk in speech.chunks:
        hiss = np.convolve(np.diff(chunk.samples[:, 0], 2) ** 2, np.hanning(111), "same")
        for phone in chunk.phones or ():
            if phone.symbol == "s":
                part = hiss[max(0, phone.start - chunk.start - 700) :][
                    : phone.end - phone.start + 1400
                ]
                loud = np.flatnonzero(part > 0.1 * part.max())
                errors_ms.append((loud[0] - 700) / 22.05)
                errors_ms.append((loud[-1] - 700 - (phone.end - phone.start)) / 22.05)
    assert len(errors_ms) >= 8 and float(np.median(np.abs(errors_ms))) < 5


def test_pauses_are_silent_and_vowels_are_loud() -> None:
    speech = say(TEXT)
    loud, quiet = [], []
    for chunk in speech.chunks:
        for phone in chunk.phones or ():
            part = chunk.samples[phone.start - chunk.start : phone.end - chunk.start]
            level = float(np.sqrt(np.mean(part**2)))
            if phone.symbol == "":
                quiet.append(level)
            elif phone.stress == 2:
                loud.append(level)
    assert max(quiet) < 0.01 < 0.03 < min(loud)


@pytest.mark.parametrize("voice", ["en-us", "en-us+f3"])
def test_stops_begin_with_their_closure(voice: str) -> None:
    """In "paper" the lips close well before the second p is heard; f3 breathes meanwhile."""
    speech = say("paper", voice=voice)
    chunk = next(speech.chunks)
    p = [phone for phone in chunk.phones or () if phone.symbol == "p"][1]
    assert p.end - p.start > 0.055 * speech.rate_hz
    beginning = chunk.samples[p.start + 200 : p.start + 400]
    assert float(np.abs(beginning).max()) < 0.02


def test_stress_is_marked() -> None:
    phones = phones_of(list(say("banana").chunks))
    assert [phone.stress for phone in phones if phone.symbol in ("æ", "ɐ", "ə")] == [0, 2, 0]


@pytest.mark.parametrize("voice", ["en-us", "de", "en-us+f3", "en-us+whisper"])
def test_the_same_text_gives_the_same_bytes(voice: str) -> None:
    digests = set()
    for _ in range(3):
        digest = hashlib.sha256()
        for chunk in say(TEXT, "Another paragraph.", voice=voice).chunks:
            digest.update(chunk.samples.tobytes())
            digest.update(repr(chunk.phones).encode())
        digests.add(digest.hexdigest())
    assert len(digests) == 1


def test_rate_and_pitch_are_heard() -> None:
    assert duration_s(say(TEXT, rate_wpm=300)) < 0.75 * duration_s(say(TEXT, rate_wpm=150))
    high, low = (next(say("aaah", pitch=pitch).chunks).samples[:, 0] for pitch in (90, 10))
    assert _pitch_hz(high, 22050) > 1.2 * _pitch_hz(low, 22050)


@pytest.mark.parametrize("options", [{"rate_wpm": 20}, {"rate_wpm": 900}, {"pitch": 100}])
def test_rates_and_pitches_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(OptionError, match=r"\.\."):
        say("Hello", **options)


@pytest.mark.parametrize("text", ["", "  \n", "...", "—?!", "\u200b"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(TextError):
        say(text)


@pytest.mark.parametrize(
    "text",
    [
        "😀 hello 👍🏽",
        "x < y & <b>bold</b> <speak>",
        "[[h@loU]] hi",
        "a" * 5000,
        "the quick brown fox " * 200,
        "1234567890" * 50,
        "h" + "\u0301" * 500 + "i",
        "Null\x00byte \ud83d lone",
    ],
)
def test_odd_texts_are_said(text: str) -> None:
    chunks = list(say(text).chunks)
    assert any(phone.symbol for phone in phones_of(chunks))


def test_markup_is_not_obeyed() -> None:
    pause = '<break time="20s"/> hi'
    assert duration_s(say(pause)) < 10


def test_only_as_much_text_is_taken_as_is_said() -> None:
    taken = itertools.count()
    texts = (f"Paragraph number {next(taken)} of very many." for _ in range(10_000))
    speech = EspeakEngine().speak(texts, SpeechOptions())
    for _ in range(3):
        next(speech.chunks)
    assert next(taken) < 10
    speech.chunks.close()  # type: ignore[attr-defined]


def test_paragraphs_are_apart() -> None:
    together, apart = duration_s(say("One. Two.")), duration_s(say("One.\n\nTwo."))
    assert apart > together + 0.2


def test_chinese_with_an_english_voice_warns() -> None:
    speech = say("你好, friend")
    list(speech.chunks)
    assert len(speech.warnings) == 1 and "Chinese" in speech.warnings[0]


def test_language_and_voice_are_told() -> None:
    speech = say("Guten Tag", language="de")
    assert (speech.language, speech.voice) == ("de", "de")


def test_close_stops_a_speech() -> None:
    engine = EspeakEngine()
    speech = engine.speak(["Hello there. " * 500], SpeechOptions())
    next(speech.chunks)
    engine.close()
    assert len(list(itertools.islice(_until_error(speech), 1000))) < 1000


def _until_error(speech: Speech):  # type: ignore[no-untyped-def]
    from lipsmith.errors import RenderError

    try:
        yield from speech.chunks
    except RenderError:
        return


def _pitch_hz(samples: np.ndarray, rate_hz: int) -> float:
    """By autocorrelation, 60..400 Hz, in the loudest 50 ms."""
    window = rate_hz // 20
    starts = range(0, len(samples) - window, window)
    loudest = max(starts, key=lambda i: float(np.sum(samples[i : i + window] ** 2)))
    part = samples[loudest : loudest + window]
    shifts = range(rate_hz // 400, rate_hz // 60)
    best = max(shifts, key=lambda k: float(np.dot(part[k:], part[:-k])) / (len(part) - k))
    return rate_hz / best
