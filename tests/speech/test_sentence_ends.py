"""Sentences in many scripts."""

from __future__ import annotations

import pytest

from lipsmith.speech.words.sentence_ends import split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["Mr. Smith paid $3.50 in Washington, D.C. on Jan. 5th. ", '"Really?" ', "He did!"],
        ["J. R. Tolkien wrote, e.g. Bilbo's story. ", "It is 5 p.m. now. ", "Wait... ", "What?"],
        ["Er kam am 3. Oktober z.B. nach Berlin. ", "Das war 1999. ", "Dann ging er."],
        ["¿Qué? ", "¡No! ", "El Sr. López vino."],
        ["М. Горький родился в 1868 г. Москва ждала. ", "Он приехал."],
        ["你好，世界。", "今天天气很好！", "“你呢？”", "他问。"],
        ["こんにちは。", "「はい。」と言った。", "終わり。"],
        ["नमस्ते। ", "आप कैसे हैं? ", "ठीक।"],
        ["مرحبا. ", "كيف حالك؟ ", "أنا بخير."],
        ["A title\n\n", "Its first paragraph"],
    ],
)
def test_sentences(sentences: list[str]) -> None:
    assert list(split_sentences("".join(sentences))) == sentences


def test_long_texts_are_split_in_time_that_grows_with_them() -> None:
    text = "A sentence of a very long text, by J. Smith. " * 20_000
    assert sum(1 for _ in split_sentences(text)) == 20_000
    assert list(split_sentences("." * 200_000)) == ["." * 200_000]
