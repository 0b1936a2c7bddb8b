"""Where jobs are handed in, looked at, cancelled and tried again."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

from dbos import DBOS, DBOSClient, EnqueueOptions

from lipsmith.errors import JobError
from lipsmith.jobs.job import Job, JobProgress, JobStatus, RenderSpec
from lipsmith.jobs.ledger import driver_url
from lipsmith.jobs.worker import APPLICATION, VERSION
from lipsmith.jobs.workflows import RENDERS, workflow_id
from lipsmith.jobs.workshop import Workshop


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
        self._client = DBOSClient(system_database_url=url, application_name=APPLICATION)

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
        job = Job(secrets.token_urlsafe(12), owner, title, moment, moment, JobStatus.QUEUED, spec)
        job, is_new = self._ledger.add(job, idempotency_key)
        if is_new:
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
        if not job.status.is_over:
            self.cancel(job)
        self._ledger.delete(job.id)

    def prune(self, before: datetime) -> tuple[int, int]:
        """Forget the jobs that were over before a moment, and all files that no job needs.

        Returns how many jobs and how many bytes.
        """
        jobs = self._ledger.forget(before)
        needed = self._ledger.artifacts()
        freed = 0
        for artifact in self._unneeded(needed, before):
            self._workshop.artifacts.delete(artifact[0])
            freed += artifact[1]
        return jobs, freed

    def _unneeded(self, needed: set[str], before: datetime) -> Iterator[tuple[str, int]]:
        for artifact in self._workshop.artifacts.list():
            if artifact.name not in needed and artifact.changed < before:
                yield artifact.name, artifact.size

    def _enqueue(self, job: Job) -> None:
        options: EnqueueOptions = {
            "queue_name": RENDERS,
            "workflow_name": "render",
            "workflow_id": workflow_id(job),
            "app_version": VERSION,
            "priority": job.spec.priority,
        }
        self._client.enqueue(options, job.id, job.spec.priority)
