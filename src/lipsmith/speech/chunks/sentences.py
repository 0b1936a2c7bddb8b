"""A text said sentence by sentence, a little ahead of who listens, as chunks of one speech."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from textwrap import shorten

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Phone, Speech, SpeechChunk, TimedWord
from lipsmith.errors import SpeechError, TextError
from lipsmith.speech.chunks.phones import fill_pauses
from lipsmith.speech.words.sentence_ends import sentence_ends
from lipsmith.speech.words.text import Piece, pieces

NORMAL_RATE_WPM = 175
"""What a voice that is not told otherwise is taken to speak."""

_LONGEST_SENTENCE, _SHORTEST_SENTENCE = 600, 40
_LEAD_IN_MS, _PAUSE_MS, _PARAGRAPH_MS = 150, 300, 350
"""Silence before the speech, after each sentence, and before a new paragraph besides."""

_QUIETEST_DB, _BELOW_LOUDEST_DB = -55.0, -45.0
_EDGE_MS, _FADE_MS = 40, 5
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence, said. All times are samples from its own start.

    samples: (n, channels) float32 in -1..1; n may be 0. phones: without overlap, pauses may be
    left out; None when unknown. words: those of the sentence; () when unknown.
    """

    samples: NDArray[np.float32]
    rate_hz: int
    phones: tuple[Phone, ...] | None = None
    words: tuple[TimedWord, ...] = ()


class Speaker:
    """Says sentences one after the other.

    say: gets a sentence and an event that is set when nobody waits for it any more; called in
    threads of its own. ahead: how many sentences are being said at once before they are asked for.
    """

    def __init__(self, say: Callable[[str, threading.Event], Utterance], ahead: int) -> None:
        self._say = say
        self._ahead = ahead
        self._stop = threading.Event()

    def speak(
        self,
        text: Iterable[str],
        *,
        language: str,
        voice: str,
        rate_wpm: int | None = None,
        characters: int | None = None,
        warnings: list[str] | None = None,
    ) -> Speech:
        """Say pieces of text; waits for the first sentence.

        Raises:
            TextError: there is nothing in the text that can be said.
            SpeechError: and whatever else `say` raises.
        """
        warnings = [] if warnings is None else warnings
        said = self._said(sentences(text), warnings)
        first = next(said, None)
        if first is None:
            raise TextError(f"there is nothing in the text that the voice {voice!r} can say")
        rate_hz, channels = first[1].rate_hz, first[1].samples.shape[1]
        joiner = _Joiner(rate_hz, (rate_wpm or NORMAL_RATE_WPM) / NORMAL_RATE_WPM, characters)
        return Speech(rate_hz, channels, language, _chunks(first, said, joiner), warnings, voice)

    def close(self) -> None:
        """Stop at once."""
        self._stop.set()

    def _said(
        self, texts: Iterator[Piece], warnings: list[str]
    ) -> Generator[tuple[Piece, Utterance, bool], None, None]:
        """Sentences with their sound, and whether each is the last."""
        waiting: deque[tuple[Piece, Future[Utterance]]] = deque()

        def start(count: int) -> None:
            while len(waiting) < count and (piece := next(texts, None)) is not None:
                waiting.append((piece, self._start(piece.text)))

        try:
            start(self._ahead)
            while waiting:
                piece, future = waiting.popleft()
                made = self._wait(future)
                start(self._ahead)
                if len(made.samples):
                    yield piece, made, not waiting
                else:
                    said = shorten(piece.text, 60, placeholder=" ...")
                    warnings.append(f"the voice has no sound for {said!r}, which is left out")
        finally:
            self._stop.set()

    def _start(self, sentence: str) -> Future[Utterance]:
        future: Future[Utterance] = Future()

        def work() -> None:
            try:
                future.set_result(self._say(sentence, self._stop))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=work, name="lipsmith-voice", daemon=True).start()
        return future

    def _wait(self, future: Future[Utterance]) -> Utterance:
        while not self._stop.is_set():
            try:
                made = future.result(timeout=_POLL_S)
            except NotYet:
                if future.done():
                    raise
                continue
            if not self._stop.is_set():
                return made
        raise SpeechError("the voice was stopped")


