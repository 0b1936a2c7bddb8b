"""Routes that programs of this field call already: only their base URL has to change."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field

from lipsmith.errors import JobError
from lipsmith.jobs.job import Job, JobStatus, RenderSpec
from lipsmith.service.bodies import MAX_TEXT, NO_NULL, Name, checked_voice
from lipsmith.service.files import file_response
from lipsmith.service.keys import ApiKey
from lipsmith.service.problems import ProblemError, code_of_kind
from lipsmith.service.renders import check_room, find_render
from lipsmith.service.state import Known, Reader, Renderer, Services
from lipsmith.service.uploads import keep_upload, keep_url

router = APIRouter(tags=["familiar routes"])

_D_ID_STATUS = {
    JobStatus.QUEUED: "created",
    JobStatus.RUNNING: "started",
    JobStatus.DONE: "done",
    JobStatus.FAILED: "error",
    JobStatus.CANCELLED: "rejected",
}
_LINK_LASTS = timedelta(hours=24)
_VIDEO: dict[int | str, dict[str, Any]] = {
    200: {"content": {"video/mp4": {}}, "description": "The video."}
}


@router.post("/generate-from-text", response_class=Response, responses=_VIDEO)
async def generate_from_text(
    request: Request,
    known: Known,
    key: Renderer,
    image: Annotated[UploadFile, File()],
    text: Annotated[str, Form(max_length=MAX_TEXT)],
) -> Response:
    """A video of the image saying the text, when it is done."""
    await check_room(known, key)
    picture = await keep_upload(known.workshop.artifacts, image.file, "picture")
    spec = RenderSpec({"picture": picture.name}, {"text": text})
    return await _made(request, known, key, spec, text)


@router.post("/generate-from-audio", response_class=Response, responses=_VIDEO)
async def generate_from_audio(
    request: Request,
    known: Known,
    key: Renderer,
    image: Annotated[UploadFile, File()],
    audio: Annotated[UploadFile, File()],
) -> Response:
    """A video of the image saying the recording, when it is done."""
    await check_room(known, key)
    store = known.workshop.artifacts
    picture = await keep_upload(store, image.file, "picture")
    recording = await keep_upload(store, audio.file, "audio")
    spec = RenderSpec({"picture": picture.name, "audio": recording.name}, {})
    return await _made(request, known, key, spec, "Recording")


class TalkProvider(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str = "microsoft"
    voice_id: Name | None = None


class TalkScript(BaseModel):
    """type: "text" has `input`, "audio" has `audio_url`."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["text", "audio"]
    input: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    audio_url: AnyHttpUrl | None = None
    ssml: bool = False
    provider: TalkProvider | None = None
    subtitles: bool = False


class TalkBody(BaseModel):
    """The fields of D-ID's POST /talks that mean something here; others are ignored."""

    model_config = ConfigDict(extra="ignore")

    source_url: AnyHttpUrl
    script: TalkScript
    name: Annotated[str, Field(max_length=200, pattern=NO_NULL)] | None = None
    webhook: AnyHttpUrl | None = None


@router.post("/talks", status_code=201)
async def create_talk(body: TalkBody, request: Request, known: Known, key: Renderer) -> Response:
    """As D-ID's POST /talks. A voice_id is the name of one of this service's voices."""
    store, limit = known.workshop.artifacts, known.limits.max_upload_bytes
    script = body.script
    await check_room(known, key)
    picture = await keep_url(store, str(body.source_url), "picture", limit)
    files = {"picture": picture.name}
    options: dict[str, Any] = {}
    if script.type == "audio":
        if script.audio_url is None:
            raise ProblemError("invalid-request", "script.audio_url is missing")
        files["audio"] = (await keep_url(store, str(script.audio_url), "audio", limit)).name
    else:
        if not script.input:
            raise ProblemError("invalid-request", "script.input is missing")
        options["text"] = script.input
        if script.ssml:
            options["ssml"] = True
        if script.provider is not None and script.provider.voice_id:
            options["voice"] = checked_voice(script.provider.voice_id)
    if script.subtitles:
        options["subtitles"] = "srt"
    webhook = str(body.webhook) if body.webhook else None
    spec = RenderSpec(files, options, webhook=webhook)
    title = body.name or (script.input or "Recording")[:80]
    job = await asyncio.to_thread(known.desk.submit, spec, key.id, title)
    return JSONResponse(await _talk(job, request, known, key), 201)


@router.get("/talks/{talk_id}")
async def get_talk(talk_id: str, request: Request, known: Known, key: Reader) -> dict[str, Any]:
    """As D-ID's GET /talks/ID."""
    return await _talk(await find_render(known, key, talk_id), request, known, key)


@router.delete("/talks/{talk_id}")
async def delete_talk(
    talk_id: str, request: Request, known: Known, key: Renderer
) -> dict[str, Any]:
    """As D-ID's DELETE /talks/ID."""
    job = await find_render(known, key, talk_id)
    told = await _talk(job, request, known, key)
    await asyncio.to_thread(known.desk.delete, job)
    return told


async def _talk(job: Job, request: Request, known: Services, key: ApiKey) -> dict[str, Any]:
    """A job in D-ID's words."""
    told: dict[str, Any] = {
        "id": job.id,
        "object": "talk",
        "name": job.title,
        "user_id": job.owner,
        "created_at": job.created.isoformat(),
        "modified_at": job.changed.isoformat(),
        "created_by": job.owner,
        "started_at": job.created.isoformat(),
        "status": _D_ID_STATUS[job.status],
    }
    if job.spec.webhook:
        told["webhook"] = job.spec.webhook
    if job.failure is not None:
        told["error"] = {
            "kind": code_of_kind(job.failure.kind),
            "description": job.failure.message,
        }
    if job.result is not None:
        told["duration"] = job.result.report.get("duration_s")
        for field, kind in (("result_url", "video"), ("subtitles_url", "subtitles")):
            if kind in job.result.files:
                name, base = job.result.files[kind], str(request.base_url)
                told[field] = await asyncio.to_thread(known.links.link, name, base, _LINK_LASTS)
    return told


async def _wait(known: Services, job_id: str) -> None:
    async with aclosing(known.feed.listen(job_id, 0)) as listening:
        async for event in listening:
            if event is not None and event.status.is_over:
                return


async def _made(
    request: Request, known: Services, key: ApiKey, spec: RenderSpec, title: str
) -> Response:
    """Have it made and wait for it; a client that goes away stops it."""
    job = await asyncio.to_thread(known.desk.submit, spec, key.id, title[:80])
    waiting = asyncio.create_task(_wait(known, job.id))
    try:
        while not waiting.done():
            await asyncio.wait([waiting], timeout=1)
            if await request.is_disconnected():
                raise ProblemError("conflict", "nobody waits for this any more")
        await waiting
    except BaseException:
        waiting.cancel()
        with suppress(JobError):
            await asyncio.to_thread(known.desk.cancel, job)
        raise
    job = await find_render(known, key, job.id)
    if job.result is None:
        failure = job.failure
        message = failure.message if failure is not None else "the render was cancelled"
        raise ProblemError(code_of_kind(failure.kind) if failure else "conflict", message)
    return await file_response(
        known.workshop.artifacts, job.result.files["video"], request, "video.mp4", private=True
    )
