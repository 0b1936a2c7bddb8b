"""What happens to jobs, told to everybody who listens, from one look at the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator

from lipsmith.jobs.job import JobEvent
from lipsmith.jobs.ledger import Ledger

_LOOK_EVERY_S = 0.15
_OVERLAP = 200
"""Events that are looked at again: another machine may write a lower number later."""
_MOST_WAITING = 5000
"""Events kept for somebody who does not read them."""
_QUIET_S = 2.0
_log = logging.getLogger(__name__)


class EventFeed:
    """Looks for new events while somebody listens."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._listeners: dict[asyncio.Queue[JobEvent | None], str | None] = {}
        self._task: asyncio.Task[None] | None = None

    async def listen(
        self, job: str | None, after: int | None
    ) -> AsyncGenerator[JobEvent | None, None]:
        """The events of a job, or of all jobs, in order; None when nothing happened for a while.

        after: those behind this one, also from before; None is only what is new, and for one job
        also its last event. Who does not keep up is left; what follows is told when they resume.
        """
        queue: asyncio.Queue[JobEvent | None] = asyncio.Queue()
        self._listeners[queue] = job
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        told: set[int] = set()
        try:
            async for event in self._earlier(job, after):
                told.add(event.id)
                yield event
            while True:
                try:
                    new = await asyncio.wait_for(queue.get(), _QUIET_S)
                except TimeoutError:
                    yield None
                    continue
                if new is None:
                    return
                if new.id not in told and new.id > (after or 0):
                    told.add(new.id)
                    yield new
                if len(told) > 2 * _OVERLAP:
                    newest = max(told)
                    told = {number for number in told if number > newest - _OVERLAP}
        finally:
            self._listeners.pop(queue, None)

    def end(self, job: str) -> None:
        """Tell who listens to a job that there is nothing more to come."""
        for queue, wanted in list(self._listeners.items()):
            if wanted == job:
                queue.put_nowait(None)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _earlier(self, job: str | None, after: int | None) -> AsyncGenerator[JobEvent, None]:
        jobs = None if job is None else [job]
        if jobs is None and after is None:
            return
        number, last = after or 0, None
        while more := await asyncio.to_thread(self._ledger.events, number, jobs):
            number, last = more[-1].id, more[-1]
            if after is not None:
                for event in more:
                    yield event
        if after is None and last is not None:
            yield last

    def _tell(self, queue: asyncio.Queue[JobEvent | None], event: JobEvent) -> None:
        is_behind = queue.qsize() >= _MOST_WAITING
        queue.put_nowait(None if is_behind else event)
        if is_behind:
            del self._listeners[queue]

    async def _look(self) -> None:
        last = await asyncio.to_thread(self._ledger.last_event)
        seen: set[int] = set()
        while self._listeners:
            try:
                found = await asyncio.to_thread(self._ledger.events, max(0, last - _OVERLAP))
            except Exception:
                _log.exception("could not look for events")
                found = []
            for event in found:
                if event.id in seen or event.id <= last - _OVERLAP:
                    continue
                seen.add(event.id)
                for queue, job in list(self._listeners.items()):
                    if job is None or job == event.job:
                        self._tell(queue, event)
            if found:
                last = max(last, found[-1].id)
                seen = {number for number in seen if number > last - _OVERLAP}
            await asyncio.sleep(_LOOK_EVERY_S)
