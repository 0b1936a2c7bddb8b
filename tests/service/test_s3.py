"""A service and its workers, whose files are on a real S3 server."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import pytest
from running_service import RunningService, wait_until_over

from running_s3 import RunningS3

pytestmark = pytest.mark.s3
TEXT = "The old harbour was quiet. Nobody had expected the boats so early. Ask Peter. " * 6


@pytest.fixture
def shared(tmp_path: Path, database: str, s3: RunningS3) -> Iterator[RunningService]:
    running = RunningService(
        tmp_path / "home",
        "--no-work",
        LIPSMITH_DATABASE_URL=database,
        LIPSMITH_STORAGE_URL=s3.url,
        **s3.settings,
    )
    running.start()
    yield running
    running.stop()


def test_a_render_by_two_workers_is_kept_served_and_pruned(
    shared: RunningService, portrait_path: Path, tmp_path: Path
) -> None:
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    workers = [shared.start_worker(log) for log in logs]
    try:
        with httpx.Client(base_url=shared.url, timeout=30) as client:
            render = client.post(
                "/v1/renders",
                files={"portrait": portrait_path.read_bytes()},
                data={"text": TEXT, "size": "128x128", "subtitles": "vtt"},
            ).json()["id"]
            done = wait_until_over(client, render)
            assert done["status"] == "done", done
            own = f"/v1/renders/{render}"
            video = client.get(f"{own}/video")
            part = client.get(f"{own}/video", headers={"Range": "bytes=10-19"})
            link = client.post(f"{own}/video/link").json()["url"]
            assert client.get(f"{own}/subtitles").text.startswith("WEBVTT")
            assert client.get(f"{own}/poster").content[:2] == b"\xff\xd8"
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait(timeout=20)
    assert (part.status_code, part.content) == (206, video.content[10:20])
    with av.open(io.BytesIO(video.content)) as opened:
        frames = sum(1 for _ in opened.decode(video=0))
    assert frames == done["report"]["frames"]  # type: ignore[index]
    assert all("segment" in log.read_text() for log in logs)
    assert "X-Amz-Signature" in link
    assert httpx.get(link).content == video.content
    assert "0 renders forgotten" in _pruned(shared, "1")
    # other tests of the same database leave renders as well
    assert int(_pruned(shared, "0").split()[0]) >= 1
    assert httpx.get(link).status_code == 200  # of the last hour, so it is still kept
    assert list((shared.home / "work").iterdir()) == []
    assert not (shared.home / "artifacts").exists()


@pytest.mark.parametrize("command", [["serve"], ["worker"]])
def test_a_wrong_secret_is_told_at_the_start(
    s3: RunningS3, tmp_path: Path, command: list[str]
) -> None:
    running = RunningService(
        tmp_path / "home",
        LIPSMITH_STORAGE_URL=s3.url,
        **{**s3.settings, "AWS_SECRET_ACCESS_KEY": "wrong"},
    )
    done = subprocess.run(
        [sys.executable, "-m", "lipsmith", *command],
        env=running.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "AWS_SECRET_ACCESS_KEY is not the one" in done.stderr
    assert "Traceback" not in done.stderr


def _pruned(shared: RunningService, days: str) -> str:
    return shared.run("jobs", "prune", "--days", days, stream="stderr")
