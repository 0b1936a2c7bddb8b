"""The book of jobs and of what happened to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from lipsmith.errors import JobError, UnknownJobError
from lipsmith.jobs.database import events as _events
from lipsmith.jobs.database import in_utc, transaction
from lipsmith.jobs.database import jobs as _jobs
from lipsmith.jobs.database import parts as _parts
from lipsmith.jobs.database import takeovers as _takeovers
from lipsmith.jobs.job import (
    Job,
    JobEvent,
    JobFailure,
    JobProgress,
    JobResult,
    JobStatus,
    RenderSpec,
)


class Ledger:
    """Reads and writes jobs; safe to use from several threads, processes and machines."""

    def __init__(self, engine: sa.Engine) -> None:
        """engine: see `open_database`."""
        self._engine = engine

    def add(self, job: Job, idempotency_key: str | None = None) -> tuple[Job, bool]:
        """Write a new job; returns the one of this key and False, when there was one already.

        Raises:
            JobError: the key was used for another request.
        """
        row = _row(job) | {"idempotency_key": idempotency_key}
        try:
            with transaction(self._engine) as connection:
                connection.execute(_jobs.insert().values(row))
                _tell(connection, job)
        except sa.exc.IntegrityError:
            with transaction(self._engine) as connection:
                query = _jobs.select().where(
                    _jobs.c.owner == job.owner, _jobs.c.idempotency_key == idempotency_key
                )
                known = connection.execute(query).one_or_none()
            if known is None:
                raise
            earlier = _job(known)
            if earlier.spec != job.spec:
                raise JobError(
                    "this Idempotency-Key was used for another request; take a new one"
                ) from None
            return earlier, False
        return job, True

    def get(self, job_id: str, owner: str | None = None) -> Job:
        """owner: only theirs is found; None finds everybody's.

        Raises:
            UnknownJobError: there is none.
        """
        query = _jobs.select().where(_jobs.c.id == job_id)
        if owner is not None:
            query = query.where(_jobs.c.owner == owner)
        row = None
        if "\x00" not in job_id:  # which PostgreSQL does not take
            with transaction(self._engine) as connection:
                row = connection.execute(query).one_or_none()
        if row is None:
            raise UnknownJobError(f"there is no render {job_id}")
        return _job(row)

    def find(
        self,
        owner: str | None = None,
        *,
        statuses: Sequence[JobStatus] = (),
        search: str = "",
        before: datetime | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Jobs, the newest first. search: in the titles and the texts. before: only those
        created earlier."""
        query = _jobs.select().order_by(_jobs.c.created.desc(), _jobs.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(_jobs.c.owner == owner)
        if statuses:
            query = query.where(_jobs.c.status.in_([str(status) for status in statuses]))
        if search:
            found = (column.icontains(search, autoescape=True) for column in self._words())
            query = query.where(sa.or_(*found))
        if before is not None:
            query = query.where(_jobs.c.created < before)
        with transaction(self._engine) as connection:
            return [_job(row) for row in connection.execute(query)]

    def count(self, owner: str | None = None, *, statuses: Sequence[JobStatus] = ()) -> int:
        query = sa.select(sa.func.count()).select_from(_jobs)
        if owner is not None:
            query = query.where(_jobs.c.owner == owner)
        if statuses:
            query = query.where(_jobs.c.status.in_([str(status) for status in statuses]))
        with transaction(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def counts(self) -> dict[JobStatus, int]:
        """How many jobs have each status."""
        query = sa.select(_jobs.c.status, sa.func.count()).group_by(_jobs.c.status)
        with transaction(self._engine) as connection:
            return {JobStatus(status): int(n) for status, n in connection.execute(query)}

    def change(
        self,
        job_id: str,
        *,
        status: JobStatus | None = None,
        progress: JobProgress | None = None,
        result: JobResult | None = None,
        failure: JobFailure | None = None,
        only_from: Sequence[JobStatus] = (JobStatus.QUEUED, JobStatus.RUNNING),
        **more: Any,
    ) -> Job | None:
        """Change a job and tell of it; None, and nothing is done, when its status is another.

        more: other fields of `Job`.
        """
        given = {"status": status, "progress": progress, "result": result, "failure": failure}
        with transaction(self._engine) as connection:
            query = _jobs.select().where(_jobs.c.id == job_id).with_for_update()
            row = connection.execute(query).one_or_none()
            if row is None or JobStatus(row.status) not in only_from:
                return None
            changes = {name: value for name, value in given.items() if value is not None} | more
            job = replace(_job(row), changed=datetime.now(UTC), **changes)
            values = _row(job)
            del values["title"]  # it may be changed at any time, see `rename`
            connection.execute(_jobs.update().where(_jobs.c.id == job_id).values(values))
            _tell(connection, job)
        return job

    def wait_for(self, job_id: str, whom: str) -> None:
        """Tell, once, that nobody alive takes a job's work. whom: "worker", or a queue of work."""
        stage = f"waiting-for-{whom}"
        try:
            progress = self.get(job_id).progress
        except UnknownJobError:
            return
        if progress.stage != stage:
            self.change(job_id, progress=JobProgress(stage, progress.fraction))

    def rename(self, job_id: str, title: str) -> Job:
        """Give a job another title, whatever its state.

        Raises:
            UnknownJobError: there is none.
        """
        with transaction(self._engine) as connection:
            connection.execute(_jobs.update().where(_jobs.c.id == job_id).values(title=title))
        return self.get(job_id)

    def delete(self, job_id: str) -> None:
        with transaction(self._engine) as connection:
            connection.execute(_events.delete().where(_events.c.job == job_id))
            connection.execute(_parts.delete().where(_parts.c.job == job_id))
            own = _takeovers.c.workflow.startswith(f"{job_id}.", autoescape=True)
            connection.execute(_takeovers.delete().where(own))
            connection.execute(_jobs.delete().where(_jobs.c.id == job_id))

    def _words(self) -> tuple[sa.ColumnElement[str], ...]:
        """What people look for in a job: its title, and its text."""
        spec: sa.ColumnElement[Any]
        if self._engine.dialect.name == "sqlite":
            spec = sa.type_coerce(_jobs.c.spec, sa.JSON)
        else:
            # PostgreSQL reads no text with a null character in it.
            has_null = _jobs.c.spec.contains("\\u0000", autoescape=True)
            spec = sa.cast(sa.case((has_null, "{}"), else_=_jobs.c.spec), sa.JSON)
        text: sa.ColumnElement[str] = spec["options"]["text"].as_string()
        return _jobs.c.title, text

    def events(self, after: int, jobs: Sequence[str] | None = None) -> list[JobEvent]:
        """What happened after an event, in order, of some jobs or of all."""
        query = _events.select().where(_events.c.id > after).order_by(_events.c.id).limit(500)
        if jobs is not None:
            query = query.where(_events.c.job.in_(jobs))
        with transaction(self._engine) as connection:
            return [_event(row) for row in connection.execute(query)]

    def last_event(self) -> int:
        """The id of the newest event, 0 when there is none."""
        with transaction(self._engine) as connection:
            return connection.execute(sa.select(sa.func.max(_events.c.id))).scalar_one() or 0

    def forget(self, before: datetime) -> int:
        """Delete the jobs that were over before a moment, and what happened to them; how many."""
        over = [str(status) for status in JobStatus if status.is_over]
        query = sa.select(_jobs.c.id).where(_jobs.c.changed < before, _jobs.c.status.in_(over))
        with transaction(self._engine) as connection:
            ids = list(connection.execute(query).scalars())
        for job_id in ids:
            self.delete(job_id)
        return len(ids)

    def oldest_under_way(self) -> datetime | None:
        """When the oldest job that is not over was asked for."""
        going = [str(status) for status in JobStatus if not status.is_over]
        query = sa.select(sa.func.min(_jobs.c.created)).where(_jobs.c.status.in_(going))
        with transaction(self._engine) as connection:
            found = connection.execute(query).scalar_one()
        return None if found is None else in_utc(found)

    def artifacts(self) -> set[str]:
        """Every artefact that a job needs."""
        with transaction(self._engine) as connection:
            rows = connection.execute(sa.select(_jobs.c.spec, _jobs.c.result)).all()
        names: set[str] = set()
        for spec, result in rows:
            names.update(json.loads(spec)["files"].values())
            if result is not None:
                names.update(json.loads(result)["files"].values())
        return names


def _tell(connection: sa.Connection, job: Job) -> None:
    connection.execute(
        _events.insert().values(
            job=job.id,
            status=str(job.status),
            progress=json.dumps(asdict(job.progress)),
            failure=None if job.failure is None else json.dumps(asdict(job.failure)),
        )
    )


def _row(job: Job) -> dict[str, Any]:
    row = asdict(job)
    row["status"] = str(job.status)
    for name in ("spec", "progress", "result", "failure"):
        row[name] = None if row[name] is None else json.dumps(row[name], sort_keys=True)
    return row


def _job(row: Any) -> Job:
    return Job(
        id=row.id,
        owner=row.owner,
        title=row.title,
        created=in_utc(row.created),
        changed=in_utc(row.changed),
        status=JobStatus(row.status),
        spec=RenderSpec(**json.loads(row.spec)),
        attempt=row.attempt,
        progress=JobProgress(**json.loads(row.progress)),
        result=None if row.result is None else JobResult(**json.loads(row.result)),
        failure=None if row.failure is None else JobFailure(**json.loads(row.failure)),
    )


def _event(row: Any) -> JobEvent:
    return JobEvent(
        id=row.id,
        job=row.job,
        status=JobStatus(row.status),
        progress=JobProgress(**json.loads(row.progress)),
        failure=None if row.failure is None else JobFailure(**json.loads(row.failure)),
    )
