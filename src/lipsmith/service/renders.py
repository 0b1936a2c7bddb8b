"""Renders: asked for, looked at, cancelled, tried again, and what came of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from lipsmith.jobs.job import Job, JobFailure, JobResult, JobStatus, RenderSpec
from lipsmith.service.bodies import NO_NULL, RenderOptionsBody, file_id, read_render
from lipsmith.service.files import file_response, sent_as
from lipsmith.service.keys import ApiKey
from lipsmith.service.problems import ProblemError, code_of_kind
from lipsmith.service.state import Known, Reader, Renderer, Services, owner_of

router = APIRouter(prefix="/v1/renders", tags=["renders"])

_TITLE = 80
_RESULTS = ("video", "subtitles", "visemes", "poster")
_KINDS = (
    "video/mp4",
    "video/webm",
    "image/gif",
    "application/x-subrip",
    "text/vtt",
    "application/json",
    "image/jpeg",
)
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/RenderBody"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["portrait"],
                    "properties": {
                        "portrait": {"type": "string", "format": "binary"},
                        "audio": {"type": "string", "format": "binary"},
                        "text": {"type": "string"},
                    },
                    "description": "Files as parts, and every other field of RenderBody.",
                }
            },
        },
    }
}


class FailureView(BaseModel):
    code: str
    message: str


class MarkView(BaseModel):
    name: str
    time_s: float


class ReportView(BaseModel):
    """What was made, and how fast. realtime_factor: seconds of work a second of video."""

    model_config = ConfigDict(extra="allow")

    frames: int
    fps: float
    duration_s: float
    width: int
    height: int
    engine: str
    voice: str | None
    seed: int
    elapsed_s: float
    realtime_factor: float
    warnings: list[str]
    marks: list[MarkView] = []


class RenderView(BaseModel):
    """A render as it stands. progress: 0..1. eta_s: seconds left, when that is known."""

    id: str
    title: str
    status: JobStatus
    stage: str
    progress: float
    fps: float
    eta_s: float | None
    attempt: int
    created: datetime
    changed: datetime
    options: dict[str, Any]
    format: str
    error: FailureView | None
    report: ReportView | None
    links: dict[str, str]


class RenderPage(BaseModel):
    """next: the `before` of the next page; None on the last one."""

    renders: list[RenderView]
    next: datetime | None


class TitleBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NULL)]


class RequestView(RenderOptionsBody):
    """A render as it was asked for; it can be sent again. Its webhook is not told."""

    portrait: str
    audio: str | None = None
    clone: str | None = None
    transcript: str | None = None
    background: str | None = None
    format: Literal["mp4", "webm", "gif"]
    priority: int
    title: str


class LinkView(BaseModel):
    url: str


def view_of_failure(failure: JobFailure | None) -> FailureView | None:
    """Why a job failed, as clients see it."""
    if failure is None:
        return None
    return FailureView(code=code_of_kind(failure.kind), message=failure.message)


def view_of(job: Job, request: Request) -> RenderView:
    """A job as clients see it."""
    own = f"{str(request.base_url).rstrip('/')}/v1/renders/{job.id}"
    links = {"self": own, "events": f"{own}/events"}
    if job.result is not None:
        links |= {kind: f"{own}/{kind}" for kind in _RESULTS if kind in job.result.files}
        links["report"] = f"{own}/report"
    return RenderView(
        id=job.id,
        title=job.title,
        status=job.status,
        stage=job.progress.stage,
        progress=job.progress.fraction,
        fps=round(job.progress.fps, 2),
        eta_s=job.progress.eta_s,
        attempt=job.attempt,
        created=job.created,
        changed=job.changed,
        options=job.spec.options,
        format=job.spec.format,
        error=view_of_failure(job.failure),
        report=_report(job.result) if job.result is not None else None,
        links=links,
    )


async def start_render(
    request: Request, known: Services, key: ApiKey, idempotency_key: str | None = None
) -> Job:
    """Hand in the render that a request asks for.

    Raises:
        ProblemError: it cannot be understood, or the key has too many under way.
    """
    await check_room(known, key)
    asked = await read_render(request, known)
    body = asked.body
    spec = RenderSpec(
        asked.files,
        asked.options,
        body.format,
        body.priority,
        str(body.webhook) if body.webhook else None,
    )
    title = body.title or (body.text or "").strip().partition("\n")[0][:_TITLE] or "Recording"
    return await asyncio.to_thread(known.desk.submit, spec, key.id, title, idempotency_key)


async def check_room(known: Services, key: ApiKey) -> None:
    """Raises ProblemError when the key has too many renders under way."""
    under_way = (JobStatus.QUEUED, JobStatus.RUNNING)
    count = await asyncio.to_thread(known.workshop.ledger.count, key.id, statuses=under_way)
    if count >= known.limits.renders_at_once:
        raise ProblemError(
            "too-many", f"{count} renders of this key are under way", {"Retry-After": "10"}
        )


async def find_render(known: Services, key: ApiKey, render_id: str) -> Job:
    """A job that the key may see.

    Raises:
        UnknownJobError: there is none.
    """
    return await asyncio.to_thread(known.workshop.ledger.get, render_id, owner_of(key))


@router.post("", status_code=201, openapi_extra=_BODY, response_model=RenderView)
async def create(
    request: Request,
    known: Known,
    key: Renderer,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> Response:
    """Have a video made; comes back at once with the render's id and links."""
    job = await start_render(request, known, key, idempotency_key)
    view = view_of(job, request)
    return JSONResponse(view.model_dump(mode="json"), 201, headers={"Location": view.links["self"]})


