"""What a render will say and do, without a picture: its sound and the poses of every frame."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.motion import (
    EyesPose,
    HeadPose,
    MouthPose,
    MouthTrack,
    TrackFrame,
    Viseme,
    first_sample,
)
from lipsmith.core.request import MarkTime, RenderRequest
from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.engines.rig.body import Body
from lipsmith.errors import AudioError, TextError
from lipsmith.media.cues import estimated_words
from lipsmith.pipeline.checks import check_options
from lipsmith.pipeline.scene import faces_of, make_tracks
from lipsmith.pipeline.segments import Cut, cut_of, take_of, takes_of
from lipsmith.pipeline.speaking import open_speech, read_words
from lipsmith.pipeline.takes import Take, joined_takes

PREVIEW_LONGEST_S = 180.0
"""What comes later is left to the render."""

_FPS = Fraction(25)
_KEPT_BYTES = 96_000_000
_PARTS = (("mouth", MouthPose), ("eyes", EyesPose), ("head", HeadPose))
_BODY = ("body.x_mm", "body.y_mm", "body.roll_rad")
COLUMNS = (
    *(f"{part}.{each.name}" for part, kind in _PARTS for each in dataclasses.fields(kind)),
    *_BODY,
    "viseme",
)
"""Of `Preview.poses`, with the units of `Pose`; the body's are `engines.rig.head.BodyPose`'s, and
a viseme is its number in `Viseme`."""


@dataclass(frozen=True, slots=True)
class WordTime:
    """A word and when it is said, in seconds from the start."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything of a render but its pictures.

    poses: (frames, len(COLUMNS)) float32, frame i at i / fps seconds. samples: (n, channels)
    float32 in -1..1.
    """

    fps: Fraction
    poses: NDArray[np.float32]
    rate_hz: int
    samples: NDArray[np.float32]
    voice: str | None
    words: tuple[WordTime, ...]
    marks: tuple[MarkTime, ...]
    warnings: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate_hz


@dataclass(frozen=True, slots=True)
class _Said:
    """A stretch of speech that was said.

    is_take: the face begins and ends it at rest. is_level: it is as loud as the render's already.
    is_cut: more would follow.
    """

    take: Take
    is_take: bool
    is_level: bool = True
    warnings: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def nbytes(self) -> int:
        return sum(chunk.samples.nbytes for chunk in self.take.chunks)


class SaidBefore:
    """What was said last, so that another expression needs no speech to be made again."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[object, tuple[_Said, ...]] = OrderedDict()

    def get(self, key: object, say: Callable[[], tuple[_Said, ...]]) -> tuple[_Said, ...]:
        """What `say` makes, if it is not known."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = say()
            while len(self._kept) > 1 and self._nbytes() > self._kept_bytes:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    def _nbytes(self) -> int:
        return sum(each.nbytes for said in self._kept.values() for each in said)


def make_preview(
    request: RenderRequest, before: SaidBefore, longest_s: float = PREVIEW_LONGEST_S
) -> Preview:
    """The preview of a request for a still; its picture is not looked at.

    The poses are those of the video that jobs make of the request. Of several faces that speak,
    they are those of the first. before: what was said earlier, and this.

    Raises:
        InputError: what was asked for cannot be said.
    """
    check_options(request)
    fps = request.fps or _FPS
    said, is_whole = _say(request, fps, before, longest_s)
    if not said:
        raise _silent(request)
    frames = [frame for each in said for frame in _frames(each, request, fps)]
    speech = _joined(said, fps)
    words: list[WordTime] = []
    samples = []
    for chunk in speech.chunks:
        samples.append(chunk.samples)
        words += _words(chunk, speech.rate_hz)
    sound = np.concatenate(samples)
    warnings = [*(w for each in said for w in each.warnings), *speech.warnings]
    if not is_whole:
        warnings.append(f"the preview ends after {len(sound) / speech.rate_hz:.0f} s")
    return Preview(
        fps,
        np.array(frames, np.float32),
        speech.rate_hz,
        sound,
        speech.voice,
        tuple(words),
        tuple(_marks(said, fps)),
        tuple(dict.fromkeys(warnings)),
    )


def _silent(request: RenderRequest) -> AudioError | TextError:
    if request.audio is not None:
        return AudioError(f"{request.audio} has no sound in it")
    return TextError("nothing in the text can be said in this language; try another --language")


def _say(
    request: RenderRequest, fps: Fraction, before: SaidBefore, longest_s: float
) -> tuple[list[_Said], bool]:
    """What is said, and whether that is all of it."""
    text = read_words(request)
    cut, passages = cut_of(request, text)
    key = _voice_key(request)
    if cut is Cut.PASSAGES:
        return _passages(request, passages, fps, before, longest_s)
    if cut is Cut.TAKES:
        said = before.get((*key, fps), lambda: _takes(request, fps, longest_s))
    else:
        said = before.get(key, lambda: _whole(request, text, longest_s))
    return list(said), not any(each.is_cut for each in said)


def _voice_key(request: RenderRequest) -> tuple[object, ...]:
    """Everything that what is said depends on."""
    return (
        request.text,
        request.text_file,
        request.audio,
        request.voice,
        request.rate,
        request.pitch,
        request.language,
        request.speakers,
        request.ssml,
        request.transcript,
        request.normalise,
        request.trim,
        request.clone,
    )


def _passages(
    request: RenderRequest,
    passages: Iterable[str],
    fps: Fraction,
    before: SaidBefore,
    longest_s: float,
) -> tuple[list[_Said], bool]:
    usual = replace(request, text=None, normalise=False)
    said: list[_Said] = []
    length_s = 0.0
    for passage in passages:
        if length_s > longest_s:
            return said, False
        made = before.get(
            (passage, *_voice_key(usual), fps),
            partial(_passage, request, passage, fps),
        )
        said += made
        length_s += sum(float(each.take.frames / fps) for each in made)
    return said, True


def _passage(request: RenderRequest, passage: str, fps: Fraction) -> tuple[_Said, ...]:
    take = take_of(request, passage, fps)
    return () if take is None else (_Said(take, True, not request.normalise),)


def _takes(request: RenderRequest, fps: Fraction, longest_s: float) -> tuple[_Said, ...]:
    said: list[_Said] = []
    length_s = 0.0
    for take in takes_of(request, fps):
        if length_s > longest_s:
            return (*said[:-1], replace(said[-1], is_cut=True))
        said.append(_Said(take, is_take=True))
        length_s += float(take.frames / fps)
    return tuple(said)


def _whole(request: RenderRequest, text: str | None, longest_s: float) -> tuple[_Said, ...]:
    """All of it as it is, without the rounding to frames that takes have."""
    with ExitStack() as stack:
        speech = open_speech(request, text, stack)()
        chunks: list[SpeechChunk] = []
        is_cut = False
        for chunk in speech.chunks:
            if chunks and chunks[-1].end > longest_s * speech.rate_hz:
                is_cut = True
                break
            if len(chunk.samples):
                chunks.append(chunk)
        if not chunks:
            return ()
        take = Take(
            speech.rate_hz, speech.channels, speech.language, tuple(chunks), 0, speech.voice
        )
        return (_Said(take, False, True, tuple(speech.warnings), is_cut),)


def _frames(said: _Said, request: RenderRequest, fps: Fraction) -> Iterator[list[float]]:
    """The rows of `Preview.poses`."""
    faces = faces_of(request)
    tracks = make_tracks(said.take.speech(), request, faces, fps, settled=said.is_take)
    track: MouthTrack = tracks.apart(tracks.frames)[0]
    body = Body(fps)
    for frame in track.frames:
        yield _row(frame, body)


def _row(frame: TrackFrame, body: Body) -> list[float]:
    pose = frame.pose
    follows = body.follow(pose.head)
    parts = (
        getattr(getattr(pose, part), each.name)
        for part, kind in _PARTS
        for each in dataclasses.fields(kind)
    )
    viseme = _NUMBER_OF[frame.viseme]
    return [*parts, follows.x_mm, follows.y_mm, follows.roll_rad, viseme]


_NUMBER_OF = {viseme: float(number) for number, viseme in enumerate(Viseme)}


def _joined(said: list[_Said], fps: Fraction) -> Speech:
    """All that is said as one speech, as loud as the render's."""
    first = said[0].take.speech()
    if not said[0].is_take:
        return first
    speech = replace(first, chunks=joined_takes((each.take for each in said), fps))
    if said[0].is_level:
        return speech
    from lipsmith.speech.chunks.levelling import Leveller

    return Leveller().level(speech)


def _words(chunk: SpeechChunk, rate_hz: int) -> Iterator[WordTime]:
    for word in chunk.words or estimated_words(chunk):
        yield WordTime(word.text, word.start / rate_hz, word.end / rate_hz)


def _marks(said: list[_Said], fps: Fraction) -> Iterator[MarkTime]:
    frames = 0
    for each in said:
        rate_hz = each.take.rate_hz
        start = first_sample(frames, rate_hz, fps)
        for chunk in each.take.chunks:
            for mark in chunk.marks:
                yield MarkTime(mark.name, (start + mark.at) / rate_hz)
        frames += each.take.frames
