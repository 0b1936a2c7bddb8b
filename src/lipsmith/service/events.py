"""What happens to renders, as it happens: server-sent events and a WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import Response
from sse_starlette import EventSourceResponse

from lipsmith.errors import UnknownJobError
from lipsmith.jobs.job import JobEvent
from lipsmith.service.keys import ApiKey, Scope
from lipsmith.service.problems import ProblemError, code_of_kind
from lipsmith.service.renders import find_render
from lipsmith.service.state import Known, Reader, Services, current_key, owner_of

router = APIRouter(tags=["progress"])


def event_values(event: JobEvent) -> dict[str, Any]:
    """An event in values that JSON knows."""
    failure = event.failure
    return {
        "id": event.id,
        "render": event.job,
        "status": str(event.status),
        "stage": event.progress.stage,
        "progress": round(event.progress.fraction, 4),
        "fps": round(event.progress.fps, 2),
        "eta_s": event.progress.eta_s,
        "error": failure and {"code": code_of_kind(failure.kind), "message": failure.message},
    }


@router.get("/v1/renders/{render_id}/events", response_class=Response)
async def events(
    render_id: str,
    request: Request,
    known: Known,
    key: Reader,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Server-sent events of a render until it is over.

    With Last-Event-ID, everything behind that event comes, each event once.
    """
    known.check_streams(key)
    job = await find_render(known, key, render_id)
    after = _event_id(last_event_id)

    async def told() -> AsyncIterator[dict[str, str]]:
        with known.open_stream(key):
            async with aclosing(known.feed.listen(job.id, after)) as listening:
                async for event in listening:
                    data = json.dumps(event_values(event))
                    yield {"id": str(event.id), "event": "progress", "data": data}
                    # A render that was tried again is over only once more.
                    if event.status.is_over and await _is_over(known, key, job.id):
                        return

    return EventSourceResponse(told(), ping=15)


@router.websocket("/v1/ws")
async def socket(websocket: WebSocket) -> None:
    """The same events of all renders of a key; ?after=ID resumes, ?key=… where no header can be."""
    known = websocket.app.state.services
    try:
        key = await asyncio.to_thread(current_key, _with_key(websocket), known)
        known.check_streams(key)
    except ProblemError as error:
        await websocket.close(4401, error.detail[:120])
        return
    if Scope.READ not in key.scopes:
        await websocket.close(4403, "this key may not read")
        return
    await websocket.accept()
    after = websocket.query_params.get("after", "")
    talking = asyncio.create_task(_talk(websocket, known, owner_of(key), _event_id(after)))
    with suppress(RuntimeError), known.open_stream(key):
        while not talking.done():
            if (await websocket.receive())["type"] == "websocket.disconnect":
                break
    talking.cancel()
    with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
        await talking


async def _talk(websocket: WebSocket, known: Any, owner: str | None, after: int | None) -> None:
    theirs: dict[str, bool] = {}
    async with aclosing(known.feed.listen(None, after)) as listening:
        async for event in listening:
            if event.job not in theirs:
                theirs[event.job] = await asyncio.to_thread(_belongs, known, event.job, owner)
            if theirs[event.job]:
                await websocket.send_json(event_values(event))


async def _is_over(known: Services, key: ApiKey, render_id: str) -> bool:
    try:
        return (await find_render(known, key, render_id)).status.is_over
    except UnknownJobError:
        return True


def _event_id(given: str | None) -> int | None:
    is_id = given is not None and given.isascii() and given.isdecimal() and len(given) < 16
    return int(given) if given is not None and is_id else None


def _belongs(known: Any, job_id: str, owner: str | None) -> bool:
    try:
        known.workshop.ledger.get(job_id, owner)
    except UnknownJobError:
        return False
    return True


def _with_key(websocket: WebSocket) -> Any:
    """The socket as `current_key` reads it; browsers cannot set headers there."""
    given = websocket.query_params.get("key")
    if given and "authorization" not in websocket.headers:
        scope = dict(websocket.scope)
        scope["headers"] = [*scope["headers"], (b"x-api-key", given.encode("latin-1", "ignore"))]
        return Request(scope | {"type": "http", "method": "GET"})
    return Request(dict(websocket.scope) | {"type": "http", "method": "GET"})
