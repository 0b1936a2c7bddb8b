"""An engine's process: start it, call it, stop it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from lipsmith.child import ChildOutputError, ChildProcess
from lipsmith.core.closing import Closing
from lipsmith.environments import messages
from lipsmith.environments.messages import Values
from lipsmith.errors import (
    AudioError,
    FaceError,
    LipsmithError,
    MissingWeightsError,
    OptionError,
    PictureError,
    RenderError,
    TextError,
)

_WORKER = Path(__file__).with_name("worker.py")
_SILENCE_S = 60.0
"""Its heartbeat comes every second; a machine that swaps may be late."""

_ERRORS: Mapping[str, type[LipsmithError]] = {
    "option": OptionError,
    "text": TextError,
    "audio": AudioError,
    "picture": PictureError,
    "face": FaceError,
    "weights": MissingWeightsError,
}

ProgressCallback = Callable[[float | None, str], None]
"""Gets how far the call is, 0..1 or None when that is unknown, and what is being done."""


class EngineProcess(Closing):
    """A process in which an adapter answers calls, one at a time; use it as a context manager.

        with EngineProcess(environment.python, adapter, "the speech engine 'kokoro'") as engine:
            for made in engine.call("speak", {"voice": "af_heart"}, inputs=pieces):
                play(made["samples"])

    python: of the environment. what: its name in messages. silence_s: the process is stopped when
    it is waited for and gives no sign of life for so long. isolated: from PYTHONPATH and the user's
    own packages; not so where `python` is this one, and adapters use Lipsmith itself.
    """

    def __init__(
        self,
        python: Path,
        adapter: Path,
        what: str,
        *,
        silence_s: float = _SILENCE_S,
        isolated: bool = True,
    ) -> None:
        """Start the process and wait until the adapter is loaded.

        Raises:
            RenderError: it cannot be started, or the adapter cannot be loaded.
        """
        self._what = what
        self._numbers = count(1)
        self._running = 0
        self._child = ChildProcess(
            _WORKER,
            [str(adapter)],
            what,
            python=(str(python), *(["-I"] if isolated else ["-P"]), "-X", "faulthandler"),
            timeout_s=silence_s,
            keeps_errors=True,
        )
        try:
            kind, _, values = self._receive()
            if kind == messages.FAILED:
                raise self._failure(values)
            if kind != messages.READY or values.get("protocol") != messages.PROTOCOL:
                raise RenderError(f"{what} speaks another protocol than this Lipsmith")
        except BaseException:
            self.close()
            raise

    def call(
        self,
        method: str,
        values: Mapping[str, Any] | None = None,
        *,
        inputs: Iterable[Mapping[str, Any]] = (),
        on_progress: ProgressCallback | None = None,
    ) -> Generator[Values, None, None]:
        """Call a method of the adapter and yield its results as they are made.

        inputs: taken one by one, when the engine wants the next. Arrays are float32 or uint8.
        Closing the generator tells the engine to stop; calling again ends the call before.

        Raises:
            InputError: the engine refuses what it was given.
            RenderError: the engine failed or its process died.
        """
        self._stop(self._running)
        number = self._running = next(self._numbers)
        asked = messages.encode(number, {**(values or {}), "method": method})
        self._child.send(messages.CALL, asked)
        return self._results(number, inputs, on_progress)

    def ask(self, method: str, values: Mapping[str, Any] | None = None) -> Values:
        """Call a method that yields one result; see `call`."""
        results = list(self.call(method, values))
        if len(results) != 1:
            raise RenderError(f"{self._what} gave {len(results)} results to {method!r}, not one")
        return results[0]

    def close(self) -> None:
        """Kill the process, whatever it is doing."""
        self._child.close()

    def _results(
        self,
        number: int,
        inputs: Iterable[Mapping[str, Any]],
        on_progress: ProgressCallback | None,
    ) -> Generator[Values, None, None]:
        rest = iter(inputs)
        try:
            while True:
                kind, of, values = self._receive()
                if of != number:
                    continue  # of a call that was stopped
                if kind == messages.VALUE:
                    yield values
                elif kind == messages.WANT:
                    self._give(number, next(rest, None))
                elif kind == messages.PROGRESS:
                    if on_progress is not None:
                        on_progress(values["fraction"], values["text"])
                else:
                    self._running = 0
                    if kind == messages.FAILED:
                        raise self._failure(values)
                    return
        finally:
            if self._running == number:
                self._stop(number)

    def _stop(self, number: int) -> None:
        """Tell the engine that nothing of a call is wanted any more; 0 is no call."""
        self._running = 0
        if number:
            with contextlib.suppress(RenderError):
                self._child.send(messages.STOP, messages.encode(number))

    def _give(self, number: int, values: Mapping[str, Any] | None) -> None:
        kind = messages.END if values is None else messages.INPUT
        self._child.send(kind, messages.encode(number, values))

    def _receive(self) -> tuple[bytes, int, Values]:
        """The next message that is more than a sign of life; arrays are numpy's."""
        while True:
            kind, payload = self._child.receive()
            if kind == messages.HEARTBEAT:
                continue
            try:
                number, values = messages.decode(payload)
            except ValueError as error:
                self.close()
                raise RenderError(f"{self._what} sent something that is no message") from error
            for name, value in values.items():
                if isinstance(value, memoryview):
                    values[name] = np.asarray(value)
            return kind, number, values

    def _failure(self, values: Values) -> LipsmithError:
        message = str(values["message"])
        if values["kind"] in _ERRORS:
            error = _ERRORS[values["kind"]](message)
        else:
            error = RenderError(f"{self._what} failed: {message}")
        error.__cause__ = ChildOutputError(str(values["traceback"]))
        return error
