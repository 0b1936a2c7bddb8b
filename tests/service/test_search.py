from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lipsmith.jobs.database import open_database
from lipsmith.jobs.job import Job, JobStatus, RenderSpec
from lipsmith.jobs.ledger import Ledger

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_titles_and_texts_are_found_and_nothing_else(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    url = f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    if kind == "postgresql":
        url = request.getfixturevalue("database")
    engine = open_database(url)
    ledger = Ledger(engine)
    texts = {"a1": 'The "harbour", 100% \\ still', "a2": "nu\x00ll", "a3": None}
    for number, text in texts.items():
        options = {"text": text, "voice": "en-us"} if text else {"voice": "en-us"}
        spec = RenderSpec({"picture": "x"}, options)
        job = Job(number, "searcher", f"Title {number}", MOMENT, MOMENT, JobStatus.QUEUED, spec)
        ledger.add(job)

    def found(words: str) -> list[str]:
        return sorted(job.id for job in ledger.find("searcher", search=words))

    for words in ('"HARBOUR"', "100%", "\\ still"):
        assert found(words) == ["a1"], words
    assert found("title") == ["a1", "a2", "a3"]
    assert ledger.rename("a3", "Harbours").title == "Harbours"
    assert found("harbour") == ["a1", "a3"]
    for words in ("en-us", "text", "_", "1%0"):
        assert found(words) == [], words
    for number in texts:
        ledger.delete(number)
    engine.dispose()
