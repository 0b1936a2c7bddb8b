"""Jobs come to an end also when something dies at a bad moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from running_service import RunningService, wait_until_over

from lipsmith.jobs.job import Job, JobStatus, RenderSpec
from lipsmith.jobs.workshop import Place, Workshop


def test_work_that_dies_each_time_fails_alone(tmp_path: Path, portrait_path: Path) -> None:
    # A child that is told to say "poison" dies as if it had been killed.
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'lipsmith.jobs.child' in sys.orig_argv:\n"
        "    import json\n"
        "    loads = json.loads\n"
        "    def read(text, *a, **k):\n"
        "        if 'poison' in text:\n"
        "            print('in /secret/folder', file=sys.stderr, flush=True)\n"
        "            os._exit(9)\n"
        "        return loads(text, *a, **k)\n"
        "    json.loads = read\n"
    )
    running = RunningService(tmp_path / "home", PYTHONPATH=str(tmp_path))
    running.start()
    try:
        with httpx.Client(base_url=running.url, timeout=30) as client:
            renders = [
                client.post(
                    "/v1/renders",
                    files={"portrait": portrait_path.read_bytes()},
                    data={"text": text, "size": "128x128"},
                ).json()["id"]
                for text in ("poison", "Hello.")
            ]
            failed = wait_until_over(client, renders[0])
            assert failed["status"] == "failed"
            assert failed["error"] == {
                "code": "failed",
                "message": "the work stopped unexpectedly (exit code 9)",
            }
            assert wait_until_over(client, renders[1])["status"] == "done"
    finally:
        running.stop()
    log = running.log.read_text()
    assert "in /secret/folder" in log
    assert "poison" not in log


def test_a_job_whose_service_died_before_it_was_enqueued_is_done(
    service: RunningService, client: httpx.Client, portrait_path: Path
) -> None:
    workshop = Workshop(Place(service.home))
    try:
        picture = workshop.artifacts.put_file(portrait_path).name
        moment = datetime.now(UTC) - timedelta(minutes=1)
        spec = RenderSpec({"picture": picture}, {"text": "Hello.", "size": "128x128"})
        job = Job("f" * 24, "local", "Hello", moment, moment, JobStatus.QUEUED, spec)
        workshop.ledger.add(job)
    finally:
        workshop.close()
    assert wait_until_over(client, job.id)["status"] == "done"
    assert client.delete(f"/v1/renders/{job.id}").status_code == 204
