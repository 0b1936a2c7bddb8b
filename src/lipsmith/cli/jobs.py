"""`lipsmith jobs`: the renders that the service was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipsmith.cli.options import Debug
from lipsmith.errors import OptionError

if TYPE_CHECKING:
    from lipsmith.jobs.desk import JobDesk
    from lipsmith.jobs.job import Job
    from lipsmith.jobs.workshop import Workshop

app = typer.Typer(
    name="jobs", help="Look at, cancel and retry the service's renders.", no_args_is_help=True
)
Id = Annotated[str, typer.Argument(help="The id of a render: lipsmith jobs list.")]
_WORKERS = {
    "renders": "a worker: lipsmith worker",
    "cpu": "a worker for the queue cpu: lipsmith worker --queues cpu",
    "gpu": "a worker for the queue gpu: lipsmith worker --queues gpu",
}
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


@app.command("list")
def list_jobs(
    status: Annotated[
        list[str] | None,
        typer.Option(help="Only those: queued, running, done, failed or cancelled."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List renders, the newest first."""
    from lipsmith.cli.place import workshop
    from lipsmith.cli.tables import print_table

    with workshop() as opened:
        from lipsmith.jobs.job import JobStatus

        for each in status or ():
            if each not in list(JobStatus):
                raise OptionError(f"--status {each}: a status is one of {', '.join(JobStatus)}")
        statuses = [JobStatus(each) for each in status or ()]
        jobs = opened.ledger.find(statuses=statuses, limit=limit)
    if as_json:
        typer.echo(json.dumps([_values(job) for job in jobs], indent=2))
        return
    rows = [
        (
            job.id,
            job.progress.stage if _waits(job) else str(job.status),
            f"{job.progress.fraction:.0%}",
            f"{job.created:%Y-%m-%d %H:%M}",
            job.title,
        )
        for job in jobs
    ]
    print_table(("Render", "Status", "Done", "Asked for (UTC)", "Title"), rows)


@app.command("show")
def show(job: Id, debug: Debug = False) -> None:
    """Print everything about a render, as JSON; also what it waits for when no worker takes it."""
    with _desk() as (opened, desk):
        values = _values(opened.ledger.get(job))
        waits = [queue for queue, jobs in desk.unattended().items() if job in jobs]
    typer.echo(json.dumps(values | {"waits_for": [_WORKERS[queue] for queue in waits]}, indent=2))


@app.command("cancel")
def cancel(job: Id, debug: Debug = False) -> None:
    """Stop a render."""
    with _desk() as (opened, desk):
        desk.cancel(opened.ledger.get(job))
    typer.echo(f"The render {job} is cancelled.", err=True)


@app.command("retry")
def retry(job: Id, debug: Debug = False) -> None:
    """Try a render again that failed or was cancelled."""
    with _desk() as (opened, desk):
        desk.retry(opened.ledger.get(job))
    typer.echo(f"The render {job} is queued again.", err=True)


@app.command("prune")
def prune(
    days: Annotated[float, typer.Option(min=0, help="Keep what is younger.")] = 30,
    debug: Debug = False,
) -> None:
    """Forget old renders, and delete the files that no render needs."""
    with _desk() as (_, desk):
        jobs, freed = desk.prune(datetime.now(UTC) - timedelta(days=days))
    typer.echo(f"{jobs} renders forgotten, {freed / 1e6:.1f} MB freed.", err=True)


@contextmanager
def _desk() -> Iterator[tuple[Workshop, JobDesk]]:
    from lipsmith.cli.place import workshop

    with workshop() as opened:
        from lipsmith.jobs.desk import JobDesk

        desk = JobDesk(opened)
        try:
            yield opened, desk
        finally:
            desk.close()


def _waits(job: Job) -> bool:
    """Whether there was no worker for it when that was last looked at."""
    return not job.status.is_over and job.progress.stage.startswith("waiting-for-")


def _values(job: Job) -> dict[str, Any]:
    from dataclasses import asdict

    told = asdict(job)
    return told | {"created": job.created.isoformat(), "changed": job.changed.isoformat()}
