"""What is heard around each video frame, and where nobody speaks."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.motion import MouthTrack, TrackFrame, Viseme
from lipsmith.engines.wav2lip.mel import RATE_HZ, SILENCE, MelStream, mel_windows
from lipsmith.media.resampling import Resampler, downmix

LOOKAHEAD_MS = 225
"""16 columns of mel spectrogram, 12.5 ms apart, and half a window of 50 ms."""

_CLOSING_S, _CLOSED_S = 0.02, 0.12
"""How far speech is away when the lips begin to rest, and when they do."""
_PAUSE_S = 0.1
"""Between words that are nearer, the lips do not come to rest."""


@dataclass(frozen=True, slots=True)
class HeardFrame:
    """A frame of the track, and what the network is given for it.

    mel: (80, 16) float32, -4..4. rest: 0..1, 1 where the mouth is shut since nobody speaks.
    """

    frame: TrackFrame
    mel: NDArray[np.float32]
    rest: float

    @property
    def silenced_mel(self) -> NDArray[np.float32]:
        """The window; where nobody speaks, without the noises of the pause."""
        return np.full_like(self.mel, SILENCE) if self.rest == 1 else self.mel


def listen(track: MouthTrack) -> Iterator[HeardFrame]:
    """Every frame of a track, read about `LOOKAHEAD_MS` ahead."""
    waiting: deque[TrackFrame] = deque()
    reach = math.ceil(_CLOSED_S * track.fps)
    before: deque[TrackFrame] = deque(maxlen=reach)
    windows = mel_windows(_columns(track, waiting), track.fps)
    for mel in windows:
        if not waiting:
            return
        frame = waiting.popleft()
        ahead = [waiting[index] for index in range(min(reach, len(waiting)))]
        since, until = _distance(reversed((*before, frame))), _distance((frame, *ahead))
        away_s, pause_s = min(since, until) / track.fps, (since + until - 1) / track.fps
        rest = float(np.clip((away_s - _CLOSING_S) / (_CLOSED_S - _CLOSING_S), 0, 1))
        rest = rest if pause_s > _PAUSE_S else 0.0
        before.append(frame)
        yield HeardFrame(frame, mel, rest)


def _columns(track: MouthTrack, waiting: deque[TrackFrame]) -> Iterator[NDArray[np.float32]]:
    """The mel spectrogram in pieces; the frames that are read for it are added to `waiting`."""
    spectrogram = MelStream()
    resampler = Resampler(track.rate_hz, RATE_HZ, 1)
    for frame in track.frames:
        waiting.append(frame)
        yield spectrogram.push(resampler.push(downmix(frame.samples, 1))[:, 0])
    yield spectrogram.push(resampler.finish()[:, 0])
    yield spectrogram.finish()


def _distance(frames: Iterator[TrackFrame] | tuple[TrackFrame, ...]) -> float:
    """How many frames away speech is, from the first of them on."""
    for index, frame in enumerate(frames):
        if frame.viseme is not Viseme.SIL:
            return index
    return math.inf
