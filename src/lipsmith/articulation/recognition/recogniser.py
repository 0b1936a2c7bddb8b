"""Which phones are said in a recording, and when."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.energy_phones import energy_phones
from lipsmith.articulation.recognition.phone_frames import HeardPhone, settle
from lipsmith.articulation.recognition.script_follower import MOST_WORDS_A_SECOND
from lipsmith.articulation.recognition.sphinx import FRAME_HZ
from lipsmith.child import ChildProcess
from lipsmith.core.speech import Phone, Speech, SpeechChunk, TimedWord
from lipsmith.errors import RenderError
from lipsmith.media.voice_activity import RATE_HZ, levels_db, speech_frames
from lipsmith.phonetics.pronunciation import PronouncedWord

WordsOf = Callable[[str], Sequence[PronouncedWord]]
"""Tells how the words of a text are pronounced; none where that is not known."""

PhonesOf = Callable[[SpeechChunk], tuple[Phone, ...] | None]
"""Tells the phones of a chunk by the times of its words; None where those are not known."""

NOBODY_SPEAKS = "nobody speaks in the recording as far as can be heard; the mouth stays shut"
"""The warning about a recording in which nothing was recognised."""

_SCRIPT = Path(__file__).with_name("recogniser_child.py")
_LARGEST_INPUT = 1 << 20
"""Bytes; more than a chunk of 30 s."""

_WORDS_AHEAD = 300
_FITTING_SHARE, _FOUND_SHARE = 0.9, 0.9
_FOREIGN_SHARE = 0.5


def recognise(
    speech: Speech,
    *,
    words_of: WordsOf | None = None,
    transcript: Iterable[str] = (),
    spread: PhonesOf | None = None,
) -> Speech:
    """The same speech with `phones` filled in wherever they are None.

    Where a chunk tells its text, or a transcript does, the phones are those of its words, which
    get their times as well; where the words do not fit, and elsewhere, phones are recognised. The
    first chunk is taken from `speech` at once; from then on the next chunk is worked on, in
    another process, while the caller uses the last one. English that nobody tells the words of gets
    those that were understood, in small letters. Recognition that fails is replaced by a
    guess from the loudness, with a warning.

    words_of: None leaves texts unused. transcript: what is said, in pieces of some sentences.
    spread: is asked about chunks whose own text does not fit their sound.

    Raises:
        AudioError: the recording cannot be read.
    """
    recogniser = _Recogniser(speech, words_of, transcript, spread)
    return replace(speech, chunks=recogniser.chunks())


class _Recogniser:
    def __init__(
        self,
        speech: Speech,
        words_of: WordsOf | None,
        transcript: Iterable[str],
        spread: PhonesOf | None,
    ) -> None:
        self._speech = speech
        self._source = iter(speech.chunks)
        self._words_of = words_of
        self._spread = spread
        self._script = _Script(transcript, words_of)
        self._child: ChildProcess | None = None
        self._failed = False
        self._heard = False
        self._spoken = self._foreign = 0
        self._next = self._request()

    def chunks(self) -> Iterator[SpeechChunk]:
        try:
            while self._next is not None:
                chunk = self._next
                if chunk.phones is None:
                    chunk = self._recognised(chunk)
                phones = chunk.phones or ()
                self._heard = self._heard or any(phone.symbol for phone in phones)
                self._next = self._request()
                yield chunk
            self._warn()
        finally:
            if self._child is not None:
                self._child.close()

    def _request(self) -> SpeechChunk | None:
        """Take the next chunk and let the child begin with it."""
        chunk = next(self._source, None)
        if chunk is None or chunk.phones is not None or self._failed:
            return chunk
        pcm = (_at_16_khz(chunk, self._speech.rate_hz) * 32767).astype("<i2")
        try:
            if self._child is None:
                arguments = [_search_path(), self._speech.language]
                self._child = ChildProcess(_SCRIPT, arguments, "the speech recogniser")
                self._child.widen_input(_LARGEST_INPUT)
            if chunk.text and self._words_of is not None:
                self._child.send(b"T", _packed(self._words_of(chunk.text)))
            else:
                wanted = _WORDS_AHEAD + MOST_WORDS_A_SECOND * len(pcm) // RATE_HZ
                if words := self._script.more(wanted):
                    self._child.send(b"W", _packed(words))
            self._child.send(b"S", pcm.tobytes())
        except RenderError as error:
            self._fail(error)
        return chunk

    def _recognised(self, chunk: SpeechChunk) -> SpeechChunk:
        if self._child is not None and not self._failed:
            try:
                answer = json.loads(self._child.expect(b"P"))
                phones, words, waiting, spoken, fitted, foreign = answer
                self._spoken += spoken
                self._foreign += foreign
                self._script.tell(waiting, spoken, fitted)
                fits = fitted and fitted >= _FITTING_SHARE * spoken
                if not fits and (known := self._by_words(chunk)):
                    return known
                heard = [HeardPhone(*phone) for phone in phones]
                return self._filled(chunk, heard, words)
            except RenderError as error:
                self._fail(error)
        if known := self._by_words(chunk):
            return known
        samples = _at_16_khz(chunk, self._speech.rate_hz)
        spoken = speech_frames(samples, None)
        found = energy_phones(samples, spoken)
        heard = settle(found, spoken, levels_db(samples), self._speech.language)
        return self._filled(chunk, heard, [])

    def _by_words(self, chunk: SpeechChunk) -> SpeechChunk | None:
        """The chunk with phones by the times that its words have."""
        phones = self._spread(chunk) if self._spread is not None and chunk.words else None
        return replace(chunk, phones=phones) if phones else None

    def _filled(
        self, chunk: SpeechChunk, heard: Sequence[HeardPhone], words: Sequence[tuple[str, int, int]]
    ) -> SpeechChunk:
        rate_hz = self._speech.rate_hz
        phones = _to_phones(heard, chunk, rate_hz)
        if chunk.words or not words:
            return replace(chunk, phones=phones)
        timed: list[TimedWord] = []
        for text, first, last in words:
            start, end = _to_samples(first, last, chunk, rate_hz)
            if end > start:
                timed.append(TimedWord(text, start, end))
        text = chunk.text or " ".join(word.text for word in timed)
        return replace(chunk, phones=phones, text=text, words=tuple(timed))

    def _fail(self, error: RenderError) -> None:
        self._failed = True
        self._speech.warnings.append(f"{error}; the mouth follows the loudness alone")

    def _warn(self) -> None:
        if not self._heard:
            self._speech.warnings.append(NOBODY_SPEAKS)
        elif not self._failed:
            self._speech.warnings.extend(self._script.warnings())
            if self._foreign > _FOREIGN_SHARE * self._spoken:
                self._speech.warnings.append(
                    "little of the recording makes sense as English, so its words were not used; "
                    "name its language with --language"
                )


class _Script:
    """A transcript on its way to the child, and how much of it was found."""

    def __init__(self, pieces: Iterable[str], words_of: WordsOf | None) -> None:
        self._pieces = iter(pieces if words_of is not None else ())
        self._words_of = words_of
        self._waiting = self._sent = 0
        self._spoken = self._fitted = 0
        self._is_used = False

    def more(self, wanted: int) -> list[PronouncedWord]:
        """Words that the child needs so that it has `wanted` waiting."""
        words: list[PronouncedWord] = []
        while self._words_of is not None and self._waiting + len(words) < wanted:
            piece = next(self._pieces, None)
            if piece is None:
                break
            words += self._words_of(piece)
            self._is_used = bool(words) or self._is_used
        self._sent += len(words)
        self._waiting += len(words)
        return words

    def tell(self, waiting: int, spoken: int, fitted: int) -> None:
        """What the child made of it in one chunk."""
        self._waiting = waiting
        self._spoken += spoken
        self._fitted += fitted

    def warnings(self) -> list[str]:
        if not self._is_used:
            return []
        if not self._fitted:
            return [
                "the transcript does not fit the recording and was not used; "
                "check that it is in the recording's language"
            ]
        warnings = []
        if self._fitted < _FITTING_SHARE * self._spoken:
            share = round(100 * self._fitted / self._spoken)
            warnings.append(
                f"the transcript fits {share} % of what is said in the recording; "
                "the rest was recognised without it"
            )
        left = self._waiting + sum(1 for _ in self._pieces)
        if left > (1 - _FOUND_SHARE) * self._sent:
            warnings.append(f"the last {left} words of the transcript or more were not heard")
        return warnings


def _packed(words: Sequence[PronouncedWord]) -> bytes:
    listed = [[word.text, [[p.symbol, p.stress] for p in word.phones]] for word in words]
    return json.dumps(listed).encode()


def _search_path() -> str:
    """Where this process finds its modules, for the child."""
    return os.pathsep.join(
        [str(_SCRIPT.parents[2]), *(path or str(Path.cwd()) for path in sys.path)]
    )


def _at_16_khz(chunk: SpeechChunk, rate_hz: int) -> NDArray[np.float32]:
    """(n,) mono."""
    mono = chunk.samples.mean(axis=1, dtype=np.float32)
    if rate_hz != RATE_HZ:
        import soxr

        mono = soxr.resample(mono, rate_hz, RATE_HZ)
    return np.asarray(np.clip(mono, -1, 1), np.float32)


def _to_phones(heard: Sequence[HeardPhone], chunk: SpeechChunk, rate_hz: int) -> tuple[Phone, ...]:
    """Frames to samples; the last phone ends with the chunk."""
    phones = []
    for index, phone in enumerate(heard):
        start, end = _to_samples(phone.start, phone.end, chunk, rate_hz)
        end = chunk.end if index == len(heard) - 1 else end
        if end > start:
            phones.append(Phone(phone.symbol, start, end, phone.stress))
    return tuple(phones)


def _to_samples(first: int, last: int, chunk: SpeechChunk, rate_hz: int) -> tuple[int, int]:
    """Samples of the speech at the edges of frames of a chunk."""
    start = chunk.start + first * rate_hz // FRAME_HZ
    return start, min(chunk.start + last * rate_hz // FRAME_HZ, chunk.end)
