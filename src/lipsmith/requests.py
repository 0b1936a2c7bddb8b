"""What people ask for, as a typed request with the settings' defaults filled in."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, get_args

from lipsmith.errors import OptionError
from lipsmith.options import Detector, PathLike, RenderOptions, with_defaults

if TYPE_CHECKING:
    from lipsmith.core.options import EngineOptions, FinishingOptions
    from lipsmith.core.request import Clone, RenderRequest, SourceOptions
    from lipsmith.core.resources import Resources

CLONING_ENGINE = "neutts"
"""What says a text with a cloned voice, when no voice is asked for."""

E = TypeVar("E", bound=StrEnum)


def make_request(picture: Any, **options: Unpack[RenderOptions]) -> RenderRequest:
    """What people write, as typed values, with the settings' defaults filled in.

    Raises:
        OptionError: a value that no option of this name can have.
        TypeError: there is no such option.
    """
    from lipsmith.core.options import Length
    from lipsmith.core.request import Fit, RenderRequest
    from lipsmith.core.subtitle import SubtitleKind
    from lipsmith.media.options import parse_background, parse_face, parse_fps, parse_speaker
    from lipsmith.settings import settings

    given = with_defaults(options)
    fps, size, voice = given.get("fps"), given.get("size"), given.get("voice")
    if voice is None and given.get("clone") is not None:
        voice = CLONING_ENGINE
    if voice is None and given.get("language") is None and given.get("audio") is None:
        voice = settings().voice
    speakers = given.get("speakers") or {}
    return RenderRequest(
        picture=_picture(picture),
        text=given.get("text"),
        text_file=_path(given.get("text_file")),
        audio=_path(given.get("audio")),
        engine=given.get("engine") or settings().engine,
        voice=voice,
        rate=given.get("rate"),
        pitch=given.get("pitch"),
        language=given.get("language"),
        fps=None if fps is None else parse_fps(str(fps)),
        size="x".join(map(str, size)) if isinstance(size, tuple | list) else size,
        fit=_member("fit", given["fit"], Fit),
        face=parse_face(given.get("face")),
        source=_source(given),
        seed=given["seed"],
        motion=given["motion"],
        expression=given["expression"],
        blink=given["blink"],
        background=parse_background(str(given["background"])),
        speakers=tuple(parse_speaker(name, voice) for name, voice in speakers.items()),
        ssml=given["ssml"],
        transcript=_transcript(given.get("transcript")),
        normalise=given["normalise"],
        trim=given["trim"],
        subtitles=_member("subtitles", given["subtitles"], SubtitleKind),
        karaoke=given["karaoke"],
        resources=resources(),
        clone=_clone(given),
        length=_member("length", given["length"], Length),
        engine_options=_engine_options(given),
        finishing=_finishing(given),
    )


def beside(request: RenderRequest) -> Path:
    """Where a video goes when nobody says it: beside the picture, never over it.

    Raises:
        OptionError: the picture is not a file.
    """
    if not isinstance(request.picture, Path):
        raise OptionError("the picture is not a file, so say where the video goes: out=...")
    video = request.picture.with_suffix(".mp4")
    if video == request.picture:
        return video.with_stem(f"{video.stem}-dubbed")
    return video


def resources() -> Resources:
    """What engines may use here, by the settings."""
    from lipsmith.core.resources import Resources
    from lipsmith.settings import settings

    known = settings()
    return Resources(known.models, known.offline, known.commercial, known.home)


def _source(given: RenderOptions) -> SourceOptions:
    from lipsmith.core.request import SourceOptions
    from lipsmith.media.options import parse_four

    return SourceOptions(
        rotate=given["rotate"],
        crop=parse_four("crop", given.get("crop"), "x1,y1,x2,y2"),
        resize_factor=given["resize_factor"],
    )


def _engine_options(given: RenderOptions) -> EngineOptions:
    from lipsmith.core.options import CropOptions, EngineOptions, Precision, Runtime
    from lipsmith.media.options import parse_four
    from lipsmith.settings import settings

    crop = CropOptions(
        pads_px=parse_four("pads", given["pads"], "top,bottom,left,right") or (0, 0, 0, 0),
        box=parse_four("box", given.get("box"), "left,top,right,bottom"),
        smooth=given["smooth_box"],
        static=given["static_box"],
        detector=_name("detector", given["detector"], Detector),
        detector_batch=given.get("detector_batch_size"),
    )
    return EngineOptions(
        device=given.get("device") or settings().device,
        precision=_member("precision", given["precision"], Precision),
        runtime=_member("runtime", given["runtime"], Runtime),
        batch_size=given.get("batch_size"),
        weights=_path(given.get("weights")),
        crop=crop,
        resources=resources(),
    )


def _finishing(given: RenderOptions) -> FinishingOptions:
    from lipsmith.core.options import FinishingOptions, FinishingOrder

    return FinishingOptions(
        restore=given.get("restore"),
        restore_strength=given["restore_strength"],
        restore_weights=_path(given.get("restore_weights")),
        upscale=given.get("upscale"),
        upscale_factor=given.get("upscale_factor"),
        upscale_weights=_path(given.get("upscale_weights")),
        order=_member("finishing_order", given["finishing_order"], FinishingOrder),
        stabilize=given["stabilize"],
    )


def _clone(given: RenderOptions) -> Clone | None:
    from lipsmith.core.request import Clone
    from lipsmith.settings import settings

    recording, text = given.get("clone"), given.get("clone_text")
    if recording is None:
        if text is not None or given["consent"]:
            raise OptionError("a text or a consent for cloning needs the recording: clone=...")
        return None
    return Clone(Path(recording), text or "", given["consent"] or settings().consent)


def _picture(picture: Any) -> Any:
    if isinstance(picture, str | os.PathLike):
        return Path(picture)
    if hasattr(picture, "getbands"):  # a PIL image
        import numpy as np

        return np.asarray(picture.convert("RGBA" if "A" in picture.getbands() else "RGB"))
    return picture


def _transcript(given: PathLike | None) -> Path | str | None:
    """A string with blanks in it that is no file is the transcript itself."""
    if not isinstance(given, str):
        return _path(given)
    try:
        is_file = Path(given).is_file()
    except (OSError, ValueError):  # no name of a file is so long
        is_file = False
    return Path(given) if is_file or len(given.split()) == 1 else given


def _path(path: PathLike | None) -> Path | None:
    return None if path is None else Path(path)


def _member(name: str, value: str, kind: type[E]) -> E:
    if value not in list(kind):
        raise OptionError(f"{name} is {value!r}, and can be {', '.join(kind)}")
    return kind(value)


def _name(name: str, value: str, known: object) -> str:
    """value: one of the strings of `known`, a Literal."""
    if value not in get_args(known):
        raise OptionError(f"{name} is {value!r}, and can be {', '.join(get_args(known))}")
    return value
