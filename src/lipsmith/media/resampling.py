"""Sample rates and channel counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Resampler:
    """Changes the sample rate of a stream without a delay; equal rates pass through."""

    def __init__(self, rate_in_hz: int, rate_out_hz: int, channels: int) -> None:
        self.rate_in_hz = rate_in_hz
        self.rate_out_hz = rate_out_hz
        self._channels = channels
        self._stream = None
        if rate_in_hz != rate_out_hz:
            import soxr

            self._stream = soxr.ResampleStream(rate_in_hz, rate_out_hz, channels, dtype="float32")

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, channels) in -> (m, channels) out; some are held back until later calls."""
        if self._stream is None:
            return samples
        return self._chunk(samples, last=False)

    def finish(self) -> NDArray[np.float32]:
        """What was held back."""
        return self._chunk(np.zeros((0, self._channels), np.float32), last=True)

    def _chunk(self, samples: NDArray[np.float32], *, last: bool) -> NDArray[np.float32]:
        if self._stream is None:
            return samples
        out = self._stream.resample_chunk(np.ascontiguousarray(samples), last=last)
        return np.asarray(out, np.float32).reshape(-1, self._channels)


def downmix(
    samples: NDArray[np.float32], channels: int, names: Sequence[str] = ()
) -> NDArray[np.float32]:
    """(n, any) -> (n, 1 or 2) without clipping.

    names: FFmpeg's channel names ("FL", "FC", "LFE"), for surround sound. Weights follow ITU-R
    BS.775-3, annex 4, table 2 (centre and surround at -3 dB, no LFE), scaled so that full scale
    stays full scale. One channel goes to both sides; two are averaged to one.
    """
    count = samples.shape[1]
    if count == channels:
        return samples
    if count == 1:
        return np.repeat(samples, channels, axis=1)
    if count > 2 and len(names) == count:
        weights = np.array([_stereo_weights(name) for name in names], np.float32)
    else:
        weights = np.zeros((count, 2), np.float32)
        weights[0::2, 0] = 1
        weights[1::2, 1] = 1
    total = weights.sum(0)
    weights /= np.where(total > 0, total, np.float32(1))
    if channels == 1:
        weights = weights.mean(1, keepdims=True)
    return np.ascontiguousarray(samples @ weights, np.float32)


def _stereo_weights(name: str) -> tuple[float, float]:
    if name.startswith("LFE"):
        return 0.0, 0.0
    level = 1.0 if name in ("FL", "FR", "DL", "DR") else 2**-0.5
    if name.endswith("L"):
        return level, 0.0
    if name.endswith("R"):
        return 0.0, level
    return 2**-0.5, 2**-0.5
