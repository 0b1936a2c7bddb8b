"""Finished videos in other formats, made when somebody wants one, and kept."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path

from lipsmith.jobs.process import WorkDiedError, WorkFailedError, do_work
from lipsmith.jobs.workshop import Workshop
from lipsmith.service.problems import ProblemError, code_of_kind

_AT_ONCE, _MOST_WAITING = 1, 8


class Converter:
    """Converts videos in processes of their own, each once however many want it."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._under_way: dict[str, asyncio.Task[str]] = {}

    async def convert(self, name: str, to: str) -> str:
        """The artefact of the video `name` in another format. to: "mp4", "webm" or "gif".

        It goes on when nobody waits any more, so that the next who asks finds it.

        Raises:
            ProblemError: it cannot be converted, or too much is waiting.
        """
        if Path(name).suffix == f".{to}":
            return name
        same = hashlib.sha256(f"convert\n{name}\n{to}".encode()).hexdigest()
        found = await asyncio.to_thread(self._workshop.segments.recall, same)
        if found is not None:
            made = str(found["files"]["video"])
            if await asyncio.to_thread(self._workshop.artifacts.find, made) is not None:
                return made
        task = self._under_way.get(same)
        if task is None:
            if len(self._under_way) >= _MOST_WAITING:
                raise ProblemError(
                    "too-many", "too many videos are being converted", {"Retry-After": "10"}
                )
            task = self._under_way[same] = asyncio.create_task(self._make(name, to, same))
            task.add_done_callback(lambda done: self._forget(same, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, same: str, done: asyncio.Task[str]) -> None:
        del self._under_way[same]
        if not done.cancelled():
            done.exception()

    async def _make(self, name: str, to: str, same: str) -> str:
        workshop = self._workshop
        async with self._turn:
            with tempfile.TemporaryDirectory(dir=workshop.place.home) as folder:
                source = Path(folder) / f"source{Path(name).suffix}"
                target = Path(folder) / f"video.{to}"
                await asyncio.to_thread(workshop.artifacts.fetch, name, source)
                command = {
                    "work": "convert",
                    "files": {"video": str(source)},
                    "target": str(target),
                }
                try:
                    await do_work(command)
                except WorkFailedError as error:
                    raise ProblemError(code_of_kind(error.kind), str(error)) from error
                except WorkDiedError as error:
                    raise ProblemError("failed", "the video could not be converted") from error
                kept = await asyncio.to_thread(workshop.artifacts.put_file, target)
            await asyncio.to_thread(
                workshop.segments.remember, same, {"files": {"video": kept.name}}
            )
        return kept.name
