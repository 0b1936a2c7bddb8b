"""What happens to renders, as it happens: server-sent events and a WebSocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import Response
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

from lipsmith.errors import UnknownJobError
from lipsmith.jobs.job import JobEvent, JobStatus
from lipsmith.service.keys import ApiKey, Scope
from lipsmith.service.problems import ProblemError
from lipsmith.service.renders import FailureView, find_render, view_of_failure
from lipsmith.service.state import Known, Reader, Services, current_key, owner_of

router = APIRouter(tags=["progress"])

_CHECK_EVERY_S = 1.0


class EventView(BaseModel):
    """Something that happened to a render: the data of a message. progress: 0..1."""

    id: int
    render: str
    status: JobStatus
    stage: str
    progress: float
    fps: float
    eta_s: float | None
    error: FailureView | None


_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "Messages `progress`, whose data is an EventView.",
    }
}


def view_of_event(event: JobEvent) -> EventView:
    """An event as clients see it."""
    return EventView(
        id=event.id,
        render=event.job,
        status=event.status,
        stage=event.progress.stage,
        progress=round(event.progress.fraction, 4),
        fps=round(event.progress.fps, 2),
        eta_s=event.progress.eta_s,
        error=view_of_failure(event.failure),
    )


@router.get("/v1/renders/{render_id}/events", response_class=Response, responses=_STREAM)
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
        with known.open_stream(key), suppress(UnknownJobError):
            async with aclosing(_allowed(known, key, job.id, after)) as listening:
                async for event in listening:
                    if event is None:
                        await find_render(known, key, job.id)
                        continue
                    yield _message(event)
                    # A render that was tried again is over only once more.
                    if event.status.is_over and await _is_over(known, key, job.id):
                        return

    return EventSourceResponse(told(), ping=15)


@router.get("/v1/events", response_class=Response, responses=_STREAM)
async def all_events(
    known: Known,
    key: Reader,
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[
        str, Query(max_length=40, description="As Last-Event-ID, where no header can be set.")
    ] = "",
) -> Response:
    """Server-sent events of all renders of the key, until the client goes away.

    With Last-Event-ID, everything behind that event comes, each event once; without, what is new.
    The first message, `begin`, has no data but the id behind which the stream begins; `ping` comes
    every 5 seconds, so that who hears nothing knows that the connection is lost.
    """
    known.check_streams(key)
    began = _event_id(last_event_id or after)
    if began is None:
        began = await asyncio.to_thread(known.workshop.ledger.last_event)

    async def told() -> AsyncIterator[dict[str, str]]:
        with known.open_stream(key):
            yield {"id": str(began), "event": "begin", "data": "{}"}
            async with aclosing(_events_of(known, key, began)) as listening:
                async for event in listening:
                    yield _message(event)

    return EventSourceResponse(
        told(), ping=5, ping_message_factory=lambda: ServerSentEvent("{}", event="ping")
    )


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
    talking = asyncio.create_task(_talk(websocket, known, key, _event_id(after)))
    hearing = asyncio.create_task(_hear(websocket))
    with known.open_stream(key):
        await asyncio.wait([talking, hearing], return_when=asyncio.FIRST_COMPLETED)
    for task in (talking, hearing):
        task.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await task


async def _hear(websocket: WebSocket) -> None:
    """Until the client goes away; what it says means nothing."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _talk(websocket: WebSocket, known: Services, key: ApiKey, after: int | None) -> None:
    async with aclosing(_events_of(known, key, after)) as listening:
        async for event in listening:
            await websocket.send_text(view_of_event(event).model_dump_json())
    if await asyncio.to_thread(known.is_valid, key):
        await websocket.close(1013, "too slow; resume behind the last event")
    else:
        await websocket.close(4401, "this key is not known here any more")


async def _events_of(
    known: Services, key: ApiKey, after: int | None
) -> AsyncGenerator[JobEvent, None]:
    owner, theirs = owner_of(key), dict[str, bool]()
    async with aclosing(_allowed(known, key, None, after)) as listening:
        async for event in listening:
            if event is None:
                continue
            if event.job not in theirs:
                theirs[event.job] = await asyncio.to_thread(_belongs, known, event.job, owner)
            if theirs[event.job]:
                yield event


async def _allowed(
    known: Services, key: ApiKey, job: str | None, after: int | None
) -> AsyncGenerator[JobEvent | None, None]:
    """As `EventFeed.listen`, until the key is revoked."""
    checked_s = time.monotonic()
    async with aclosing(known.feed.listen(job, after)) as listening:
        async for event in listening:
            if time.monotonic() - checked_s > _CHECK_EVERY_S:
                checked_s = time.monotonic()
                if not await asyncio.to_thread(known.is_valid, key):
                    return
            yield event


def _message(event: JobEvent) -> dict[str, str]:
    return {
        "id": str(event.id),
        "event": "progress",
        "data": view_of_event(event).model_dump_json(),
    }


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
