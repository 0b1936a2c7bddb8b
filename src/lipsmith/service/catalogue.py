"""What can be asked for, and files that are sent once and used often."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel

from lipsmith import api
from lipsmith.service.bodies import file_id
from lipsmith.service.state import Known, Reader, Renderer
from lipsmith.service.uploads import keep_upload
from lipsmith.storage.artifacts import Artifact

router = APIRouter(prefix="/v1", tags=["catalogue"])


class VoiceView(BaseModel):
    engine: str
    name: str
    language: str
    label: str
    gender: str
    quality: str
    licence: str
    online: bool
    timing: str


class EngineView(BaseModel):
    """ready: its packages and weights are on this machine."""

    kind: str
    name: str
    summary: str
    licence: str
    extra: str | None
    weights: str
    ready: bool


class UploadView(BaseModel):
    """id: what stands for the file in a render. The same file has the same id."""

    id: str
    bytes: int
    media_type: str


@router.get("/voices")
async def voices(
    key: Reader, language: Annotated[str | None, Query(max_length=40)] = None
) -> list[VoiceView]:
    """The voices of every speech engine that is installed here."""
    found = await asyncio.to_thread(api.list_voices, language)
    return [VoiceView.model_validate(voice, from_attributes=True) for voice in found]


@router.get("/engines")
async def engines(key: Reader) -> list[EngineView]:
    """Every engine that can be asked for, installed or not."""
    specs = api.list_engines()
    ready = await asyncio.to_thread(api.ready_engines)
    return [EngineView.model_validate(asdict(spec) | {"ready": spec in ready}) for spec in specs]


@router.get("/portraits/sample", response_class=FileResponse)
async def sample(key: Reader) -> FileResponse:
    """The portrait that comes with Lipsmith, to try things with."""
    return FileResponse(Path(str(files("lipsmith"))) / "assets" / "portrait.png")


@router.post("/portraits", status_code=201)
async def portrait(request: Request, file: UploadFile, known: Known, key: Renderer) -> UploadView:
    """Send a picture or a video of a face once, to use it in many renders."""
    known.pictures.warm_up()
    return _view(await keep_upload(known.workshop.artifacts, file.file, "picture"))


@router.post("/audio", status_code=201)
async def audio(request: Request, file: UploadFile, known: Known, key: Renderer) -> UploadView:
    """Send a recording once, to use it in many renders; also as browsers record it."""
    return _view(await keep_upload(known.workshop.artifacts, file.file, "audio"))


def _view(kept: Artifact) -> UploadView:
    return UploadView(id=file_id(kept.name), bytes=kept.size, media_type=kept.media_type)
