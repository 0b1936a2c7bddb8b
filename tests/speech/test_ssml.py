"""SSML as voices say it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lipsmith.core.speech import SpeechChunk, Voice
from lipsmith.errors import TextError
from lipsmith.speech.base import SpeechEngine, SpeechOptions
from lipsmith.speech.espeak.engine import EspeakEngine
from lipsmith.speech.words.script import Span, Turn
from lipsmith.speech.words.ssml import is_ssml, parse_ssml


class OneMannerEngine(SpeechEngine):
    """espeak-ng as an engine that cannot change its manner within a text."""

    def __init__(self) -> None:
        self._espeak = EspeakEngine()
        self.speak = self._espeak.speak  # type: ignore[method-assign]

    def speak(self, text, options, characters=None):  # type: ignore[no-untyped-def]
        raise NotImplementedError

    def voices(self) -> tuple[Voice, ...]:
        return ()


ENGINES = [EspeakEngine, OneMannerEngine]
engines = pytest.mark.parametrize("engine", ENGINES, ids=["espeak", "one manner"])


def parse(markup: str, warnings: list[str] | None = None) -> list[Turn]:
    return parse_ssml(f"<speak>{markup}</speak>", [] if warnings is None else warnings)


def say(engine: type[SpeechEngine], markup: str) -> list[SpeechChunk]:
    (turn,) = parse(markup)
    speech = engine().speak_spans(turn.spans, SpeechOptions(voice="en-us"), len(turn.text))
    return list(speech.chunks)


def words(chunks: list[SpeechChunk]) -> dict[str, tuple[float, float]]:
    """When each word begins and how long it lasts, in seconds."""
    return {
        word.text.strip(".,"): (word.start / 22050, (word.end - word.start) / 22050)
        for chunk in chunks
        for word in chunk.words
    }


def level(chunks: list[SpeechChunk], wanted: str) -> float:
    for chunk in chunks:
        for word in chunk.words:
            if word.text.strip(".,") == wanted:
                part = chunk.samples[word.start - chunk.start : word.end - chunk.start]
                return 20 * math.log10(float(np.sqrt(np.mean(part**2))) + 1e-9)
    raise AssertionError(wanted)


def phones(chunks: list[SpeechChunk]) -> str:
    return "".join(phone.symbol for chunk in chunks for phone in chunk.phones or ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<speak>Hi</speak>", True),
        ('  <?xml version="1.0"?>\n<!-- x -->\n<speak version="1.1">Hi</speak>', True),
        ("<speakers> are loud", False),
        ("I <speak>", False),
    ],
)
def test_ssml_is_recognised_by_its_beginning(text: str, expected: bool) -> None:
    assert is_ssml(text) is expected


@engines
def test_a_break_is_a_pause(engine: type[SpeechEngine]) -> None:
    said = words(say(engine, 'Hello <break time="1.5s"/>again, my friend.'))
    hello, again = said["Hello"], said["again"]
    assert 1.4 < again[0] - sum(hello) < 2.1


@engines
def test_pauses_at_both_ends_are_kept(engine: type[SpeechEngine]) -> None:
    plain, both = (
        say(engine, text) for text in ("Hello.", '<break time="1s"/>Hello.<break time="2s"/>')
    )
    assert words(both)["Hello"][0] - words(plain)["Hello"][0] == pytest.approx(1, abs=0.05)
    assert (both[-1].end - plain[-1].end) / 22050 == pytest.approx(3, abs=0.5)


@engines
def test_prosody_changes_rate_and_volume_and_only_inside(engine: type[SpeechEngine]) -> None:
    plain = say(engine, "First seven birds, then seven more birds.")
    slow = say(
        engine,
        'First <prosody rate="50%" volume="x-soft">seven birds</prosody>, then seven more birds.',
    )
    assert words(slow)["birds"][1] > 0
    first_birds = [w for c in slow for w in c.words if w.text.strip(".,") == "seven"]
    assert first_birds[0].end - first_birds[0].start > 1.5 * (
        first_birds[1].end - first_birds[1].start
    )
    assert level(slow, "seven") < level(plain, "seven") - 6
    assert abs(level(slow, "more") - level(plain, "more")) < 3


@engines
def test_letters_are_said_one_by_one(engine: type[SpeechEngine]) -> None:
    assert "siːeɪtiː" in phones(say(engine, '<say-as interpret-as="characters">cat</say-as>'))


def test_espeak_takes_pronunciations_and_keeps_the_written_word() -> None:
    chunks = say(EspeakEngine, 'I say <phoneme alphabet="ipa" ph="təˈmɑːtəʊ">tomato</phoneme>.')
    assert "ɑː" in phones(chunks) and "tomato" in words(chunks)
    assert "ɑː" not in phones(say(EspeakEngine, "I say tomato."))


def test_a_pronunciation_that_cannot_be_said_is_told() -> None:
    (turn,) = parse('<phoneme ph="ʘǂ">hello</phoneme> you')
    speech = EspeakEngine().speak_spans(turn.spans, SpeechOptions(voice="en-us"))
    assert "həl" in phones(list(speech.chunks))
    assert len(speech.warnings) == 1


@engines
def test_the_written_text_comes_back_without_markup(engine: type[SpeechEngine]) -> None:
    markup = 'Tom &amp; <emphasis level="strong">Jerry</emphasis> say a &lt; b. <p>Then [[x]].</p>'
    text = " ".join((chunk.text or "").strip() for chunk in say(engine, markup))
    text = " ".join(text.replace("[ [", "[[").split())
    assert text == "Tom & Jerry say a < b. Then [[x]]."


def test_a_voice_and_a_language_begin_a_turn() -> None:
    turns = parse_ssml(
        '<speak xml:lang="en-US">Hello <voice name="de">Guten Tag</voice>. '
        '<lang xml:lang="fr">Bonjour</lang></speak>',
        [],
    )
    assert [(t.text.strip(), t.voice, t.language) for t in turns] == [
        ("Hello", None, "en-US"),
        ("Guten Tag.", "de", None),
        ("Bonjour", None, "fr"),
    ]


def test_what_is_not_known_is_said_with_one_warning() -> None:
    warnings: list[str] = []
    (turn,) = parse('<foo>a <foo>b</foo></foo><prosody rate="blue">c</prosody>', warnings)
    assert turn.text.split() == ["a", "bc"]
    assert len(warnings) == 2 and "<foo>" in warnings[0] and 'rate="blue"' in warnings[1]


def test_an_alias_is_said_and_metadata_is_not() -> None:
    (turn,) = parse(
        '<metadata>no</metadata><sub alias="World Wide Web">WWW</sub> is <mark name="x"/>big'
    )
    assert turn.text == "World Wide Web is big"


@pytest.mark.parametrize(
    ("value", "factor"), [("slow", 0.75), ("80%", 0.8), ("+20%", 1.2), ("-20%", 0.8), ("1.5", 1.5)]
)
def test_rates(value: str, factor: float) -> None:
    assert parse(f'<prosody rate="{value}">x</prosody>')[0].spans == (Span("x", rate=factor),)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("<speak>a<b></speak>", "line 1, column 14"),
        ("<speak>\n a & b</speak>", "line 2, column 5"),
        ("<div>a</div>", "<speak>"),
        ("<speak>&b;</speak>", "entity"),
        (
            '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><speak>&b;</speak>',
            "document type",
        ),
    ],
)
def test_broken_and_dangerous_documents_are_refused(text: str, where: str) -> None:
    with pytest.raises(TextError, match=where):
        parse_ssml(text, [])


def test_long_documents_stream() -> None:
    (turn,) = parse("<p>A paragraph of a very long text, as it is.</p>" * 3000)
    speech = EspeakEngine().speak_spans(turn.spans, SpeechOptions(), len(turn.text))
    chunk = next(speech.chunks)
    assert 0 < chunk.progress < 0.01
    speech.chunks.close()  # type: ignore[attr-defined]


def test_a_mark_without_a_name_is_told_to_be_ignored() -> None:
    warnings: list[str] = []
    (turn,) = parse("Hello <mark/>there.", warnings)
    assert turn.text == "Hello there."
    assert warnings == ["mark without a name in the SSML is ignored"]
