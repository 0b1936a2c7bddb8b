"""Whether one person speaks in a recording, as far as pitch and timbre tell.

The speech is taken apart into pieces of about a second, which are put in two groups that differ as
much as they can. In one person's speech such groups differ by intonation and by what is said; two
people differ by more, unless their voices are alike.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Reference
from lipsmith.speech.cloning.reference import at_rate

_RATE_HZ = 16_000
_STEP, _WINDOW, _FFT = 160, 640, 1024
_BANDS, _COEFFICIENTS = 26, 13
_LOWEST_HZ, _HIGHEST_HZ = 50, 400
_BELOW_LOUD_DB, _VOICED = 30.0, 0.6
_PITCH_FRAMES, _TIMBRE_FRAMES = 60, 75
_FEWEST_VOICED, _SMALLEST_SHARE = 15, 0.2
_USUAL_PITCH_GAP, _USUAL_TIMBRE_GAP = 6.0, 6.5
"""About the largest that single speakers showed, in semitones and in ratios of variances."""

_TWO_SPEAKERS = 1.65

Features = NDArray[np.float64]


def second_speaker_warning(reference: Reference) -> str | None:
    """What to tell when more than one person may speak in a recording."""
    if speaker_gap(reference.samples, reference.rate_hz) < _TWO_SPEAKERS:
        return None
    return (
        f"more than one person seems to speak in {reference.name}: a voice is cloned from one; "
        "if that is so, cut out a stretch of one person alone"
    )


def speaker_gap(samples: NDArray[np.float32], rate_hz: int) -> float:
    """How far apart the voices in (n,) samples are; about 0.5 to 1.5 for one person."""
    heard = at_rate(samples, rate_hz, _RATE_HZ).astype(np.float64)
    if len(heard) < 2 * _RATE_HZ:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(heard, _WINDOW)[::_STEP]
    levels = 10 * np.log10(np.mean(frames * frames, axis=1) + 1e-10)
    speech = levels > np.percentile(levels, 95) - _BELOW_LOUD_DB
    frames = frames[speech]
    return _pitch_gap(*_pitches(frames)) / _USUAL_PITCH_GAP + (
        _timbre_gap(_cepstra(frames)) / _USUAL_TIMBRE_GAP
    )


def _pitches(frames: Features) -> tuple[Features, NDArray[np.bool_]]:
    """Semitones above 100 Hz of (n, _WINDOW) frames by autocorrelation, and which are voiced.

    Divided by the window's own, as Boersma does (Proc. Institute of Phonetic Sciences 17, 1993).
    """
    window = np.hanning(_WINDOW)
    first, last = _RATE_HZ // _HIGHEST_HZ, _RATE_HZ // _LOWEST_HZ
    own = _autocorrelation(window[None])[:, first:last]
    ratios = _autocorrelation(frames * window)[:, first:last] / own
    highest = ratios.max(axis=1, keepdims=True)
    peaks = (ratios >= np.roll(ratios, 1, 1)) & (ratios >= np.roll(ratios, -1, 1))
    lags = first + np.argmax(peaks & (ratios > 0.9 * highest), axis=1)  # not an octave too low
    return 12 * np.log2(_RATE_HZ / lags / 100), highest[:, 0] > _VOICED


def _autocorrelation(frames: Features) -> Features:
    power = np.abs(np.fft.rfft(frames, 2 * _FFT)) ** 2
    made = np.fft.irfft(power)[:, :_WINDOW]
    return np.asarray(made / (made[:, :1] + 1e-12))


def _pitch_gap(pitches: Features, voiced: NDArray[np.bool_]) -> float:
    """Between the middles of the higher and the lower pieces, in semitones."""
    count = len(pitches) // _PITCH_FRAMES * _PITCH_FRAMES
    pieces = np.where(voiced, pitches, np.nan)[:count].reshape(-1, _PITCH_FRAMES)
    pieces = pieces[np.sum(~np.isnan(pieces), axis=1) >= _FEWEST_VOICED]
    if len(pieces) < 3:
        return 0.0
    middles = np.sort(np.nanmedian(pieces, axis=1))
    fewest = max(1, int(np.ceil(_SMALLEST_SHARE * len(middles))))
    cuts = range(fewest, len(middles) - fewest + 1)
    return max((float(middles[c:].mean() - middles[:c].mean()) for c in cuts), default=0.0)


def _cepstra(frames: Features) -> Features:
    """(n, _COEFFICIENTS) mel-frequency cepstra, without the level."""
    emphasised = frames[:, 1:] - 0.97 * frames[:, :-1]
    power = np.abs(np.fft.rfft(emphasised * np.hamming(_WINDOW - 1), _FFT)) ** 2
    logs = np.log(power @ _mel_bands().T + 1e-9)
    angles = np.outer(np.arange(1, _COEFFICIENTS + 1), np.arange(_BANDS) + 0.5) * np.pi / _BANDS
    return np.asarray(logs @ np.cos(angles).T)


@cache
def _mel_bands() -> Features:
    """(_BANDS, _FFT // 2 + 1) triangles between 80 and 7600 Hz."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (80, 7600))
    edges = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(_FFT, 1 / _RATE_HZ)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.clip(np.minimum(rising, falling), 0, None)


def _timbre_gap(cepstra: Features) -> float:
    """Variance between the two groups of pieces, over the one inside them."""
    count = len(cepstra) // _TIMBRE_FRAMES
    if count < 3:
        return 0.0
    pieces = cepstra[: count * _TIMBRE_FRAMES].reshape(count, _TIMBRE_FRAMES, -1)
    means = pieces.mean(axis=1)
    inside = np.cov((pieces - means[:, None]).reshape(-1, _COEFFICIENTS).T)
    inside += 1e-3 * np.eye(_COEFFICIENTS)
    means = (means - means.mean(axis=0)) @ np.linalg.cholesky(np.linalg.inv(inside))
    axes = np.linalg.svd(means, full_matrices=False)[2][:2]
    starts = [np.arange(count) < cut for cut in range(1, count)]
    starts += [means @ axis > 0 for axis in axes]
    return max(_separation(means, start) for start in starts)


def _separation(points: Features, group: NDArray[np.bool_]) -> float:
    """Of the two groups that k-means makes from a first guess."""
    for _ in range(10):
        if group.all() or not group.any():
            return 0.0
        centres = [points[part].mean(axis=0) for part in (group, ~group)]
        near, far = (np.sum((points - centre) ** 2, axis=1) for centre in centres)
        if np.array_equal(near < far, group):
            break
        group = near < far
    count, own = len(points), int(group.sum())
    if own in (0, count):
        return 0.0
    apart = points[group].mean(axis=0) - points[~group].mean(axis=0)
    between = own * (count - own) / count * float(apart @ apart)
    within = float(np.sum((points - points.mean(axis=0)) ** 2)) - between
    return between / (within + 1e-9) * (count - 2)
