"""`lipsmith demo`: a video from the portrait that comes with Lipsmith."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipsmith.cli.options import Debug, Json, Quiet
from lipsmith.cli.progress import ProgressDisplay
from lipsmith.cli.report import print_report

DEMO_TEXT = (
    "Hello! A moment ago I was a photograph. "
    "Now my lips follow every word: maybe, five vivid whales, and a bright blue moon. "
    "Give me your own picture, and tell me what to say."
)


def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The video to write; replaced if it exists.")
    ] = Path("demo.mp4"),
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write demo.mp4 from the portrait that comes with Lipsmith."""
    from importlib.resources import as_file, files

    from lipsmith import api

    with (
        as_file(files("lipsmith") / "assets" / "portrait.png") as portrait,
        ProgressDisplay(quiet=quiet) as progress,
    ):
        report = api.render(
            portrait,
            text=DEMO_TEXT,
            voice="en-us",
            out=out.resolve(),
            overwrite=True,
            progress=progress,
        )
    print_report(report, as_json=json, quiet=quiet)
