"""Work in a process of its own, which ends when it is done, cancelled, or its parent is gone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from lipsmith.errors import LipsmithError

ProgressListener = Callable[[dict[str, Any]], None]

_LAST_WORDS = 2000
_log = logging.getLogger(__name__)


class WorkFailedError(LipsmithError):
    """The work told what was wrong with what it was given; to do it again changes nothing.

    kind: the name of the error's class.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class WorkDiedError(LipsmithError):
    """The process died: killed, out of memory, or by a fault in a library."""


async def do_work(
    command: dict[str, Any],
    on_progress: ProgressListener | None = None,
    environment: Mapping[str, str] | None = None,
) -> Any:
    """Run one command of `lipsmith.jobs.child`; being cancelled kills the process.

    environment: what the process gets in addition to this one's.

    Raises:
        WorkFailedError: it cannot be done.
        WorkDiedError: the process died.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lipsmith.jobs.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=1 << 24,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        )
    except OSError as error:
        raise WorkDiedError(f"the work could not be started: {error.strerror}") from error
    assert process.stdin and process.stdout and process.stderr
    words = asyncio.create_task(_last_words(process.stderr))
    try:
        process.stdin.write(json.dumps(command).encode() + b"\n")
        await process.stdin.drain()
        async for line in process.stdout:
            message = json.loads(line)
            if "done" in message:
                return message["done"]
            if "failed" in message:
                raise WorkFailedError(message["failed"]["kind"], message["failed"]["message"])
            if on_progress is not None:
                on_progress(message["progress"])
        code = await process.wait()
        # What it said may name files of this machine, so only the log gets it.
        _log.warning("work stopped with exit code %s: %s", code, await words)
        raise WorkDiedError(f"the work stopped unexpectedly (exit code {code})")
    except (BrokenPipeError, ConnectionResetError) as error:
        _log.warning("work stopped: %s", await words)
        raise WorkDiedError("the work stopped unexpectedly") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        words.cancel()


async def _last_words(stderr: asyncio.StreamReader) -> str:
    kept = b""
    while block := await stderr.read(4096):
        kept = (kept + block)[-_LAST_WORDS:]
    lines = kept.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""
