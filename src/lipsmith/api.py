"""Lipsmith for Python programs: the same requests that the command line makes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lipsmith.core.request import Clone, Fit, Progress, RenderReport, RenderRequest
from lipsmith.core.resources import Resources
from lipsmith.core.speech import Voice
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.errors import OptionError
from lipsmith.registry import EngineSpec, engine_specs

if TYPE_CHECKING:
    from lipsmith.pipeline.rendering import Rendering
    from lipsmith.speech.listing import VoiceList

CLONING_ENGINE = "neutts"
"""What says a text with a cloned voice, when no voice is asked for."""

PathLike: TypeAlias = str | os.PathLike[str]


def render(
    picture: Any,
    *,
    text: str | None = None,
    text_file: PathLike | None = None,
    audio: PathLike | None = None,
    out: PathLike | None = None,
    overwrite: bool = False,
    engine: str | None = None,
    voice: str | None = None,
    rate: int | None = None,
    pitch: int | None = None,
    language: str | None = None,
    fps: float | str | Fraction = 25,
    size: str | tuple[int, int] | None = None,
    fit: str = "crop",
    face: int | None = None,
    seed: int = 0,
    motion: float = 1.0,
    expression: float = 1.0,
    blink: bool = True,
    background: PathLike = "keep",
    speakers: Mapping[str, str] | None = None,
    ssml: bool = False,
    transcript: PathLike | None = None,
    normalise: bool = True,
    trim: bool = False,
    subtitles: str = "none",
    karaoke: bool = False,
    clone: PathLike | None = None,
    clone_text: str | None = None,
    consent: bool = False,
    visemes: PathLike | None = None,
    blendshapes: PathLike | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> RenderReport:
    """Make a video of the picture saying a text or a recording.

        report = lipsmith.render("face.jpg", text="Hello", out="hello.mp4")

    The report shows the video in a notebook.

    picture: a file, a PIL image, or an array: (H, W), (H, W, 3) or (H, W, 4) of uint8, uint16 or
    float 0..1. text, text_file, audio: exactly one of them.
    out: .mp4, .webm or .gif; None writes an MP4 beside the picture, with its name.
    engine: a name from `list_engines()`. voice: a name from `list_voices()`. rate: 80..450 words a
    minute. pitch: 0..99. language: BCP 47 tag of the text or the recording. fps: 12..60.
    size: "WxH", (W, H), "720p", "1080p", ...; None keeps the picture's. fit: "crop" or "pad",
    when the size has another shape. face: 0-based, the largest first. seed: equal seeds, equal
    videos. motion: 0..2, of the head and the gaze. expression: 0..2, from serious to lively.
    background: "keep", "blur", a colour or the path of a picture.
    speakers: as {"anna": "en-us+f3", "ben": "de@1"}: the voices of who speaks in a text with [anna]
    and [ben] in it, and the numbers of their faces. ssml: the text is SSML; one that begins with
    <speak> always is. transcript: what the recording says, or a text file with it. normalise:
    bring the sound to -16 LUFS. trim: leave out the silence before and behind a recording.
    subtitles: "srt" or "vtt" write a file beside the video, "burn" draws them into it. karaoke:
    the word that is being said is marked in them.
    clone: a recording, 3 to 15 s, whose voice says the text; clone_text: what is said in it.
    consent: True declares that the person who speaks there agrees; needed once a recording.
    visemes, blendshapes: also write what the mouth does, as JSON and as ARKit-52 CSV.
    progress: called at most ten times a second.

    Raises:
        InputError: something that was given cannot be used.
        RenderError: the work itself failed.
    """
    from lipsmith.pipeline.files import render_files

    request = make_request(
        picture, text=text, text_file=text_file, audio=audio, engine=engine, voice=voice,
        rate=rate, pitch=pitch, language=language, fps=fps, size=size, fit=fit, face=face,
        seed=seed, motion=motion, expression=expression, blink=blink, background=background,
        speakers=speakers, ssml=ssml, transcript=transcript, normalise=normalise, trim=trim,
        subtitles=subtitles, karaoke=karaoke,
        clone=clone, clone_text=clone_text, consent=consent,
    )  # fmt: skip
    return render_files(
        request,
        Path(out) if out is not None else _beside(request.picture),
        overwrite=overwrite,
        visemes=_path(visemes),
        blendshapes=_path(blendshapes),
        on_progress=progress,
    )


def stream(
    picture: Any,
    *,
    text: str | None = None,
    text_file: PathLike | None = None,
    audio: PathLike | None = None,
    engine: str | None = None,
    voice: str | None = None,
    rate: int | None = None,
    pitch: int | None = None,
    language: str | None = None,
    fps: float | str | Fraction = 25,
    size: str | tuple[int, int] | None = None,
    fit: str = "crop",
    face: int | None = None,
    seed: int = 0,
    motion: float = 1.0,
    expression: float = 1.0,
    blink: bool = True,
    background: PathLike = "keep",
    speakers: Mapping[str, str] | None = None,
    ssml: bool = False,
    transcript: PathLike | None = None,
    normalise: bool = True,
    trim: bool = False,
    subtitles: str = "none",
    karaoke: bool = False,
    clone: PathLike | None = None,
    clone_text: str | None = None,
    consent: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Rendering:
    """Frames as RgbImages, each with its sound, as they are made; the arguments are `render`'s.

        with lipsmith.stream("face.jpg", text="Hello") as frames:
            for frame in frames:
                show(frame.image), play(frame.samples, frames.rate_hz)

    Leaving the block, or `close()`, stops the work at once.

    Raises:
        InputError: something that was given cannot be used.
        RenderError: the work itself failed.
    """
    from lipsmith.pipeline.rendering import Rendering

    request = make_request(
        picture, text=text, text_file=text_file, audio=audio, engine=engine, voice=voice,
        rate=rate, pitch=pitch, language=language, fps=fps, size=size, fit=fit, face=face,
        seed=seed, motion=motion, expression=expression, blink=blink, background=background,
        speakers=speakers, ssml=ssml, transcript=transcript, normalise=normalise, trim=trim,
        subtitles=subtitles, karaoke=karaoke,
        clone=clone, clone_text=clone_text, consent=consent,
    )  # fmt: skip
    return Rendering(request, rgb=True, on_progress=progress)


def list_voices(language: str | None = None, engine: str | None = None) -> tuple[Voice, ...]:
    """The voices of every speech engine that is installed; only those of a language, if given.

    language: BCP 47 tag; "pt" finds "pt-br" too. engine: only this one's; an online one is asked
    for its voices anew.

    Raises:
        OptionError: no voice speaks the language, or there is no such engine.
        MissingExtraError, ServiceError: the engine that was named cannot tell its voices.
    """
    return find_voices(language, engine).voices


def find_voices(language: str | None, engine: str | None) -> VoiceList:
    """`list_voices`, with what there is to know about engines that list none."""
    from lipsmith.speech.listing import list_voices

    return list_voices(language, engine, _resources())


def list_engines() -> tuple[EngineSpec, ...]:
    """Every engine that can be asked for, installed or not; imports none of them."""
    return engine_specs()


def make_request(
    picture: Any,
    *,
    text: str | None,
    text_file: PathLike | None,
    audio: PathLike | None,
    engine: str | None,
    voice: str | None,
    rate: int | None,
    pitch: int | None,
    language: str | None,
    fps: float | str | Fraction,
    size: str | tuple[int, int] | None,
    fit: str,
    face: int | None,
    seed: int,
    motion: float,
    expression: float,
    blink: bool,
    background: PathLike,
    speakers: Mapping[str, str] | None,
    ssml: bool,
    transcript: PathLike | None,
    normalise: bool,
    trim: bool,
    subtitles: str,
    karaoke: bool,
    clone: PathLike | None,
    clone_text: str | None,
    consent: bool,
) -> RenderRequest:
    """What people write, as typed values, with the settings' defaults filled in."""
    from lipsmith.media.options import parse_background, parse_fps, parse_speaker
    from lipsmith.settings import settings

    if fit not in list(Fit):
        raise OptionError(f"fit is {fit!r}, and can be crop or pad")
    if subtitles not in list(SubtitleKind):
        raise OptionError(f"subtitles is {subtitles!r}, and can be {', '.join(SubtitleKind)}")
    if voice is None and clone is not None:
        voice = CLONING_ENGINE
    if voice is None and language is None and audio is None:
        voice = settings().voice
    return RenderRequest(
        picture=_picture(picture),
        text=text,
        text_file=_path(text_file),
        audio=_path(audio),
        engine=engine or settings().engine,
        voice=voice,
        rate=rate,
        pitch=pitch,
        language=language,
        fps=parse_fps(str(fps)),
        size="x".join(map(str, size)) if isinstance(size, tuple | list) else size,
        fit=Fit(fit),
        face=face,
        seed=seed,
        motion=motion,
        expression=expression,
        blink=blink,
        background=parse_background(str(background)),
        speakers=tuple(parse_speaker(name, voice) for name, voice in (speakers or {}).items()),
        ssml=ssml,
        transcript=_transcript(transcript),
        normalise=normalise,
        trim=trim,
        subtitles=SubtitleKind(subtitles),
        karaoke=karaoke,
        resources=_resources(),
        clone=_clone(clone, clone_text, consent),
    )


def _clone(recording: PathLike | None, text: str | None, consent: bool) -> Clone | None:
    from lipsmith.settings import settings

    if recording is None:
        if text is not None or consent:
            raise OptionError("a text or a consent for cloning needs the recording: clone=...")
        return None
    return Clone(Path(recording), text or "", consent or settings().consent)


def _resources() -> Resources:
    from lipsmith.settings import settings

    known = settings()
    return Resources(known.models, known.offline, known.commercial, known.home)


def _picture(picture: Any) -> Any:
    if isinstance(picture, str | os.PathLike):
        return Path(picture)
    if not isinstance(picture, np.ndarray) and hasattr(picture, "convert"):
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


def _beside(picture: Any) -> Path:
    if isinstance(picture, Path):
        return picture.with_suffix(".mp4")
    raise OptionError("the picture is not a file, so say where the video goes: out=...")
