"""Speech in another language that is taken for English."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.english_sense import EnglishSense
from lipsmith.articulation.recognition.phone_net import MouthFrames
from lipsmith.articulation.recognition.recogniser import recognise
from lipsmith.articulation.recognition.sphinx import DecodedWord, TimedName
from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.phonetics.espeak import EspeakProcess

RATE_HZ = 16_000
SPANISH = (
    "Buenos días, me llamo Carmen y vivo en una ciudad pequeña cerca del mar.",
    "Todas las mañanas mi abuela compraba pan y tomates en la plaza mayor.",
    "Mañana por la tarde vamos a caminar por la montaña con nuestros amigos.",
)
ENGLISH = (
    "Good morning everybody, and thank you for coming to the meeting.",
    "The weather will be cold and windy in the north of the country.",
    "People walk along the river every morning before they go to work.",
)


def spoken(voice: str, texts: tuple[str, ...]) -> Speech:
    """A chunk for each text, as if it were English."""
    import soxr

    def chunks() -> Iterator[SpeechChunk]:
        start = 0
        for text in texts:
            with EspeakProcess() as process:
                process.use(voice, 150)
                made = [m for m in process.speak(text) if not isinstance(m, list)]
            said = soxr.resample(np.concatenate(made) / 32768, process.rate_hz, RATE_HZ)
            samples = np.asarray(said[:, np.newaxis], np.float32)
            yield SpeechChunk(samples, start, None)
            start += len(samples)

    return Speech(RATE_HZ, 1, "en", chunks())


def test_another_language_gets_no_english_words() -> None:
    speech = recognise(spoken("es", SPANISH))
    chunks = list(speech.chunks)
    assert not any(chunk.words for chunk in chunks[1:])
    assert all(len({phone.symbol for phone in chunk.phones or ()}) > 6 for chunk in chunks)
    assert any("--language" in warning for warning in speech.warnings)


def test_english_gets_its_words() -> None:
    speech = recognise(spoken("gmw/en-US", ENGLISH))
    assert all(chunk.words for chunk in speech.chunks)
    assert not speech.warnings


def heard(agrees: bool) -> tuple[list[DecodedWord], MouthFrames]:
    """Three words in two seconds, and a network that agrees with them or not."""
    words = []
    visemes = np.full((200, 15), 0.01, np.float32)
    for start in (0, 60, 120):
        phones = (TimedName("M", start, start + 20), TimedName("AA", start + 20, start + 60))
        words.append(DecodedWord("ma", phones))
        visemes[start : start + 20, 1 if agrees else 7] = 0.8
        visemes[start + 20 : start + 60, 10 if agrees else 13] = 0.8
    ones: NDArray[np.float32] = np.ones(200, np.float32)
    return words, MouthFrames(visemes, ones, ones)


def test_what_makes_no_sense_is_decoded_ever_more_rarely() -> None:
    sense = EnglishSense()
    decoded = []
    for chunk in range(20):
        if sense.is_worth_decoding():
            decoded.append(chunk)
            sense.judge(*heard(agrees=False))
    assert decoded[0] == 0 and len(decoded) <= 7
    gaps = np.diff(decoded)
    assert (np.diff(gaps) >= 0).all()


def test_english_after_something_else_is_understood_again() -> None:
    sense = EnglishSense()
    for _ in range(10):
        if sense.is_worth_decoding():
            sense.judge(*heard(agrees=False))
    answers = [sense.judge(*heard(agrees=True)) for _ in range(60) if sense.is_worth_decoding()]
    assert answers[-1] and all(sense.is_worth_decoding() for _ in range(10))
