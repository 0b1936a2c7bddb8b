"""Child processes that are spoken to in messages over pipes.

A message is one letter, the payload's length as a little-endian uint32, and the payload. The
child ends when its stdin does, so it never outlives its parent.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from lipsmith.core.closing import Closing
from lipsmith.errors import RenderError

_QUEUED_MESSAGES = 4
_LAST_WORDS_BYTES = 16_384
_LAST_WORDS_WAIT_S = 1.0

_Message = tuple[bytes, bytes]


class ChildOutputError(Exception):
    """What a child printed before it failed, as the cause of the error that people see."""

    def __str__(self) -> str:
        return "\n" + super().__str__().rstrip()


class ChildProcess(Closing):
    """A script that runs in a process of its own, out of reach of the terminal's Ctrl-C.

    script: a file that needs nothing but the standard library to start. what: its name in
    messages. on_close: called once, after the process is gone. python: the command that runs the
    script, this Python without its packages if not given. timeout_s: a child that sends nothing for
    so long while it is waited for is stopped; None waits for ever. keeps_errors: keep the end of
    what the child writes to stderr, for messages.

    Raises:
        RenderError: from every method, when the process cannot be started or has died.
    """

    def __init__(
        self,
        script: Path,
        arguments: Sequence[str],
        what: str,
        on_close: Callable[[], None] | None = None,
        *,
        python: Sequence[str] = (),
        timeout_s: float | None = None,
        keeps_errors: bool = False,
    ) -> None:
        self._what = what
        self._timeout_s = timeout_s
        command = [*(python or (sys.executable, "-I", "-S")), str(script), *arguments]
        try:
            self._process = _start(command, keeps_errors)
        except OSError as error:
            raise RenderError(f"{what} cannot be started: {error}") from error
        self._last_words = _LastWords(self._process.stderr) if keeps_errors else None
        self._received = None
        if timeout_s is not None:
            self._received = _read_ahead(_opened(self._process.stdout))
        self._finalizer = weakref.finalize(self, _stop, self._process, self._received, on_close)

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        """Write a message; returns when the child has taken all but a pipe's worth of it."""
        message = memoryview(kind + struct.pack("<I", len(payload)) + payload)
        stdin = _opened(self._process.stdin)
        try:
            while message:
                message = message[stdin.write(message) :]
        except (OSError, ValueError) as error:
            raise self._died() from error

    def receive(self) -> tuple[bytes, bytes]:
        """Wait for the next message: its letter and its payload."""
        if self._received is None:
            message = _read_message(_opened(self._process.stdout))
        else:
            try:
                message = self._received.get(timeout=self._timeout_s)
            except queue.Empty:
                self.close()
                raise RenderError(
                    f"{self._what} did not answer for {self._timeout_s:.0f} s and was stopped"
                ) from None
        if message is None:
            if self._received is not None:
                self._received.put(None)  # also for whoever asks next
            raise self._died()
        return message

    def widen_input(self, size: int) -> None:
        """Let `send` return while up to `size` bytes are unread, where the system can do that."""
        with contextlib.suppress(ImportError, AttributeError, OSError):
            import fcntl

            fcntl.fcntl(_opened(self._process.stdin), fcntl.F_SETPIPE_SZ, size)

    def expect(self, wanted: bytes) -> bytes:
        """The payload of the next message, whose letter must be `wanted`."""
        kind, payload = self.receive()
        if kind != wanted:
            reason = payload.decode("utf-8", "replace")
            raise RenderError(f"{self._what} failed{': ' if reason else ''}{reason}")
        return payload

    def close(self) -> None:
        """Kill the process, whatever it is doing."""
        self._finalizer()

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return not self._finalizer.alive

    def _died(self) -> RenderError:
        if self.is_closed:
            return RenderError(f"{self._what} was stopped")
        message = f"{self._what} stopped unexpectedly"
        if self._last_words is None:
            return RenderError(message)
        with contextlib.suppress(subprocess.TimeoutExpired):
            message += _how(self._process.wait(_LAST_WORDS_WAIT_S))
        words = self._last_words.read()
        error = RenderError(f"{message}{': ' if words else ''}{words.rpartition(chr(10))[2]}")
        error.__cause__ = ChildOutputError(words)
        return error


class _LastWords:
    """The end of what a process writes to stderr."""

    def __init__(self, stderr: IO[bytes] | None) -> None:
        self._kept = bytearray()
        self._thread = threading.Thread(
            target=_keep_end, args=(_opened(stderr), self._kept), name="child-errors", daemon=True
        )
        self._thread.start()

    def read(self) -> str:
        self._thread.join(_LAST_WORDS_WAIT_S)
        return self._kept.decode("utf-8", "replace").strip()


def _keep_end(stderr: IO[bytes], kept: bytearray) -> None:
    with stderr:
        while more := stderr.read(4096):
            kept += more
            del kept[:-_LAST_WORDS_BYTES]


def _how(code: int) -> str:
    if code >= 0:
        return f" (exit code {code})" if code else ""
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f" ({name}{', perhaps for want of memory' if name == 'SIGKILL' else ''})"


def _read_message(stdout: IO[bytes]) -> _Message | None:
    """The next message; None at the end."""
    header = _read(stdout, 5)
    if header is None:
        return None
    payload = _read(stdout, struct.unpack("<I", header[1:])[0])
    return None if payload is None else (header[:1], payload)


def _read(stdout: IO[bytes], count: int) -> bytes | None:
    data = bytearray(count)
    rest = memoryview(data)
    while rest:
        try:
            done = stdout.readinto(rest)  # type: ignore[attr-defined]
        except (OSError, ValueError):
            return None
        if not done:
            return None
        rest = rest[done:]
    return bytes(data)


def _read_ahead(stdout: IO[bytes]) -> queue.Queue[_Message | None]:
    """Messages as a thread reads them; None ends them. A full queue holds the child up."""
    received: queue.Queue[_Message | None] = queue.Queue(_QUEUED_MESSAGES)

    def read() -> None:
        message: _Message | None = (b"", b"")
        while message is not None:
            message = _read_message(stdout)
            received.put(message)

    threading.Thread(target=read, name="child-messages", daemon=True).start()
    return received


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _start(command: list[str], keeps_errors: bool) -> subprocess.Popen[bytes]:
    """Start the child in a process group of its own."""
    pipe = subprocess.PIPE
    errors = pipe if keeps_errors else subprocess.DEVNULL
    if sys.platform == "win32":
        group = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(
            command, 0, stdin=pipe, stdout=pipe, stderr=errors, creationflags=group
        )
    return subprocess.Popen(command, 0, stdin=pipe, stdout=pipe, stderr=errors, process_group=0)


def _stop(
    process: subprocess.Popen[bytes],
    received: queue.Queue[_Message | None] | None,
    on_close: Callable[[], None] | None,
) -> None:
    process.kill()
    process.wait()
    if received is not None:  # let the thread that reads come to its end
        with contextlib.suppress(queue.Empty):
            while received.get(timeout=_LAST_WORDS_WAIT_S) is not None:
                pass
        received.put(None)  # for a thread that still waits for a message
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    if on_close is not None:
        on_close()