@router.get("")
async def find(
    request: Request,
    known: Known,
    key: Reader,
    status: Annotated[list[JobStatus] | None, Query()] = None,
    search: Annotated[
        str, Query(max_length=200, pattern=NO_NULL, description="In the titles and the texts.")
    ] = "",
    before: Annotated[datetime | None, Query(description="Only those created earlier.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RenderPage:
    """The renders of this key, the newest first."""
    try:
        before = before and before.astimezone(UTC)
    except OverflowError as error:
        raise ProblemError("invalid-request", f"before: {error}") from error
    jobs = await asyncio.to_thread(
        known.workshop.ledger.find,
        owner_of(key),
        statuses=status or (),
        search=search,
        before=before,
        limit=limit,
    )
    following = jobs[-1].created if len(jobs) == limit else None
    return RenderPage(renders=[view_of(job, request) for job in jobs], next=following)


@router.get("/{render_id}")
async def look(render_id: str, request: Request, known: Known, key: Reader) -> RenderView:
    """How far a render is, and what came of it."""
    return view_of(await find_render(known, key, render_id), request)


@router.delete("/{render_id}", status_code=204)
async def delete(render_id: str, known: Known, key: Renderer) -> None:
    """Forget a render and its results; one that is under way is stopped."""
    job = await find_render(known, key, render_id)
    await asyncio.to_thread(known.desk.delete, job)
    known.feed.end(job.id)


@router.post("/{render_id}/cancel")
async def cancel(render_id: str, request: Request, known: Known, key: Renderer) -> RenderView:
    """Stop a render; it can be tried again later."""
    job = await find_render(known, key, render_id)
    return view_of(await asyncio.to_thread(known.desk.cancel, job), request)


@router.post("/{render_id}/retry")
async def retry(render_id: str, request: Request, known: Known, key: Renderer) -> RenderView:
    """Try a render again that failed or was cancelled; what was made of it is used."""
    await check_room(known, key)
    job = await find_render(known, key, render_id)
    return view_of(await asyncio.to_thread(known.desk.retry, job), request)


@router.patch("/{render_id}")
async def rename(
    render_id: str, body: TitleBody, request: Request, known: Known, key: Renderer
) -> RenderView:
    """Give a render another title."""
    job = await find_render(known, key, render_id)
    return view_of(
        await asyncio.to_thread(known.workshop.ledger.rename, job.id, body.title), request
    )


@router.get("/{render_id}/request")
async def request_of(render_id: str, known: Known, key: Reader) -> RequestView:
    """The fields that a render was asked for with, to ask for one like it; files as ids."""
    job = await find_render(known, key, render_id)
    spec = job.spec
    files = {
        "portrait" if option == "picture" else option: file_id(name)
        for option, name in spec.files.items()
    }
    fields = spec.options | files
    return RequestView.model_validate(
        fields | {"format": spec.format, "priority": spec.priority, "title": job.title}
    )


@router.get("/{render_id}/report")
async def report(render_id: str, known: Known, key: Reader) -> ReportView:
    """What was made, and how fast."""
    return _report(_result(await find_render(known, key, render_id)))


@router.get("/{render_id}/{kind}", response_class=Response, responses=sent_as(*_KINDS))
@router.head("/{render_id}/{kind}", response_class=Response, include_in_schema=False)
async def result(
    render_id: str,
    kind: str,
    request: Request,
    known: Known,
    key: Reader,
    format: Annotated[
        Literal["mp4", "webm", "gif"] | None,
        Query(description="Of the video, which is converted when it has another one."),
    ] = None,
) -> Response:
    """One of the results: video, subtitles, visemes or poster; ranges are served."""
    job = await find_render(known, key, render_id)
    name = result_file(job, kind)
    if format is not None and kind == "video":
        name = await known.converter.convert(name, format)
    # Browsers save it under this name.
    called = f"{job.title} {kind}" if kind != "video" else job.title
    called = f"{called or kind}.{name.rpartition('.')[2]}"
    return await file_response(known.workshop.artifacts, name, request, called, private=True)


@router.post("/{render_id}/{kind}/link")
async def link(
    render_id: str,
    kind: str,
    request: Request,
    known: Known,
    key: Reader,
    hours: Annotated[float, Query(gt=0, le=24 * 30)] = 24,
) -> LinkView:
    """A link to one of the results that works without a key until it expires."""
    job = await find_render(known, key, render_id)
    name = result_file(job, kind)
    called = f"{kind}.{name.rpartition('.')[2]}"
    lasts = timedelta(hours=hours)
    made = await asyncio.to_thread(known.links.link, name, str(request.base_url), lasts, called)
    return LinkView(url=made)


def _report(result: JobResult) -> ReportView:
    return ReportView.model_validate(result.report)


def _result(job: Job) -> JobResult:
    if job.result is None:
        raise ProblemError("not-ready", f"the render is {job.status}")
    return job.result


def result_file(job: Job, kind: str) -> str:
    """The artefact of one of a render's results.

    Raises:
        ProblemError: it is not done, or was made without that.
    """
    if kind not in _RESULTS:
        raise ProblemError("not-found", f"a render has no {kind}, but {', '.join(_RESULTS)}")
    name = _result(job).files.get(kind)
    if name is None:
        raise ProblemError("not-found", f"this render was made without {kind}")
    return str(name)
