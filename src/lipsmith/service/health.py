"""Whether the service is alive and ready, and how much it does."""

from __future__ import annotations

import asyncio
from logging import getLogger

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel

import lipsmith
from lipsmith.errors import StorageError
from lipsmith.jobs.job import JobStatus
from lipsmith.service.origins import is_from_loopback
from lipsmith.service.problems import problem
from lipsmith.service.state import Known, current_key

router = APIRouter(tags=["health"])
_log = getLogger(__name__)


class HealthView(BaseModel):
    status: str
    version: str


@router.get("/healthz")
async def health() -> HealthView:
    """The process is alive."""
    return HealthView(status="ok", version=lipsmith.__version__)


@router.get("/readyz", response_model=HealthView)
async def ready(known: Known) -> Response | HealthView:
    """The database answers, so that renders can be asked for."""
    try:
        await asyncio.to_thread(known.workshop.ledger.last_event)
    except StorageError as error:
        _log.error("not ready: %s", error)
        return problem("failed", "the database does not answer", status=503)
    return HealthView(status="ready", version=lipsmith.__version__)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request, known: Known) -> str:
    """Numbers for Prometheus, which needs a key where it is not on this machine."""
    if not is_from_loopback(request):
        await asyncio.to_thread(current_key, request, known)
    counts = await asyncio.to_thread(known.workshop.ledger.counts)
    lines = [
        "# HELP lipsmith_renders Renders by status.",
        "# TYPE lipsmith_renders gauge",
        *(f'lipsmith_renders{{status="{s}"}} {counts.get(s, 0)}' for s in JobStatus),
        "# HELP lipsmith_listeners Open streams of events.",
        "# TYPE lipsmith_listeners gauge",
        f"lipsmith_listeners {known.feed.listeners}",
        "# HELP lipsmith_info The version that runs.",
        "# TYPE lipsmith_info gauge",
        f'lipsmith_info{{version="{lipsmith.__version__}"}} 1',
    ]
    return "\n".join(lines) + "\n"
