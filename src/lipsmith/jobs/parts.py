"""How far the parts of jobs are, and with them the jobs."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from lipsmith.jobs.database import parts as _parts
from lipsmith.jobs.database import transaction
from lipsmith.jobs.job import JobProgress
from lipsmith.jobs.ledger import Ledger

_ETA_AFTER_S = 1.0
_RENDER_SHARE = 0.97
"""Of a job's time, about; the rest is joining and keeping."""
_KNOWN_JOBS = 256
_FALL = 0.02
"""A share that falls by more than this was begun again; reports of parts may cross by less."""


@dataclass(slots=True)
class _Pace:
    """How fast a job goes, since this process first heard of it or it was begun again: how long
    nobody worked at it before says nothing about that.

    moment_s, share, frames: when counting began. latest: share.
    """

    moment_s: float
    share: float
    frames: int
    latest: float


class PartBook:
    """Notes how far parts are; safe to use from several threads, processes and machines."""

    def __init__(self, engine: sa.Engine, ledger: Ledger) -> None:
        """engine: see `open_database`. ledger: is told how far a job is."""
        self._engine = engine
        self._ledger = ledger
        self._paces: OrderedDict[str, _Pace] = OrderedDict()
        self._lock = threading.Lock()

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
        own = (_parts.c.job == job_id) & (_parts.c.part == part)
        with transaction(self._engine) as connection:
            changes = {"fraction": fraction, "frames": frames}
            connection.execute(_parts.update().where(own).values(changes))
            query = sa.select(
                sa.func.sum(_parts.c.weight * _parts.c.fraction) / sa.func.sum(_parts.c.weight),
                sa.func.sum(_parts.c.frames),
            ).where(_parts.c.job == job_id)
            share, made = connection.execute(query).one()
        if share is not None:
            self._ledger.change(job_id, progress=self._progress(job_id, share, made))

    def _progress(self, job_id: str, share: float, made: int) -> JobProgress:
        moment_s = time.monotonic()
        with self._lock:
            pace = self._paces.get(job_id)
            if pace is None or share < pace.latest - _FALL:
                pace = self._paces[job_id] = _Pace(moment_s, share, made, share)
                if len(self._paces) > _KNOWN_JOBS:
                    self._paces.popitem(last=False)
            pace.latest = share
        elapsed_s, gained = moment_s - pace.moment_s, share - pace.share
        fps = max(made - pace.frames, 0) / elapsed_s if elapsed_s else 0.0
        is_known = gained > 0 and elapsed_s > _ETA_AFTER_S
        eta_s = elapsed_s * (1 - share) / gained if is_known else None
        return JobProgress("render", _RENDER_SHARE * share, fps, eta_s)
