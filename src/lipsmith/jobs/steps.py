"""The steps of a job, each of which is done once however often processes are killed.

What a segment was made from is remembered, so that one that was made before, for this job or for
another, is not made again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from dbos import DBOS

from lipsmith.errors import MissingArtifactError, StorageError, UnknownJobError
from lipsmith.jobs.here import here
from lipsmith.jobs.job import Job, JobFailure, JobProgress, JobResult, JobStatus
from lipsmith.jobs.outbound import call_webhook
from lipsmith.jobs.process import ProgressListener, WorkDiedError, WorkFailedError, do_work
from lipsmith.jobs.queues import choose_queue
from lipsmith.jobs.segment_memory import artifacts_of, key_of
from lipsmith.jobs.workshop import Workshop

_ATTEMPTS = 3
_TELL_EVERY_S = 0.4
_log = logging.getLogger(__name__)


def _is_worth_another_try(error: BaseException) -> bool:
    passes = isinstance(error, StorageError) and not isinstance(error, MissingArtifactError)
    return passes or isinstance(error, WorkDiedError)


_work = DBOS.step(
    retries_allowed=True,
    max_attempts=_ATTEMPTS,
    should_retry=_is_worth_another_try,
    preemptible=True,
)
"""A step that runs a process, which dies when the job is cancelled."""


@_work
async def plan(job_id: str) -> dict[str, Any]:
    """Check the request, and say how the job is cut and which queue its parts go to."""
    workshop = here().workshop
    job = await asyncio.to_thread(workshop.ledger.get, job_id)
    await _change(job_id, status=JobStatus.RUNNING, progress=JobProgress("speech"))
    with here().folder() as folder:
        poster = folder / "poster.jpg"
        command = await _command("plan", job, folder, poster=str(poster))
        made: dict[str, Any] = await do_work(command)
        kept = await asyncio.to_thread(workshop.artifacts.put_file, poster)
    if job.spec.format == "gif":
        made["cut"] = "whole"
    taken = await asyncio.to_thread(workshop.workers.queues)
    device = str(job.spec.options.get("device") or "auto")
    queue = choose_queue(device, made["can_use_gpu"], taken)
    return made | {"poster": kept.name, "queue": queue}


@_work
async def speak(job_id: str, plan: dict[str, Any]) -> list[str]:
    """Say or hear all of it; the takes, as artefacts."""
    workshop = here().workshop
    job = await asyncio.to_thread(workshop.ledger.get, job_id)
    await _change(job_id, progress=JobProgress("speech"))
    with here().folder() as folder:
        command = await _command("speak", job, folder, takes=str(folder), fps=plan["fps"])
        done = await do_work(command)
        put = workshop.artifacts.put_file
        return [(await asyncio.to_thread(put, Path(take))).name for take in done["takes"]]


@DBOS.step()
async def begin(job_id: str, weights: list[float]) -> None:
    """Note how many parts there are, and how much of the whole each is."""
    await asyncio.to_thread(here().workshop.parts.begin, job_id, weights)


@_work
async def draw(job_id: str, index: int, part: str | None, plan: dict[str, Any]) -> dict[str, Any]:
    """Make one part. part: a passage or a take, as the plan cuts; None is the whole."""
    workshop = here().workshop
    job = await asyncio.to_thread(workshop.ledger.get, job_id)
    if part is None:
        return await _draw_whole(job, index, plan)
    is_passage = plan["cut"] == "passages"
    key = key_of(job.spec, passage=part if is_passage else None, take=None if is_passage else part)
    began_s = time.monotonic()
    found = await asyncio.to_thread(_recall, workshop, key)
    if found is None:
        found = await _draw_segment(job, index, part, plan)
        await asyncio.to_thread(workshop.segments.remember, key, found)
        took = f"in {time.monotonic() - began_s:.1f} s"
    else:
        took = "made before"
    _log.info("render %s, segment %d: %d frames, %s", job_id, index, found["frames"], took)
    await asyncio.to_thread(workshop.parts.advance, job_id, index, 1.0, found["frames"])
    return found


@_work
async def join(job_id: str, segments: list[dict[str, Any]], plan: dict[str, Any]) -> None:
    """Make one video of the segments, and end the job."""
    workshop = here().workshop
    job = await asyncio.to_thread(workshop.ledger.get, job_id)
    spoken = [segment for segment in segments if segment["frames"]]
    if not spoken:
        raise WorkFailedError("TextError", "nothing in the text can be said in this language")
    await _change(job_id, progress=JobProgress("join", 0.97))
    fetch = workshop.artifacts.fetch
    with here().folder() as folder:
        files = []
        for index, segment in enumerate(spoken):
            take, video = folder / f"{index}.take", folder / f"{index}.{job.spec.format}"
            await asyncio.to_thread(fetch, segment["take"], take)
            await asyncio.to_thread(fetch, segment["video"], video)
            files.append((str(take), str(video), segment["warnings"]))
        made = folder / "made"
        made.mkdir()
        command = await _command(
            "join",
            job,
            folder,
            segments=files,
            fps=plan["fps"],
            normalise=plan["cut"] == "passages" and job.spec.options.get("normalise", True),
            video=str(made / f"video.{job.spec.format}"),
            visemes=str(made / "visemes.json"),
        )
        done = await do_work(command)
        kept = await _keep(workshop, made)
    warnings = dict.fromkeys([*plan["warnings"], *done["report"]["warnings"]])
    report = done["report"] | {"warnings": list(warnings)}
    await _finish(job_id, kept | {"poster": plan["poster"]}, report)


@DBOS.step()
async def finish_whole(job_id: str, made: dict[str, Any], poster: str) -> None:
    """End a job that was made in one piece."""
    await _finish(job_id, made["files"] | {"poster": poster}, made["report"])


@DBOS.step()
async def fail(job_id: str, kind: str, message: str) -> None:
    """End a job that cannot be done."""
    await _change(job_id, status=JobStatus.FAILED, failure=JobFailure(kind, message))


@DBOS.step(retries_allowed=True, max_attempts=6, interval_seconds=2, backoff_rate=4)
async def notify(job_id: str) -> None:
    """Call the webhook, if there is one."""
    try:
        job = await asyncio.to_thread(here().workshop.ledger.get, job_id)
    except UnknownJobError:
        return
    if job.spec.webhook is None:
        return
    values = {
        "render": job.id,
        "status": str(job.status),
        "changed": job.changed.isoformat(),
        "error": None if job.failure is None else job.failure.message,
    }
    await call_webhook(job.spec.webhook, values, here().workshop.secret)


def _recall(workshop: Workshop, key: str) -> dict[str, Any] | None:
    found = workshop.segments.recall(key)
    if found is None:
        return None
    return found if all(workshop.artifacts.find(name) for name in artifacts_of(found)) else None


async def _draw_segment(job: Job, index: int, part: str, plan: dict[str, Any]) -> dict[str, Any]:
    workshop, is_passage = here().workshop, plan["cut"] == "passages"
    with here().folder() as folder, here().gpus.environment(plan["queue"]) as environment:
        video, take_file = folder / f"segment.{job.spec.format}", folder / "this.take"
        if not is_passage:
            await asyncio.to_thread(workshop.artifacts.fetch, part, take_file)
        command = await _command(
            "segment",
            job,
            folder,
            fps=plan["fps"],
            passage=part if is_passage else None,
            take=str(take_file),
            video=str(video),
        )
        done = await do_work(command, _teller(workshop, job.id, index), environment)
        if not done["frames"]:
            return {"frames": 0, "take": None, "video": None, "warnings": []}
        put = workshop.artifacts.put_file
        return {
            "frames": done["frames"],
            "take": (await asyncio.to_thread(put, take_file)).name if is_passage else part,
            "video": (await asyncio.to_thread(put, video)).name,
            "warnings": done["warnings"],
        }


async def _draw_whole(job: Job, index: int, plan: dict[str, Any]) -> dict[str, Any]:
    workshop = here().workshop
    with here().folder() as folder, here().gpus.environment(plan["queue"]) as environment:
        video, visemes = folder / f"video.{job.spec.format}", folder / "visemes.json"
        command = await _command("whole", job, folder, video=str(video), visemes=str(visemes))
        began_s = time.monotonic()
        done = await do_work(command, _teller(workshop, job.id, index), environment)
        frames, took_s = done["report"]["frames"], time.monotonic() - began_s
        _log.info("render %s: %d frames, in %.1f s", job.id, frames, took_s)
        return {"files": await _keep(workshop, folder), "report": done["report"]}


async def _command(work: str, job: Job, folder: Path, **more: Any) -> dict[str, Any]:
    make = here().workshop.command
    return await asyncio.to_thread(lambda: make(work, job.spec, folder, **more))


async def _keep(workshop: Workshop, folder: Path) -> dict[str, str]:
    """The results in a folder, as artefacts."""
    kinds = {".json": "visemes", ".srt": "subtitles", ".vtt": "subtitles"}
    kept = {}
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.stem not in ("video", "visemes"):
            continue
        artifact = await asyncio.to_thread(workshop.artifacts.put_file, path)
        kept[kinds.get(path.suffix, "video")] = artifact.name
    return kept


async def _finish(job_id: str, files: dict[str, str], report: dict[str, Any]) -> None:
    told = {name: value for name, value in report.items() if name != "output"}
    await _change(
        job_id,
        status=JobStatus.DONE,
        progress=JobProgress("done", 1.0),
        result=JobResult(files, told),
    )


async def _change(job_id: str, **changes: Any) -> None:
    change = here().workshop.ledger.change
    await asyncio.to_thread(lambda: change(job_id, **changes))


def _teller(workshop: Workshop, job_id: str, index: int) -> ProgressListener:
    """What writes a part's progress into the ledger, not too often and not in the way."""
    last_s = 0.0

    def tell(progress: dict[str, Any]) -> None:
        nonlocal last_s
        moment_s = time.monotonic()
        if progress["fraction"] is None or moment_s - last_s < _TELL_EVERY_S:
            return
        last_s = moment_s
        loop = asyncio.get_running_loop()
        share, frames = progress["fraction"], progress["frames"]
        advance = workshop.parts.advance
        told = loop.run_in_executor(None, advance, job_id, index, share, frames)
        told.add_done_callback(_ignore)

    return tell


def _ignore(told: asyncio.Future[None]) -> None:
    with suppress(Exception):
        told.result()
