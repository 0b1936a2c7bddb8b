"""`lipsmith voices`: who can say a text."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lipsmith.cli.completion import complete_language, complete_speech_engine
from lipsmith.cli.options import Debug
from lipsmith.core.speech import Voice


def voices(
    language: Annotated[
        str | None,
        typer.Option(
            help="Only voices of this language, such as fr or pt-br.",
            autocompletion=complete_language,
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            help="Only voices of this engine; an online one is asked for them.",
            autocompletion=complete_speech_engine,
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """List the voices that --voice takes."""
    from lipsmith import api
    from lipsmith.cli.tables import print_table

    found = api.find_voices(language, engine)
    print_table(
        ("Voice", "Language", "Gender", "Name", "Engine", "Quality", "Where", "Timing", "Licence"),
        [_row(voice) for voice in found.voices],
    )
    if sys.stdout.isatty():
        print(f"{len(found.voices)} voices")
    for note in found.notes:
        print(note, file=sys.stderr)


def _row(voice: Voice) -> tuple[str, ...]:
    return (
        voice.name,
        voice.language,
        voice.gender,
        voice.label,
        voice.engine,
        voice.quality,
        "online" if voice.online else "offline",
        voice.timing,
        voice.licence,
    )
