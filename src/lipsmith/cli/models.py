"""`lipsmith models`: the weights that engines and voices need, downloaded and verified."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipsmith.cli.options import Debug, Quiet

if TYPE_CHECKING:
    from lipsmith.weights import WeightsStatus, WeightsStore

_WIDE = 140
"""Columns of a terminal in which the whole list fits."""

app = typer.Typer(
    name="models",
    help="Download, verify and remove the weights that engines and voices need.",
    no_args_is_help=True,
)


def complete_weights(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names of weights and what needs them."""
    for status in _store().list():
        if status.entry.name.startswith(incomplete):
            yield status.entry.name, status.entry.needed_by


Name = Annotated[
    str,
    typer.Argument(help="A name from `lipsmith models list`.", autocompletion=complete_weights),
]
Names = Annotated[
    list[str],
    typer.Argument(help="Names from `lipsmith models list`.", autocompletion=complete_weights),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


@app.command("list")
def list_models(json_: AsJson = False, debug: Debug = False) -> None:
    """List the weights: what is here, how large they are, and what their licences allow."""
    from lipsmith.cli.tables import print_table
    from lipsmith.weights.entry import size_text

    found = _store().list()
    if json_:
        print(json.dumps([_as_json(status) for status in found], indent=2))
        return
    header = ("Weights", "State", "Size", "Commercial use", "Licence", "Needed by")
    rows = [
        (
            status.entry.name,
            str(status.state),
            size_text(status.entry.size),
            {True: "yes", False: "no", None: "unclear"}[status.entry.commercial],
            status.entry.licence,
            status.entry.needed_by,
        )
        for status in found
    ]
    narrow = sys.stdout.isatty() and shutil.get_terminal_size().columns < _WIDE
    shown = 4 if narrow else len(header)
    print_table(header[:shown], [row[:shown] for row in rows])
    if narrow:
        print("A wider terminal, or --json, also shows the licences and what needs the weights.")


@app.command()
def pull(
    names: Names,
    given: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            help="Take this file, or the files in this folder, instead of downloading.",
            metavar="FILE",
        ),
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Download weights; what was interrupted is continued, what is here is left alone."""
    from lipsmith.cli.download_display import DownloadDisplay
    from lipsmith.errors import OptionError

    store = _store()
    if given and len(names) > 1:
        raise OptionError("--from takes the files of one model at a time")
    for name in names:
        if given:
            status = store.register(name, given)
            paths = tuple(status.folder / file.name for file in status.entry.files)
            missing = [path.name for path in paths if not path.is_file()]
            if missing:
                raise OptionError(
                    f"{name} also needs {', '.join(missing)}: give these too, or type: "
                    f"lipsmith models pull {name}"
                )
        else:
            with DownloadDisplay(quiet=quiet) as display:
                paths = store.pull(name, display)
        if not quiet:
            for path in paths:
                print(path)


@app.command()
def path(name: Name, debug: Debug = False) -> None:
    """Print where the files are, the main one first; 2 when they are not all here."""
    for file in _store().paths(name):
        print(file)


@app.command()
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names from `lipsmith models list`; everything that is here if not given.",
            autocompletion=complete_weights,
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Read the files again and compare their hashes; 1 when one is damaged."""
    from lipsmith.weights import WeightsState

    store = _store()
    damaged = []
    for name in names or [s.entry.name for s in store.list() if s.state != WeightsState.ABSENT]:
        checks = store.verify(name)
        for check in checks:
            mark = "DAMAGED" if check.problem else "ok"
            print(f"{mark:8} {check.path}  {check.problem or check.trust}")
        if any(check.problem for check in checks):
            damaged.append(name)
    if damaged:
        print(f"type: lipsmith models pull {' '.join(damaged)}")
        raise typer.Exit(1)


@app.command()
def remove(names: Names, debug: Debug = False) -> None:
    """Delete weights and what an interrupted download left of them."""
    from lipsmith.weights.entry import size_text

    store = _store()
    for name in names:
        print(f"removed {name}, {size_text(store.remove(name))}")


def _store() -> WeightsStore:
    from lipsmith.settings import settings
    from lipsmith.weights import WeightsStore

    chosen = settings()
    return WeightsStore(chosen.models, offline=chosen.offline, commercial=chosen.commercial)


def _as_json(status: WeightsStatus) -> dict[str, object]:
    entry = status.entry
    return {
        "name": entry.name,
        "state": status.state,
        "needed_by": entry.needed_by,
        "size": entry.size,
        "disk_bytes": status.disk_bytes,
        "licence": entry.licence,
        "commercial": entry.commercial,
        "page": entry.page,
        "folder": str(status.folder),
        "files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256, "urls": file.urls}
            for file in entry.files
        ],
    }
