"""Locks that tell whether a worker is alive: the system lets go of them when it dies."""

from __future__ import annotations

import hashlib
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from lipsmith.jobs.database import driver_url
from lipsmith.jobs.workshop import Place


class HeldLock:
    """A lock of this name, held from now until `release` or the end of the process."""

    def __init__(self, place: Place, name: str) -> None:
        self._place, self._name = place, name
        self._connection: sa.Connection | None = None
        self._file: FileLock | None = None
        if place.is_shared:
            self._connection = self._connect()
        else:
            self._file = FileLock(_path(place, name))
            self._file.acquire()

    def renew(self) -> None:
        """Take the lock again when the database let go of it, as after its restart."""
        if self._connection is None:
            return
        try:
            self._connection.execute(sa.select(1))
            self._connection.commit()
        except sa.exc.SQLAlchemyError:
            self._connection.close()
            self._connection = self._connect()

    def _connect(self) -> sa.Connection:
        engine = sa.create_engine(driver_url(self._place.database_url), poolclass=sa.NullPool)
        connection = engine.connect()
        connection.execute(sa.select(sa.func.pg_advisory_lock(_number(self._name))))
        connection.commit()  # the lock is the session's, no transaction stays open
        return connection

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._file is not None:
            self._file.release()
            Path(self._file.lock_file).unlink(missing_ok=True)


def is_held(place: Place, name: str) -> bool:
    """Whether somebody alive holds the lock of this name."""
    if place.is_shared:
        engine = sa.create_engine(driver_url(place.database_url), poolclass=sa.NullPool)
        with engine.connect() as connection:
            query = sa.select(sa.func.pg_try_advisory_lock(_number(name)))
            return not connection.execute(query).scalar_one()
    path = _path(place, name)
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            path.unlink(missing_ok=True)
    except Timeout:
        return True
    return False


def _path(place: Place, name: str) -> Path:
    folder = place.home / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.lock"


def _number(name: str) -> int:
    """A signed 64-bit number, as PostgreSQL names its locks."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
