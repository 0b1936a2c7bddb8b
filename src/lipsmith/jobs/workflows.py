"""The workflows of a job: it is cut into segments, which any worker may draw, and joined."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from dbos import error as dbos_error

from lipsmith.errors import LipsmithError
from lipsmith.jobs import steps
from lipsmith.jobs.failures import failure_of
from lipsmith.jobs.job import Job

_log = logging.getLogger(__name__)


def workflow_id(job: Job) -> str:
    """Of the attempt that is under way."""
    return f"{job.id}.{job.attempt}"


def job_id_of(workflow: str) -> str:
    """The job that a workflow belongs to."""
    return workflow.partition(".")[0]


@DBOS.workflow(name="render")
async def render_job(job_id: str, priority: int) -> None:
    """Make what a job asks for."""
    try:
        plan = await steps.plan(job_id)
        if plan["cut"] == "whole":
            made = await _drawn(job_id, [None], plan, priority)
            await steps.finish_whole(job_id, made[0], plan["poster"])
        else:
            is_text = plan["cut"] == "passages"
            parts = plan["passages"] if is_text else await steps.speak(job_id, plan)
            await steps.join(job_id, await _drawn(job_id, parts, plan, priority), plan)
    except (LipsmithError, dbos_error.DBOSMaxStepRetriesExceeded) as error:
        _log.error("render %s failed: %s", job_id, _cause(error))
        failure = failure_of(error)
        await steps.fail(job_id, failure.kind, failure.message)
    with suppress(LipsmithError, dbos_error.DBOSMaxStepRetriesExceeded):
        await steps.notify(job_id)


@DBOS.workflow(name="notify-cancelled")
async def notify_of_cancelled(job_id: str) -> None:
    """Call the webhook of a job whose own workflow was cancelled."""
    with suppress(LipsmithError, dbos_error.DBOSMaxStepRetriesExceeded):
        await steps.notify(job_id)


@DBOS.workflow(name="segment")
async def segment_job(
    job_id: str, index: int, part: str | None, plan: dict[str, Any]
) -> dict[str, Any]:
    """Make one part of a job."""
    return await steps.draw(job_id, index, part, plan)


async def _drawn(
    job_id: str, parts: list[str] | list[None], plan: dict[str, Any], priority: int
) -> list[dict[str, Any]]:
    """Have every part made, by whoever is free, and wait for them all."""
    own = DBOS.workflow_id
    await steps.begin(job_id, [1.0 if part is None else float(len(part)) for part in parts])
    handles = []
    for index, part in enumerate(parts):
        with SetWorkflowID(f"{own}-{index}"), SetEnqueueOptions(priority=priority):
            handles.append(
                await DBOS.enqueue_workflow_async(
                    plan["queue"], segment_job, job_id, index, part, plan
                )
            )
    return [await handle.get_result() for handle in handles]


def _cause(error: Exception) -> Exception:
    if isinstance(error, dbos_error.DBOSMaxStepRetriesExceeded):
        return error.errors[-1]
    return error
