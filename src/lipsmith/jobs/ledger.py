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
from lipsmith.jobs.old_sqlite import complete_sqlite

_ETA_AFTER_S = 1.0
_RENDER_SHARE = 0.97
"""Of a job's time, about; the rest is joining and keeping."""

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
_parts = sa.Table(
    "lipsmith_parts",
    _tables,
    sa.Column("job", sa.String(40), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("fraction", sa.Float, nullable=False),
    sa.Column("frames", sa.Integer, nullable=False),
    sa.Column("began", sa.DateTime(timezone=True)),
)
_segments = sa.Table(
    "lipsmith_segments",
    _tables,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("made", sa.Text, nullable=False),
    sa.Column("used", sa.DateTime(timezone=True), nullable=False, index=True),
)
_takeovers = sa.Table(
    "lipsmith_takeovers",
    _tables,
    sa.Column("workflow", sa.String(80), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
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
        row = None
        if "\x00" not in job_id:  # which PostgreSQL does not take
            with self._begin() as connection:
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

    def counts(self) -> dict[JobStatus, int]:
        """How many jobs have each status."""
        query = sa.select(_jobs.c.status, sa.func.count()).group_by(_jobs.c.status)
        with self._begin() as connection:
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
            connection.execute(_parts.delete().where(_parts.c.job == job_id))
            own = _takeovers.c.workflow.startswith(f"{job_id}.", autoescape=True)
            connection.execute(_takeovers.delete().where(own))
            connection.execute(_jobs.delete().where(_jobs.c.id == job_id))

    def events(self, after: int, jobs: Sequence[str] | None = None) -> list[JobEvent]:
        """What happened after an event, in order, of some jobs or of all."""
        query = _events.select().where(_events.c.id > after).order_by(_events.c.id).limit(500)
        if jobs is not None:
            query = query.where(_events.c.job.in_(jobs))
        with self._begin() as connection:
            return [_event(row) for row in connection.execute(query)]

    def last_event(self) -> int:
        """The id of the newest event, 0 when there is none."""
        with self._begin() as connection:
            return connection.execute(sa.select(sa.func.max(_events.c.id))).scalar_one() or 0

    def begin_parts(self, job_id: str, weights: Sequence[float]) -> None:
        """Note that a job's frames are made in parts, each so much of the whole.

        Parts that are known already stay as they are.
        """
        with self._begin() as connection:
            query = sa.select(sa.func.count()).where(_parts.c.job == job_id)
            if connection.execute(query).scalar_one() == len(weights):
                return
            connection.execute(_parts.delete().where(_parts.c.job == job_id))
            rows = [
                {"job": job_id, "part": part, "weight": weight, "fraction": 0.0, "frames": 0}
                for part, weight in enumerate(weights)
            ]
            connection.execute(_parts.insert(), rows)

    def advance_part(self, job_id: str, part: int, fraction: float, frames: int) -> None:
        """Note how far a part is, and tell how far the whole job is with that.

        frames: of the part, made since its work began.
        """
        moment = datetime.now(UTC)
        own = (_parts.c.job == job_id) & (_parts.c.part == part)
        with self._begin() as connection:
            changes = {
                "fraction": fraction,
                "frames": frames,
                "began": sa.func.coalesce(_parts.c.began, moment),
            }
            connection.execute(_parts.update().where(own).values(changes))
            query = sa.select(
                sa.func.sum(_parts.c.weight * _parts.c.fraction) / sa.func.sum(_parts.c.weight),
                sa.func.sum(_parts.c.frames),
                sa.func.min(_parts.c.began),
            ).where(_parts.c.job == job_id)
            share, made, began = connection.execute(query).one()
        if began is None:
            return
        elapsed_s = max((moment - _utc(began)).total_seconds(), 1e-3)
        eta_s = elapsed_s * (1 - share) / share if share and elapsed_s > _ETA_AFTER_S else None
        progress = JobProgress("render", _RENDER_SHARE * share, made / elapsed_s, eta_s)
        self.change(job_id, progress=progress)

    def recall(self, key: str) -> dict[str, Any] | None:
        """What `remember` was told of what `key` is the hash of; it counts as used."""
        query = sa.select(_segments.c.made).where(_segments.c.key == key)
        with self._begin() as connection:
            found = connection.execute(query).scalar_one_or_none()
            if found is None:
                return None
            used = _segments.update().where(_segments.c.key == key)
            connection.execute(used.values(used=datetime.now(UTC)))
        return dict(json.loads(found))

    def remember(self, key: str, made: dict[str, Any]) -> None:
        """Keep what was made; made: JSON values, "take" and "video" are artefacts or None."""
        row = {"made": json.dumps(made), "used": datetime.now(UTC)}
        own = _segments.c.key == key
        try:
            with self._begin() as connection:
                connection.execute(_segments.delete().where(own))
                connection.execute(_segments.insert().values(key=key, **row))
        except sa.exc.IntegrityError:  # somebody else made the same in this moment
            with self._begin() as connection:
                connection.execute(_segments.update().where(own).values(row))

    def count_takeover(self, workflow: str) -> int:
        """Note that a workflow is taken over from a dead worker; returns how often it was."""
        with self._begin() as connection:
            query = sa.select(_takeovers.c.count).where(_takeovers.c.workflow == workflow)
            count = (connection.execute(query).scalar_one_or_none() or 0) + 1
            connection.execute(_takeovers.delete().where(_takeovers.c.workflow == workflow))
            connection.execute(_takeovers.insert().values(workflow=workflow, count=count))
        return count

    def forget(self, before: datetime) -> int:
        """Delete the jobs that were over before a moment, and what happened to them; how many."""
        over = [str(status) for status in JobStatus if status.is_over]
        query = sa.select(_jobs.c.id).where(_jobs.c.changed < before, _jobs.c.status.in_(over))
        with self._begin() as connection:
            ids = list(connection.execute(query).scalars())
        for job_id in ids:
            self.delete(job_id)
        return len(ids)

    def forget_segments(self, before: datetime) -> None:
        """Forget the segments that were last used before a moment."""
        with self._begin() as connection:
            connection.execute(_segments.delete().where(_segments.c.used < before))

    def oldest_under_way(self) -> datetime | None:
        """When the oldest job that is not over was asked for."""
        going = [str(status) for status in JobStatus if not status.is_over]
        query = sa.select(sa.func.min(_jobs.c.created)).where(_jobs.c.status.in_(going))
        with self._begin() as connection:
            found = connection.execute(query).scalar_one()
        return None if found is None else _utc(found)

    def artifacts(self) -> set[str]:
        """Every artefact that a job or a remembered segment needs."""
        with self._begin() as connection:
            rows = connection.execute(sa.select(_jobs.c.spec, _jobs.c.result)).all()
            segments = connection.execute(sa.select(_segments.c.made)).scalars().all()
        names: set[str] = set()
        for made in map(json.loads, segments):
            names.update(name for name in (made["take"], made["video"]) if name)
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
    complete_sqlite()
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
