"""Files that clients send or point at, kept as artefacts after a look at what they are."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import IO
from urllib.parse import urljoin

import httpx

from lipsmith.errors import UnreachableError
from lipsmith.jobs.outbound import safe_request
from lipsmith.media.files import describe
from lipsmith.service.problems import ProblemError
from lipsmith.storage.artifacts import Artifact, ArtifactStore

_BLOCK_BYTES = 1 << 20
_MOST_REDIRECTS = 3
_FETCH_TIMEOUT_S = 30.0
_FETCH_WHOLE_S = 300.0
_SUFFIXES = {
    "a JPEG picture": ".jpg",
    "a PNG picture": ".png",
    "a GIF picture": ".gif",
    "a BMP picture": ".bmp",
    "a TIFF picture": ".tif",
    "a WebP picture": ".webp",
    "an AVIF picture": ".avif",
    "a HEIC picture": ".heic",
    "a WAV recording": ".wav",
    "an AVI video": ".avi",
    "an M4A recording": ".m4a",
    "an MP4 video": ".mp4",
    "a QuickTime video": ".mov",
    "a WebM or Matroska video": ".webm",
    "an Ogg recording": ".ogg",
    "a FLAC recording": ".flac",
    "an MP3 recording": ".mp3",
    "a text file": ".txt",
}
WANTED = {
    "picture": ("picture", "video"),
    "audio": ("recording", "video"),
    "clone": ("recording", "video"),
    "transcript": ("text file",),
    "background": ("picture",),
}
"""The options that are files, and what those may be."""


async def keep_upload(store: ArtifactStore, file: IO[bytes], option: str) -> Artifact:
    """Keep what was sent for an option of `WANTED`; what it is, its first bytes tell.

    Raises:
        ProblemError: it is empty or of another kind.
    """
    return await asyncio.to_thread(_keep, store, file, option)


async def keep_url(store: ArtifactStore, url: str, option: str, max_bytes: int) -> Artifact:
    """Fetch a URL of the public internet and keep what is there.

    Raises:
        UnreachableError: it cannot or must not be fetched.
        ProblemError: it is too large or of another kind.
    """
    with tempfile.TemporaryFile() as file:
        async with httpx.AsyncClient(timeout=_FETCH_TIMEOUT_S, trust_env=False) as client:
            try:
                async with asyncio.timeout(_FETCH_WHOLE_S):
                    await _fetch(client, url, file, max_bytes)
            except httpx.HTTPError as error:
                raise UnreachableError(f"{url} cannot be fetched: {error}") from error
            except TimeoutError:
                raise UnreachableError(f"{url} cannot be fetched: it takes too long") from None
        file.seek(0)
        return await keep_upload(store, file, option)


def _keep(store: ArtifactStore, file: IO[bytes], option: str) -> Artifact:
    head = file.read(512)
    if not head:
        raise ProblemError("invalid-request", f"{option}: the file is empty")
    kind = describe(head)
    # MP3 without a tag, AMR and others tell nothing at their beginning; the decoder finds out.
    suffix = _SUFFIXES.get(kind or "", ".bin")
    wanted = WANTED[option]
    if kind is not None and not any(word in kind for word in wanted):
        raise ProblemError(
            "unknown-type", f"{option}: this is {kind}, and has to be a {' or a '.join(wanted)}"
        )
    with tempfile.NamedTemporaryFile(suffix=suffix) as copy:
        copy.write(head)
        while block := file.read(_BLOCK_BYTES):
            copy.write(block)
        copy.flush()
        return store.put_file(Path(copy.name), suffix)


async def _fetch(client: httpx.AsyncClient, url: str, file: IO[bytes], max_bytes: int) -> None:
    for _ in range(_MOST_REDIRECTS + 1):
        request = await safe_request(client, url)
        response = await client.send(request, stream=True)
        try:
            if response.is_redirect:
                try:
                    url = urljoin(url, response.headers.get("location", ""))
                except ValueError as error:
                    raise UnreachableError(f"{url} leads to no address") from error
                continue
            if response.status_code != httpx.codes.OK:
                raise UnreachableError(
                    f"{url} cannot be fetched: it answers {response.status_code}"
                )
            size = 0
            if response.headers.get("content-encoding", "identity") != "identity":
                raise UnreachableError(f"{url} cannot be fetched: it comes compressed")
            async for block in response.aiter_raw(_BLOCK_BYTES):
                size += len(block)
                if size > max_bytes:
                    raise ProblemError("too-large", f"{url} is larger than {max_bytes} bytes")
                file.write(block)
            return
        finally:
            await response.aclose()
    raise UnreachableError(f"{url} leads on more than {_MOST_REDIRECTS} times")
