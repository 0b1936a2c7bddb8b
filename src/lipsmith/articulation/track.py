"""Speech to a mouth track: what the face does in every frame, with the frame's own sound."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import fields
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.coarticulation import MouthCurves, mouth_curves
from lipsmith.articulation.contacts import VISUAL_LEAD_S
from lipsmith.articulation.life import Life, LifeCurves
from lipsmith.articulation.loudness import LoudnessMeter, opening_gain
from lipsmith.articulation.settling import settled_pose
from lipsmith.articulation.timeline import BLOCK_TICKS, TICKS_PER_SECOND, Timeline
from lipsmith.core.motion import (
    EyesPose,
    HeadPose,
    MouthPose,
    MouthTrack,
    Pose,
    TimedViseme,
    TrackFrame,
    Viseme,
    first_sample,
)
from lipsmith.core.speech import Mark, Speech, SpeechChunk
from lipsmith.phonetics.visemes import timed_visemes

_LIFE = tuple(field.name for field in fields(LifeCurves))
_FIELDS = tuple(field.name for field in fields(MouthCurves)) + _LIFE
_MOUTH = tuple(field.name for field in fields(MouthPose))
_EYES = tuple(field.name for field in fields(EyesPose))
_HEAD = tuple(field.name for field in fields(HeadPose))


def make_track(
    speech: Speech,
    *,
    fps: Fraction,
    seed: int = 0,
    motion: float = 1.0,
    expression: float = 1.0,
    blink: bool = True,
    settled: bool = False,
) -> MouthTrack:
    """Make the face say `speech`.

    Frames come as soon as the sound half a second after them is known; memory does not grow with
    the length. The same speech, seed and settings give the same track, however the speech was cut
    into chunks, and the same motion at every frame rate.

    fps: frames per second. motion: 0..2 scales head, gaze and breathing; 0 keeps them still.
    expression: 0 a serious face with little play of the mouth and brows, 1 natural and slightly
    friendly, 2 smiling and lively. blink: whether the eyes blink. settled: the face begins and ends
    at rest, so that tracks follow each other without a jump.

    Raises:
        ValueError: a chunk has no phones.
    """
    frames = _frames(speech, fps, seed, motion, expression, blink, settled)
    return MouthTrack(fps, speech.rate_hz, speech.channels, frames)


def _frames(
    speech: Speech,
    fps: Fraction,
    seed: int,
    motion: float,
    expression: float,
    blink: bool,
    settled: bool,
) -> Iterator[TrackFrame]:
    timeline = Timeline(speech.rate_hz)
    poses = PoseStream(timeline, fps, seed, motion, expression, blink)
    sound = _SoundBuffer(speech.channels)
    visemes = _VisemeBuffer()
    marks: deque[Mark] = deque()
    index = 0
    ended = False
    chunks = iter(speech.chunks)
    while True:
        first, end = (first_sample(i, speech.rate_hz, fps) for i in (index, index + 1))
        if ended and first >= sound.end:
            return
        if not ended and (sound.end < end or not poses.covers(index)):
            chunk = next(chunks, None)
            if chunk is None:
                ended = True
                timeline.end()
            elif len(chunk.samples):
                timeline.append(chunk)
                visemes.append(chunk)
                sound.append(chunk)
                marks.extend(chunk.marks)
            continue
        progress = sound.progress(min(end, sound.end))
        is_last = ended and end >= sound.end
        samples = sound.take(end)
        pose = poses.pose(index)
        if settled:
            left_s = (sound.end - first) / speech.rate_hz if ended else math.inf
            pose = settled_pose(pose, min(float(index / fps), left_s), expression)
        reached = []
        while marks and (is_last or marks[0].at < end):
            reached.append(marks.popleft())
        viseme = visemes.between(first, end)
        yield TrackFrame(index, pose, samples, viseme, progress, tuple(reached))
        index += 1


class PoseStream:
    """Poses of frames in order, made block by block."""

    def __init__(
        self,
        timeline: Timeline,
        fps: Fraction,
        seed: int,
        motion: float,
        expression: float,
        blink: bool,
    ) -> None:
        self._timeline = timeline
        self._fps = fps
        self._play = float(np.interp(expression, (0.0, 1.0, 2.0), (0.88, 1.0, 1.1)))
        self._meter = LoudnessMeter()
        self._life = Life(
            seed, motion=motion, expression=expression, blink=blink, frame_s=float(1 / fps)
        )
        self._curves = np.empty((len(_FIELDS), 0))
        self._first = 0
        self._next_block = 0

    def _ticks(self, index: int) -> tuple[float, float]:
        """Where on the clock a frame shows the mouth, and the rest of the face."""
        time = float(index / self._fps)
        return (time + VISUAL_LEAD_S) * TICKS_PER_SECOND, time * TICKS_PER_SECOND

    def _ticks_needed(self, index: int) -> int:
        return int(self._ticks(index)[0]) + 2

    def covers(self, index: int) -> bool:
        """Whether the pose of a frame can be made from what is known."""
        blocks = range(self._next_block, self._ticks_needed(index), BLOCK_TICKS)
        return all(self._timeline.covers(first) for first in blocks)

    def pose(self, index: int) -> Pose:
        """The pose of a frame; ask in order."""
        mouth_tick, face_tick = self._ticks(index)
        while self._next_block < self._ticks_needed(index):
            self._make_block()
        drop = max(0, int(face_tick) - self._first)
        self._curves, self._first = self._curves[:, drop:], self._first + drop
        mouth = dict(zip(_FIELDS, self._at(mouth_tick), strict=True))
        face = dict(zip(_FIELDS, self._at(face_tick), strict=True))
        # Corners cannot be drawn out and pushed forward at once.
        mouth["smile"] = face["smile"] * (1.0 - 0.6 * mouth["round"])
        return Pose(
            MouthPose(**{name: mouth[name] for name in _MOUTH}),
            EyesPose(**{name: face[name] for name in _EYES}),
            HeadPose(**{name: face[name] for name in _HEAD}),
        )

    def _at(self, tick: float) -> list[float]:
        """Every curve between two ticks."""
        whole = int(tick)
        column = whole - self._first
        part = tick - whole
        now, later = self._curves[:, column], self._curves[:, column + 1]
        return [float(v) for v in now + part * (later - now)]

    def _make_block(self) -> None:
        window = self._timeline.window(self._next_block)
        relative = self._meter.measure(window)
        mouth = mouth_curves(window, self._play * opening_gain(relative), self._fps)
        life = self._life.live(window, relative)
        block = np.stack([getattr(life if name in _LIFE else mouth, name) for name in _FIELDS])
        self._curves = np.concatenate([self._curves, block], axis=1)
        self._next_block += BLOCK_TICKS


class _SoundBuffer:
    """Sound between its arrival and its frame."""

    def __init__(self, channels: int) -> None:
        self._samples = np.zeros((0, channels), np.float32)
        self._start = 0
        self._arrivals: deque[tuple[int, int, float, float]] = deque()

    @property
    def end(self) -> int:
        return self._start + len(self._samples)

    def append(self, chunk: SpeechChunk) -> None:
        samples = np.asarray(chunk.samples, np.float32).reshape(-1, self._samples.shape[1])
        before = self._arrivals[-1][3] if self._arrivals else 0.0
        self._arrivals.append((self.end, self.end + len(samples), before, chunk.progress))
        self._samples = np.concatenate([self._samples, samples])

    def take(self, end: int) -> NDArray[np.float32]:
        """The sound from the last call's end to `end`, or to the end of the sound."""
        count = min(end, self.end) - self._start
        taken = self._samples[:count]
        self._samples = self._samples[count:]
        self._start += count
        return taken

    def progress(self, sample: int) -> float:
        """Share of the input consumed at a sample, between what the chunks said."""
        while len(self._arrivals) > 1 and self._arrivals[0][1] < sample:
            self._arrivals.popleft()
        start, end, before, after = self._arrivals[0]
        return before + (after - before) * min(1.0, (sample - start) / (end - start))


class _VisemeBuffer:
    """Visemes between their arrival and their frame."""

    def __init__(self) -> None:
        self._visemes: deque[TimedViseme] = deque()

    def append(self, chunk: SpeechChunk) -> None:
        self._visemes.extend(timed_visemes(chunk.phones or ()))

    def between(self, start: int, end: int) -> Viseme:
        """The viseme that fills most of a stretch of samples."""
        while self._visemes and self._visemes[0].end <= start:
            self._visemes.popleft()
        share: dict[Viseme, int] = {Viseme.SIL: 0}
        told = 0
        for timed in self._visemes:
            if timed.start >= end:
                break
            overlap = min(timed.end, end) - max(timed.start, start)
            share[timed.viseme] = share.get(timed.viseme, 0) + overlap
            told += overlap
        share[Viseme.SIL] += end - start - told
        return max(share, key=lambda viseme: share[viseme])
