"""Whether what was decoded as English is what was said."""

from __future__ import annotations

from collections.abc import Sequence

from lipsmith.articulation.recognition.phone_net import VISEMES, MouthFrames
from lipsmith.articulation.recognition.phone_net_decoding import viseme_frames
from lipsmith.articulation.recognition.sphinx import DecodedWord
from lipsmith.core.motion import Viseme

_WORDS_WEIGHT = 0.1
"""Short words are what a decoder makes of speech that it does not know: each word a second tells
against it."""

_MAKES_SENSE = 0.16
_EXPECTED, _EXPECTED_FRAMES = 0.35, 200
"""What is believed before anything was heard, and how firmly."""

_MEMORY_FRAMES = 2000
_CLEAR, _CLEAR_FRAMES = 0.22, 300
"""A chunk that scores so much over so many frames is English, whatever came before."""

_FIRST_REST, _LONGEST_REST = 1, 4
"""Chunks that are not decoded after one that made no sense; twice as many each time."""


class EnglishSense:
    """Collects how well decoded words agree with what the network hears without words.

    English agrees in half of the frames or more and has about 3 words a second; what is decoded of
    other languages, or of English in loud noise, agrees in fewer and has more words. Eight seconds
    score .19 to .5 in English (seven voices), .15 or less in other languages (fourteen).
    """

    def __init__(self) -> None:
        self._sum = _EXPECTED * _EXPECTED_FRAMES
        self._weight = float(_EXPECTED_FRAMES)
        self._rest = self._next_rest = 0

    def is_worth_decoding(self) -> bool:
        """Whether the next chunk should be decoded; ask once for each."""
        self._rest -= 1
        return self._rest < 0

    def judge(self, words: Sequence[DecodedWord], frames: MouthFrames) -> bool:
        """Whether the words of a chunk make sense, by it and those before."""
        said = viseme_frames([p for word in words for p in word.phones], len(frames), "en")
        spoken = said > VISEMES.index(Viseme.SIL)
        count = int(spoken.sum())
        if count:
            agrees = float((said == frames.visemes.argmax(axis=1))[spoken].mean())
            named = sum(1 for word in words if word.text)
            score = agrees - _WORDS_WEIGHT * named * 100 / count
            kept = min(1.0, _MEMORY_FRAMES / self._weight)
            if score >= _CLEAR and count >= _CLEAR_FRAMES and self._next_rest:
                kept = 0.0
            self._sum = kept * self._sum + score * count
            self._weight = kept * self._weight + count
        makes_sense = self._sum >= _MAKES_SENSE * self._weight
        if makes_sense:
            self._next_rest = 0
        else:
            self._next_rest = min(max(_FIRST_REST, 2 * self._next_rest), _LONGEST_REST)
            self._rest = self._next_rest
        return makes_sense
