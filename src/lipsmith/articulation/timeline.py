"""Speech as it comes in, laid out on one clock.

The clock ticks `TICKS_PER_SECOND` times a second whatever the frame rate, so the same sound gives
the same motion at 25 and at 50 frames a second.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import SpeechChunk

TICKS_PER_SECOND = 200
BLOCK_TICKS = 80
MARGIN_TICKS = 48
LOOKAHEAD_S = 0.5
_KEEP_S = 2.0
_SHORT_GAP_S = 0.03
_ENDLESS_S = 30.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A phone or a pause. start, end: seconds of the speech. symbol: IPA, "" is a pause.

    stress: 0..2. question: the last vowel of a question.
    """

    symbol: str
    start: float
    end: float
    stress: int = 0
    question: bool = False

    @property
    def duration(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Window:
    """What may be known when a block of ticks is computed; the same however the speech was cut.

    first: the block's first tick; it has `BLOCK_TICKS`. segments: in order, without gaps, from
    before the block to `horizon` s. loudness: (BLOCK_TICKS + 2 * MARGIN_TICKS,) RMS of the sound,
    0..1, at the block's ticks and a margin on both sides.
    """

    first: int
    segments: tuple[Segment, ...]
    horizon: float
    loudness: NDArray[np.float64]

    @property
    def seconds(self) -> NDArray[np.float64]:
        """(BLOCK_TICKS,) the block's times."""
        return np.arange(self.first, self.first + BLOCK_TICKS) / TICKS_PER_SECOND

    @property
    def wide_seconds(self) -> NDArray[np.float64]:
        """The block's times with the margins."""
        start = self.first - MARGIN_TICKS
        return np.arange(start, start + BLOCK_TICKS + 2 * MARGIN_TICKS) / TICKS_PER_SECOND


class Timeline:
    """Collects chunks, hands out windows, forgets what is over."""

    def __init__(self, rate_hz: int) -> None:
        self._rate = rate_hz
        self._segments: deque[Segment] = deque([Segment("", -_KEEP_S, 0.0)])
        self._known_s = 0.0
        self._samples = 0
        self._left_over = np.zeros(0)
        self._energy = np.zeros(0)
        self._energy_first = 0
        self._ended = False

    def append(self, chunk: SpeechChunk) -> None:
        """Take a chunk that follows the last one without a gap."""
        if chunk.phones is None:
            raise ValueError("the speech has no phones: recognise it first")
        for number, phone in enumerate(chunk.phones):
            self._pause_until(phone.start / self._rate)
            start = max(phone.start / self._rate, self._known_s)
            end = phone.end / self._rate
            if end <= start:
                continue
            if phone.symbol:
                question = number == _question_vowel(chunk)
                self._segments.append(Segment(phone.symbol, start, end, phone.stress, question))
                self._known_s = end
            else:
                self._pause_until(end, short=0.0)
        self._pause_until(chunk.end / self._rate)
        self._measure(chunk.samples)

    def end(self) -> None:
        """No chunk follows: silence for ever."""
        self._ended = True
        self._pause_until(self._known_s + _ENDLESS_S, short=0.0)

    def covers(self, first: int) -> bool:
        """Whether the window of the block at tick `first` is known."""
        last = first + BLOCK_TICKS + LOOKAHEAD_S * TICKS_PER_SECOND
        return self._ended or last <= self._samples * TICKS_PER_SECOND // self._rate

    def window(self, first: int) -> Window:
        """The window of the block at tick `first`; earlier blocks cannot be asked for again."""
        horizon = (first + BLOCK_TICKS) / TICKS_PER_SECOND + LOOKAHEAD_S
        oldest = first / TICKS_PER_SECOND - _KEEP_S
        while len(self._segments) > 1 and self._segments[0].end < oldest:
            self._segments.popleft()
        if self._ended:
            self._pause_until(horizon, short=0.0)
        seen = [s for s in self._segments if s.start < horizon]
        # How long a pause goes on beyond the horizon depends on how the speech was cut.
        if not seen[-1].symbol:
            seen[-1] = replace(seen[-1], end=min(seen[-1].end, horizon))
        wide = first - MARGIN_TICKS
        count = BLOCK_TICKS + 2 * MARGIN_TICKS
        return Window(first, tuple(seen), horizon, self._loudness(wide, count))

    def _pause_until(self, end: float, short: float = _SHORT_GAP_S) -> None:
        if end <= self._known_s:
            return
        last = self._segments[-1]
        if not last.symbol or end - self._known_s < short:
            self._segments[-1] = replace(last, end=end)
        else:
            self._segments.append(Segment("", self._known_s, end))
        self._known_s = end

    def _measure(self, samples: NDArray[np.float32]) -> None:
        """Mean square of each tick's own stretch of sound."""
        mono = samples.astype(np.float64).mean(1) if samples.ndim == 2 else samples
        waiting = np.concatenate([self._left_over, mono])
        waiting_start = self._samples - len(self._left_over)
        self._samples += len(mono)
        done = self._energy_first + len(self._energy)
        ticks = np.arange(done, self._samples * TICKS_PER_SECOND // self._rate + 1)
        edges = -(-ticks * self._rate // TICKS_PER_SECOND) - waiting_start
        edges = edges[edges <= len(waiting)]
        if len(edges) > 1:
            sums = np.add.reduceat(waiting[: edges[-1]] ** 2, edges[:-1])
            cells = sums / np.diff(edges)
            self._energy = np.concatenate([self._energy, cells])
            waiting = waiting[edges[-1] :]
        self._left_over = waiting

    def _loudness(self, first: int, count: int) -> NDArray[np.float64]:
        radius = len(_SMOOTHING) // 2
        start = first - radius
        drop = start - self._energy_first
        if drop > 0:
            self._energy = self._energy[drop:]
            self._energy_first += drop
        wanted = np.zeros(count + 2 * radius)
        offset = self._energy_first - start
        known = self._energy[: max(0, len(wanted) - offset)]
        wanted[offset : offset + len(known)] = known
        return np.sqrt(np.convolve(wanted, _SMOOTHING, "valid"))


def gaussian(sigma_ticks: float) -> NDArray[np.float64]:
    radius = int(np.ceil(3 * sigma_ticks))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma_ticks) ** 2)
    return np.asarray(kernel / kernel.sum())


_SMOOTHING = gaussian(4.0)


def _question_vowel(chunk: SpeechChunk) -> int:
    """Index of the last stressed phone of a chunk that asks something, or -1."""
    if not (chunk.text and chunk.text.rstrip(" \"'”’»)\n").endswith(("?", "？", "؟"))):
        return -1
    phones = chunk.phones or ()
    stressed = [i for i, phone in enumerate(phones) if phone.stress]
    return stressed[-1] if stressed else -1
