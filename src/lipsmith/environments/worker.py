"""The process that an engine runs in.

Started by file path with the Python of the engine's environment, so it may import nothing but
the standard library, the file beside it, and the adapter:

    python -I worker.py ADAPTER

An adapter is a file with a class `Adapter`. It is made once, without arguments; each of its
public methods takes a `Call` and yields dictionaries of values (see `messages`):

    class Adapter:
        def speak(self, call):
            for piece in call.inputs():
                yield {"samples": say(piece["text"])}
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import queue
import signal
import struct
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

_HEARTBEAT_S = 1.0


class RefusedError(Exception):
    """The engine cannot do what was asked for; see `Call.refuse`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Call:
    """What an adapter's method was asked for.

    values: the arguments. is_stopped: nothing more is wanted; looked at between results, and
    worth a look in between when one result takes long.
    """

    def __init__(self, worker: Worker, number: int, values: dict[str, Any]) -> None:
        self._worker = worker
        self.number = number
        self.values = values
        self.is_stopped = False
        self.received: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def inputs(self) -> Iterator[dict[str, Any]]:
        """The caller's inputs, each asked for when it is needed."""
        while not self.is_stopped:
            self._worker.send(messages.WANT, self.number)
            values = self.received.get()
            if values is None:
                return
            yield values

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Tell how far the call is, 0..1, None when that is unknown."""
        self._worker.send(messages.PROGRESS, self.number, {"fraction": fraction, "text": text})

    def refuse(self, kind: str, message: str) -> RefusedError:
        """An exception to raise, with a plain message for a person.

        kind: what is at fault: "option", "text", "audio", "picture", "face", "weights" or "engine".
        """
        return RefusedError(kind, message)


class Worker:
    """Reads calls in one thread and answers them in another, one after the other."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._sending = threading.Lock()
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._open: dict[int, Call] = {}

    def run(self, adapter_path: Path) -> None:
        for job in (self._beat, self._read):
            threading.Thread(target=job, daemon=True).start()
        try:
            adapter = _load(adapter_path, "lipsmith_adapter").Adapter()
        except Exception as error:
            self._fail(0, error)
            return
        ready = {"protocol": messages.PROTOCOL, "python": sys.version.split()[0]}
        self.send(messages.READY, 0, ready)
        while True:
            call = self._calls.get()
            try:
                self._answer(adapter, call)
            except Exception as error:
                self._fail(call.number, error)
            self._open.pop(call.number, None)

    def send(self, kind: bytes, call: int, values: dict[str, Any] | None = None) -> None:
        payload = messages.encode(call, values)
        try:
            with self._sending:
                for part in (kind + struct.pack("<I", len(payload)), payload):
                    rest = memoryview(part)
                    while rest:
                        rest = rest[os.write(self._out, rest) :]
        except OSError:
            os._exit(0)

    def _answer(self, adapter: Any, call: Call) -> None:
        name = call.values.pop("method")
        if name == "packages":
            results = iter([{"packages": _packages()}])
        elif name.startswith("_") or not hasattr(adapter, name):
            raise call.refuse("engine", f"it has no method {name!r}")
        else:
            results = getattr(adapter, name)(call)
        for values in results:
            if call.is_stopped:
                break
            self.send(messages.VALUE, call.number, values)
        if hasattr(results, "close"):
            results.close()
        self.send(messages.DONE, call.number)

    def _fail(self, call: int, error: Exception) -> None:
        kind = getattr(error, "kind", None) if isinstance(error, RefusedError) else None
        message = str(error) or type(error).__name__
        if kind is None:
            kind, message = "engine", f"{type(error).__name__}: {error}"
        told = "".join(traceback.format_exception(error))
        self.send(messages.FAILED, call, {"kind": kind, "message": message, "traceback": told})

    def _beat(self) -> None:
        while True:
            self.send(messages.HEARTBEAT, 0)
            time.sleep(_HEARTBEAT_S)

    def _read(self) -> None:
        while True:
            header = _receive(5)
            payload = _receive(struct.unpack("<I", header[1:])[0])
            number, values = messages.decode(payload)
            if header[:1] == messages.CALL:
                call = self._open[number] = Call(self, number, values)
                self._calls.put(call)
                continue
            asked = self._open.get(number)
            if asked is None:
                continue
            if header[:1] == messages.STOP:
                asked.is_stopped = True
            asked.received.put(values if header[:1] == messages.INPUT else None)


def _receive(count: int) -> bytes:
    """The next bytes of stdin; its end ends the process, whatever that is doing."""
    data = bytearray()
    while len(data) < count:
        more = os.read(0, min(count - len(data), 1 << 20))
        if not more:
            os._exit(0)
        data += more
    return bytes(data)


def _packages() -> dict[str, str]:
    """Version of every package of the environment, by name as PEP 503 writes it."""
    found = importlib.metadata.distributions()
    names = ((str(d.metadata["Name"]), d.version) for d in found if d.metadata["Name"])
    return {name.lower().replace("_", "-").replace(".", "-"): version for name, version in names}


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


messages = _load(Path(__file__).with_name("messages.py"), "lipsmith_messages")


def main() -> None:
    """Answer calls until stdin ends."""
    out = os.dup(1)
    os.dup2(2, 1)  # what packages print must not get between the messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Worker(out).run(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
