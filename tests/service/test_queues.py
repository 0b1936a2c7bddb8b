"""Work goes to the workers that can do it, and what waits for none says so."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from running_service import RunningService, wait_until_over

SENTENCES = "".join(f"This is passage number {n}, which says a little. " for n in range(60))
_MODULE = """
from dataclasses import replace
from lipsmith.engines.rig.engine import RigEngine
class CardEngine(RigEngine):
    capabilities = replace(RigEngine.capabilities, devices=("cpu", "cuda"))
"""


@pytest.fixture
def shared(tmp_path: Path, database: str) -> Iterator[RunningService]:
    """A service that leaves the work to others, and an engine that would use a GPU."""
    packages = tmp_path / "packages"
    about = packages / "card-1.0.dist-info"
    about.mkdir(parents=True)
    (packages / "card.py").write_text(_MODULE)
    (about / "METADATA").write_text("Metadata-Version: 2.4\nName: card\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[lipsmith.engines]\nlipsync.card = card:CardEngine\n")
    running = RunningService(
        tmp_path / "home", "--no-work", LIPSMITH_DATABASE_URL=database, PYTHONPATH=str(packages)
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
def start(shared: RunningService, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """start("--queues", "gpu") starts a worker; its log. They are ended behind the test."""
    workers: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> Path:
        log = tmp_path / f"worker{len(workers)}.log"
        workers.append(shared.start_worker(log, *arguments))
        _wait_for(lambda: "takes renders" in log.read_text())
        return log

    yield begin
    for worker in workers:
        worker.terminate()
        worker.wait(timeout=20)


def _render(client: httpx.Client, portrait: Path, **options: str) -> str:
    answer = client.post(
        "/v1/renders",
        files={"portrait": portrait.read_bytes()},
        data={"text": "Hello there.", "size": "128x128", **options},
    )
    return str(answer.raise_for_status().json()["id"])


def _shown(shared: RunningService, render: str) -> dict[str, object]:
    return dict(json.loads(shared.run("jobs", "show", render)))


def test_each_queue_is_done_by_who_takes_it(
    shared: RunningService, start: Callable[..., Path], portrait_path: Path
) -> None:
    cpu, gpu = start("--queues", "cpu"), start("--queues", "gpu")
    with httpx.Client(base_url=shared.url, timeout=30) as client:
        plain = _render(client, portrait_path)
        drawn = _render(client, portrait_path, engine="card")
        for render in (plain, drawn):
            assert wait_until_over(client, render)["status"] == "done"
    assert plain in cpu.read_text() and plain not in gpu.read_text()
    assert drawn in gpu.read_text() and drawn not in cpu.read_text()


def test_what_waits_for_a_worker_says_so(
    shared: RunningService, start: Callable[..., Path], portrait_path: Path
) -> None:
    with httpx.Client(base_url=shared.url, timeout=30) as client:
        render = _render(client, portrait_path)
        assert _stage(client, render) == "waiting-for-worker"
        assert "lipsmith worker" in str(_shown(shared, render)["waits_for"])
        start("--queues", "gpu")
        _wait_for(lambda: _stage(client, render) == "waiting-for-cpu")
        assert "--queues cpu" in str(_shown(shared, render)["waits_for"])
        start("--queues", "cpu,gpu")
        assert wait_until_over(client, render)["status"] == "done"
        assert _stage(client, render) == "done"
        assert _shown(shared, render)["waits_for"] == []


def test_each_worker_keeps_its_own_limit(
    shared: RunningService, start: Callable[..., Path], portrait_path: Path
) -> None:
    log = start("--at-once", "3")
    assert "cpu (3 at once)" in log.read_text()
    start("--at-once", "1", "--queues", "gpu")  # the last one to tell the database of its limits
    with httpx.Client(base_url=shared.url, timeout=30) as client:
        render = _render(client, portrait_path, text=SENTENCES)
        _wait_for(lambda: _drawing(shared.home) == 3)
        client.delete(f"/v1/renders/{render}")


def _drawing(home: Path) -> int:
    return len(list((home / "work").glob("*/this.take")))


def _stage(client: httpx.Client, render: str) -> str:
    return str(client.get(f"/v1/renders/{render}").json()["stage"])


def _wait_for(is_so: Callable[[], bool]) -> None:
    started_s = time.monotonic()
    while time.monotonic() - started_s < 60:
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen within a minute")
