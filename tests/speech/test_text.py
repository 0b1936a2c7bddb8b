"""Text made fit for speech."""

from __future__ import annotations

import pytest

from lipsmith.speech.espeak.scripts import reading_warnings
from lipsmith.speech.words.text import clean, is_speakable, pieces


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b\x07c", "abc"),
        ("one\r\n two\t three ", "one two three"),
        ("\ufeffHi \ud800there", "Hi there"),
        ("e\u0301te\u0301", "été"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u202eb\u2066", "ab"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "yes"), [("...", False), ("— !?", False), ("5", True), ("€", True)]
)
def test_punctuation_alone_cannot_be_spoken(text: str, yes: bool) -> None:
    assert is_speakable(text) is yes


def test_paragraphs_end_and_wrapped_lines_do_not() -> None:
    made = list(pieces(["One\nline.\n\nTwo.", "...", "Three."], 1000))
    assert [(piece.text, piece.ends_paragraph) for piece in made] == [
        ("One line.", True),
        ("Two.", True),
        ("Three.", True),
    ]


@pytest.mark.parametrize(
    "text",
    ["First one. " * 100, "clause of words, " * 100, "word " * 500, "x" * 2000, "字。" * 600],
)
def test_long_texts_are_cut_without_loss(text: str) -> None:
    made = [piece.text for piece in pieces([text], 200)]
    assert max(map(len, made)) <= 200
    assert "".join(made).replace(" ", "") == text.replace(" ", "")
    if ". " in text:
        assert all(piece.endswith(".") for piece in made)


def test_texts_are_taken_one_at_a_time() -> None:
    taken = []

    def texts():  # type: ignore[no-untyped-def]
        for i in range(3):
            taken.append(i)
            yield f"Text {i}."

    next(pieces(texts(), 100))
    assert taken == [0]


def test_writing_that_a_voice_cannot_read() -> None:
    assert reading_warnings("naïve café, Ελλάδα", "en-US") == []
    assert reading_warnings("你好", "zh") == []
    assert "Chinese" in reading_warnings("你好 hello", "en-US")[0]
    assert "kana" in reading_warnings("日本", "ja")[0]
    assert "such as ru" in reading_warnings("Привет", "en-US")[0]
