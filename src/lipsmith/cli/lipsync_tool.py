"""`lipsync-tool PORTRAIT AUDIO OUTPUT`: the flags of other lip-sync tools, done by Lipsmith."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from lipsmith.cli import running
from lipsmith.cli.options import set_debug
from lipsmith.cli.progress import ProgressDisplay
from lipsmith.cli.report import print_report, print_warnings
from lipsmith.core.request import RenderRequest
from lipsmith.errors import MissingWeightsError, OptionError

_STILL_MOTION = 0.3
_FULL_HD = "1080p"
_WAV2LIP = "Wav2Lip"
_WAV2LIP_VIDEOS = "Wav2Lip, for videos"
_SADTALKER = "SadTalker"


class Engine(StrEnum):
    """What draws the face."""

    SADTALKER = "sadtalker"
    WAV2LIP = "wav2lip"
    RIG = "rig"


class Preprocess(StrEnum):
    """How much of the picture is kept."""

    FULL = "full"
    CROP = "crop"
    EXTREME_CROP = "extreme_crop"


class Enhancer(StrEnum):
    """What sharpens the face."""

    GFPGAN = "gfpgan"
    CODEFORMER = "codeformer"
    RESTOREFORMER = "RestoreFormer"


class Resolution(StrEnum):
    """Pixels of the face that SadTalker draws."""

    LOW = "256"
    HIGH = "512"


class LogLevel(StrEnum):
    """The least that is printed."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


MEANINGLESS = {
    "resolution": {Engine.RIG, Engine.WAV2LIP},
    "expression_scale": {Engine.WAV2LIP},
    "no_still": {Engine.WAV2LIP},
    "wav2lip_pads": {Engine.RIG},
    "wav2lip_static": {Engine.RIG},
    "wav2lip_nosmooth": {Engine.RIG},
    "wav2lip_batch_size": {Engine.RIG},
    "wav2lip_face_det_batch_size": {Engine.RIG},
    "keep_temp": {Engine.RIG, Engine.WAV2LIP},
}
"""The engines for which a flag changes nothing."""

WEIGHTS: dict[str, str] = {
    Engine.WAV2LIP: "wav2lip",
    Enhancer.GFPGAN: "gfpgan-1.4",
    Enhancer.CODEFORMER: "codeformer",
    Enhancer.RESTOREFORMER: "restoreformer",
}
"""What --install-deps downloads."""

_EXTRA, _PACKAGES = "neural", ("torch", "onnx", "safetensors")
"""What brings the packages of networks, and what they are imported as."""

_RESTORERS = {
    Enhancer.GFPGAN: "gfpgan",
    Enhancer.CODEFORMER: "codeformer",
    Enhancer.RESTOREFORMER: "restoreformer",
}
_CROPS = {Preprocess.CROP: 2.4, Preprocess.EXTREME_CROP: 1.6}
"""The side of the picture that is left, by the longer side of the face's box."""

