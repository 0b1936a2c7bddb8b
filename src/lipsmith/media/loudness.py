"""How loud sound is, and making it as loud as it should be.

By FFmpeg's `ebur128` (EBU R 128, ITU-R BS.1770-4) and `alimiter` filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext
from numpy.typing import NDArray

SPEECH_LUFS = -16.0
"""What podcasts and phones take for usual (AES TD1008, EBU R 128 s2)."""

TRUE_PEAK_LIMIT_DBTP = -1.0
_LIMIT_DB = -2.3
"""Of the samples; between them the sound reaches a little higher."""

_INAUDIBLE_LUFS = -60.0
_LARGEST_GAIN_DB = 30.0


class LoudnessMeter:
    """Measures a stream. One channel counts as if it came from two speakers, as it will."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._filter = _Filter("ebur128", "metadata=1:peak=true:dualmono=true", rate_hz, channels)
        self._last: dict[str, str] = {}

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take (n, channels) samples."""
        for frame in self._filter.push(samples):
            self._last = dict(frame.metadata) or self._last

    def gain(self, target_lufs: float = SPEECH_LUFS) -> float:
        """What to multiply what was pushed with so that it has a loudness; 1 for silence."""
        loudness = self.integrated_lufs
        if loudness is None:
            return 1.0
        return float(10 ** (min(target_lufs - loudness, _LARGEST_GAIN_DB) / 20))

    @property
    def integrated_lufs(self) -> float | None:
        """Of what was pushed; None for silence and for less than 0.4 s."""
        loudness = float(self._last.get("lavfi.r128.I", "-inf"))
        return loudness if loudness > _INAUDIBLE_LUFS else None

    @property
    def true_peak(self) -> float:
        """The highest value that the sound reaches, between samples too; 1 is full scale."""
        return float(self._last.get("lavfi.r128.true_peak", "0"))


class Limiter:
    """Turns a stream down for as long as it would come above -1 dBTP; it keeps its length."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        limit = 10 ** (_LIMIT_DB / 20)
        options = f"limit={limit:.4f}:level=disabled:latency=1:attack=5:release=80"
        self._filter = _Filter("alimiter", options, rate_hz, channels)
        self._channels = channels

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, channels) in -> (m, channels) out; some are held back until later calls."""
        return self._joined(self._filter.push(samples))

    def finish(self) -> NDArray[np.float32]:
        """What was held back."""
        return self._joined(self._filter.finish())

    def _joined(self, frames: Iterable[AudioFrame]) -> NDArray[np.float32]:
        parts = [frame.to_ndarray().reshape(-1, self._channels) for frame in frames]
        return np.concatenate([np.zeros((0, self._channels)), *parts]).astype(np.float32)


def amplified(
    blocks: Iterable[NDArray[np.float32]], gain: float, peak: float, rate_hz: int
) -> Iterator[NDArray[np.float32]]:
    """Blocks of (n, channels) samples times `gain`, and never above -1 dBTP.

    peak: the true peak of them all before.
    """
    if gain * peak <= 10 ** (TRUE_PEAK_LIMIT_DBTP / 20):
        for block in blocks:
            yield block * np.float32(gain)
        return
    limiter: Limiter | None = None
    for block in blocks:
        limiter = limiter or Limiter(rate_hz, block.shape[1])
        yield limiter.push(block * np.float32(gain))
    if limiter is not None:
        yield limiter.finish()


class _Filter:
    """An FFmpeg filter that float samples run through."""

    def __init__(self, name: str, options: str, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._layout = "mono" if channels == 1 else "stereo"
        self._position = 0
        self._graph = Graph()
        self._source = self._graph.add_abuffer(
            sample_rate=rate_hz, format="flt", layout=self._layout
        )
        self._sink = self._graph.add("abuffersink")
        chain: list[FilterContext] = [
            self._source,
            self._graph.add(name, options),
            self._graph.add("aformat", f"sample_fmts=flt:channel_layouts={self._layout}"),
            self._sink,
        ]
        for before, after in pairwise(chain):
            before.link_to(after)
        self._graph.configure()

    def push(self, samples: NDArray[np.float32]) -> list[AudioFrame]:
        if not len(samples):
            return []
        packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
        frame = AudioFrame.from_ndarray(packed, format="flt", layout=self._layout)
        frame.sample_rate = self._rate_hz
        frame.pts = self._position
        self._position += len(samples)
        self._source.push(frame)
        return self._ready()

    def finish(self) -> list[AudioFrame]:
        self._source.push(None)
        return self._ready()

    def _ready(self) -> list[AudioFrame]:
        frames: list[AudioFrame] = []
        while True:
            try:
                frame = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return frames
            assert isinstance(frame, AudioFrame)
            frames.append(frame)
