"""The stages of one render, each made from the request."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lipsmith.core.image import Picture
from lipsmith.core.motion import MouthTrack
from lipsmith.core.portrait import Portrait
from lipsmith.core.request import RenderRequest
from lipsmith.core.speech import Speech
from lipsmith.pipeline.prefetch import Prefetch
from lipsmith.pipeline.scene import make_tracks
from lipsmith.pipeline.subtitles import Subtitles

_TRACK_AHEAD_S = 2


@dataclass(frozen=True, slots=True)
class Exports:
    """Files beside the video. visemes: JSON. blendshapes: ARKit-52 CSV. subtitles: .srt, .vtt."""

    visemes: Path | None = None
    blendshapes: Path | None = None
    subtitles: Path | None = None
    overwrite: bool = False


def read_source(request: RenderRequest) -> Picture:
    """The picture of the request, from a file or an array."""
    from lipsmith.media.pictures import picture_from_array, read_picture

    if isinstance(request.picture, Path):
        return read_picture(request.picture)
    return picture_from_array(request.picture)


def prepare_portraits(
    request: RenderRequest, picture: Picture, faces: Sequence[int]
) -> tuple[Portrait, ...]:
    """The portraits of the faces, in the size of the video and before the background asked for."""
    from lipsmith.faces.portrait import make_portraits
    from lipsmith.media.options import parse_size

    size = parse_size(request.size, width_px=picture.width, height_px=picture.height)
    portraits = make_portraits(picture, faces, size=size, fit=request.fit)
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
    speech: Speech, request: RenderRequest, faces: Sequence[int], stop: threading.Event
) -> list[MouthTrack]:
    """The mouth track of each face, made a little ahead in a thread of their own."""
    tracks = make_tracks(speech, request, faces)
    depth = math.ceil(_TRACK_AHEAD_S * request.fps)
    return tracks.apart(Prefetch(tracks.frames, depth, "track", stop))


def open_subtitles(
    request: RenderRequest, picture: Picture, text: str | None, exports: Exports
) -> Subtitles:
    """The subtitles that were asked for, in the size of the video."""
    from lipsmith.media.options import parse_size

    size = parse_size(request.size, width_px=picture.width, height_px=picture.height)
    return Subtitles(request, size, text, exports.subtitles, overwrite=exports.overwrite)


def export_track(track: MouthTrack, exports: Exports) -> MouthTrack:
    """The same track, which writes the files that were asked for while it is taken."""
    if exports.visemes is None and exports.blendshapes is None:
        return track

    from lipsmith.articulation.export import with_exports

    return with_exports(
        track,
        visemes=exports.visemes,
        blendshapes=exports.blendshapes,
        overwrite=exports.overwrite,
    )
