"""Artefacts over HTTP: whole or in ranges, and cached for ever, since they never change."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from lipsmith.errors import MissingArtifactError
from lipsmith.service.problems import ProblemError
from lipsmith.service.state import Known
from lipsmith.storage.artifacts import Artifact, ArtifactStore

router = APIRouter()
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})$")


def sent_as(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """What a route that gives files of these media types answers, for the schema."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = dict.fromkeys(kinds, binary)
    return {
        200: {"content": content, "description": "The file."},
        206: {"content": content, "description": "The range of it that was asked for."},
    }


@router.get(
    "/v1/files/{folder}/{name}",
    tags=["results"],
    response_class=Response,
    responses=sent_as("application/octet-stream"),
)
async def signed_file(
    folder: str,
    name: str,
    request: Request,
    known: Known,
    expires: Annotated[int, Query(ge=0, le=2**53)],
    signature: Annotated[str, Query(max_length=64, pattern="^[0-9a-f]*$")],
    called: Annotated[str, Query(alias="name", max_length=200)] = "",
) -> Response:
    """A file by a signed link; needs no key."""
    artifact = f"{folder}/{name}"
    if not known.links.is_valid(artifact, expires, signature):
        raise ProblemError("forbidden", "this link has expired or was changed; ask for a new one")
    return await file_response(known.workshop.artifacts, artifact, request, called)


async def file_response(
    store: ArtifactStore,
    name: str,
    request: Request,
    called: str = "",
    *,
    private: bool = False,
    is_final: bool = True,
) -> Response:
    """The artefact, or the range of it that was asked for. called: its name for people.

    private: no cache on the way keeps it. is_final: this address never leads to another one.

    Raises:
        MissingArtifactError: there is none.
        ProblemError: the range lies outside.
    """
    found = await asyncio.to_thread(store.find, name)
    if found is None:
        raise MissingArtifactError("this file is gone; it was pruned or deleted")
    tag = f'"{name.partition("/")[2].partition(".")[0][:32]}"'
    cache = "private" if private else "public"
    lasts = "max-age=31536000, immutable" if is_final else "no-cache"
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": f"{cache}, {lasts}",
        "ETag": tag,
        "X-Content-Type-Options": "nosniff",
    }
    if called:
        plain = quote(called, safe="", errors="replace")
        headers["Content-Disposition"] = f"inline; filename*=UTF-8''{plain}"
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    start, end = _range(request, found, tag)
    status = 200
    if (start, end) != (0, found.size):
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Response(None, status, headers, found.media_type)
    return StreamingResponse(_blocks(store, name, start, end), status, headers, found.media_type)


async def _blocks(store: ArtifactStore, name: str, start: int, end: int) -> AsyncIterator[bytes]:
    blocks = store.read(name, start, end)
    while block := await asyncio.to_thread(next, blocks, b""):
        yield block


def _range(request: Request, found: Artifact, tag: str) -> tuple[int, int]:
    """First and last byte + 1; anything but one plain range is answered with the whole file."""
    asked = _RANGE.match(request.headers.get("range", "").replace(" ", ""))
    if asked is None or request.headers.get("if-range", tag) != tag or asked[0] == "bytes=-":
        return 0, found.size
    first, last = asked.groups()
    if not first:
        start, end = max(0, found.size - int(last)), found.size
    else:
        start, end = int(first), min(int(last) + 1 if last else found.size, found.size)
    if start >= end:
        raise ProblemError(
            "bad-range",
            f"the file has {found.size} bytes",
            {"Content-Range": f"bytes */{found.size}"},
        )
    return start, end
