"""Where the mouth shuts before a stop is heard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Phone

_STOPS = "ptkbdɡʈɖcɟqɢ"
_STEP_MS = 5
_QUIET_SHARE = 0.08
"""Of the sound before; some voices breathe on while the lips are shut."""

_QUIET_RMS = 40.0
"""int16 units."""

_LONGEST_CLOSURE_MS = 120
_CLOSURE_AFTER_PAUSE_MS = 60


def extend_closures(
    phones: Sequence[Phone], samples: NDArray[np.int16], start: int, rate_hz: int
) -> list[Phone]:
    """Let each stop begin where its closure does, not at the release that espeak-ng marks.

    samples: (n,) int16, the sound that the phones are in. start: its position in the speech.
    """
    result = list(phones)
    step = rate_hz * _STEP_MS // 1000
    for index in range(1, len(result)):
        stop, before = result[index], result[index - 1]
        if not stop.symbol or stop.symbol[0] not in _STOPS:
            continue
        if not before.symbol:
            begin = max(before.start, stop.start - rate_hz * _CLOSURE_AFTER_PAUSE_MS // 1000)
        else:
            earliest = max(before.start, stop.start - rate_hz * _LONGEST_CLOSURE_MS // 1000)
            begin = stop.start - step * _quiet_steps(
                samples[earliest - start : stop.start - start].astype(np.float32), step
            )
        if begin < stop.start:
            result[index] = Phone(stop.symbol, begin, stop.end, stop.stress)
            result[index - 1] = Phone(before.symbol, before.start, begin, before.stress)
    return [phone for phone in result if phone.end > phone.start]


def _quiet_steps(before: NDArray[np.float32], step: int) -> int:
    """How many steps at the end of (n,) int16-scaled samples are quiet."""
    count = len(before) // step
    if count < 2:
        return 0
    windows = before[len(before) - count * step :].reshape(count, step)
    levels = np.sqrt(np.mean(windows * windows, axis=1))
    loud = np.flatnonzero(levels >= max(_QUIET_SHARE * levels.max(), _QUIET_RMS))
    return count - 1 - int(loud[-1]) if len(loud) else count - 1
