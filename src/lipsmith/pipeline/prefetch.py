"""Work that runs ahead in threads of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from lipsmith.core.request import Size

T = TypeVar("T")

_POLL_S = 0.1
_AHEAD_BYTES = 48_000_000
_MIN_AHEAD, _MAX_AHEAD = 2, 12
_PREFIX = "lipsmith-"


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing in the queue; `error` is what stopped the source early."""

    error: BaseException | None


class Prefetch(Iterator[T], Generic[T]):
    """Pulls `source` in a thread, up to `depth` items ahead, and hands its items and errors on.

    Stops when `stop` is set, which several of them may share: the source is closed, and `next`
    raises CancelledError, so that nobody takes the stop for the end.
    """

    def __init__(self, source: Iterator[T], depth: int, name: str, stop: threading.Event) -> None:
        self._source = source
        self._queue: queue.Queue[T | _End] = queue.Queue(depth)
        self._stop = stop
        self._ended = False
        self._thread = _thread(self._work, name)
        self._thread.start()

    def join(self) -> None:
        """Wait until the thread is done; `stop` has to be set, or the source to be at its end."""
        self._thread.join()

    def __next__(self) -> T:
        # A bounded wait: on some systems a wait without an end cannot be interrupted by Ctrl-C.
        while not self._ended:
            if self._stop.is_set():
                raise CancelledError
            try:
                item = self._queue.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if not isinstance(item, _End):
                return item
            self._ended = True
            if item.error is not None:
                raise item.error
        raise StopIteration

    def _work(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._source:
                if not self._put(item):
                    break
        except BaseException as caught:
            error = caught
        finally:
            if isinstance(self._source, Generator):
                self._source.close()
            self._put(_End(error))

    def _put(self, item: T | _End) -> bool:
        while not self._stop.is_set() and not _is_python_ending():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False


def frames_ahead(size: Size) -> int:
    """How many frames of a size are made or read ahead, so that memory stays bounded."""
    fitting = _AHEAD_BYTES // (3 * size.width * size.height)
    return min(max(fitting, _MIN_AHEAD), _MAX_AHEAD)


def in_background(work: Callable[[], T], name: str) -> Future[T]:
    """Do `work`, which comes to an end by itself, in a thread."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    _thread(run, name).start()
    return future


def _thread(work: Callable[[], None], name: str) -> threading.Thread:
    # No daemon: one that is inside a C++ library when Python ends aborts the process.
    return threading.Thread(target=work, name=f"{_PREFIX}{name}", daemon=False)


def _is_python_ending() -> bool:
    """Whether nothing else is left that keeps the process alive."""
    return not any(
        thread.is_alive() and not thread.daemon and not thread.name.startswith(_PREFIX)
        for thread in threading.enumerate()
    )
