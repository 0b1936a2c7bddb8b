from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

import sqlalchemy as sa

from lipsmith.jobs.desk import JobDesk
from lipsmith.jobs.job import Job, JobResult, JobStatus, RenderSpec
from lipsmith.jobs.workshop import Workshop

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=40)
MONTH = NOW - timedelta(days=30)


@pytest.fixture
def desk(workshop: Workshop) -> Iterator[JobDesk]:
    opened = JobDesk(workshop)
    yield opened
    opened.close()


def _put(workshop: Workshop, text: str, moment: datetime = OLD) -> str:
    name = workshop.artifacts.put_bytes(text.encode(), ".mp4").name
    path = workshop.place.home / "artifacts" / name
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return name


def _remember(workshop: Workshop, key: str, video: str, used: datetime) -> None:
    workshop.segments.remember(key, {"frames": 1, "take": None, "video": video})
    with workshop.engine.begin() as connection:
        query = sa.text("UPDATE lipsmith_segments SET used = :used WHERE key = :key")
        connection.execute(query, {"used": str(used.replace(tzinfo=None)), "key": key})


def _add(workshop: Workshop, name: str, status: JobStatus, video: str, moment: datetime) -> None:
    result = JobResult({"video": video}, {}) if status is JobStatus.DONE else None
    spec = RenderSpec({"picture": video}, {"text": "Hello."})
    workshop.ledger.add(Job(name, "anna", name, moment, moment, status, spec, result=result))


def _kept(workshop: Workshop) -> set[str]:
    return {artifact.name for artifact in workshop.artifacts.list()}


def test_what_is_old_and_used_by_nothing_goes(workshop: Workshop, desk: JobDesk) -> None:
    old, young, shared = (_put(workshop, text) for text in ("old", "young", "shared"))
    segment, reused, stray = (_put(workshop, text) for text in ("segment", "reused", "stray"))
    fresh = _put(workshop, "fresh", NOW)
    _add(workshop, "old", JobStatus.DONE, old, OLD)
    _add(workshop, "old too", JobStatus.FAILED, shared, OLD)
    _add(workshop, "young", JobStatus.DONE, young, NOW)
    _add(workshop, "young too", JobStatus.DONE, shared, NOW)
    _remember(workshop, "a", segment, OLD)
    _remember(workshop, "b", reused, NOW)
    jobs, freed = desk.prune(MONTH)
    assert (jobs, freed) == (2, len("old" + "segment" + "stray"))
    assert _kept(workshop) == {young, shared, reused, fresh}
    assert workshop.segments.recall("a") is None
    assert workshop.segments.recall("b") is not None
    assert stray not in _kept(workshop)


def test_what_a_job_under_way_may_use_stays(workshop: Workshop, desk: JobDesk) -> None:
    began = NOW - timedelta(hours=20)
    picture = _put(workshop, "picture")
    take = _put(workshop, "take", began + timedelta(hours=1))
    segment = _put(workshop, "segment")
    _add(workshop, "under way", JobStatus.RUNNING, picture, began)
    _remember(workshop, "a", segment, began + timedelta(hours=2))
    assert desk.prune(NOW) == (0, 0)
    assert _kept(workshop) == {picture, take, segment}


def test_what_is_sent_again_is_young_again(workshop: Workshop, desk: JobDesk) -> None:
    name = _put(workshop, "portrait")
    assert workshop.artifacts.put_bytes(b"portrait", ".mp4").name == name
    assert desk.prune(NOW) == (0, 0)
    assert _kept(workshop) == {name}
