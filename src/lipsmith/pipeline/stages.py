"""The stages of one render, each made from the request."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from lipsmith.core.image import Picture
from lipsmith.core.motion import MouthTrack
from lipsmith.core.portrait import Portrait
from lipsmith.core.request import RenderRequest
from lipsmith.core.speech import Speech, Timing
from lipsmith.pipeline.prefetch import Prefetch
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


def prepare_portrait(request: RenderRequest, picture: Picture) -> Portrait:
    """The portrait in the size of the video, in front of the background that was asked for."""
    from lipsmith.faces.portrait import make_portrait
    from lipsmith.media.options import parse_size

    size = parse_size(request.size, width_px=picture.width, height_px=picture.height)
    portrait = make_portrait(picture, face=request.face, size=size, fit=request.fit)
    warnings = (*picture.warnings, *portrait.warnings, *portrait.face.warnings)
    if request.background.kind != "keep":
        from lipsmith.finishing.background import apply
        from lipsmith.media.pictures import read_picture

        behind = request.background.image
        image = read_picture(behind).pixels if behind is not None else None
        portrait = apply(portrait, request.background, image)
    return replace(portrait, warnings=tuple(dict.fromkeys((*warnings, *portrait.warnings))))


def read_words(request: RenderRequest) -> str | None:
    """The text to say, checked; None for a recording."""
    from lipsmith.media.text import check_text, read_text

    if request.text_file is not None:
        return read_text(request.text_file)
    return None if request.text is None else check_text(request.text)


def open_speech(request: RenderRequest, text: str | None, stack: ExitStack) -> Callable[[], Speech]:
    """Check the voice or the recording; what is returned starts saying or recognising it.

    text: what `read_words` gave. stack: gets what stops the speech.
    """
    if request.audio is not None:
        from lipsmith.speech.recording import read_recording

        recording = read_recording(request.audio, request.language)
        return lambda: _recognise(recording)

    from lipsmith.media.text import check_text, read_text
    from lipsmith.speech.base import SpeechOptions
    from lipsmith.speech.choice import open_voice
    from lipsmith.speech.word_timing import pronounce_words

    if request.text_file is not None:
        text = read_text(request.text_file)
    else:
        text = check_text(request.text or "")
    engine, voice = open_voice(request.voice, request.resources)
    stack.callback(engine.close)
    options = SpeechOptions(voice, request.language, request.rate, request.pitch)

    def speak() -> Speech:
        speech = engine.speak([text or ""], options, len(text or ""))
        if engine.capabilities.timing is Timing.PHONES:
            return speech
        return _recognise(pronounce_words(speech))

    return speak


def track_ahead(speech: Speech, request: RenderRequest, stop: threading.Event) -> MouthTrack:
    """The mouth track of a speech, made a little ahead in a thread of its own."""
    from lipsmith.articulation.track import make_track

    track = make_track(
        speech,
        fps=request.fps,
        seed=request.seed,
        motion=request.motion,
        expression=request.expression,
        blink=request.blink,
    )
    depth = math.ceil(_TRACK_AHEAD_S * request.fps)
    return replace(track, frames=Prefetch(track.frames, depth, "track", stop))


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


def _recognise(speech: Speech) -> Speech:
    from lipsmith.articulation.recogniser import recognise

    return recognise(speech)
