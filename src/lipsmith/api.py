"""Lipsmith for Python programs: the same requests that the command line makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from lipsmith.core.request import Progress, RenderReport
from lipsmith.core.speech import Voice
from lipsmith.options import PathLike, RenderOptions, takes_render_options
from lipsmith.registry import EngineSpec, engine_specs
from lipsmith.requests import beside, make_request, resources

if TYPE_CHECKING:
    from lipsmith.export.files import ModelReport
    from lipsmith.pipeline.batch import BatchCallback, BatchReport
    from lipsmith.pipeline.rendering import Rendering
    from lipsmith.speech.listing import VoiceList


@takes_render_options
def render(
    picture: Any,
    *,
    out: PathLike | None = None,
    overwrite: bool = False,
    visemes: PathLike | None = None,
    blendshapes: PathLike | None = None,
    progress: Callable[[Progress], None] | None = None,
    **options: Unpack[RenderOptions],
) -> RenderReport:
    """Make a video of the picture saying a text or a recording.

        report = lipsmith.render("face.jpg", text="Hello", out="hello.mp4")

    The report shows the video in a notebook.

    picture: the file of a picture or of a video, a PIL image, or an array: (H, W), (H, W, 3) or
    (H, W, 4) of uint8, uint16 or float 0..1.
    out: .mp4, .webm or .gif; None writes an MP4 beside the picture, with its name. overwrite:
    replace files that exist. visemes, blendshapes: also write what the mouth does, as JSON and as
    ARKit-52 CSV. progress: called at most ten times a second.

    {options}

    Raises:
        InputError: something that was given cannot be used.
        MissingExtraError, WeightsError: an engine needs packages or weights that are not here.
        RenderError: the work itself failed.
    """
    from lipsmith.pipeline.files import render_files

    request = make_request(picture, **options)
    return render_files(
        request,
        Path(out) if out is not None else beside(request),
        overwrite=overwrite,
        visemes=None if visemes is None else Path(visemes),
        blendshapes=None if blendshapes is None else Path(blendshapes),
        on_progress=progress,
    )


@takes_render_options
def stream(
    picture: Any,
    *,
    progress: Callable[[Progress], None] | None = None,
    **options: Unpack[RenderOptions],
) -> Rendering:
    """Frames as RgbImages, each with its sound, as they are made; the options are `render`'s.

        with lipsmith.stream("face.jpg", text="Hello") as frames:
            for frame in frames:
                show(frame.image), play(frame.samples, frames.rate_hz)

    Leaving the block, or `close()`, stops the work at once.

    {options}

    Raises:
        InputError: something that was given cannot be used.
        MissingExtraError, WeightsError: an engine needs packages or weights that are not here.
        RenderError: the work itself failed.
    """
    from lipsmith.pipeline.rendering import Rendering

    return Rendering(make_request(picture, **options), rgb=True, on_progress=progress)


@takes_render_options
def batch(
    jobs: PathLike,
    *,
    log: PathLike | None = None,
    overwrite: bool = False,
    progress: BatchCallback | None = None,
    **options: Unpack[RenderOptions],
) -> BatchReport:
    """Render every row of a file of jobs: .csv, .jsonl or .yaml.

        report = lipsmith.batch("jobs.csv", size="720p")

    A row has a picture, an out, and any of the options by name; what is given here holds for rows
    that do not say otherwise. Paths are relative to the file's folder. A row that fails does not
    stop the others; one that an earlier call made is skipped, unless it or a file that it reads
    has changed.

    log: JSON Lines with what became of each row; None for jobs.csv.report.jsonl beside jobs.csv.
    overwrite: also replace files that no earlier call made. progress: called at most ten times a
    second while a row is rendered, and when it has ended.

    {options}

    Raises:
        JobsError: the file cannot be read.
        OptionError: an option that was given here cannot be used.
        OutputError: the log cannot be written.
    """
    from lipsmith.joblist import read_jobs
    from lipsmith.pipeline.batch import run_batch

    path = Path(jobs)
    return run_batch(
        read_jobs(path, options),
        path.with_name(f"{path.name}.report.jsonl") if log is None else Path(log),
        overwrite=overwrite,
        on_progress=progress,
    )


def export_gltf(
    picture: Any,
    out: PathLike,
    *,
    face: int = 0,
    side: int = 1024,
    overwrite: bool = False,
) -> ModelReport:
    """Write a model of the portrait that talks: binary glTF 2.0, for games and 3D programs.

        lipsmith.export_gltf("face.jpg", "face.glb")

    It has the picture on a net of triangles with depth, teeth, a tongue and eyes, and morph
    targets with the names of ARKit's 52 blendshapes and of the 15 visemes.

    picture: as `render`'s. out: ends in .glb. face: its number, the largest is 0. side: longest
    side of the picture in the file, 64 to 4096 px. overwrite: replace a file that exists.

    Raises:
        InputError: something that was given cannot be used.
        RenderError: the file cannot be written.
    """
    from lipsmith.export.files import check_model, write_model
    from lipsmith.pipeline.stages import read_picture_of

    path = Path(out)
    check_model(path, side, overwrite=overwrite)
    source = read_picture_of(make_request(picture))
    return write_model(source, path, face=face, side=side, overwrite=overwrite)


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

    return list_voices(language, engine, resources())


def list_engines() -> tuple[EngineSpec, ...]:
    """Every engine that can be asked for, installed or not; imports none of them."""
    return engine_specs()


def ready_engines() -> tuple[EngineSpec, ...]:
    """Those of them whose packages and weights are on this machine; imports none of them."""
    from lipsmith.pipeline.readiness import ready_engines as find
    from lipsmith.settings import settings

    known = settings()
    return find(known.home, known.models)
