"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FILES = "Files"
"""The panel of the help that tells what is written."""

_state = {"debug": False}


def debug_is_on() -> bool:
    """Whether --debug was given, before or after the command's name."""
    return _state["debug"]


def forget_debug() -> None:
    """Start a new command line without --debug."""
    _state["debug"] = False


def set_debug(wanted: bool) -> bool:
    _state["debug"] = _state["debug"] or wanted
    return wanted


Debug = Annotated[
    bool,
    typer.Option(
        "--debug",
        help="Show where an error came from.",
        callback=set_debug,
        rich_help_panel="Messages",
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print the report as JSON on stdout.", rich_help_panel="Messages"),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print nothing but errors.", rich_help_panel="Messages"),
]
PictureArgument = Annotated[
    Path, typer.Argument(help="A picture with a face in it.", metavar="PICTURE")
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace files that exist.", rich_help_panel=FILES),
]
