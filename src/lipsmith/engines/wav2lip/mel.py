"""The sound as Wav2Lip hears it: windows of a mel spectrogram with the published settings.

16 kHz; pre-emphasis 0.97; Hann windows of 800 samples, 200 apart, centred, the sound mirrored at
its ends (as librosa 0.7 does, which the published code names); 80 triangular bands on Slaney's mel
scale from 55 to 7600 Hz, each of unit area (Auditory Toolbox, Interval Research technical report
1998-010); S = 20 log10(max(1e-5, mel)) - 20 dB; 8 (S + 100) / 100 - 4, clipped to -4..4.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000
HOP, WINDOW = 200, 800
BANDS, STEPS = 80, 16
SILENCE = -4.0
"""Of every band when nothing is heard."""

_PRE_EMPHASIS = 0.97
_LOW_HZ, _HIGH_HZ = 55.0, 7600.0
_PER_SECOND = RATE_HZ // HOP
_LINEAR_HZ, _LINEAR_STEP_HZ, _LOG_STEP = 1000.0, 200.0 / 3, np.log(6.4) / 27


def mel_spectrogram(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) at 16 kHz, -1..1 -> (1 + n // 200, 80), -4..4: the whole sound at once."""
    spectrogram = MelStream()
    return np.concatenate([spectrogram.push(samples), spectrogram.finish()])


class MelStream:
    """The mel spectrogram of a sound that comes in pieces; equal to that of the whole sound."""

    def __init__(self) -> None:
        self._last = np.float64(0)
        self._started = False
        self._count = 0
        self._buffer = np.zeros(0)

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n,) in -> (m, 80) out: the columns that do not depend on what comes later."""
        sound = samples.astype(np.float64)
        emphasised = sound - _PRE_EMPHASIS * np.append(self._last, sound[:-1])
        if len(sound):
            self._last = sound[-1]
        self._count += len(sound)
        self._buffer = np.concatenate([self._buffer, emphasised])
        if not self._started:
            if len(self._buffer) <= WINDOW:
                return _no_columns()
            self._buffer = np.concatenate([self._buffer[WINDOW // 2 : 0 : -1], self._buffer])
            self._started = True
        return self._take()

    def finish(self) -> NDArray[np.float32]:
        """The columns that were waiting for more."""
        if not self._count:
            return _no_columns()
        half = WINDOW // 2
        if not self._started:
            padded = np.pad(self._buffer, half, mode="reflect" if self._count > 1 else "edge")
        else:
            padded = np.concatenate([self._buffer, self._buffer[-2 : -half - 2 : -1]])
        self._buffer, self._started = padded, True
        return self._take()

    def _take(self) -> NDArray[np.float32]:
        count = max(0, (len(self._buffer) - WINDOW) // HOP + 1)
        if not count:
            return _no_columns()
        windows = np.lib.stride_tricks.sliding_window_view(self._buffer, WINDOW)[::HOP][:count]
        columns = _bands(np.abs(np.fft.rfft(windows * _hann(), axis=1)))
        self._buffer = self._buffer[count * HOP :]
        return columns


def mel_windows(
    columns: Iterator[NDArray[np.float32]], fps: Fraction
) -> Iterator[NDArray[np.float32]]:
    """The window of each video frame, (80, 16), for as long as it is asked for.

    Frame i begins at column int(80 i / fps), computed in floating point as the published code does.
    Past the end, the last 16 columns are given again and again.
    columns: (m, 80) each. A sound of less than 16 columns is followed by silence.
    """
    kept, first = _no_columns(), 0
    per_frame = _PER_SECOND / float(fps)
    frame, ended = 0, False
    while True:
        start = int(frame * per_frame)
        while not ended and start + STEPS > first + len(kept):
            piece = next(columns, None)
            if piece is None:
                ended = True
                missing = STEPS - len(kept)
                if missing > 0:
                    silent = np.full((missing, BANDS), SILENCE, np.float32)
                    kept = np.concatenate([kept, silent])
            else:
                keep = max(0, min(start - first, len(kept) - STEPS))
                kept, first = np.concatenate([kept[keep:], piece]), first + keep
        at = min(start - first, len(kept) - STEPS)
        yield np.ascontiguousarray(kept[at : at + STEPS].T)
        frame += 1


def _bands(magnitudes: NDArray[np.float64]) -> NDArray[np.float32]:
    """(m, 401) magnitudes -> (m, 80)."""
    level = 20 * np.log10(np.maximum(1e-5, magnitudes @ _filters())) - 20
    return np.clip(8 * (level + 100) / 100 - 4, -4, 4).astype(np.float32)


def _no_columns() -> NDArray[np.float32]:
    return np.zeros((0, BANDS), np.float32)


@cache
def _hann() -> NDArray[np.float64]:
    """Periodic."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)


@cache
def _filters() -> NDArray[np.float64]:
    """(401, 80)."""
    edges_hz = _hz(np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), BANDS + 2))
    bins_hz = np.linspace(0, RATE_HZ / 2, WINDOW // 2 + 1)[:, None]
    low, middle, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rise, fall = (bins_hz - low) / (middle - low), (high - bins_hz) / (high - middle)
    return np.maximum(0, np.minimum(rise, fall)) * 2 / (high - low)


def _mel(hz: float) -> float:
    """Slaney's scale: linear to 1000 Hz, then logarithmic."""
    if hz < _LINEAR_HZ:
        return hz / _LINEAR_STEP_HZ
    return _LINEAR_HZ / _LINEAR_STEP_HZ + float(np.log(hz / _LINEAR_HZ) / _LOG_STEP)


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _LINEAR_HZ / _LINEAR_STEP_HZ
    above = _LINEAR_HZ * np.exp(_LOG_STEP * (np.maximum(mel, knee) - knee))
    return np.where(mel < knee, mel * _LINEAR_STEP_HZ, above)
