"""A process that stays warm between the short pieces of work that requests wait for."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from lipsmith.environments.process import EngineProcess
from lipsmith.errors import LipsmithError
from lipsmith.jobs.workshop import Place
from lipsmith.service.problems import ProblemError, code_of_kind

Values = dict[str, Any]
IsWanted = Callable[[], Awaitable[bool]]

_ADAPTER = Path(__file__).with_name("preview_child.py")
_MOST_WAITING, _MOST_OF_ONE = 24, 8
_UNTOLD = "the preview failed; the service's log tells more"
_log = logging.getLogger(__name__)


class WarmProcess:
    """Answers calls of `lipsmith.service.preview_child`, one after the other.

    It starts with the first call and ends when it was idle for a while, or with this process. Who
    makes it die is told so; the next call starts another one.
    """

    def __init__(
        self, place: Place, what: str, *, longest_s: float = 60.0, idle_s: float = 300.0
    ) -> None:
        """what: its name in the log. longest_s: of one call."""
        self._place = place
        self._what = what
        self._thread = ThreadPoolExecutor(1, "warm")
        self._longest_s, self._idle_s = longest_s, idle_s
        self._process: EngineProcess | None = None
        self._turn = asyncio.Lock()
        self._asked: dict[str, tuple[asyncio.Task[Values], list[IsWanted]]] = {}
        self._waiting: Counter[str] = Counter()
        self._ending: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def ask(
        self, method: str, values: Values, *, same: str, asker: str, is_wanted: IsWanted
    ) -> Values:
        """What the method gives.

        same: equal for equal calls, which are made once. asker: the id of a key. is_wanted: looked
        at when the turn comes.

        Raises:
            ProblemError: it cannot be done, takes too long, or too much is waiting.
        """
        if self._waiting.total() >= _MOST_WAITING or self._waiting[asker] >= _MOST_OF_ONE:
            raise ProblemError(
                "too-many", "too many previews are waiting to be made", {"Retry-After": "2"}
            )
        self._waiting[asker] += 1
        try:
            task, wanted = self._asked.get(same, (None, []))
            wanted.append(is_wanted)
            if task is None:
                task = asyncio.create_task(self._take_turn(method, values, wanted))
                self._asked[same] = task, wanted
                task.add_done_callback(lambda done: self._forget(same, done))
            # The turn is over when the process is free again, also when nobody waits any more.
            return await asyncio.shield(task)
        finally:
            self._waiting[asker] -= 1
            if not self._waiting[asker]:
                del self._waiting[asker]

    def warm_up(self) -> None:
        """Start the process in the background, so that the first call need not wait for it."""
        if self._process is None and not self._asked and not self._is_closed:
            task = asyncio.create_task(self._take_turn("warm_up", {}, []))
            self._asked["warm_up"] = task, []
            task.add_done_callback(lambda done: self._forget("warm_up", done))

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._is_closed = True
        self._end()
        self._thread.shutdown(wait=False)

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def _forget(self, same: str, done: asyncio.Task[Values]) -> None:
        del self._asked[same]
        if not done.cancelled():
            done.exception()  # whoever waits gets it; nobody may wait any more

    async def _take_turn(self, method: str, values: Values, wanted: list[IsWanted]) -> Values:
        loop = asyncio.get_running_loop()
        async with self._turn:
            if wanted and not any([await each() for each in wanted]):
                raise ProblemError("conflict", "nobody waits for this any more")
            if self._ending is not None:
                self._ending.cancel()
            if self._is_closed:
                raise ProblemError("conflict", "the service is stopping")
            try:
                return await loop.run_in_executor(self._thread, self._ask, method, values)
            finally:
                self._ending = loop.call_later(self._idle_s, self._end_idle)

    def _ask(self, method: str, values: Values) -> Values:
        is_overdue = threading.Event()

        def stop() -> None:
            is_overdue.set()
            self._end()

        watch = threading.Timer(self._longest_s, stop)
        watch.daemon = True
        watch.start()
        try:
            given = self._opened().ask(method, values)
        except LipsmithError as error:
            self._end()
            if is_overdue.is_set():
                raise ProblemError(
                    "too-long", f"a preview of this takes more than {self._longest_s:.0f} s"
                ) from error
            _log.error("%s: %s %s", self._what, error, error.__cause__ or "")
            raise ProblemError("failed", _UNTOLD) from error
        finally:
            watch.cancel()
        if (failed := given.get("failed")) is not None:
            code = code_of_kind(failed["kind"])
            if code != "failed":
                raise ProblemError(code, failed["message"])
            _log.error("%s: %s", self._what, failed["message"])
            raise ProblemError(code, _UNTOLD)
        return given

    def _opened(self) -> EngineProcess:
        process = self._process
        if process is None:
            process = EngineProcess(Path(sys.executable), _ADAPTER, self._what, isolated=False)
            self._process = process
            if self._is_closed:
                self._end()
                raise ProblemError("conflict", "the service is stopping")
            folder = _folders(self._place) / secrets.token_hex(8)
            process.ask("open", {"store": self._place.storage_url, "folder": str(folder)})
        return process

    def _end_idle(self) -> None:
        # In the thread that asks, so never while it does.
        if not self._turn.locked() and not self._is_closed:
            self._thread.submit(self._end)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(LipsmithError):
                process.close()


def clear_folders(place: Place) -> None:
    """Delete the files that processes worked with which are gone; others fetch theirs again."""
    shutil.rmtree(_folders(place), ignore_errors=True)


def _folders(place: Place) -> Path:
    return place.home / "previews"
