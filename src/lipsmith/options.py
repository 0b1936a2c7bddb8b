"""Every option of a render as Python programs write it, once: its name, type and default."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal, TypeAlias, TypedDict, TypeVar, cast

PathLike: TypeAlias = str | os.PathLike[str]
Four: TypeAlias = str | tuple[int, int, int, int]
"""Four whole numbers, or a string with them: "0,10,0,0"."""

Detector: TypeAlias = Literal["builtin", "s3fd"]

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
    bottom) in px of the source: the face in it is meant. static_box: the first box holds for the
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

    restore: str | None
    restore_strength: float
    restore_weights: PathLike | None
    upscale: str | None
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


def with_defaults(options: RenderOptions) -> RenderOptions:
    """The options with the defaults of those that are not given, or None.

    Raises:
        TypeError: there is no such option.
    """
    for name in options:
        if name not in RenderOptions.__annotations__:
            near = get_close_matches(name, RenderOptions.__annotations__, n=1)
            hint = f"; did you mean {near[0]}=...?" if near else ""
            raise TypeError(f"there is no option {name}=...{hint}")
    told = {name: value for name, value in options.items() if value is not None}
    return cast(RenderOptions, {**DEFAULTS, **told})


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
