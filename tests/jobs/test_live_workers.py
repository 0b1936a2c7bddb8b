from __future__ import annotations

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

import sqlalchemy as sa

from lipsmith.jobs.live_workers import LiveWorker
from lipsmith.jobs.workshop import Workshop


def test_who_is_silent_is_not_alive(workshop: Workshop) -> None:
    workers = workshop.workers
    one, other = LiveWorker("a", "here", {"cpu": 2}), LiveWorker("b", "there", {"gpu": 1})
    for worker in (one, one, other):
        workers.beat(worker)
    assert sorted(workers.all(), key=lambda each: each.id) == [one, other]
    assert workers.queues() == {"cpu", "gpu"}
    _make_silent(workshop, "b", "-1 minute")
    assert workers.queues() == {"cpu"}
    _make_silent(workshop, "b", "-1 day")
    assert workers.all() == [one]
    assert _rows(workshop) == 1
    workers.leave("a")
    assert workers.all() == []


def test_take_overs_are_counted(workshop: Workshop) -> None:
    assert [workshop.workers.count_takeover(flow) for flow in ("a", "a", "b")] == [1, 2, 1]


def _make_silent(workshop: Workshop, worker: str, since: str) -> None:
    query = sa.text("UPDATE lipsmith_workers SET seen = datetime('now', :since) WHERE id = :id")
    with workshop.engine.begin() as connection:
        connection.execute(query, {"since": since, "id": worker})


def _rows(workshop: Workshop) -> int:
    with workshop.engine.begin() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM lipsmith_workers")).scalar_one()
