from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

from lipsmith.errors import JobError, UnknownJobError
from lipsmith.jobs.database import open_database
from lipsmith.jobs.job import Job, JobProgress, JobResult, JobStatus, RenderSpec
from lipsmith.jobs.ledger import Ledger

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
SPEC = RenderSpec({"picture": "aa/" + "a" * 64 + ".png"}, {"text": "Hello."})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(open_database(f"sqlite:///{tmp_path / 'jobs.sqlite'}"))


def _job(number: int, owner: str = "anna", title: str = "Hello") -> Job:
    created = MOMENT + timedelta(seconds=number)
    return Job(f"job{number}", owner, title, created, created, JobStatus.QUEUED, SPEC)


def test_a_job_is_read_as_it_was_written(ledger: Ledger) -> None:
    job, is_new = ledger.add(_job(1))
    assert is_new
    assert ledger.get("job1") == job
    with pytest.raises(UnknownJobError):
        ledger.get("job1", owner="ben")


def test_a_key_makes_one_job_of_many_requests(ledger: Ledger) -> None:
    first, _ = ledger.add(_job(1), "key")
    second, is_new = ledger.add(_job(2), "key")
    assert (second.id, is_new) == (first.id, False)
    assert ledger.add(_job(3, owner="ben"), "key")[1]
    with pytest.raises(JobError, match="another request"):
        ledger.add(replace(_job(4), spec=replace(SPEC, options={"text": "Bye."})), "key")


def test_what_is_over_stays_over(ledger: Ledger) -> None:
    ledger.add(_job(1))
    assert ledger.change("job1", status=JobStatus.CANCELLED) is not None
    result = JobResult({"video": "x"}, {})
    assert ledger.change("job1", status=JobStatus.DONE, result=result) is None
    assert ledger.get("job1").status is JobStatus.CANCELLED


def test_lists_are_by_owner_status_title_and_time(ledger: Ledger) -> None:
    for number in range(5):
        ledger.add(_job(number, title="50 % of it" if number == 3 else "Hello"))
    ledger.add(_job(9, owner="ben"))
    ledger.change("job1", status=JobStatus.RUNNING)
    assert [job.id for job in ledger.find("anna")] == ["job4", "job3", "job2", "job1", "job0"]
    assert [job.id for job in ledger.find("anna", statuses=[JobStatus.RUNNING])] == ["job1"]
    assert [job.id for job in ledger.find("anna", search="50 %")] == ["job3"]
    page = ledger.find("anna", limit=2)
    following = ledger.find("anna", before=page[-1].created, limit=2)
    assert [job.id for job in following] == ["job2", "job1"]
    assert ledger.count("anna", statuses=[JobStatus.QUEUED]) == 4
    assert ledger.counts() == {JobStatus.QUEUED: 5, JobStatus.RUNNING: 1}


def test_every_change_is_told_in_order(ledger: Ledger) -> None:
    ledger.add(_job(1))
    ledger.add(_job(2))
    ledger.change("job1", status=JobStatus.RUNNING, progress=JobProgress("speech"))
    ledger.change("job2", status=JobStatus.CANCELLED)
    events = ledger.events(0)
    assert [(event.job, str(event.status)) for event in events] == [
        ("job1", "queued"),
        ("job2", "queued"),
        ("job1", "running"),
        ("job2", "cancelled"),
    ]
    assert [event.id for event in ledger.events(events[1].id, ["job2"])] == [events[3].id]


def test_what_is_forgotten_leaves_its_files_unneeded(ledger: Ledger) -> None:
    ledger.add(_job(1))
    ledger.change("job1", status=JobStatus.DONE, result=JobResult({"video": "bb/v"}, {}))
    assert ledger.artifacts() == {SPEC.files["picture"], "bb/v"}
    assert ledger.forget(MOMENT - timedelta(days=1)) == 0
    assert ledger.forget(datetime.now(UTC) + timedelta(days=1)) == 1
    assert ledger.artifacts() == set()
    assert ledger.events(0) == []
