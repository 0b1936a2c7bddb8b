"""The steps of a job, each of which is done once however often processes are killed.

A job is cut into segments, which any worker may draw; what a segment was made from is remembered,
so that one that was made before, for this job or for another, is not made again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from dbos import error as dbos_error

from lipsmith.errors import (
    LipsmithError,
    MissingArtifactError,
    StorageError,
    UnknownJobError,
    UnreachableError,
)
from lipsmith.jobs.job import Job, JobFailure, JobProgress, JobResult, JobStatus
from lipsmith.jobs.outbound import call_webhook
from lipsmith.jobs.process import ProgressListener, WorkDiedError, WorkFailedError, do_work
from lipsmith.jobs.workshop import Workshop, key_of

RENDERS, SEGMENTS = "renders", "segments"
"""The queues: one for jobs, which mostly wait, and one for the work."""

_ATTEMPTS = 3
_log = logging.getLogger(__name__)
_TELL_EVERY_S = 0.4


@dataclass(slots=True)
class _Here:
    """What this process works with; set before the first workflow runs."""

    workshop: Workshop | None = None


_here = _Here()


def work_in(workshop: Workshop) -> None:
    """Tell the workflows of this process where they work."""
    _here.workshop = workshop


def _workshop() -> Workshop:
    assert _here.workshop is not None
    return _here.workshop


def workflow_id(job: Job) -> str:
    """Of the attempt that is under way."""
    return f"{job.id}.{job.attempt}"


@DBOS.workflow(name="render")
async def render_job(job_id: str, priority: int) -> None:
    """Make what a job asks for."""
    try:
        plan = await _plan(job_id)
        if plan["cut"] == "whole":
            made = await _segment_of(job_id, [None], plan, priority)
            await _finish_whole(job_id, made[0], plan["poster"])
        else:
            is_text = plan["cut"] == "passages"
            parts = plan["passages"] if is_text else await _speak(job_id, plan)
            await _join(job_id, await _segment_of(job_id, parts, plan, priority), plan)
    except LipsmithError as error:
        await _fail(job_id, *_told(error))
    except dbos_error.DBOSMaxStepRetriesExceeded as error:
        await _fail(job_id, *_told(error.errors[-1]))
    with suppress(UnreachableError, dbos_error.DBOSMaxStepRetriesExceeded):
        await _notify(job_id)


def _told(error: Exception) -> tuple[str, str]:
    """The kind of an error, and what clients are told of it."""
    if isinstance(error, StorageError):
        _log.error("a render failed: %s", error)
        return type(error).__name__, "the service could not read or keep something; see its log"
    kind = error.kind if isinstance(error, WorkFailedError) else type(error).__name__
    return kind, str(error)


async def _segment_of(
    job_id: str, parts: list[str] | list[None], plan: dict[str, Any], priority: int
) -> list[dict[str, Any]]:
    """Have every part made, by whoever is free, and wait for them all."""
    own = DBOS.workflow_id
    await _begin(job_id, [1.0 if part is None else float(len(part)) for part in parts], plan)
    handles = []
    for index, part in enumerate(parts):
        with SetWorkflowID(f"{own}-{index}"), SetEnqueueOptions(priority=priority):
            handles.append(
                await DBOS.enqueue_workflow_async(SEGMENTS, segment_job, job_id, index, part, plan)
            )
    return [await handle.get_result() for handle in handles]


@DBOS.workflow(name="segment")
async def segment_job(
    job_id: str, index: int, part: str | None, plan: dict[str, Any]
) -> dict[str, Any]:
    """Make one part of a job."""
    return await _segment(job_id, index, part, plan)


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
async def _plan(job_id: str) -> dict[str, Any]:
    workshop = _workshop()
    job = await asyncio.to_thread(workshop.ledger.get, job_id)
    await _change(job_id, status=JobStatus.RUNNING, progress=JobProgress("speech"))
    with workshop.folder() as folder:
        poster = folder / "poster.jpg"
        command = workshop.command("plan", job.spec, folder, poster=str(poster))
        plan: dict[str, Any] = await do_work(command)
        kept = await asyncio.to_thread(workshop.artifacts.put_file, poster)
    if job.spec.format == "gif":
        plan["cut"] = "whole"
    return plan | {"poster": kept.name}


@_work
async def _speak(job_id: str, plan: dict[str, Any]) -> list[str]:
    workshop = _workshop()
    job = await asyncio.to_thread(workshop.ledger.get, job_id)
    with workshop.folder() as folder:
        command = workshop.command("speak", job.spec, folder, takes=str(folder), fps=plan["fps"])
        done = await do_work(command)
        put = workshop.artifacts.put_file
        return [(await asyncio.to_thread(put, Path(take))).name for take in done["takes"]]


@_work
async def _segment(
    job_id: str, index: int, part: str | None, plan: dict[str, Any]
) -> dict[str, Any]:
    workshop = _workshop()
    job = await asyncio.to_thread(workshop.ledger.get, job_id)
    if part is None:
        return await _whole(workshop, job, index)
    is_passage = plan["cut"] == "passages"
    key = key_of(job.spec, passage=part if is_passage else None, take=None if is_passage else part)
    began_s = time.monotonic()
    found = await asyncio.to_thread(_recall, workshop, key)
    if found is None:
        found = await _draw(workshop, job, index, part if is_passage else None, part, plan)
        await asyncio.to_thread(workshop.ledger.remember, key, found)
        took = f"in {time.monotonic() - began_s:.1f} s"
    else:
        took = "made before"
    _log.info("render %s, segment %d: %d frames, %s", job_id, index, found["frames"], took)
    await asyncio.to_thread(workshop.ledger.advance_part, job_id, index, 1.0, found["frames"])
    return found


def _recall(workshop: Workshop, key: str) -> dict[str, Any] | None:
    found = workshop.ledger.recall(key)
    if found is None:
        return None
    kept = [name for name in (found["take"], found["video"]) if name]
    return found if all(workshop.artifacts.find(name) for name in kept) else None


async def _draw(
    workshop: Workshop, job: Job, index: int, passage: str | None, take: str, plan: dict[str, Any]
) -> dict[str, Any]:
    with workshop.folder() as folder:
        video, take_file = folder / f"segment.{job.spec.format}", folder / "this.take"
        if passage is None:
            await asyncio.to_thread(workshop.artifacts.fetch, take, take_file)
        command = workshop.command(
            "segment",
            job.spec,
            folder,
            fps=plan["fps"],
            passage=passage,
            take=str(take_file),
            video=str(video),
        )
        done = await do_work(command, _teller(workshop, job.id, index))
        if not done["frames"]:
            return {"frames": 0, "take": None, "video": None}
        put = workshop.artifacts.put_file
        return {
            "frames": done["frames"],
            "take": take if passage is None else (await asyncio.to_thread(put, take_file)).name,
            "video": (await asyncio.to_thread(put, video)).name,
        }


async def _whole(workshop: Workshop, job: Job, index: int) -> dict[str, Any]:
    with workshop.folder() as folder:
        video, visemes = folder / f"video.{job.spec.format}", folder / "visemes.json"
        command = workshop.command(
            "whole", job.spec, folder, video=str(video), visemes=str(visemes)
        )
        began_s = time.monotonic()
        done = await do_work(command, _teller(workshop, job.id, index))
        frames, took_s = done["report"]["frames"], time.monotonic() - began_s
        _log.info("render %s: %d frames, in %.1f s", job.id, frames, took_s)
        return {"files": await _keep(workshop, folder), "report": done["report"]}


@DBOS.step()
async def _finish_whole(job_id: str, made: dict[str, Any], poster: str) -> None:
    await _finish(job_id, made["files"] | {"poster": poster}, made["report"])


@_work
async def _join(job_id: str, segments: list[dict[str, Any]], plan: dict[str, Any]) -> None:
    workshop = _workshop()
    job = await asyncio.to_thread(workshop.ledger.get, job_id)
    spoken = [segment for segment in segments if segment["frames"]]
    if not spoken:
        raise WorkFailedError("TextError", "nothing in the text can be said in this language")
    await _change(job_id, progress=JobProgress("join", 0.97))
    fetch = workshop.artifacts.fetch
    with workshop.folder() as folder:
        files = []
        for index, segment in enumerate(spoken):
            take, video = folder / f"{index}.take", folder / f"{index}.{job.spec.format}"
            await asyncio.to_thread(fetch, segment["take"], take)
            await asyncio.to_thread(fetch, segment["video"], video)
            files.append((str(take), str(video)))
        made = folder / "made"
        made.mkdir()
        command = workshop.command(
            "join",
            job.spec,
            folder,
            segments=files,
            fps=plan["fps"],
            normalise=plan["cut"] == "passages" and job.spec.options.get("normalise", True),
            video=str(made / f"video.{job.spec.format}"),
            visemes=str(made / "visemes.json"),
        )
        done = await do_work(command)
        kept = await _keep(workshop, made)
    report = done["report"] | {"warnings": plan["warnings"] + done["report"]["warnings"]}
    await _finish(job_id, kept | {"poster": plan["poster"]}, report)


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


@DBOS.step()
async def _begin(job_id: str, weights: list[float], plan: dict[str, Any]) -> None:
    await asyncio.to_thread(_workshop().ledger.begin_parts, job_id, weights)


@DBOS.step()
async def _fail(job_id: str, kind: str, message: str) -> None:
    await _change(job_id, status=JobStatus.FAILED, failure=JobFailure(kind, message))


@DBOS.step(retries_allowed=True, max_attempts=6, interval_seconds=2, backoff_rate=4)
async def _notify(job_id: str) -> None:
    """Call the webhook, if there is one."""
    try:
        job = await asyncio.to_thread(_workshop().ledger.get, job_id)
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
    await call_webhook(job.spec.webhook, values, _workshop().secret)


async def _change(job_id: str, **changes: Any) -> None:
    await asyncio.to_thread(lambda: _workshop().ledger.change(job_id, **changes))


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
        advance = workshop.ledger.advance_part
        told = loop.run_in_executor(None, advance, job_id, index, share, frames)
        told.add_done_callback(_ignore)

    return tell


def _ignore(told: asyncio.Future[None]) -> None:
    with suppress(Exception):
        told.result()
