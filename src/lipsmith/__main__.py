"""The `lipsmith` command, and `python -m lipsmith`."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Run the command line; Ctrl-C stops it without a traceback from its first import on."""
    is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_interruptible:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from lipsmith.cli.main import main as run

    if is_interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
