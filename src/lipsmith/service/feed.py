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
_log = logging.getLogger(__name__)


class EventFeed:
    """Looks for new events while somebody listens."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._listeners: dict[asyncio.Queue[JobEvent], str | None] = {}
        self._task: asyncio.Task[None] | None = None

    async def listen(self, job: str | None, after: int | None) -> AsyncGenerator[JobEvent, None]:
        """The events of a job, or of all jobs, in order.

        after: those behind this one, also from before; None is only what is new, and for one job
        also its last event.
        """
        queue: asyncio.Queue[JobEvent] = asyncio.Queue()
        self._listeners[queue] = job
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        told: set[int] = set()
        try:
            for event in await self._earlier(job, after):
                told.add(event.id)
                yield event
            while True:
                event = await queue.get()
                if event.id not in told and event.id > (after or 0):
                    told.add(event.id)
                    yield event
        finally:
            del self._listeners[queue]

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _earlier(self, job: str | None, after: int | None) -> list[JobEvent]:
        jobs = None if job is None else [job]
        if after is not None:
            earlier: list[JobEvent] = []
            while more := await asyncio.to_thread(self._ledger.events, after, jobs):
                earlier += more
                after = more[-1].id
            return earlier
        if job is None:
            return []
        return (await self._earlier(job, 0))[-1:]

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
                for queue, job in self._listeners.items():
                    if job is None or job == event.job:
                        queue.put_nowait(event)
            if found:
                last = max(last, found[-1].id)
                seen = {number for number in seen if number > last - _OVERLAP}
            await asyncio.sleep(_LOOK_EVERY_S)
