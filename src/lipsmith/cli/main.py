"""The `lipsmith` command: its sub-commands, and what people see when something is wrong."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Annotated

import typer

from lipsmith.cli import (
    batch,
    demo,
    doctor,
    engines,
    inspect,
    jobs,
    keys,
    models,
    render,
    serve,
    voices,
)
from lipsmith.cli.options import Debug, debug_is_on, forget_debug
from lipsmith.errors import LipsmithError

_INTERRUPTED = 130
_TERMINATED = 143

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


def main() -> None:
    """Run the command line and leave the process: 0 done, 2 bad input, 1 anything else."""
    signal.signal(signal.SIGTERM, _terminate)
    code = run(sys.argv[1:])
    if code in (_INTERRUPTED, _TERMINATED):
        # At once: whatever a thread still computes has no one to go to.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    forget_debug()
    try:
        return app(arguments, prog_name="lipsmith", standalone_mode=False) or 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 1
    except typer.Abort:
        return _INTERRUPTED
    except typer.TyperException as error:
        if not error.format_message():
            return 2  # called without a command: the help has been printed
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "lipsmith"
        message = error.format_message().replace("Value error, ", "")  # pydantic's
        return _fail(message, 2, f"`{command} --help` shows how it is used")
    except LipsmithError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 1
    except Exception as error:
        return _fail(
            f"something went wrong inside Lipsmith: {type(error).__name__}: {error}",
            1,
            "run it again with --debug to see where",
        )


def _fail(message: str, code: int, hint: str = "") -> int:
    if debug_is_on():
        traceback.print_exc()
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if hint:
        lines = [" ".join(lines), hint]
    print("error:", "\n".join(lines[:2]), file=sys.stderr)
    return code


def _terminate(*_: object) -> None:
    raise SystemExit(_TERMINATED)
