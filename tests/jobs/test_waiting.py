from __future__ import annotations

from datetime import UTC, datetime

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

from lipsmith.jobs.job import Job, JobProgress, JobStatus, RenderSpec
from lipsmith.jobs.live_workers import LiveWorker
from lipsmith.jobs.waiting import tell_who_waits, unattended
from lipsmith.jobs.workshop import Workshop

WAITING = {"renders": {"whole"}, "cpu": {"part"}, "gpu": {"drawn"}}


def _look_into(queue: str) -> set[str]:
    return WAITING[queue]


def _add(workshop: Workshop, name: str, status: JobStatus = JobStatus.RUNNING) -> None:
    moment = datetime.now(UTC)
    spec = RenderSpec({}, {"text": "Hello."})
    progress = JobProgress("render", 0.5, 20.0, 3.0)
    workshop.ledger.add(Job(name, "anna", name, moment, moment, status, spec, progress=progress))


def _stages(workshop: Workshop) -> dict[str, str]:
    return {job.id: job.progress.stage for job in workshop.ledger.find()}


def test_without_workers_all_wait(workshop: Workshop) -> None:
    _add(workshop, "whole", JobStatus.QUEUED)
    _add(workshop, "part")
    _add(workshop, "over", JobStatus.DONE)
    assert unattended(workshop, _look_into) == WAITING
    for _ in range(2):
        tell_who_waits(workshop, _look_into)
    waits = "waiting-for-worker"
    assert _stages(workshop) == {"whole": waits, "part": waits, "over": "render"}
    assert workshop.ledger.get("part").progress == JobProgress(waits, 0.5)
    told = [event for event in workshop.ledger.events(0) if event.job == "part"]
    assert len(told) == 2  # once, however often it is looked at


def test_only_what_nobody_takes_waits(workshop: Workshop) -> None:
    for name in ("whole", "part", "drawn"):
        _add(workshop, name)
    workshop.workers.beat(LiveWorker("a", "here", {"cpu": 1}))
    assert unattended(workshop, _look_into) == {"gpu": {"drawn"}}
    tell_who_waits(workshop, _look_into)
    assert _stages(workshop) == {"whole": "render", "part": "render", "drawn": "waiting-for-gpu"}
