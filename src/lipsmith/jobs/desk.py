"""Where jobs are handed in, looked at, cancelled and tried again."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from dbos import DBOS, DBOSClient, EnqueueOptions

from lipsmith.errors import JobError
from lipsmith.jobs.database import driver_url
from lipsmith.jobs.failures import JsonSerializer
from lipsmith.jobs.job import Job, JobProgress, JobStatus, RenderSpec
from lipsmith.jobs.live_workers import BEAT_S
from lipsmith.jobs.queues import RENDERS
from lipsmith.jobs.waiting import tell_who_waits, unattended
from lipsmith.jobs.work_folders import clear_dead_folders
from lipsmith.jobs.worker import APPLICATION, VERSION
from lipsmith.jobs.workflows import job_id_of, workflow_id
from lipsmith.jobs.workshop import Workshop
from lipsmith.storage.artifacts import KEPT_AT_LEAST

_AT_ONCE = 500
_log = logging.getLogger(__name__)


class JobDesk:
    """Hands jobs to workers, in this process or in any other at the same place."""

    def __init__(self, workshop: Workshop) -> None:
        """Raises:
        StorageError: the database cannot be reached.
        """
        self._workshop = workshop
        self._ledger = workshop.ledger
        url = driver_url(workshop.place.database_url)
        DBOS.migrate(url)
        self._client = DBOSClient(
            system_database_url=url, application_name=APPLICATION, serializer=JsonSerializer()
        )

    def close(self) -> None:
        self._client.destroy()

    def submit(
        self, spec: RenderSpec, owner: str, title: str, idempotency_key: str | None = None
    ) -> Job:
        """Have a render made; one that was asked for with the same key is not made again.

        Raises:
            JobError: the key was used for another request.
        """
        moment = datetime.now(UTC)
        stage = "queued" if self._workshop.workers.all() else "waiting-for-worker"
        job = Job(
            secrets.token_hex(12),
            owner,
            title,
            moment,
            moment,
            JobStatus.QUEUED,
            spec,
            progress=JobProgress(stage),
        )
        job, is_new = self._ledger.add(job, idempotency_key)
        # A process may have died between the two; a job is enqueued once however often it is asked.
        if is_new or job.status is JobStatus.QUEUED:
            self._enqueue(job)
        return job

    def cancel(self, job: Job) -> Job:
        """Stop a job within a second.

        Raises:
            JobError: it is over.
        """
        changed = self._ledger.change(job.id, status=JobStatus.CANCELLED)
        if changed is None:
            raise JobError(f"the render {job.id} is over already")
        self._client.cancel_workflow(workflow_id(job), cancel_children=True)
        if changed.spec.webhook is not None:
            self._enqueue_as("notify-cancelled", f"{workflow_id(job)}.cancelled", 1, job.id)
        return changed

    def retry(self, job: Job) -> Job:
        """Do a job that failed or was cancelled again; segments that were made are used.

        Raises:
            JobError: it is under way or done.
        """
        changed = self._ledger.change(
            job.id,
            status=JobStatus.QUEUED,
            progress=JobProgress("queued"),
            only_from=(JobStatus.FAILED, JobStatus.CANCELLED),
            attempt=job.attempt + 1,
            failure=None,
        )
        if changed is None:
            raise JobError(f"the render {job.id} is {job.status}; only what failed is tried again")
        self._enqueue(changed)
        return changed

    def delete(self, job: Job) -> None:
        """Forget a job; one that is under way is cancelled first. `prune` frees its files."""
        if job.status.is_over:
            flows = [workflow_id(replace(job, attempt=n + 1)) for n in range(job.attempt)]
            self._client.delete_workflows(flows, delete_children=True)
        else:
            with suppress(JobError):  # it ended in this moment
                self.cancel(job)
        self._ledger.delete(job.id)

    def prune(self, before: datetime) -> tuple[int, int]:
        """Forget the jobs that were over before a moment, the segments that were last used before
        it, and all files that are as old and that nothing needs.

        What was used since the oldest job under way was asked for is kept, and files of the last
        hour, which may be part of a request that is on its way. Returns how many jobs and bytes.
        """
        jobs = self._ledger.forget(before)
        youngest = self._ledger.oldest_under_way() or before
        before = min(before, youngest, datetime.now(UTC) - KEPT_AT_LEAST)
        self._workshop.segments.forget(before)
        self._forget_workflows(before)
        clear_dead_folders(self._workshop.place)
        needed = self._ledger.artifacts() | self._workshop.segments.artifacts()
        freed = 0
        for artifact in self._unneeded(needed, before):
            self._workshop.artifacts.delete(artifact[0])
            freed += artifact[1]
        return jobs, freed

    def unattended(self) -> dict[str, set[str]]:
        """The queues that nobody takes although work waits in them, and whose jobs' it is.

        Whole jobs wait in "renders", their parts in "cpu" or "gpu".
        """
        return unattended(self._workshop, self._waiting_in)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Meanwhile jobs that nobody works on get a stage that says so; workers do that, too."""
        stopped = threading.Event()

        def watch() -> None:
            while not stopped.wait(BEAT_S):
                try:
                    tell_who_waits(self._workshop, self._waiting_in)
                except Exception:
                    _log.exception("could not look for jobs that wait")

        watcher = threading.Thread(target=watch, name="who-waits", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stopped.set()
            watcher.join()

    def _waiting_in(self, queue: str) -> set[str]:
        flows = self._client.list_workflows(
            status="ENQUEUED",
            queue_name=queue,
            limit=_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        return {job_id_of(flow.workflow_id) for flow in flows}

    def _forget_workflows(self, before: datetime) -> None:
        """Forget what was begun before a moment and is over, and the texts in it."""
        while over := self._client.list_workflows(
            end_time=before.isoformat(),
            status=["SUCCESS", "ERROR", "CANCELLED"],
            limit=_AT_ONCE,
            load_input=False,
            load_output=False,
        ):
            self._client.delete_workflows([flow.workflow_id for flow in over])

    def _unneeded(self, needed: set[str], before: datetime) -> Iterator[tuple[str, int]]:
        for artifact in self._workshop.artifacts.list():
            if artifact.name not in needed and artifact.changed < before:
                yield artifact.name, artifact.size

    def _enqueue(self, job: Job) -> None:
        priority = job.spec.priority
        self._enqueue_as("render", workflow_id(job), priority, job.id, priority)

    def _enqueue_as(self, name: str, flow: str, priority: int, *arguments: str | int) -> None:
        options: EnqueueOptions = {
            "queue_name": RENDERS,
            "workflow_name": name,
            "workflow_id": flow,
            "app_version": VERSION,
            "priority": priority,
        }
        self._client.enqueue(options, *arguments)
