"""What clients send to have something rendered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import FormData, UploadFile

from lipsmith.service.problems import ProblemError, validation_text
from lipsmith.service.state import Services
from lipsmith.service.uploads import WANTED, keep_upload, keep_url

MAX_TEXT = 2_000_000
NO_NULL = r"^[^\x00]*$"
_FILES = tuple(name for name in WANTED if name != "picture")
Name = Annotated[str, Field(max_length=400)]
FileReference = Annotated[str, Field(max_length=2000)]
Number = Annotated[int, Field(ge=-(2**31), lt=2**63)]


class SpokenBody(BaseModel):
    """What is said, and how the face moves with it; see `lipsmith render --help`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    text: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    voice: Name | None = None
    language: Name | None = None
    rate: Number | None = None
    pitch: Number | None = None
    speakers: dict[Name, Name] | None = None
    ssml: bool | None = None
    normalise: bool | None = None
    trim: bool | None = None
    fps: float | Name | None = None
    motion: float | None = None
    expression: float | None = None
    blink: bool | None = None
    seed: Number | None = None


class TrackBody(SpokenBody):
    """A preview's track to make: a text, or a recording that was sent to /v1/audio."""

    audio: FileReference | None = None
    transcript: Annotated[str, Field(max_length=MAX_TEXT)] | None = Field(
        None, description="What the recording says."
    )


class RenderOptionsBody(SpokenBody):
    """The options of `lipsmith render`; see its help for what each means."""

    clone_text: Annotated[str, Field(max_length=4000)] | None = None
    consent: bool | None = None
    subtitles: Literal["none", "srt", "vtt", "burn"] | None = None
    karaoke: bool | None = None
    size: Name | None = None
    fit: Literal["crop", "pad"] | None = None
    length: Literal["audio", "video", "loop", "bounce", "hold"] | None = None
    rotate: Literal[0, 90, 180, 270] | None = None
    engine: Name | None = None
    face: Number | Literal["auto"] | None = None
    restore: Literal["gfpgan", "codeformer", "restoreformer"] | None = None
    restore_strength: float | None = None
    upscale: Literal["realesrgan", "lanczos", "bicubic"] | None = None
    upscale_factor: Literal[2, 4] | None = None
    finishing_order: Literal["restore-first", "upscale-first"] | None = None
    stabilize: bool | None = None


class RenderBody(RenderOptionsBody):
    """A render to make. Files are ids of uploads, or URLs of the public internet."""

    portrait: FileReference
    audio: FileReference | None = None
    clone: FileReference | None = None
    transcript: Annotated[str, Field(max_length=MAX_TEXT)] | None = Field(
        None, description="What the recording says; or the id of an upload."
    )
    background: FileReference | None = Field(
        None, description='"keep", "blur", a colour, or a picture as an id or a URL.'
    )
    format: Literal["mp4", "webm", "gif"] = "mp4"
    priority: Annotated[int, Field(ge=1, le=9, description="1 is done first.")] = 5
    title: Annotated[str, Field(max_length=200, pattern=NO_NULL)] | None = None
    webhook: AnyHttpUrl | None = Field(None, description="Called when the render is over.")


@dataclass(frozen=True, slots=True)
class Asked:
    """files: options to names of artefacts. options: as JSON, files left out."""

    files: dict[str, str]
    options: dict[str, Any]
    body: RenderBody


