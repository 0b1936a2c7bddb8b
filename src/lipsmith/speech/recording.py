"""A recording as speech."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.media.audio import AudioSource, open_audio
from lipsmith.media.loudness import amplified
from lipsmith.speech.survey import survey_sound

_FRAME_S = 0.01
_SHORTEST_S, _LONGEST_S = 5.0, 20.0
_SHORTEST_FIRST_S = 2.0
"""The first chunk is short, so that the first picture comes soon."""

_SHORTEST_LAST_S = 2.0
_PAUSE_FRAMES = 25
_QUIET_SHARE = 0.25
"""Of the way from the noise floor to the loudest speech, in dB; below it nothing is said."""

_FAINTEST_DB = -70.0


def read_recording(
    path: Path, language: str | None = None, *, normalise: bool = True, trim: bool = False
) -> Speech:
    """Read a recording in chunks that end in pauses; `phones` is None in all of them.

    Chunks are 5 to 20 s long, the first may be shorter. For either of the options the file is
    read through once more, before the first chunk.

    normalise: bring it to -16 LUFS, without peaks above -1 dBTP. trim: leave out the silence
    before and behind the sound, but for 150 and 300 ms.

    Raises:
        AudioError: the file is missing, broken or has no sound.
    """
    source = open_audio(path)
    chunks = _chunks(source, normalise, trim)
    return Speech(source.rate_hz, source.channels, language or "en", chunks, source.warnings)


def _chunks(source: AudioSource, normalise: bool, trim: bool) -> Iterator[SpeechChunk]:
    blocks = source.blocks()
    total = round(source.duration_s * source.rate_hz) if source.duration_s else None
    if normalise or trim:
        survey = survey_sound(source.blocks(), source.rate_hz, source.channels)
        total = survey.samples
        if trim:
            blocks = _between(blocks, survey.first, survey.last)
            total = survey.last - survey.first
        if normalise:
            blocks = amplified(blocks, survey.gain, survey.peak, source.rate_hz)
    yield from cut_at_pauses(blocks, source.rate_hz, total)


def _between(
    blocks: Iterable[NDArray[np.float32]], first: int, last: int
) -> Iterator[NDArray[np.float32]]:
    """The samples [first, last) of blocks."""
    start = 0
    for block in blocks:
        part = block[max(0, first - start) : max(0, last - start)]
        start += len(block)
        if len(part):
            yield part


def cut_at_pauses(
    blocks: Iterable[NDArray[np.float32]], rate_hz: int, total: int | None = None
) -> Iterator[SpeechChunk]:
    """Join blocks of (n, channels) samples to chunks that end in pauses.

    total: samples in all blocks together, if known, for `progress`.
    """
    frame = round(rate_hz * _FRAME_S)
    sound: list[NDArray[np.float32]] = []
    levels: list[float] = []
    start = buffered = measured = 0

    def chunk(samples: NDArray[np.float32], last: bool) -> SpeechChunk:
        progress = 1.0 if last else min(1.0, (start + len(samples)) / total) if total else 0.0
        return SpeechChunk(samples, start, None, None, progress)

    for block in blocks:
        sound.append(block)
        buffered += len(block)
        if buffered - measured < 10 * frame:
            continue
        samples = np.concatenate(sound)
        levels += _levels_db(samples[measured:], frame)
        measured = len(levels) * frame
        while cut := _find_cut(np.array(levels), first=start == 0):
            if total and total - start - cut * frame < _SHORTEST_LAST_S * rate_hz:
                break
            yield chunk(samples[: cut * frame], last=False)
            samples = samples[cut * frame :]
            start += cut * frame
            del levels[:cut]
        sound, buffered, measured = [samples], len(samples), len(levels) * frame
    if buffered:
        yield chunk(np.concatenate(sound), last=True)


def _levels_db(samples: NDArray[np.float32], frame: int) -> list[float]:
    """The level of each whole frame."""
    count = len(samples) // frame
    frames = samples[: count * frame].reshape(count, -1)
    power = np.mean(frames * frames, axis=1)
    return [float(level) for level in 10 * np.log10(power + 1e-10)]


def _find_cut(levels: NDArray[np.float64], first: bool) -> int:
    """The frame to cut at, 0 while there is no reason to cut."""
    earliest = round((_SHORTEST_FIRST_S if first else _SHORTEST_S) / _FRAME_S)
    latest = round(_LONGEST_S / _FRAME_S)
    if len(levels) < earliest + _PAUSE_FRAMES:
        return 0
    levels = levels[:latest]
    floor, loud = np.percentile(levels, (5, 95))
    quiet = levels < max(floor + _QUIET_SHARE * (loud - floor), _FAINTEST_DB)
    quiet_frames = np.convolve(quiet[earliest:], np.ones(_PAUSE_FRAMES), "valid")
    pauses = np.flatnonzero(quiet_frames > _PAUSE_FRAMES - 0.5)
    if len(pauses):
        return earliest + int(pauses[0]) + _PAUSE_FRAMES // 2
    if len(levels) < latest:
        return 0
    around = np.convolve(levels[earliest:], np.ones(_PAUSE_FRAMES), "valid")
    return earliest + int(np.argmin(around)) + _PAUSE_FRAMES // 2
