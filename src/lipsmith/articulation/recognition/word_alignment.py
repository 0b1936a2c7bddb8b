"""Forced alignment: when the phones of known words are said.

pocketsphinx's English model stands in for every language: each phone is taken for the English one
that sounds most like it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.sphinx import (
    PADDING_FRAMES,
    RETRIES,
    WINDOW_LAG,
    TimedName,
    align_decoded,
    decode,
    make_decoder,
    padded,
    shift,
)
from lipsmith.phonetics.arpabet import from_ipa

if TYPE_CHECKING:
    from pocketsphinx import Decoder

_Settings = dict[str, float | str]


@dataclass(frozen=True, slots=True)
class ScriptWord:
    """A word that is said, and its phones: (IPA symbol, stress 0..2) each."""

    text: str
    phones: tuple[tuple[str, int], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The ARPAbet phones that stand for it; may be empty."""
        return tuple(name for symbol, _ in self.phones for name in from_ipa(symbol))


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A word and its phones, in frames of 10 ms. number: which of the words it is."""

    number: int
    start: int
    end: int
    phones: tuple[TimedName, ...]


def align_words(
    samples: NDArray[np.int16], words: Sequence[ScriptWord], least: int | None = None
) -> list[AlignedWord] | None:
    """When the words are said in (n,) samples at 16 kHz; None when they cannot be fitted in.

    least: so many of the words must be said; how many of the others are is found out. None: all.

    Raises:
        ImportError, RuntimeError: pocketsphinx or its model cannot be loaded.
    """
    spoken = [number for number, word in enumerate(words) if word.names]
    if not spoken:
        return None
    spelled = [words[number].names for number in spoken]
    samples = np.concatenate([np.zeros(WINDOW_LAG, np.int16), samples])
    if least is not None:
        must = sum(1 for number in spoken if number < least)
        spelled = spelled[: _count_said(samples, spelled, max(1, must))]
    for settings in ({}, *RETRIES):
        for padding in (0, PADDING_FRAMES):
            found = _fit(padded(samples, padding), spelled, settings)
            if found is not None:
                return _aligned(found, padding, len(samples) // 160, words, spoken)
    return None


def _count_said(samples: NDArray[np.int16], spelled: Sequence[Sequence[str]], must: int) -> int:
    """How many of the words, from the first on, are said; 0 when they do not fit."""
    decoder = _word_decoder(spelled, must, {})
    names = [name for name, _, _ in decode(decoder, samples) if name.startswith("w")]
    return int(names[-1][1:]) + 1 if names else 0


def _fit(
    samples: NDArray[np.int16], spelled: Sequence[Sequence[str]], settings: _Settings
) -> list[list[TimedName]] | None:
    """The timed phones of each word."""
    if not spelled:
        return None
    try:
        decoder = _word_decoder(spelled, len(spelled), settings)
        if not decode(decoder, samples):
            return None
        aligned = align_decoded(decoder, samples)
    except RuntimeError:
        return None
    found = [phones for name, phones in aligned if name.startswith("w")]
    return found if len(found) == len(spelled) else None


def _word_decoder(spelled: Sequence[Sequence[str]], must: int, settings: _Settings) -> Decoder:
    """A decoder that hears these words in order, `must` of them or more."""
    # The path that was searched for is kept: one out of the lattice may squeeze words.
    decoder = make_decoder(lm=None, dict=None, bestpath=False, **settings)
    count = len(spelled)
    transitions: list[tuple[int, int, float] | tuple[int, int, float, str]] = []
    for index, names in enumerate(spelled):
        decoder.add_word(f"w{index}", " ".join(names), index == count - 1)
        transitions.append((index, index + 1, 1.0, f"w{index}"))
    last = count
    if must < count:
        last = count + 1
        transitions += [(state, last, 1.0) for state in range(must, last)]
    grammar = decoder.create_fsg("words", 0, last, transitions)
    decoder.add_fsg("words", grammar)
    decoder.activate_search("words")
    return decoder


def _aligned(
    found: list[list[TimedName]],
    padding: int,
    count: int,
    words: Sequence[ScriptWord],
    spoken: Sequence[int],
) -> list[AlignedWord]:
    """Phones under their own IPA symbols again."""
    aligned: list[AlignedWord] = []
    for number, phones in zip(spoken, found, strict=False):
        names = shift(phones, padding, count)
        if len(names) != len(phones):
            continue
        joined: list[TimedName] = []
        for symbol, stress in words[number].phones:
            took = [names.pop(0) for _ in from_ipa(symbol)]
            if took:
                first, last = took[0], took[-1]
                joined.append(TimedName(first.name, first.start, last.end, symbol, stress))
        aligned.append(AlignedWord(number, joined[0].start, joined[-1].end, tuple(joined)))
    return aligned
