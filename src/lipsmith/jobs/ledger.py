"""The book of jobs and what happened to them, in SQLite or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from lipsmith.errors import JobError, StorageError, UnknownJobError
from lipsmith.jobs.job import (
    Job,
    JobEvent,
    JobFailure,
    JobProgress,
    JobResult,
    JobStatus,
    RenderSpec,
)

_tables = sa.MetaData()

_jobs = sa.Table(
    "lipsmith_jobs",
    _tables,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("owner", sa.String(40), nullable=False, index=True),
    sa.Column("idempotency_key", sa.String(255)),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
    sa.Column("status", sa.String(12), nullable=False, index=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("failure", sa.Text),
    sa.UniqueConstraint("owner", "idempotency_key"),
)
_events = sa.Table(
    "lipsmith_events",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("job", sa.String(40), nullable=False, index=True),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("failure", sa.Text),
    sqlite_autoincrement=True,
)
_memory = sa.Table(
    "lipsmith_made",
    _tables,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("artifact", sa.String(100), nullable=False),
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
            with self._begin() as connection:
                connection.execute(_jobs.insert().values(row))
                _tell(connection, job)
        except sa.exc.IntegrityError:
            with self._begin() as connection:
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
        with self._begin() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise UnknownJobError(f"there is no render {job_id}")
        return _job(row)

    def list(
        self,
        owner: str | None = None,
        *,
        statuses: Sequence[JobStatus] = (),
        search: str = "",
        before: datetime | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Jobs, the newest first. search: in the titles. before: only those created earlier."""
        query = _jobs.select().order_by(_jobs.c.created.desc(), _jobs.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(_jobs.c.owner == owner)
        if statuses:
            query = query.where(_jobs.c.status.in_([str(status) for status in statuses]))
        if search:
            query = query.where(_jobs.c.title.icontains(search, autoescape=True))
        if before is not None:
            query = query.where(_jobs.c.created < before)
        with self._begin() as connection:
            return [_job(row) for row in connection.execute(query)]

    def count(self, owner: str | None = None, *, statuses: Sequence[JobStatus] = ()) -> int:
        query = sa.select(sa.func.count()).select_from(_jobs)
        if owner is not None:
            query = query.where(_jobs.c.owner == owner)
        if statuses:
            query = query.where(_jobs.c.status.in_([str(status) for status in statuses]))
        with self._begin() as connection:
            return int(connection.execute(query).scalar_one())

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
        with self._begin() as connection:
            query = _jobs.select().where(_jobs.c.id == job_id).with_for_update()
            row = connection.execute(query).one_or_none()
            if row is None or JobStatus(row.status) not in only_from:
                return None
            changes = {name: value for name, value in given.items() if value is not None} | more
            job = replace(_job(row), changed=datetime.now(UTC), **changes)
            connection.execute(_jobs.update().where(_jobs.c.id == job_id).values(_row(job)))
            _tell(connection, job)
        return job

    def delete(self, job_id: str) -> None:
        with self._begin() as connection:
            connection.execute(_events.delete().where(_events.c.job == job_id))
            connection.execute(_jobs.delete().where(_jobs.c.id == job_id))

    def events(self, after: int, jobs: Sequence[str] | None = None) -> list[JobEvent]:
        """What happened after an event, in order, of some jobs or of all."""
        query = _events.select().where(_events.c.id > after).order_by(_events.c.id).limit(500)
        if jobs is not None:
            query = query.where(_events.c.job.in_(jobs))
        with self._begin() as connection:
            return [_event(row) for row in connection.execute(query)]

    def recall(self, key: str) -> str | None:
        """The artefact that was made from what `key` is the SHA-256 of."""
        query = sa.select(_memory.c.artifact).where(_memory.c.key == key)
        with self._begin() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else str(found)

    def remember(self, key: str, artifact: str) -> None:
        """Keep what `recall` finds."""
        with self._begin() as connection:
            connection.execute(_memory.delete().where(_memory.c.key == key))
            connection.execute(_memory.insert().values(key=key, artifact=artifact))

    def artifacts(self) -> set[str]:
        """Every artefact that a job needs."""
        with self._begin() as connection:
            rows = connection.execute(sa.select(_jobs.c.spec, _jobs.c.result)).all()
        names: set[str] = set()
        for spec, result in rows:
            names.update(json.loads(spec)["files"].values())
            if result is not None:
                names.update(json.loads(result)["files"].values())
        return names

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.IntegrityError:
            raise
        except SQLAlchemyError as error:
            reason = str(error.__cause__ or error).strip().partition("\n")[0]
            raise StorageError(f"the database of jobs failed: {reason}") from error


def open_database(url: str) -> sa.Engine:
    """url: "sqlite:///FILE" or "postgresql://…"; makes the tables that are missing.

    Raises:
        StorageError: it cannot be reached, or is no such database.
    """
    try:
        engine = sa.create_engine(driver_url(url), pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)
        _tables.create_all(engine)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise StorageError(f"the database of jobs cannot be opened: {reason}") from error
    return engine


def driver_url(url: str) -> str:
    """The URL with the driver that is installed."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=10000")


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
        created=_utc(row.created),
        changed=_utc(row.changed),
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


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
