"""What the job engine expects of SQLite, and versions before 3.42 do not have.

On Python 3.12 and later it takes unixepoch('subsec'), whichever SQLite that Python has.
"""

from __future__ import annotations

import sqlite3
import time

import sqlalchemy as sa

_FIRST_WITH_SUBSEC = (3, 42, 0)


def complete_sqlite() -> None:
    """Give every SQLite connection that is opened from here on what it lacks."""
    is_old = sqlite3.sqlite_version_info < _FIRST_WITH_SUBSEC
    if is_old and not sa.event.contains(sa.Engine, "connect", _complete):
        sa.event.listen(sa.Engine, "connect", _complete)


def _complete(connection: object, record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("unixepoch", -1, _unixepoch)


def _unixepoch(*arguments: object) -> float | int | None:
    """Of now; other moments are not asked for."""
    if arguments in (("subsec",), ("now", "subsec")):
        return time.time()
    return int(time.time()) if arguments in ((), ("now",)) else None
