"""Who waits because nobody alive takes their work: nothing is to wait for ever unseen."""

from __future__ import annotations

from collections.abc import Callable

from lipsmith.jobs.job import JobStatus
from lipsmith.jobs.queues import RENDERS, WORK_QUEUES
from lipsmith.jobs.workshop import Workshop

LookInto = Callable[[str], set[str]]
"""The jobs with work in a queue that nobody has taken yet."""
_LOOKED_AT = 500


def unattended(workshop: Workshop, look_into: LookInto) -> dict[str, set[str]]:
    """The queues that nobody takes although work waits in them, and the jobs that it belongs to."""
    taken = workshop.workers.queues()
    left = [queue for queue in WORK_QUEUES if queue not in taken]
    if not taken:
        left.append(RENDERS)  # which every worker takes
    found = {queue: look_into(queue) for queue in left}
    return {queue: jobs for queue, jobs in found.items() if jobs}


def tell_who_waits(workshop: Workshop, look_into: LookInto) -> None:
    """Give the jobs that nobody works on a stage that says so."""
    if not workshop.workers.all():
        under_way = [status for status in JobStatus if not status.is_over]
        for job in workshop.ledger.find(statuses=under_way, limit=_LOOKED_AT):
            workshop.ledger.wait_for(job.id, "worker")
        return
    for queue, job_ids in unattended(workshop, look_into).items():
        for job_id in job_ids:
            workshop.ledger.wait_for(job_id, queue)
