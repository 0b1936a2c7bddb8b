"""The options of a render as Python programs write them, and the request that they make."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeAlias,
    TypedDict,
    TypeVar,
    Unpack,
    cast,
    get_args,
)

from lipsmith.errors import OptionError

if TYPE_CHECKING:
    from lipsmith.core.options import EngineOptions, FinishingOptions
    from lipsmith.core.request import Clone, RenderRequest, SourceOptions
    from lipsmith.core.resources import Resources

CLONING_ENGINE = "neutts"
"""What says a text with a cloned voice, when no voice is asked for."""

PathLike: TypeAlias = str | os.PathLike[str]
Four: TypeAlias = str | tuple[int, int, int, int]
"""Four whole numbers, or a string with them: "0,10,0,0"."""

Detector: TypeAlias = Literal["builtin", "s3fd"]
Restorer: TypeAlias = Literal["gfpgan", "codeformer", "restoreformer"]
Upscaler: TypeAlias = Literal["realesrgan", "lanczos", "bicubic"]

E = TypeVar("E", bound=StrEnum)
F = TypeVar("F", bound=Callable[..., object])


class RenderOptions(TypedDict, total=False):
    """text, text_file, audio: what is said; exactly one of them.
    voice: a name from `list_voices()`. language: BCP 47 tag of the text or the recording. rate:
    80..450 words a minute. pitch: 0..99, 50 is the voice's own.
    speakers: as {"anna": "en-us+f3", "ben": "de@1"}: the voices of who speaks in a text with [anna]
    and [ben] in it, and the numbers of their faces. ssml: the text is SSML; one that begins with
    <speak> always is.
    clone: a recording, 3 to 15 s, whose voice says the text. clone_text: what is said in it.
    consent: True declares that the person who speaks there agrees; needed once a recording.
    transcript: what the recording says, or a text file with it. normalise: bring the sound to
    -16 LUFS. trim: leave out the silence before and behind a recording.
    subtitles: "srt" or "vtt" write a file beside the video, "burn" draws them into it. karaoke:
    the word that is being said is marked in them.

    fps: 12..60; None is 25, and a video's own. size: "WxH", (W, H), "720p", "1080p", ...; None
    keeps the picture's. fit: "crop" or "pad", when the size has another shape. background: "keep",
    "blur", a colour or the path of a picture. length: of a video that says something else: as the
    sound, "audio", or as the "video"; "loop", "bounce" and "hold" are as the sound too, and tell
    what is seen when that is the longer one.
    rotate: 0, 90, 180 or 270 degrees clockwise, crop: (x1, y1, x2, y2) in px, -1 as far as it goes,
    and resize_factor: 1 or more, change the picture while it is read, in this order.

    engine: a name from `list_engines()`. face: its number, 0-based, the largest first; a picture
    of the person; or "auto", who speaks in the video's own sound. motion: 0..2, of the head and the
    gaze. expression: 0..2, from serious to lively. blink: whether it blinks. seed: equal seeds,
    equal videos.

    restore: "gfpgan", "codeformer" or "restoreformer" sharpens the face. restore_strength: 0..1.
    upscale: "realesrgan", "lanczos" or "bicubic" enlarges the frames. upscale_factor: 2 or 4; None
    is what `size` needs. finishing_order: "restore-first" or "upscale-first". restore_weights,
    upscale_weights: files of one's own. stabilize: steady the camera of a video.

    device: "auto", "cpu", "cuda", "cuda:1", "mps". precision: "auto", "fp32", "fp16" or "bf16".
    runtime: "auto", "torch", "onnx" or "openvino". batch_size: frames at once; None is as many as
    fit. weights: a file of one's own for the engine.
    pads: px added to the box of the face: (top, bottom, left, right). box: (left, top, right,
    bottom) in px, taken instead of looking for the face. static_box: the first box holds for the
    whole video. smooth_box: boxes are means over time. detector: "builtin" or "s3fd".
    detector_batch_size: pictures at once.
    """

    text: str | None
    text_file: PathLike | None
    audio: PathLike | None
    voice: str | None
    language: str | None
    rate: int | None
    pitch: int | None
    speakers: Mapping[str, str] | None
    ssml: bool
    clone: PathLike | None
    clone_text: str | None
    consent: bool
    transcript: PathLike | None
    normalise: bool
    trim: bool
    subtitles: Literal["none", "srt", "vtt", "burn"]
    karaoke: bool

    fps: float | str | Fraction | None
    size: str | tuple[int, int] | None
    fit: Literal["crop", "pad"]
    background: PathLike
    length: Literal["audio", "video", "loop", "bounce", "hold"]
    rotate: int
    crop: Four | None
    resize_factor: float

    engine: str | None
    face: int | PathLike | None
    motion: float
    expression: float
    blink: bool
    seed: int

    restore: Restorer | None
    restore_strength: float
    restore_weights: PathLike | None
    upscale: Upscaler | None
    upscale_factor: int | None
    upscale_weights: PathLike | None
    finishing_order: Literal["restore-first", "upscale-first"]
    stabilize: bool

    device: str | None
    precision: Literal["auto", "fp32", "fp16", "bf16"]
    runtime: Literal["auto", "torch", "onnx", "openvino"]
    batch_size: int | None
    weights: PathLike | None
    pads: Four
    box: Four | None
    static_box: bool
    smooth_box: bool
    detector: Detector
    detector_batch_size: int | None


DEFAULTS: RenderOptions = {
    "ssml": False,
    "consent": False,
    "normalise": True,
    "trim": False,
    "subtitles": "none",
    "karaoke": False,
    "fit": "crop",
    "background": "keep",
    "length": "audio",
    "rotate": 0,
    "resize_factor": 1.0,
    "motion": 1.0,
    "expression": 1.0,
    "blink": True,
    "seed": 0,
    "restore_strength": 1.0,
    "finishing_order": "restore-first",
    "stabilize": False,
    "precision": "auto",
    "runtime": "auto",
    "pads": (0, 10, 0, 0),
    "static_box": False,
    "smooth_box": True,
    "detector": "builtin",
}
"""Of the options that are not None when they are not given."""


def takes_render_options(function: F) -> F:
    """Show in `help()` and in notebooks what `**options: Unpack[RenderOptions]` stands for."""
    signature = inspect.signature(function)
    keyword_only = inspect.Parameter.KEYWORD_ONLY
    named = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    options = [
        inspect.Parameter(
            name,
            keyword_only,
            default=DEFAULTS.get(name),
            annotation=getattr(kind, "__forward_arg__", kind),
        )
        for name, kind in RenderOptions.__annotations__.items()
    ]
    shown = signature.replace(parameters=[*named, *options])
    function.__signature__ = shown  # type: ignore[attr-defined]
    about = inspect.cleandoc(RenderOptions.__doc__ or "")
    function.__doc__ = inspect.cleandoc(function.__doc__ or "").replace("{options}", about)
    return function


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

    given = _with_defaults(options)
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


def _with_defaults(options: RenderOptions) -> RenderOptions:
    for name in options:
        if name not in RenderOptions.__annotations__:
            near = get_close_matches(name, RenderOptions.__annotations__, n=1)
            hint = f"; did you mean {near[0]}=...?" if near else ""
            raise TypeError(f"there is no option {name}=...{hint}")
    told = {name: value for name, value in options.items() if value is not None}
    return cast(RenderOptions, {**DEFAULTS, **told})


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

    restore, upscale = given.get("restore"), given.get("upscale")
    return FinishingOptions(
        restore=None if restore is None else _name("restore", restore, Restorer),
        restore_strength=given["restore_strength"],
        restore_weights=_path(given.get("restore_weights")),
        upscale=None if upscale is None else _name("upscale", upscale, Upscaler),
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
