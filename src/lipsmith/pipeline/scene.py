"""Who of the people in the picture speaks when, and what the others do meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import tee
from pathlib import Path

import numpy as np

from lipsmith.core.motion import MouthTrack, TrackFrame
from lipsmith.core.request import FaceChoice, RenderRequest
from lipsmith.core.speech import Phone, Speech, SpeechChunk

_SEED_STEP = 7919
"""Between the seeds of two faces, so that they do not blink together."""


def faces_of(request: RenderRequest) -> tuple[FaceChoice, ...]:
    """The faces that speak, each once; the one of who speaks without a name is the first."""
    usual = request.face or 0
    named = (speaker.face for speaker in request.speakers)
    return tuple(dict.fromkeys([usual, *(face for face in named if face is not None)]))


def path_for(path: Path, face: FaceChoice, faces: Sequence[FaceChoice]) -> Path:
    """Where the track of a face goes: each of several has a file of its own, talk.face-0.json."""
    if len(faces) == 1:
        return path
    name = face.stem if isinstance(face, Path) else face
    return path.with_name(f"{path.stem}.face-{name}{path.suffix}")


def make_tracks(
    speech: Speech,
    request: RenderRequest,
    faces: Sequence[FaceChoice],
    fps: Fraction,
    *,
    settled: bool = False,
) -> MouthTracks:
    """What each face does, frame by frame; those who are not speaking are quiet.

    settled: they begin and end at rest.
    """
    from lipsmith.articulation.track import make_track

    usual = faces[0]
    face_of = {s.name: usual if s.face is None else s.face for s in request.speakers}
    tracks = [
        make_track(
            part,
            fps=fps,
            seed=(request.seed + _SEED_STEP * index) % 2**32,
            motion=request.motion,
            expression=request.expression,
            blink=request.blink,
            settled=settled,
        )
        for index, part in enumerate(_parts(speech, face_of, faces))
    ]
    return MouthTracks(tracks)


class MouthTracks:
    """The tracks of several faces, made in step."""

    def __init__(self, tracks: Sequence[MouthTrack]) -> None:
        self.first = tracks[0]
        self.frames: Iterator[tuple[TrackFrame, ...]] = zip(
            *(track.frames for track in tracks), strict=True
        )
        self._count = len(tracks)

    def apart(self, frames: Iterator[tuple[TrackFrame, ...]]) -> list[MouthTrack]:
        """A track for each face, to be taken in step; frames: those of `frames`."""
        copies = tee(frames, self._count)
        return [replace(self.first, frames=_each(copy, index)) for index, copy in enumerate(copies)]


def _each(frames: Iterator[tuple[TrackFrame, ...]], index: int) -> Iterator[TrackFrame]:
    for together in frames:
        yield together[index]


def _parts(
    speech: Speech, face_of: Mapping[str, FaceChoice], faces: Sequence[FaceChoice]
) -> list[Speech]:
    """The speech for each face; where it does not speak there is silence."""
    if len(faces) == 1:
        return [speech]
    copies = tee(speech.chunks, len(faces))

    def heard(chunks: Iterator[SpeechChunk], face: FaceChoice) -> Iterator[SpeechChunk]:
        for chunk in chunks:
            own = face_of.get(chunk.speaker, faces[0]) == face
            yield chunk if own else _silenced(chunk)

    return [
        replace(speech, chunks=heard(chunks, face))
        for chunks, face in zip(copies, faces, strict=True)
    ]


def _silenced(chunk: SpeechChunk) -> SpeechChunk:
    samples = np.zeros_like(chunk.samples)
    pause = (Phone("", chunk.start, chunk.end),) if len(samples) else ()
    return replace(chunk, samples=samples, phones=pause, text=None, words=())
