"""`lipsmith render`: make a video."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lipsmith.cli.completion import complete_engine, complete_language, complete_voice
from lipsmith.cli.options import FILES, Debug, Json, Overwrite, PictureArgument, Quiet
from lipsmith.cli.progress import ProgressDisplay
from lipsmith.cli.report import print_report
from lipsmith.core.request import Fit, RenderReport
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.errors import ConsentError, OptionError

_SPEECH = "What is said"
_SUBTITLES = "Subtitles"
_VIDEO = "The video"
_FACE = "The face"

EPILOG = """
[bold]Examples[/bold]

lipsmith render face.jpg --text 'Nice to meet you.'

lipsmith render face.jpg --text-file chapter.txt --voice de --rate 150 -o chapter.mp4

lipsmith render face.jpg --audio talk.mp3 --size 720p --background blur -o talk.webm
"""


def render(
    picture: PictureArgument,
    text: Annotated[
        str | None, typer.Option(help="The words to say.", rich_help_panel=_SPEECH)
    ] = None,
    text_file: Annotated[
        Path | None,
        typer.Option(help="A file with the words to say, UTF-8.", rich_help_panel=_SPEECH),
    ] = None,
    audio: Annotated[
        Path | None,
        typer.Option(
            help="Recorded speech: a sound file, or a video with sound.", rich_help_panel=_SPEECH
        ),
    ] = None,
    voice: Annotated[
        str | None,
        typer.Option(
            help="Who says a text, such as en-us; see: lipsmith voices.",
            autocompletion=complete_voice,
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of the text or the recording, such as en or pt-br.",
            autocompletion=complete_language,
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    rate: Annotated[
        int | None, typer.Option(help="Words a minute, 80 to 450.", rich_help_panel=_SPEECH)
    ] = None,
    pitch: Annotated[
        int | None,
        typer.Option(help="0 to 99; 50 is the voice's own.", rich_help_panel=_SPEECH),
    ] = None,
    speaker: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VOICE[@FACE]",
            help="Who says what follows [NAME] in the text; give it once for each speaker.",
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    ssml: Annotated[
        bool,
        typer.Option(
            "--ssml",
            help="The text is SSML; one that begins with <speak> always is.",
            rich_help_panel=_SPEECH,
        ),
    ] = False,
    clone: Annotated[
        Path | None,
        typer.Option(
            help="A recording, 3 to 15 s, whose voice says the text; takes consent.",
            metavar="RECORDING",
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    clone_text: Annotated[
        str | None,
        typer.Option(help="What is said in that recording.", rich_help_panel=_SPEECH),
    ] = None,
    has_consent: Annotated[
        bool,
        typer.Option(
            "--i-have-consent",
            help="Declare that the person in that recording agrees to be cloned.",
            rich_help_panel=_SPEECH,
        ),
    ] = False,
    transcript: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT|FILE",
            help="What the recording says, or a text file with it.",
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    normalise: Annotated[
        bool,
        typer.Option(
            "--normalise/--no-normalise",
            help="Bring the sound to -16 LUFS.",
            rich_help_panel=_SPEECH,
        ),
    ] = True,
    trim: Annotated[
        bool,
        typer.Option(
            "--trim",
            help="Leave out the silence before and behind a recording.",
            rich_help_panel=_SPEECH,
        ),
    ] = False,
    subtitles: Annotated[
        SubtitleKind,
        typer.Option(
            help="Into a file beside the video, or burned into the picture.",
            rich_help_panel=_SUBTITLES,
        ),
    ] = SubtitleKind.NONE,
    karaoke: Annotated[
        bool,
        typer.Option(
            "--karaoke",
            help="Mark the word that is being said (vtt and burn).",
            rich_help_panel=_SUBTITLES,
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="The video: .mp4, .webm or .gif. Without it, an MP4 beside the picture.",
            rich_help_panel=FILES,
        ),
    ] = None,
    overwrite: Overwrite = False,
    visemes: Annotated[
        Path | None,
        typer.Option(
            help="Also write the visemes with their times, as JSON.", rich_help_panel=FILES
        ),
    ] = None,
    blendshapes: Annotated[
        Path | None,
        typer.Option(
            help="Also write ARKit-52 blendshapes for every frame, as CSV.",
            rich_help_panel=FILES,
        ),
    ] = None,
    fps: Annotated[
        str, typer.Option(help="Frames a second, 12 to 60, such as 29.97.", rich_help_panel=_VIDEO)
    ] = "25",
    size: Annotated[
        str | None,
        typer.Option(
            metavar="WxH|720p|1080p",
            help="Without it, the size of the picture.",
            rich_help_panel=_VIDEO,
        ),
    ] = None,
    fit: Annotated[
        Fit,
        typer.Option(help="When the size has another shape.", rich_help_panel=_VIDEO),
    ] = Fit.CROP,
    background: Annotated[
        str,
        typer.Option(
            metavar="keep|blur|COLOUR|IMAGE",
            help="What is behind the person: a colour is a name or #rrggbb.",
            rich_help_panel=_VIDEO,
        ),
    ] = "keep",
    engine: Annotated[
        str | None,
        typer.Option(
            help="What draws the face; see: lipsmith engines.",
            autocompletion=complete_engine,
            rich_help_panel=_FACE,
            show_default="rig",
        ),
    ] = None,
    face: Annotated[
        int | None,
        typer.Option(
            help="Which face, counted from 0 by size; see: lipsmith inspect.",
            rich_help_panel=_FACE,
        ),
    ] = None,
    motion: Annotated[
        float, typer.Option(help="Of head and gaze, 0 to 2.", rich_help_panel=_FACE)
    ] = 1.0,
    expression: Annotated[
        float,
        typer.Option(help="From serious, 0, to smiling, 2.", rich_help_panel=_FACE),
    ] = 1.0,
    blink: Annotated[
        bool, typer.Option("--blink/--no-blink", help="Whether it blinks.", rich_help_panel=_FACE)
    ] = True,
    seed: Annotated[
        int,
        typer.Option(help="Another seed, other small motions.", rich_help_panel=_FACE),
    ] = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make a video of PICTURE saying a text or a recording."""
    from lipsmith import api

    def make(consent: bool) -> RenderReport:
        with ProgressDisplay(quiet=quiet) as progress:
            return api.render(
                picture,
                text=text,
                text_file=text_file,
                audio=audio,
                out=out,
                overwrite=overwrite,
                engine=engine,
                voice=voice,
                rate=rate,
                pitch=pitch,
                language=language,
                fps=fps,
                size=size,
                fit=fit,
                face=face,
                seed=seed,
                motion=motion,
                expression=expression,
                blink=blink,
                background=background,
                speakers=_speakers(speaker or []),
                ssml=ssml,
                transcript=transcript,
                normalise=normalise,
                trim=trim,
                subtitles=subtitles,
                karaoke=karaoke,
                clone=clone,
                clone_text=clone_text,
                consent=consent,
                visemes=visemes,
                blendshapes=blendshapes,
                progress=progress,
            )

    try:
        report = make(has_consent)
    except ConsentError:
        if has_consent or clone is None or not _declares_consent(clone):
            raise
        report = make(True)
    print_report(report, as_json=json, quiet=quiet)


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
    for option in given:
        name, equals, voice = option.partition("=")
        if not equals:
            raise OptionError(f"--speaker {option}: write NAME=VOICE, as in anna=en-us+f3")
        if name.strip() in voices:
            raise OptionError(f"--speaker {name} is given twice")
        voices[name.strip()] = voice
    return voices
