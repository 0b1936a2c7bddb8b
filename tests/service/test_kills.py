"""What is asked for is made, however often the service is killed meanwhile."""

from __future__ import annotations

import io
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import av
import httpx
import pytest
from running_service import RunningService, wait_until_over

STORY = (
    "The old harbour was quiet that morning. Nobody had expected the boats to return so early, "
    "and certainly not with their nets full. Ask Peter. He knows why the lights were left on. "
)


def test_a_killed_service_goes_on_where_it_was(tmp_path: Path, portrait_path: Path) -> None:
    service = RunningService(tmp_path / "home")
    service.start()
    try:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            render = client.post(
                "/v1/renders",
                files={"portrait": portrait_path.read_bytes()},
                data={"text": STORY * 3, "size": "128x128"},
            ).json()
            _wait_for_share(client, render["id"], 0.3)
            service.kill()
            service.start()
            service.kill()
            service.start()
            done = wait_until_over(client, render["id"])
            assert done["status"] == "done", done
            told = client.get(
                f"/v1/renders/{render['id']}/events", headers={"Last-Event-ID": "0"}
            ).text
            video = client.get(f"/v1/renders/{render['id']}/video").content
        assert list((service.home / "work").iterdir()) == []
        assert _formats(service.home / "jobs.sqlite") == {"lipsmith_json"}
    finally:
        service.stop()
    ids = [int(line[4:]) for line in told.splitlines() if line.startswith("id: ")]
    assert ids == sorted(set(ids))
    with av.open(io.BytesIO(video)) as opened:
        frames = sum(1 for _ in opened.decode(video=0))
    assert frames == done["report"]["frames"]  # type: ignore[index]


def test_segments_that_were_made_are_not_made_again(tmp_path: Path, portrait_path: Path) -> None:
    service = RunningService(tmp_path / "home")
    service.start()
    counts = []
    try:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            for text in (STORY * 4, STORY * 3 + STORY.replace("Ask Peter", "Ask Paul")):
                render = client.post(
                    "/v1/renders",
                    files={"portrait": portrait_path.read_bytes()},
                    data={"text": text, "size": "128x128"},
                ).json()
                assert wait_until_over(client, render["id"])["status"] == "done"
                counts.append(len(list((service.home / "artifacts").rglob("*.mp4"))))
    finally:
        service.stop()
    # The passage that changed, perhaps the one beside it, and the whole video.
    assert 2 <= counts[1] - counts[0] <= 4


def _formats(database: Path) -> set[str]:
    """How the job engine keeps values; it would also unpickle them."""
    with closing(sqlite3.connect(database)) as opened:
        tables = ("workflow_status", "operation_outputs")
        queries = [f"SELECT DISTINCT serialization FROM {table}" for table in tables]
        return {row[0] for query in queries for row in opened.execute(query) if row[0]}


def _wait_for_share(client: httpx.Client, render: str, share: float) -> None:
    started_s = time.monotonic()
    while time.monotonic() - started_s < 60:
        if client.get(f"/v1/renders/{render}").json()["progress"] >= share:
            return
        time.sleep(0.05)
    pytest.fail(json.dumps(client.get(f"/v1/renders/{render}").json()))
