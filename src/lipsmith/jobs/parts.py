"""How far the parts of jobs are, and with them the jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from lipsmith.jobs.database import in_utc, transaction
from lipsmith.jobs.database import parts as _parts
from lipsmith.jobs.job import JobProgress
from lipsmith.jobs.ledger import Ledger

_ETA_AFTER_S = 1.0
_RENDER_SHARE = 0.97
"""Of a job's time, about; the rest is joining and keeping."""


class PartBook:
    """Notes how far parts are; safe to use from several threads, processes and machines."""

    def __init__(self, engine: sa.Engine, ledger: Ledger) -> None:
        """engine: see `open_database`. ledger: is told how far a job is."""
        self._engine = engine
        self._ledger = ledger

    def begin(self, job_id: str, weights: Sequence[float]) -> None:
        """Note that a job's frames are made in parts, each so much of the whole.

        Parts that are known already stay as they are.
        """
        with transaction(self._engine) as connection:
            query = sa.select(sa.func.count()).where(_parts.c.job == job_id)
            if connection.execute(query).scalar_one() == len(weights):
                return
            connection.execute(_parts.delete().where(_parts.c.job == job_id))
            rows = [
                {"job": job_id, "part": part, "weight": weight, "fraction": 0.0, "frames": 0}
                for part, weight in enumerate(weights)
            ]
            connection.execute(_parts.insert(), rows)

    def advance(self, job_id: str, part: int, fraction: float, frames: int) -> None:
        """Note how far a part is, and tell how far the whole job is with that.

        frames: of the part, made since its work began.
        """
        moment = datetime.now(UTC)
        own = (_parts.c.job == job_id) & (_parts.c.part == part)
        with transaction(self._engine) as connection:
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
        elapsed_s = max((moment - in_utc(began)).total_seconds(), 1e-3)
        eta_s = elapsed_s * (1 - share) / share if share and elapsed_s > _ETA_AFTER_S else None
        progress = JobProgress("render", _RENDER_SHARE * share, made / elapsed_s, eta_s)
        self._ledger.change(job_id, progress=progress)
