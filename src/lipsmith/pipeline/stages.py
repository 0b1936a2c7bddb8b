"""The stages of one render, each made from the request."""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np

from lipsmith.core.image import Picture
from lipsmith.core.motion import MouthTrack
from lipsmith.core.portrait import Portrait
from lipsmith.core.request import FaceChoice, RenderRequest, SourceOptions
from lipsmith.core.speech import Speech
from lipsmith.pipeline.face_box import chooses, given_box
from lipsmith.pipeline.prefetch import Prefetch
from lipsmith.pipeline.scene import make_tracks, path_for
from lipsmith.pipeline.subtitles import Subtitles

T = TypeVar("T")

_TRACK_AHEAD_S = 2


@dataclass(frozen=True, slots=True)
class Exports:
    """Files beside the video. visemes: JSON. blendshapes: ARKit-52 CSV. subtitles: .srt, .vtt.

    Where several faces speak, visemes and blendshapes are a file a face; see `scene.path_for`.
    """

    visemes: Path | None = None
    blendshapes: Path | None = None
    subtitles: Path | None = None
    overwrite: bool = False


def read_picture_of(request: RenderRequest) -> Picture:
    """The picture of the request, from a file or an array, turned and cropped as asked for."""
    from lipsmith.media.pictures import picture_from_array, read_picture
    from lipsmith.media.transforms import plan_transform

    if isinstance(request.picture, Path):
        picture = read_picture(request.picture)
    else:
        picture = picture_from_array(request.picture)
    if request.source == SourceOptions():
        return picture
    transform = plan_transform(request.source, picture.width, picture.height, picture.name)
    alpha = None if picture.alpha is None else transform.apply(picture.alpha)
    return replace(picture, pixels=transform.apply(picture.pixels), alpha=alpha)


def closing_by(items: Iterator[T], stack: ExitStack) -> Iterator[T]:
    """The same items; where they are made by a generator, leaving the stack closes it."""
    if isinstance(items, Generator):
        stack.callback(items.close)
    return items


def prepare_portraits(
    request: RenderRequest, picture: Picture, faces: Sequence[int]
) -> tuple[Portrait, ...]:
    """The portraits of the faces, in the size to draw and before the background asked for.

    faces: their numbers, which do not matter where a box chooses the face.
    """
    from lipsmith.faces.portrait import make_portraits
    from lipsmith.pipeline.sizes import plan_sizes

    size = plan_sizes(request, picture.width, picture.height).drawn
    box = given_box(request, picture)
    numbers = None if chooses(request) else faces
    portraits = make_portraits(picture, numbers, size=size, fit=request.fit, box=box)
    if request.background.kind != "keep":
        from lipsmith.finishing.background import apply
        from lipsmith.media.pictures import read_picture

        behind = request.background.image
        image = read_picture(behind).pixels if behind is not None else None
        people = np.maximum.reduce([portrait.matte for portrait in portraits])
        scene = apply(replace(portraits[0], matte=people), request.background, image)
        portraits = tuple(replace(portrait, pixels=scene.pixels) for portrait in portraits)
    return portraits


def tracks_ahead(
    speech: Speech,
    request: RenderRequest,
    faces: Sequence[FaceChoice],
    fps: Fraction,
    stop: threading.Event,
    *,
    settled: bool = False,
) -> list[MouthTrack]:
    """The mouth track of each face, made a little ahead in a thread of their own."""
    tracks = make_tracks(speech, request, faces, fps, settled=settled)
    depth = math.ceil(_TRACK_AHEAD_S * fps)
    return tracks.apart(Prefetch(tracks.frames, depth, "track", stop))


def open_subtitles(
    request: RenderRequest, picture: Picture, text: str | None, exports: Exports
) -> Subtitles:
    """The subtitles that were asked for, in the size of the video."""
    from lipsmith.pipeline.sizes import plan_sizes

    size = plan_sizes(request, picture.width, picture.height).made
    return Subtitles(request, size, text, exports.subtitles, overwrite=exports.overwrite)


def export_tracks(
    tracks: Sequence[MouthTrack], faces: Sequence[FaceChoice], exports: Exports
) -> list[MouthTrack]:
    """The same tracks, which write the files that were asked for while they are taken."""
    if exports.visemes is None and exports.blendshapes is None:
        return list(tracks)

    from lipsmith.articulation.export import with_exports

    def own(path: Path | None, face: FaceChoice) -> Path | None:
        return None if path is None else path_for(path, face, faces)

    return [
        with_exports(
            track,
            visemes=own(exports.visemes, face),
            blendshapes=own(exports.blendshapes, face),
            overwrite=exports.overwrite,
        )
        for track, face in zip(tracks, faces, strict=True)
    ]