async def read_render(request: Request, known: Services) -> Asked:
    """The render that a request asks for, as a form with files or as JSON.

    Raises:
        ProblemError: it is neither, or cannot be understood, or a file of it is of no use.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            body = RenderBody.model_validate_json(await request.body())
        except ValidationError as error:
            raise ProblemError("invalid-request", validation_text(error.errors())) from error
        return await _asked(body, {}, known)
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        async with request.form(max_files=8, max_fields=80, max_part_size=4 * MAX_TEXT) as form:
            return await _of_form(form, known)
    raise ProblemError("unknown-type", "send a form (multipart/form-data) or application/json")


async def _of_form(form: FormData, known: Services) -> Asked:
    fields: dict[str, Any] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            option = "picture" if name in ("portrait", "picture", "image") else name
            if option not in WANTED:
                raise ProblemError("invalid-request", f"{name} is no file that can be sent")
            files[option] = value
        elif value != "":
            fields[name] = _parsed_speakers(value) if name == "speakers" else value
    kept = {
        option: (await keep_upload(known.workshop.artifacts, file.file, option)).name
        for option, file in files.items()
    }
    if "picture" in kept:
        fields["portrait"] = kept["picture"]
    try:
        body = RenderBody.model_validate(fields)
    except ValidationError as error:
        raise ProblemError("invalid-request", validation_text(error.errors())) from error
    return await _asked(body, kept, known)


async def _asked(body: RenderBody, kept: Mapping[str, str], known: Services) -> Asked:
    files = dict(kept)
    options = body.model_dump(
        mode="json",
        exclude_none=True,
        include=set(RenderOptionsBody.model_fields),
    )
    if "picture" not in files:
        files["picture"] = await _find(body.portrait, "picture", known)
    check_names(body)
    if body.engine is not None:
        checked_voice(body.engine)
    for name in _FILES:
        given = getattr(body, name)
        if given is None or name in files:
            continue
        if name in ("audio", "clone") or _is_reference(given):
            files[name] = await _find(given, name, known)
        elif name == "transcript":
            put = known.workshop.artifacts.put_bytes
            files[name] = (await asyncio.to_thread(put, given.encode(), ".txt")).name
        else:
            options[name] = _colour(given)
    if [body.text is not None, "audio" in files].count(True) != 1:
        raise ProblemError("invalid-request", "give a text or an audio, and only one of them")
    return Asked(files, options, body)


def _is_reference(given: str) -> bool:
    return given.startswith(("http://", "https://", "file_"))


async def _find(given: str, option: str, known: Services) -> str:
    """The artefact that an id or a URL stands for.

    Raises:
        ProblemError: it is neither, or there is nothing.
        UnreachableError: it cannot or must not be fetched.
    """
    if given.startswith(("http://", "https://")):
        limit = known.limits.max_upload_bytes
        return (await keep_url(known.workshop.artifacts, given, option, limit)).name
    name = artifact_of(given)
    if await asyncio.to_thread(known.workshop.artifacts.find, name) is None:
        raise ProblemError(
            "invalid-request", f"{option}: there is no upload {given}; send it again"
        )
    return name


def _colour(given: str) -> str:
    """A background that is no file: the words of clients never name one of this machine.

    Raises:
        ProblemError: it is none.
    """
    from PIL import ImageColor

    wanted = given.strip().lower()
    if wanted not in ("keep", "blur"):
        try:
            red, green, blue = ImageColor.getrgb(wanted)[:3]
        except ValueError:
            raise ProblemError(
                "invalid-request",
                "background: this is neither keep, blur, a colour, a URL nor the id of an upload",
            ) from None
        return f"#{red:02x}{green:02x}{blue:02x}"
    return wanted


def check_names(body: SpokenBody) -> None:
    """Voices are asked for by name; some engines would also take one from a file.

    Raises:
        ProblemError: this may be a path.
    """
    for given in (body.voice, body.language, *(body.speakers or {}).values()):
        checked_voice(given or "")


def checked_voice(given: str) -> str:
    """The name of a voice or an engine, "ENGINE:VOICE" and "VOICE@FACE" too.

    Raises:
        ProblemError: it may be a path.
    """
    for part in given.split(":"):
        if part.strip().startswith(("/", "~", ".")) or "\\" in part or ".." in part:
            raise ProblemError("invalid-request", f"{given!r} is no name")
    return given


def file_id(artifact: str) -> str:
    """The id under which clients know an upload."""
    return "file_" + artifact.partition("/")[2]


def artifact_of(given: str) -> str:
    """The artefact of an id.

    Raises:
        ProblemError: this is no id.
    """
    from lipsmith.errors import MissingArtifactError
    from lipsmith.storage.artifacts import checked_name

    name = given.removeprefix("file_")
    try:
        return checked_name(f"{name[:2]}/{name}")
    except MissingArtifactError as error:
        raise ProblemError(
            "invalid-request", f"{given!r} is neither a URL nor the id of an upload"
        ) from error


def _parsed_speakers(value: str) -> Any:
    """As JSON, or as "anna=en-us+f3, ben=de@1"."""
    import json

    if value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ProblemError("invalid-request", "speakers: this is no JSON") from None
    return dict(part.strip().partition("=")[::2] for part in value.split(","))
