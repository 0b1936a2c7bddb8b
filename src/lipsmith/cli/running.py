"""Runs a command line, and says what people see when something is wrong."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import NoReturn

import typer

from lipsmith.cli.options import debug_is_on, forget_debug
from lipsmith.errors import LipsmithError

_INTERRUPTED = 130
_TERMINATED = 143


def run_and_leave(app: typer.Typer, debug_option: str = "--debug") -> NoReturn:
    """Run this process's command line and leave: 0 done, 2 bad input, 1 anything else.

    debug_option: what to type to see where an error came from.
    """
    signal.signal(signal.SIGTERM, _terminate)
    code = run(app, sys.argv[1:], debug_option)
    if code in (_INTERRUPTED, _TERMINATED):
        # At once: whatever a thread still computes has no one to go to.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(app: typer.Typer, arguments: list[str], debug_option: str = "--debug") -> int:
    """Run one command line and return its exit code."""
    forget_debug()
    name = app.info.name or ""
    try:
        return app(arguments, prog_name=name, standalone_mode=False) or 0
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
        command = context.command_path if context is not None else name
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
            f"run it again with {debug_option} to see where",
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
