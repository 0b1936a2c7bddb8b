"""espeak-ng's phoneme names made plain."""

from __future__ import annotations

import pytest

from lipsmith.phonetics.arpabet import to_ipa
from lipsmith.phonetics.ipa import is_modifier, split_stress


@pytest.mark.parametrize(
    ("token", "symbol", "stress"),
    [
        ("ˈeɪ", "eɪ", 2),
        ("ˌiː", "iː", 1),
        ("m", "m", 0),
        ("", "", 0),
        ("(en)", "", 0),
        ("(fr)ˈa", "a", 2),
        ("tS", "tʃ", 0),
        ("d[", "d", 0),
        ("s.", "ʂ", 0),
        ("inɡ", "iŋ", 0),
        ("ã", "ã", 0),
        ("aː1", "aː", 0),
    ],
)
def test_tokens_are_cleaned(token: str, symbol: str, stress: int) -> None:
    assert split_stress(token) == (symbol, stress)


def test_length_and_aspiration_are_modifiers_and_letters_are_not() -> None:
    assert is_modifier("ː")
    assert is_modifier("ʰ")
    assert not is_modifier("tʰ")


def test_arpabet() -> None:
    assert [to_ipa(name) for name in ("B", "AY1", "SIL", "+NSN+")] == ["b", "aɪ", "", ""]


def test_english_sounds_that_a_language_lacks_are_replaced() -> None:
    assert [to_ipa(name, "ru") for name in ("TH", "DH", "R", "M")] == ["t", "d", "ɾ", "m"]
    assert [to_ipa(name, "es-MX") for name in ("TH", "R")] == ["θ", "ɾ"]