def sentences(text: Iterable[str]) -> Iterator[Piece]:
    """Cut texts into sentences; very short ones stay with the next, very long ones are cut."""
    for paragraph in pieces(text, _LONGEST_SENTENCE):
        cuts = list(sentence_ends(paragraph.text))
        start = 0
        for cut in cuts:
            if cut - start >= _SHORTEST_SENTENCE and len(paragraph.text) > cut:
                yield Piece(paragraph.text[start:cut].strip(), ends_paragraph=False)
                start = cut
        yield Piece(paragraph.text[start:].strip(), paragraph.ends_paragraph)


def _chunks(
    first: tuple[Piece, Utterance, bool],
    rest: Generator[tuple[Piece, Utterance, bool], None, None],
    joiner: _Joiner,
) -> Iterator[SpeechChunk]:
    try:
        yield joiner.join(*first)
        for said in rest:
            yield joiner.join(*said)
    finally:
        rest.close()


class _Joiner:
    """Puts utterances one behind the other, with pauses of the same length between them."""

    def __init__(self, rate_hz: int, tempo: float, characters: int | None) -> None:
        self._rate_hz = rate_hz
        self._tempo = tempo
        self._characters = characters
        self._said_characters = 0
        self._start = 0
        self._before_ms = float(_LEAD_IN_MS)

    def join(self, piece: Piece, said: Utterance, last: bool) -> SpeechChunk:
        said = _trimmed(said)
        before = self._silence(self._before_ms, said.samples.shape[1])
        after = self._silence(_PAUSE_MS / (1.0 if last else self._tempo), said.samples.shape[1])
        start, shift = self._start, self._start + len(before)
        samples = np.concatenate([before, said.samples, after])
        phones = said.phones
        if phones is not None:
            moved = [replace(p, start=p.start + shift, end=p.end + shift) for p in phones]
            phones = fill_pauses(moved, start, start + len(samples), self._rate_hz)
        words = (replace(w, start=w.start + shift, end=w.end + shift) for w in said.words)
        self._start += len(samples)
        self._said_characters += len(piece.text) + 1
        self._before_ms = _PARAGRAPH_MS / self._tempo if piece.ends_paragraph else 0.0
        share = self._said_characters / self._characters if self._characters else 0.0
        progress = 1.0 if last else min(1.0, share)
        return SpeechChunk(samples, start, phones, piece.text, progress, tuple(words))

    def _silence(self, milliseconds: float, channels: int) -> NDArray[np.float32]:
        return np.zeros((round(self._rate_hz * milliseconds / 1000), channels), np.float32)


def _trimmed(said: Utterance) -> Utterance:
    """Without the silence at both ends, which every voice has as it likes."""
    frame = said.rate_hz // 100
    count = len(said.samples) // frame
    if not count:
        return said
    power = np.mean(said.samples[: count * frame].reshape(count, -1) ** 2, axis=1)
    levels = 10 * np.log10(power + 1e-12)
    loud = np.flatnonzero(levels > max(_QUIETEST_DB, float(levels.max()) + _BELOW_LOUDEST_DB))
    if not len(loud):
        return said
    edge = said.rate_hz * _EDGE_MS // 1000
    spoken = [(p.start, p.end) for p in said.phones or () if p.symbol]
    spoken += [(w.start, w.end) for w in said.words]
    first = min(int(loud[0]) * frame - edge, *(start for start, _ in spoken), 10**9)
    last = max(int(loud[-1] + 1) * frame + edge, *(end for _, end in spoken), 0)
    first, last = max(0, first), min(len(said.samples), last)
    samples = said.samples[first:last].copy()
    fade = min(said.rate_hz * _FADE_MS // 1000, len(samples) // 2)
    ramp = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)[:, None]
    samples[:fade] *= ramp
    samples[len(samples) - fade :] *= ramp[::-1]
    phones = said.phones
    if phones is not None:
        phones = tuple(
            replace(p, start=max(p.start, first) - first, end=min(p.end, last) - first)
            for p in phones
            if min(p.end, last) > max(p.start, first)
        )
    words = tuple(replace(w, start=w.start - first, end=w.end - first) for w in said.words)
    return Utterance(samples, said.rate_hz, phones, words)
