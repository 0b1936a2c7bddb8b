"""`lipsmith engines`: what draws a face or says a text, and engines to install."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipsmith.cli.options import Debug, Quiet

if TYPE_CHECKING:
    from lipsmith.environments.store import EnvironmentStore
    from lipsmith.registry import EngineSpec

app = typer.Typer(
    name="engines",
    help="List the engines; install those that need an environment of their own.",
    invoke_without_command=True,
)


def complete_environment(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names of engines that can be installed."""
    from lipsmith.environments.catalog import environment_specs

    for spec in environment_specs():
        if spec.name.startswith(incomplete):
            yield spec.name, spec.summary


Name = Annotated[
    str,
    typer.Argument(help="An engine that can be installed.", autocompletion=complete_environment),
]


@app.callback()
def engines(context: typer.Context, debug: Debug = False) -> None:
    """List the engines that --engine takes, and those that speak."""
    if context.invoked_subcommand is not None:
        return
    from lipsmith import api
    from lipsmith.cli.tables import print_table

    installed = {environment.name for environment in _store().installed()}
    print_table(
        ("Engine", "Kind", "Needs", "Downloads", "Licence", "What it does"),
        [
            (
                spec.name,
                str(spec.kind),
                _needs(spec, installed),
                spec.weights or "nothing",
                spec.licence,
                spec.summary,
            )
            for spec in api.list_engines()
        ],
    )


@app.command()
def install(
    name: Name,
    python: Annotated[
        Path | None,
        typer.Option(
            help="Runs the engine; this Python or another on the PATH if not given.",
            metavar="FILE",
        ),
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make an environment with an engine's packages in it, and check that the engine starts."""
    from lipsmith.cli.install_display import InstallDisplay
    from lipsmith.environments.catalog import find_environment
    from lipsmith.environments.install import install as make
    from lipsmith.errors import OfflineError
    from lipsmith.settings import settings
    from lipsmith.weights.entry import size_text

    spec = find_environment(name)
    if settings().offline:
        raise OfflineError(f"the packages of {name} come from the network; unset LIPSMITH_OFFLINE")
    if not quiet and spec.size_mb is not None:
        typer.echo(f"{name} takes about {size_text(spec.size_mb * 1_000_000)}", err=True)
    with InstallDisplay(quiet=quiet) as display:
        made = make(_store(), spec, python=python, on_progress=display)
    for warning in made.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if not quiet:
        count = len(made.packages)
        print(f"installed {name}: {count} packages, {size_text(made.size_bytes)}, {made.folder}")


@app.command()
def verify(name: Name, debug: Debug = False) -> None:
    """Start an installed engine and compare its packages with what was installed; 1 if damaged."""
    from lipsmith.environments.catalog import find_environment

    problems = _store().verify(find_environment(name))
    for problem in problems:
        print(problem)
    if problems:
        print(f"type: lipsmith engines install {name}")
        raise typer.Exit(1)
    print(f"{name} is as it was installed")


@app.command()
def remove(name: Name, debug: Debug = False) -> None:
    """Delete an engine's environment; downloaded weights stay."""
    from lipsmith.weights.entry import size_text

    print(f"removed {name}, {size_text(_store().remove(name))}")


def _needs(spec: EngineSpec, installed: set[str]) -> str:
    if spec.environment:
        return "nothing more" if spec.name in installed else f"lipsmith engines install {spec.name}"
    return f"lipsmith[{spec.extra}]" if spec.extra else "nothing more"


def _store() -> EnvironmentStore:
    from lipsmith.environments.store import EnvironmentStore
    from lipsmith.settings import settings

    return EnvironmentStore(settings().home)