app = typer.Typer(
    name="lipsync-tool",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def lipsync_tool(
    context: typer.Context,
    portrait: Annotated[
        Path, typer.Argument(help="A picture or a video with a face in it.", metavar="PORTRAIT")
    ],
    audio: Annotated[
        Path, typer.Argument(help="Recorded speech, or a video with sound.", metavar="AUDIO")
    ],
    output: Annotated[
        Path,
        typer.Argument(help="The video: .mp4, .webm or .gif; replaced.", metavar="OUTPUT"),
    ],
    engine: Annotated[Engine, typer.Option(help="What draws the face.")] = Engine.RIG,
    install_deps: Annotated[
        bool,
        typer.Option("--install-deps", help="Install and download what the engine needs first."),
    ] = False,
    fps: Annotated[
        str | None,
        typer.Option(help="Frames a second, 12 to 60.", show_default="25, or a video's own"),
    ] = None,
    resolution: Annotated[
        Resolution,
        typer.Option(help="Of the face that is drawn, in px.", rich_help_panel=_SADTALKER),
    ] = Resolution.LOW,
    preprocess: Annotated[
        Preprocess, typer.Option(help="How much is kept around the face.")
    ] = Preprocess.FULL,
    expression_scale: Annotated[
        float, typer.Option(help="From serious, 0, over 1 to lively, 2.")
    ] = 1.0,
    no_still: Annotated[bool, typer.Option("--no-still", help="Let the head move freely.")] = False,
    enhancer: Annotated[
        Enhancer | None, typer.Option(help="Sharpens the face.", case_sensitive=False)
    ] = None,
    wav2lip_pads: Annotated[
        tuple[int, int, int, int],
        typer.Option(
            metavar="T B L R", help="Added to the box of the face, px.", rich_help_panel=_WAV2LIP
        ),
    ] = (0, 10, 0, 0),
    wav2lip_static: Annotated[
        bool,
        typer.Option(
            "--wav2lip-static/--wav2lip-no-static",
            help="The first box holds for the whole video.",
            rich_help_panel=_WAV2LIP_VIDEOS,
        ),
    ] = False,
    wav2lip_nosmooth: Annotated[
        bool,
        typer.Option(
            "--wav2lip-nosmooth",
            help="Boxes are no means over time.",
            rich_help_panel=_WAV2LIP_VIDEOS,
        ),
    ] = False,
    wav2lip_batch_size: Annotated[
        int | None,
        typer.Option(metavar="N", help="Frames at once.", rich_help_panel=_WAV2LIP),
    ] = None,
    wav2lip_face_det_batch_size: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Pictures at once, where faces are found.", rich_help_panel=_WAV2LIP
        ),
    ] = None,
    wav2lip_resize_factor: Annotated[
        float,
        typer.Option(metavar="N", help="Both sides are divided by it.", rich_help_panel=_WAV2LIP),
    ] = 1.0,
    wav2lip_crop: Annotated[
        tuple[int, int, int, int] | None,
        typer.Option(
            metavar="X1 Y1 X2 Y2",
            help="Keep this much, px; -1 is as far as it goes.",
            rich_help_panel=_WAV2LIP,
        ),
    ] = None,
    cache_dir: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Of downloaded weights.")
    ] = None,
    no_upscale: Annotated[
        bool, typer.Option("--no-upscale", help="Keep the size; else the video is 1080p.")
    ] = False,
    keep_temp: Annotated[
        bool, typer.Option("--keep-temp", help="Changes nothing: there are no such files.")
    ] = False,
    log_level: Annotated[
        LogLevel, typer.Option(help="The least that is printed.", case_sensitive=False)
    ] = LogLevel.INFO,
) -> None:
    """Make PORTRAIT say what is said in AUDIO."""
    set_debug(log_level is LogLevel.DEBUG)
    if log_level is not LogLevel.ERROR:
        _warn_of_meaningless(context, engine)
    if engine is Engine.SADTALKER:
        raise OptionError(
            "SadTalker is not part of Lipsmith yet; --engine rig moves the head, too, and needs "
            "no weights, --engine wav2lip draws the mouth by a network"
        )
    from lipsmith.pipeline.face_crop import crop_around_face
    from lipsmith.pipeline.files import render_files
    from lipsmith.requests import make_request

    request = make_request(
        portrait,
        audio=audio,
        engine=str(engine),
        fps=fps,
        size=None if no_upscale else _FULL_HD,
        motion=1.0 if no_still else _STILL_MOTION,
        expression=expression_scale,
        restore=None if enhancer is None else _RESTORERS[enhancer],
        pads=wav2lip_pads,
        static_box=wav2lip_static,
        smooth_box=not wav2lip_nosmooth,
        batch_size=wav2lip_batch_size,
        detector_batch_size=wav2lip_face_det_batch_size,
        resize_factor=wav2lip_resize_factor,
        crop=wav2lip_crop,
    )
    if cache_dir is not None:
        request = _with_weights_in(request, cache_dir)
    if preprocess is not Preprocess.FULL:
        if wav2lip_crop is not None:
            raise OptionError("--preprocess and --wav2lip-crop both crop; give one of them")
        request = crop_around_face(request, _CROPS[preprocess])
    quiet = log_level in (LogLevel.WARNING, LogLevel.ERROR)
    if install_deps:
        _install(request, enhancer, quiet=quiet)
    try:
        with ProgressDisplay(quiet=quiet) as progress:
            report = render_files(request, output, overwrite=True, on_progress=progress)
    except MissingWeightsError as error:
        reason = str(error).partition("; type:")[0]
        raise MissingWeightsError(f"{reason}; add --install-deps to download them") from error
    if log_level is LogLevel.WARNING:
        print_warnings(report)
    print_report(report, as_json=False, quiet=quiet)


def main() -> NoReturn:
    """Run the command line and leave the process."""
    running.run_and_leave(app, "--log-level DEBUG")


def _warn_of_meaningless(context: typer.Context, engine: Engine) -> None:
    for name, engines in MEANINGLESS.items():
        source = context.get_parameter_source(name)
        if engine in engines and source is not None and source.name == "COMMANDLINE":
            flag = "--" + name.replace("_", "-")
            print(f"warning: {flag} changes nothing with --engine {engine}", file=sys.stderr)


def _with_weights_in(request: RenderRequest, folder: Path) -> RenderRequest:
    resources = replace(request.resources, models=folder)
    return replace(
        request,
        resources=resources,
        engine_options=replace(request.engine_options, resources=resources),
    )


def _install(request: RenderRequest, enhancer: Enhancer | None, *, quiet: bool) -> None:
    """Install the packages and download the weights that the engine and the enhancer need.

    Raises:
        MissingExtraError: packages are missing, and nothing is to be downloaded.
        InstallError: packages are missing, and cannot be installed.
        WeightsError: the weights cannot be had.
    """
    from importlib.util import find_spec

    from lipsmith.cli.download_display import DownloadDisplay
    from lipsmith.cli.extras import install_extra
    from lipsmith.errors import MissingExtraError
    from lipsmith.weights import WeightsStore

    wanted = [WEIGHTS[name] for name in (request.engine, enhancer) if name in WEIGHTS]
    known = request.resources
    if wanted and not all(find_spec(package) for package in _PACKAGES):
        if known.offline:
            raise MissingExtraError(f"--engine {request.engine}", _EXTRA)
        install_extra(_EXTRA, quiet=quiet)
    store = WeightsStore(known.models, offline=known.offline, commercial=known.commercial)
    for name in wanted:
        with DownloadDisplay(quiet=quiet) as display:
            store.pull(name, display)
