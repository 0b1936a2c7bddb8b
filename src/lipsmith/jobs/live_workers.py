"""The workers that are alive, which queues they take, and how often their work was taken over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from lipsmith.jobs.database import in_utc, transaction
from lipsmith.jobs.database import takeovers as _takeovers
from lipsmith.jobs.database import workers as _workers

BEAT_S = 5.0
"""How often a worker says that it is alive."""
_SILENT_AFTER = timedelta(seconds=3 * BEAT_S)
_FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LiveWorker:
    """machine: its name. at_once: how many segments of each queue it draws side by side."""

    id: str
    machine: str
    at_once: dict[str, int]


class LiveWorkers:
    """Who works; moments are those of the database's clock, so that machines need not agree."""

    def __init__(self, engine: sa.Engine) -> None:
        """engine: see `open_database`."""
        self._engine = engine

    def beat(self, worker: LiveWorker) -> None:
        """Note that a worker is alive."""
        row = {
            "machine": worker.machine,
            "at_once": json.dumps(worker.at_once),
            "seen": sa.func.now(),
        }
        own = _workers.c.id == worker.id
        with transaction(self._engine) as connection:
            if not connection.execute(_workers.update().where(own).values(row)).rowcount:
                connection.execute(_workers.insert().values(id=worker.id, **row))

    def leave(self, worker_id: str) -> None:
        """Note that a worker stops."""
        with transaction(self._engine) as connection:
            connection.execute(_workers.delete().where(_workers.c.id == worker_id))

    def all(self) -> list[LiveWorker]:
        """Those that were alive a few seconds ago."""
        with transaction(self._engine) as connection:
            moment = _moment(connection)
            rows = connection.execute(_workers.select()).all()
            silent = {row.id: moment - in_utc(row.seen) for row in rows}
            for worker, since in silent.items():
                if since > _FORGOTTEN_AFTER:
                    connection.execute(_workers.delete().where(_workers.c.id == worker))
        return [
            LiveWorker(row.id, row.machine, json.loads(row.at_once))
            for row in rows
            if silent[row.id] < _SILENT_AFTER
        ]

    def queues(self) -> set[str]:
        """Those that somebody takes."""
        return {queue for worker in self.all() for queue in worker.at_once}

    def count_takeover(self, workflow: str) -> int:
        """Note that a workflow is taken over from a dead worker; returns how often it was."""
        own = _takeovers.c.workflow == workflow
        with transaction(self._engine) as connection:
            query = sa.select(_takeovers.c.count).where(own)
            count = (connection.execute(query).scalar_one_or_none() or 0) + 1
            connection.execute(_takeovers.delete().where(own))
            connection.execute(_takeovers.insert().values(workflow=workflow, count=count))
        return count


def _moment(connection: sa.Connection) -> datetime:
    """By the database's clock."""
    return in_utc(connection.execute(sa.select(sa.func.now())).scalar_one())
