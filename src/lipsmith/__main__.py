"""The commands `lipsmith` and `lipsync-tool`, and `python -m lipsmith`."""

from __future__ import annotations

import os
import signal
from importlib import import_module


def main() -> None:
    """Run the `lipsmith` command line."""
    _run("lipsmith.cli.main")


def lipsync_tool() -> None:
    """Run the `lipsync-tool` command line."""
    _run("lipsmith.cli.lipsync_tool")


def _run(module: str) -> None:
    """Run a command line; Ctrl-C stops it without a traceback from its first import on."""
    is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_interruptible:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    run = import_module(module).main
    if is_interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
