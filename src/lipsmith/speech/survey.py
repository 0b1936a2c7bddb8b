"""What has to be known of a whole recording before its first sample is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.media.loudness import LoudnessMeter

_FRAME_S = 0.01
_KEPT_BEFORE_S, _KEPT_BEHIND_S = 0.15, 0.3
_ABOVE_FLOOR_DB, _BELOW_LOUD_DB = 8.0, (45.0, 25.0)
"""Silence is up to so much above the quietest, but always between these two below the loudest."""

_SHORTEST_SOUND_FRAMES = 3


@dataclass(frozen=True, slots=True)
class SoundSurvey:
    """samples: in all. gain: to -16 LUFS. peak: the true peak before that; 1 is full scale.

    first, last: the samples [first, last) that hold all sound and a little silence around it.
    """

    samples: int
    gain: float
    peak: float
    first: int
    last: int


def survey_sound(blocks: Iterable[NDArray[np.float32]], rate_hz: int, channels: int) -> SoundSurvey:
    """Measure blocks of (n, channels) samples; keeps 100 bytes for each second."""
    meter = LoudnessMeter(rate_hz, channels)
    frame = round(rate_hz * _FRAME_S)
    levels = bytearray()
    rest = np.zeros((0, channels), np.float32)
    samples = 0
    for block in blocks:
        meter.push(block)
        samples += len(block)
        rest = np.concatenate([rest, block])
        count = len(rest) // frame
        frames = rest[: count * frame].reshape(count, frame * channels)
        power = np.mean(frames * frames, axis=1)
        levels += np.clip(100 + 10 * np.log10(power + 1e-10), 0, 100).astype(np.uint8).tobytes()
        rest = rest[count * frame :]
    first, last = _sound_frames(np.frombuffer(bytes(levels), np.uint8))
    return SoundSurvey(
        samples,
        meter.gain(),
        meter.true_peak,
        max(0, first * frame - round(_KEPT_BEFORE_S * rate_hz)),
        min(samples, last * frame + round(_KEPT_BEHIND_S * rate_hz)) if last else samples,
    )


def _sound_frames(levels: NDArray[np.uint8]) -> tuple[int, int]:
    """The frames [first, last) with all the sound in them; (0, 0) when nothing stands out."""
    if len(levels) < _SHORTEST_SOUND_FRAMES:
        return 0, 0
    floor, loud = np.percentile(levels, (2, 95))
    loud = max(loud, float(np.max(levels)) - 20)
    lowest, highest = (loud - below for below in _BELOW_LOUD_DB)
    sound = levels > min(max(floor + _ABOVE_FLOOR_DB, lowest), highest)
    lasting = np.convolve(sound, np.ones(_SHORTEST_SOUND_FRAMES), "valid")
    found = np.flatnonzero(lasting > _SHORTEST_SOUND_FRAMES - 0.5)
    if not len(found):
        return 0, 0
    return int(found[0]), int(found[-1]) + _SHORTEST_SOUND_FRAMES
