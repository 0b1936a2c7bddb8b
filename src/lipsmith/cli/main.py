"""The `lipsmith` command and its sub-commands."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from lipsmith.cli import (
    batch,
    demo,
    doctor,
    engines,
    export,
    inspect,
    jobs,
    keys,
    models,
    render,
    running,
    serve,
    voices,
)
from lipsmith.cli.options import Debug

app = typer.Typer(
    name="lipsmith",
    help="One portrait and some words in, a talking video out.",
    epilog="Start with: lipsmith demo, then lipsmith render face.jpg --text 'Hello'",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("render", epilog=render.EPILOG)(render.render)
app.command("batch", epilog=batch.EPILOG)(batch.batch)
app.command("demo")(demo.demo)
app.command("voices")(voices.voices)
app.add_typer(engines.app)
app.command("inspect")(inspect.inspect)
app.command("export")(export.export)
app.command("doctor")(doctor.doctor)
app.add_typer(models.app)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.add_typer(jobs.app)
app.add_typer(keys.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from lipsmith import __version__

        typer.echo(f"lipsmith {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    debug: Debug = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the command line and leave the process."""
    running.run_and_leave(app)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code: 0 done, 2 bad input, 1 anything else."""
    return running.run(app, arguments)
