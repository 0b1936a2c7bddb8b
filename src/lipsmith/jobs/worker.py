"""A process that does the work of jobs, and takes over what dead ones left undone."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from dbos import error as dbos_error

from lipsmith.jobs.database import driver_url
from lipsmith.jobs.failures import JsonSerializer
from lipsmith.jobs.here import Here, work_with
from lipsmith.jobs.job import JobFailure, JobStatus
from lipsmith.jobs.live_workers import BEAT_S, LiveWorker
from lipsmith.jobs.locks import HeldLock, is_held
from lipsmith.jobs.process import do_work
from lipsmith.jobs.queues import CPU, GPU, RENDERS, WORK_QUEUES, Gpus
from lipsmith.jobs.waiting import tell_who_waits
from lipsmith.jobs.work_folders import clear_dead_folders
from lipsmith.jobs.workflows import job_id_of, render_job, workflow_id
from lipsmith.jobs.workshop import Workshop
from lipsmith.neural.device import may_have_gpu

APPLICATION, VERSION = "lipsmith", "2"
"""VERSION rises when workflows that are under way could not be continued by newer code."""

_RENDERS_AT_ONCE = 64
_POLL_S = 0.1
_LOOKED_AT = 500
_MOST_TAKEOVERS = 20
_log = logging.getLogger(__name__)


class Worker:
    """Does jobs from `start` to `stop`; one a process. Also a context manager."""

    def __init__(
        self,
        workshop: Workshop,
        at_once: int | None = None,
        *,
        queues: Sequence[str] | None = None,
        per_gpu: int = 1,
    ) -> None:
        """at_once: segments of the queue "cpu" that are drawn side by side; None is one for two
        processors. queues: of `WORK_QUEUES`; None is "cpu", and "gpu" where there is one. per_gpu:
        segments of the queue "gpu" that are drawn side by side on each GPU.
        """
        self._workshop = workshop
        self._at_once = at_once or max(1, (os.cpu_count() or 1) // 2)
        self._asked = queues
        self._per_gpu = per_gpu
        self._id = f"worker-{uuid.uuid4().hex[:12]}"
        self._stopped = threading.Event()
        self._lock: HeldLock | None = None
        self._looking: threading.Thread | None = None
        self._about = LiveWorker(self._id, platform.node(), {})

    @property
    def at_once(self) -> Mapping[str, int]:
        """How many segments of each queue that it takes are drawn side by side, once it started."""
        return self._about.at_once

    def start(self) -> None:
        """Begin.

        Raises:
            StorageError: the database cannot be reached, or artefacts cannot be kept.
        """
        place = self._workshop.place
        self._workshop.artifacts.check()
        gpus = _count_gpus() if self._asked is None or GPU in self._asked else 0
        queues = self._asked or ((CPU, GPU) if gpus else (CPU,))
        sizes = {CPU: self._at_once, GPU: self._per_gpu * max(gpus, 1)}
        self._about = replace(self._about, at_once={queue: sizes[queue] for queue in queues})
        self._lock = HeldLock(place, self._id)
        clear_dead_folders(place)
        work_with(Here(self._workshop, self._id, Gpus(gpus)))
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": driver_url(place.database_url),
            "executor_id": self._id,
            "application_version": VERSION,
            "notification_listener_polling_interval_sec": 0.05,
            "log_level": "WARNING",
            "serializer": JsonSerializer(),
        }
        logging.getLogger("dbos").addFilter(_is_news)
        engine = DBOS(config=config)
        DBOS.listen_queues([RENDERS, *queues])
        DBOS.launch()
        _keep_own_limits(engine, self._about.at_once)
        self._workshop.workers.beat(self._about)
        limits = {RENDERS: _RENDERS_AT_ONCE} | dict.fromkeys(WORK_QUEUES, 1)
        for queue, limit in limits.items():
            DBOS.register_queue(queue, worker_concurrency=limit, polling_interval_sec=_POLL_S)
        self._looking = threading.Thread(target=self._look_around, name="take-over", daemon=True)
        self._looking.start()

    def stop(self) -> None:
        """Stop at once; what is under way is taken over by others, or after the next start."""
        self._stopped.set()
        DBOS.destroy(destroy_registry=False)
        self._workshop.workers.leave(self._id)
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _look_around(self) -> None:
        while not self._stopped.is_set():
            try:
                if self._lock is not None:
                    self._lock.renew()
                self._workshop.workers.beat(self._about)
                self._take_over()
                self._pick_up()
                tell_who_waits(self._workshop, _jobs_waiting_in)
            except Exception:
                _log.exception("could not look for work that was left undone")
            self._stopped.wait(BEAT_S)

    def _take_over(self) -> None:
        """Go on with what dead workers began."""
        place = self._workshop.place
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        owners = {flow.executor_id for flow in pending if flow.executor_id != self._id}
        dead = {owner for owner in owners if owner and not is_held(place, owner)}
        for owner in dead:
            self._workshop.workers.leave(owner)
        for flow in pending:
            if flow.executor_id not in dead:
                continue
            queue = flow.queue_name if flow.queue_name in WORK_QUEUES else RENDERS
            if self._workshop.workers.count_takeover(flow.workflow_id) > _MOST_TAKEOVERS:
                self._give_up(flow.workflow_id)
            else:
                DBOS.resume_workflows([flow.workflow_id], queue_name=queue)

    def _pick_up(self) -> None:
        """Enqueue the jobs that a process wrote down before it died."""
        since = datetime.now(UTC) - timedelta(seconds=2 * BEAT_S)
        jobs = self._workshop.ledger.find(statuses=[JobStatus.QUEUED], limit=_LOOKED_AT)
        waiting = {workflow_id(job): job for job in jobs if job.changed < since}
        if not waiting:
            return
        flows = DBOS.list_workflows(workflow_ids=list(waiting), load_input=False, load_output=False)
        for known in flows:
            waiting.pop(known.workflow_id, None)
        for flow, job in waiting.items():
            priority = job.spec.priority
            with SetWorkflowID(flow), SetEnqueueOptions(priority=priority):
                DBOS.enqueue_workflow(RENDERS, render_job, job.id, priority)

    def _give_up(self, workflow: str) -> None:
        """A job whose workers die again and again is not tried for ever."""
        job_id = job_id_of(workflow)
        message = "the processes that worked on this died again and again; see their logs"
        self._workshop.ledger.change(
            job_id, status=JobStatus.FAILED, failure=JobFailure("WorkDiedError", message)
        )
        DBOS.cancel_workflow(workflow, cancel_children=True)


def _jobs_waiting_in(queue: str) -> set[str]:
    flows = DBOS.list_workflows(
        status="ENQUEUED",
        queue_name=queue,
        limit=_LOOKED_AT,
        load_input=False,
        load_output=False,
    )
    return {job_id_of(flow.workflow_id) for flow in flows}


def _count_gpus() -> int:
    """Those of this machine, counted in a process of its own, since torch is large."""
    if not may_have_gpu():
        return 0
    return int(asyncio.run(do_work({"work": "gpus", "files": {}}))["gpus"])


def _is_news(record: logging.LogRecord) -> bool:
    """Whether people should read this of the job engine: not what cancelling brings about."""
    error = record.exc_info[1] if record.exc_info else None
    told = record.getMessage()
    return not isinstance(error, dbos_error.DBOSAwaitedWorkflowCancelledError) and not any(
        usual in told
        for usual in (
            "Asyncio task cancelled",
            "cancelled during execution",
            "no longer owned by this execution",
        )
    )


def _keep_own_limits(engine: DBOS, at_once: Mapping[str, int]) -> None:
    """Let this process take as much side by side as it was told.

    The job engine keeps one limit for each queue in its database, for all machines there; it is 1,
    and what this process reads of it is made what this machine can do.
    """
    database = engine._sys_db
    read = database.get_queue

    def get_queue(name: str, *arguments: Any, **more: Any) -> Any:
        queue = read(name, *arguments, **more)
        if queue is not None and name in at_once:
            queue._worker_concurrency = at_once[name]
        return queue

    database.get_queue = get_queue  # type: ignore[method-assign]
