from __future__ import annotations

from datetime import UTC, datetime

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

from lipsmith.jobs.job import Job, JobProgress, JobStatus, RenderSpec
from lipsmith.jobs.workshop import Workshop


def test_parts_add_up(workshop: Workshop) -> None:
    ledger, parts = workshop.ledger, workshop.parts
    moment = datetime.now(UTC)
    spec = RenderSpec({}, {"text": "Hello."})
    ledger.add(Job("job1", "anna", "Hello", moment, moment, JobStatus.QUEUED, spec))
    parts.begin("job1", [3.0, 1.0])
    parts.advance("job1", 0, 0.5, 20)
    assert ledger.get("job1").progress.fraction == pytest.approx(0.97 * 1.5 / 4)
    parts.begin("job1", [3.0, 1.0])  # a worker that takes over begins again
    parts.advance("job1", 1, 1.0, 10)
    assert ledger.get("job1").progress.fraction == pytest.approx(0.97 * 2.5 / 4)
    ledger.change("job1", status=JobStatus.DONE, progress=JobProgress("done", 1.0))
    parts.advance("job1", 0, 0.9, 40)
    assert ledger.get("job1").progress.stage == "done"


def test_the_time_left_does_not_count_how_long_nobody_worked(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_s = 100.0
    monkeypatch.setattr("lipsmith.jobs.parts.time.monotonic", lambda: clock_s)
    moment = datetime.now(UTC)
    workshop.ledger.add(
        Job("job1", "anna", "Hello", moment, moment, JobStatus.RUNNING, RenderSpec({}, {}))
    )
    workshop.parts.begin("job1", [1.0])
    workshop.parts.advance("job1", 0, 0.0, 0)
    clock_s += 2
    workshop.parts.advance("job1", 0, 0.25, 20)
    before = workshop.ledger.get("job1").progress
    assert (before.eta_s, before.fps) == (pytest.approx(6), pytest.approx(10))
    clock_s += 36_000  # the work died; it begins again
    workshop.parts.advance("job1", 0, 0.1, 10)
    clock_s += 2
    workshop.parts.advance("job1", 0, 0.3, 30)
    after = workshop.ledger.get("job1").progress
    assert (after.eta_s, after.fps) == (pytest.approx(7), pytest.approx(10))
