"""`lipsmith render`: make a video."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from lipsmith.cli import render_options as option
from lipsmith.cli.options import Debug, Json, Overwrite, Quiet
from lipsmith.cli.progress import ProgressDisplay
from lipsmith.cli.report import print_report
from lipsmith.cli.standard_input import read_standard_input
from lipsmith.core.options import FinishingOrder, Length, Precision, Runtime
from lipsmith.core.request import Fit, RenderReport
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.errors import ConsentError, OptionError

EPILOG = """
[bold]Examples[/bold]

lipsmith render face.jpg --text 'Nice to meet you.'

lipsmith render face.jpg --text-file chapter.txt --voice de --rate 150 -o chapter.mp4

lipsmith render face.jpg --audio talk.mp3 --size 720p --background blur -o talk.webm

lipsmith render interview.mp4 --audio dubbed.wav --length video -o interview-de.mp4
"""

_NOT_OF_THE_API = (
    "context",
    "remote",
    "picture",
    "speaker",
    "has_consent",
    "json",
    "quiet",
    "debug",
)


def render(
    context: typer.Context,
    picture: Annotated[
        Path,
        typer.Argument(
            help="A picture or a video with a face in it; - is standard input.", metavar="PICTURE"
        ),
    ],
    text: option.Text = None,
    text_file: option.TextFile = None,
    audio: option.Audio = None,
    voice: option.VoiceName = None,
    language: option.Language = None,
    rate: option.Rate = None,
    pitch: option.Pitch = None,
    speaker: option.Speaker = None,
    ssml: option.Ssml = False,
    clone: option.CloneRecording = None,
    clone_text: option.CloneText = None,
    has_consent: option.Consent = False,
    transcript: option.Transcript = None,
    normalise: option.Normalise = True,
    trim: option.Trim = False,
    subtitles: option.Subtitles = SubtitleKind.NONE,
    karaoke: option.Karaoke = False,
    out: option.Out = None,
    overwrite: Overwrite = False,
    visemes: option.Visemes = None,
    blendshapes: option.Blendshapes = None,
    fps: option.Fps = None,
    size: option.VideoSize = None,
    fit: option.FitInto = Fit.CROP,
    background: option.Behind = "keep",
    engine: option.Engine = None,
    face: option.WhichFace = None,
    motion: option.Motion = 1.0,
    expression: option.Expression = 1.0,
    blink: option.Blink = True,
    seed: option.Seed = 0,
    remote: option.Remote = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
    length: option.VideoLength = Length.AUDIO,
    rotate: option.Rotate = 0,
    crop: option.CropSource = None,
    resize_factor: option.ResizeFactor = 1.0,
    stabilize: option.Stabilize = False,
    restore: option.Restore = None,
    restore_strength: option.RestoreStrength = 1.0,
    upscale: option.Upscale = None,
    upscale_factor: option.UpscaleFactor = None,
    finishing_order: option.Order = FinishingOrder.RESTORE_FIRST,
    restore_weights: option.RestoreWeights = None,
    upscale_weights: option.UpscaleWeights = None,
    device: option.Device = None,
    precision: option.NumberFormat = Precision.AUTO,
    runtime: option.RunBy = Runtime.AUTO,
    batch_size: option.BatchSize = None,
    weights: option.Weights = None,
    pads: option.Pads = None,
    box: option.Box = None,
    static_box: option.StaticBox = False,
    smooth_box: option.SmoothBox = True,
    detector: option.DetectorName = "builtin",
    detector_batch_size: option.DetectorBatchSize = None,
) -> None:
    """Make a video of PICTURE saying a text or a recording."""
    from lipsmith.settings import settings

    # The options are called as those of `lipsmith.render`, which the tests compare.
    options = {n: v for n, v in context.params.items() if n not in _NOT_OF_THE_API}
    options["speakers"] = _speakers(speaker or [])
    with read_standard_input({"picture": picture, **options}) as given:
        report = _render(given, remote or settings().remote, quiet=quiet, consent=has_consent)
    print_report(report, as_json=json, quiet=quiet)


def _render(
    given: dict[str, Any], remote: str | None, *, quiet: bool, consent: bool
) -> RenderReport:
    from lipsmith import api

    def make(consent: bool) -> RenderReport:
        with ProgressDisplay(quiet=quiet) as progress:
            if remote is not None:
                return _render_elsewhere(remote, {**given, "consent": consent}, progress)
            return api.render(**given, consent=consent, progress=progress)

    try:
        return make(consent)
    except ConsentError:
        if consent or given["clone"] is None or not _declares_consent(given["clone"]):
            raise
        return make(True)


def _render_elsewhere(
    remote: str, given: dict[str, Any], progress: ProgressDisplay
) -> RenderReport:
    from lipsmith.client import Client
    from lipsmith.options import DEFAULTS
    from lipsmith.requests import beside, make_request
    from lipsmith.settings import settings

    if given.pop("blendshapes") is not None:
        raise OptionError("a service makes no blendshapes; leave out --blendshapes or --remote")
    files = {name: given.pop(name) for name in ("picture", "out", "overwrite", "visemes")}
    if files["out"] is None:
        files["out"] = beside(make_request(files["picture"], text="-"))
    usual = {**DEFAULTS, "speakers": {}}
    options = {n: v for n, v in given.items() if v is not None and v != usual.get(n)}
    with Client(remote, settings().key) as client:
        return client.render(**files, progress=progress, **options)


def _declares_consent(recording: Path) -> bool:
    """Ask whoever sits at the terminal; a script is not asked."""
    from lipsmith.settings import settings
    from lipsmith.speech.cloning.consent import STATEMENT

    if settings().consent or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    typer.echo(f"The voice in {recording} is to be cloned.\n{STATEMENT}", err=True)
    return typer.confirm("Is this true?", err=True)


def _speakers(given: list[str]) -> dict[str, str]:
    """The voices by name, of "name=voice" each."""
    voices: dict[str, str] = {}
    for speaker in given:
        name, equals, voice = speaker.partition("=")
        if not equals:
            raise OptionError(f"--speaker {speaker}: write NAME=VOICE, as in anna=en-us+f3")
        if name.strip() in voices:
            raise OptionError(f"--speaker {name} is given twice")
        voices[name.strip()] = voice
    return voices
