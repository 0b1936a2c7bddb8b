"""The tables of the service, in SQLite or PostgreSQL, and how they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from lipsmith.errors import StorageError
from lipsmith.jobs.old_sqlite import complete_sqlite

tables = sa.MetaData()

jobs = sa.Table(
    "lipsmith_jobs",
    tables,
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
events = sa.Table(
    "lipsmith_events",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("job", sa.String(40), nullable=False, index=True),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("failure", sa.Text),
    sqlite_autoincrement=True,
)
parts = sa.Table(
    "lipsmith_parts",
    tables,
    sa.Column("job", sa.String(40), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("fraction", sa.Float, nullable=False),
    sa.Column("frames", sa.Integer, nullable=False),
)
segments = sa.Table(
    "lipsmith_segments",
    tables,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("made", sa.Text, nullable=False),
    sa.Column("used", sa.DateTime(timezone=True), nullable=False, index=True),
)
takeovers = sa.Table(
    "lipsmith_takeovers",
    tables,
    sa.Column("workflow", sa.String(80), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
workers = sa.Table(
    "lipsmith_workers",
    tables,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("at_once", sa.Text, nullable=False),
    sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
)


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
        tables.create_all(engine)
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


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection, in which everything happens or nothing.

    Raises:
        StorageError: the database failed.
        sqlalchemy.exc.IntegrityError: there is such a row already.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.IntegrityError:
        raise
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise StorageError(f"the database of jobs failed: {reason}") from error


def in_utc(moment: datetime) -> datetime:
    """A moment as it was read; SQLite forgets its time zone."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=10000")
