"""What the page shows before a render: the picture, its faces, its rig, and what it will say."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

import lipsmith
from lipsmith.engines.rig.rig_file import VERSION as RIG_VERSION
from lipsmith.service.bodies import SpokenBody, TrackBody, artifact_of, check_names
from lipsmith.service.files import file_response, sent_as
from lipsmith.service.keys import ApiKey
from lipsmith.service.problems import ProblemError
from lipsmith.service.renders import MarkView
from lipsmith.service.state import Known, Reader, Renderer, Services
from lipsmith.service.warm import WarmProcess

router = APIRouter(prefix="/v1", tags=["previews"])

_BYTES, _MODEL = sent_as("application/octet-stream"), sent_as("model/gltf-binary")
_MOST_SIDE_PX = 8192
_EXPORT_SIDE_PX = 2048
Side = Annotated[int, Query(ge=64, le=4096, description="Of the texture, px.")]
Number = Annotated[int, Query(ge=0, le=10_000, description="Of the face; 0 is the largest.")]


class ComplaintView(BaseModel):
    """code: too-small, turned-away, cut-off, mouth-cut-off, not-human or no-face."""

    code: str
    detail: str


class FaceView(BaseModel):
    """number: as `face` of a render takes it, None when it cannot be animated.

    box: left, top, width and height in px of the picture, turned upright.
    """

    number: int | None
    box: tuple[float, float, float, float]
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    problem: ComplaintView | None
    warnings: list[str]


class FacesView(BaseModel):
    """Who is seen, the largest first; who cannot be animated comes last. width, height: px.

    problem: when nobody can be animated.
    """

    width: int
    height: int
    is_video: bool
    faces: list[FaceView]
    problem: ComplaintView | None


class WordView(BaseModel):
    text: str
    start_s: float
    end_s: float


class TrackView(BaseModel):
    """fps: as a fraction. columns: of `poses`, which is float32, little-endian, a row a frame."""

    id: str
    fps: tuple[int, int]
    frames: int
    duration_s: float
    columns: list[str]
    sound: str
    poses: str
    voice: str | None
    marks: list[MarkView]
    words: list[WordView]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class _Asking:
    """One request for a preview."""

    request: Request
    known: Services
    key: ApiKey

    async def made(
        self, process: WarmProcess, method: str, values: dict[str, Any], same: str | None = None
    ) -> dict[str, Any]:
        """What the method gives, from before if it was made already.

        same: the hash of everything that it is made from.
        """
        same = same or _hash(self.known, method, values)
        memory, store = self.known.workshop.segments, self.known.workshop.artifacts

        def recall() -> dict[str, Any] | None:
            found = memory.recall(same)
            whole = found is not None and all(store.find(n) for n in found["files"].values())
            return found if whole else None

        found = await asyncio.to_thread(recall)
        if found is None:

            async def is_wanted() -> bool:
                return not await self.request.is_disconnected()

            found = await process.ask(
                method, values, same=same, asker=self.key.id, is_wanted=is_wanted
            )
            await asyncio.to_thread(memory.remember, same, found)
        return found


def _hash(known: Services, method: str, values: dict[str, Any]) -> str:
    """Nobody can guess it who does not know the secret of the service."""
    told = json.dumps([lipsmith.__version__, method, values], sort_keys=True)
    return hmac.new(known.workshop.secret, told.encode(), hashlib.sha256).hexdigest()


async def _upload(known: Services, portrait_id: str) -> str:
    """The artefact of an upload.

    Raises:
        ProblemError: there is none of this id.
    """
    try:
        name = artifact_of(portrait_id)
    except ProblemError:
        name = ""
    if not name or await asyncio.to_thread(known.workshop.artifacts.find, name) is None:
        raise ProblemError("not-found", f"there is no upload {portrait_id}; send it again")
    return name


@router.get(
    "/portraits/{portrait_id}",
    response_class=Response,
    responses=sent_as("image/jpeg"),
)
async def picture(
    portrait_id: str,
    request: Request,
    known: Known,
    key: Reader,
    side: Annotated[int, Query(ge=16, le=_MOST_SIDE_PX, description="The longer one, px.")] = (
        _MOST_SIDE_PX
    ),
) -> Response:
    """The picture as browsers show it, turned upright; of a video, the first one in it."""
    name = await _upload(known, portrait_id)
    asking = _Asking(request, known, key)
    made = await asking.made(known.pictures, "picture", {"file": name, "side": side})
    return await _file(asking, made["files"]["picture"])


@router.get("/portraits/{portrait_id}/faces")
async def faces(portrait_id: str, request: Request, known: Known, key: Reader) -> FacesView:
    """Who is in a picture, or in the beginning of a video."""
    name = await _upload(known, portrait_id)
    made = await _Asking(request, known, key).made(known.pictures, "faces", {"file": name})
    return FacesView.model_validate(made["seen"])


@router.get(
    "/portraits/{portrait_id}/rig",
    response_class=Response,
    responses=sent_as("application/octet-stream"),
)
async def rig(
    portrait_id: str,
    request: Request,
    known: Known,
    key: Reader,
    face: Number = 0,
    side: Side = 1024,
) -> Response:
    """Everything that a browser needs to draw the face in any pose."""
    file = await _upload(known, portrait_id)
    values = {"file": file, "face": face, "side": side, "version": RIG_VERSION}
    asking = _Asking(request, known, key)
    made = await asking.made(known.pictures, "rig", values)
    return await _file(asking, made["files"]["rig"])


@router.get(
    "/portraits/{portrait_id}/export",
    response_class=Response,
    responses=sent_as("model/gltf-binary"),
)
async def export(
    portrait_id: str,
    request: Request,
    known: Known,
    key: Reader,
    face: Number = 0,
    side: Side = _EXPORT_SIDE_PX,
) -> Response:
    """The face as glTF (.glb), with ARKit-52 blendshapes and the 15 visemes as morph targets."""
    values = {"file": await _upload(known, portrait_id), "face": face, "side": side}
    asking = _Asking(request, known, key)
    made = await asking.made(known.pictures, "export", values)
    return await _file(asking, made["files"]["export"], "face.glb")


@router.post("/tracks", status_code=201, response_model=TrackView)
async def create_track(body: TrackBody, request: Request, known: Known, key: Renderer) -> Response:
    """What a render would say and do: its sound, and the pose of every frame.

    Equal requests have equal ids, and are made once.
    """
    if (body.text is not None) == (body.audio is not None):
        raise ProblemError("invalid-request", "give a text or an audio, and only one of them")
    check_names(body)
    options = body.model_dump(mode="json", exclude_none=True, include=set(SpokenBody.model_fields))
    files = {}
    if body.audio is not None:
        files["audio"] = await _upload(known, body.audio)
    if body.transcript is not None:
        put = known.workshop.artifacts.put_bytes
        files["transcript"] = (await asyncio.to_thread(put, body.transcript.encode(), ".txt")).name
    values = {"options": options, "files": files}
    same = _hash(known, "track", values)
    made = await _Asking(request, known, key).made(known.voices, "track", values, same)
    view = _track_view(same, made)
    headers = {"Location": f"/v1/tracks/{same}"}
    return JSONResponse(view.model_dump(mode="json"), 201, headers=headers)


@router.get("/tracks/{track_id}")
async def track(track_id: str, known: Known, key: Reader) -> TrackView:
    """A track that was made before."""
    return _track_view(track_id, await _track(known, track_id))


@router.get(
    "/tracks/{track_id}/poses",
    response_class=Response,
    responses=sent_as("application/octet-stream"),
)
async def poses(track_id: str, request: Request, known: Known, key: Reader) -> Response:
    """float32, little-endian, a row of the track's `columns` for each frame."""
    made = await _track(known, track_id)
    return await _file(_Asking(request, known, key), made["files"]["poses"], is_final=True)


@router.get(
    "/tracks/{track_id}/sound",
    response_class=Response,
    responses=sent_as("audio/wav"),
)
async def sound(track_id: str, request: Request, known: Known, key: Reader) -> Response:
    """The sound as WAV, 16 bits; ranges are served."""
    made = await _track(known, track_id)
    return await _file(_Asking(request, known, key), made["files"]["sound"], is_final=True)


async def _track(known: Services, track_id: str) -> dict[str, Any]:
    found = None
    if len(track_id) == 64 and "\x00" not in track_id:
        found = await asyncio.to_thread(known.workshop.segments.recall, track_id)
    if found is None or "columns" not in found:
        raise ProblemError("not-found", "there is no such track; ask for it again")
    return found


def _track_view(track_id: str, made: dict[str, Any]) -> TrackView:
    own = f"/v1/tracks/{track_id}"
    return TrackView.model_validate(
        made | {"id": track_id, "sound": f"{own}/sound", "poses": f"{own}/poses"}
    )


async def _file(
    asking: _Asking, name: str, called: str = "", *, is_final: bool = False
) -> Response:
    store = asking.known.workshop.artifacts
    return await file_response(store, name, asking.request, called, private=True, is_final=is_final)
