"""A process that does the work of jobs, and takes over what dead ones left undone."""

from __future__ import annotations

import logging
import os
import threading
import uuid
from datetime import UTC, datetime, timedelta
from types import TracebackType

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID

from lipsmith.jobs.job import JobFailure, JobStatus
from lipsmith.jobs.ledger import driver_url
from lipsmith.jobs.locks import HeldLock, is_held
from lipsmith.jobs.workflows import RENDERS, SEGMENTS, render_job, work_in, workflow_id
from lipsmith.jobs.workshop import Workshop

APPLICATION, VERSION = "lipsmith", "1"
"""VERSION rises when workflows that are under way could not be continued by newer code."""

_RENDERS_AT_ONCE = 64
_POLL_S = 0.1
_LOOK_AROUND_S = 5.0
_LOOKED_AT = 500
_MOST_TAKEOVERS = 20
_log = logging.getLogger(__name__)


class Worker:
    """Does jobs from `start` to `stop`; one a process. Also a context manager."""

    def __init__(self, workshop: Workshop, at_once: int | None = None) -> None:
        """at_once: segments that are drawn side by side; None is one for two processors."""
        self._workshop = workshop
        self._at_once = at_once or max(1, (os.cpu_count() or 1) // 2)
        self._id = f"worker-{uuid.uuid4().hex[:12]}"
        self._stopped = threading.Event()
        self._lock: HeldLock | None = None
        self._looking: threading.Thread | None = None

    def start(self) -> None:
        """Begin.

        Raises:
            StorageError: the database cannot be reached.
        """
        place = self._workshop.place
        self._lock = HeldLock(place, self._id)
        work_in(self._workshop)
        url = driver_url(place.database_url)
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": url,
            "executor_id": self._id,
            "application_version": VERSION,
            "notification_listener_polling_interval_sec": 0.05,
            "log_level": "WARNING",
        }
        DBOS(config=config)
        DBOS.listen_queues([RENDERS, SEGMENTS])
        DBOS.launch()
        DBOS.register_queue(
            RENDERS, worker_concurrency=_RENDERS_AT_ONCE, polling_interval_sec=_POLL_S
        )
        DBOS.register_queue(
            SEGMENTS, worker_concurrency=self._at_once, polling_interval_sec=_POLL_S
        )
        self._looking = threading.Thread(target=self._look_around, name="take-over", daemon=True)
        self._looking.start()

    def stop(self) -> None:
        """Stop at once; what is under way is taken over by others, or after the next start."""
        self._stopped.set()
        DBOS.destroy(destroy_registry=False)
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
                self._take_over()
                self._pick_up()
            except Exception:
                _log.exception("could not look for work that was left undone")
            self._stopped.wait(_LOOK_AROUND_S)

    def _take_over(self) -> None:
        """Go on with what dead workers began."""
        place = self._workshop.place
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        owners = {flow.executor_id for flow in pending if flow.executor_id != self._id}
        dead = {owner for owner in owners if owner and not is_held(place, owner)}
        for flow in pending:
            if flow.executor_id not in dead:
                continue
            queue = SEGMENTS if flow.name == "segment" else RENDERS
            if self._workshop.ledger.count_takeover(flow.workflow_id) > _MOST_TAKEOVERS:
                self._give_up(flow.workflow_id)
            else:
                DBOS.resume_workflows([flow.workflow_id], queue_name=queue)

    def _pick_up(self) -> None:
        """Enqueue the jobs that a process wrote down before it died."""
        since = datetime.now(UTC) - timedelta(seconds=2 * _LOOK_AROUND_S)
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
        job_id = workflow.partition(".")[0]
        message = "the processes that worked on this died again and again; see their logs"
        self._workshop.ledger.change(
            job_id, status=JobStatus.FAILED, failure=JobFailure("WorkDiedError", message)
        )
        DBOS.cancel_workflow(workflow, cancel_children=True)
