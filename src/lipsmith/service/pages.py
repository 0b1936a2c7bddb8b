"""The studio: the page that the package brings, and the files it is made of."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from lipsmith.service.problems import ProblemError

BUILT = Path(__file__).with_name("studio")
"""What `make web` builds."""

_INDEX, _ASSETS = "index.html", "assets"
_COMPRESSED = ("text/", "application/json", "application/manifest", "image/svg", "javascript")
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": _CSP,
}
_MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Lipsmith</title>
<h1>Lipsmith listens</h1>
<p>The studio is not in this installation: its build is missing. In a checkout, <code>make
web</code> makes it. Everything else works: see <a href="/docs">the API</a>.</p></html>"""


def studio_router(folder: Path = BUILT) -> APIRouter:
    """Routes to the page and to what lies beside it; folder: as it is built."""
    router = APIRouter(include_in_schema=False)

    async def page(request: Request) -> Response:
        if not (folder / _INDEX).is_file():
            return HTMLResponse(_MISSING, 503, headers=_HEADERS)
        return await _file(folder / _INDEX, request, is_final=False)

    async def asset(name: str, request: Request) -> Response:
        path = folder / _ASSETS / name
        if Path(name).name != name or not path.is_file():
            raise ProblemError("not-found", "there is no such file")
        return await _file(path, request, is_final=True)

    def beside(name: str) -> None:
        async def file(request: Request) -> Response:
            return await _file(folder / name, request, is_final=False)

        router.add_api_route(f"/{name}", file, methods=["GET", "HEAD"])

    async def no_icon() -> Response:
        return Response(status_code=204, headers={"Cache-Control": "max-age=86400"})

    router.add_api_route("/", page, methods=["GET", "HEAD"])
    router.add_api_route("/assets/{name}", asset, methods=["GET", "HEAD"])
    # Each by its name, so that nothing of the API is ever behind one of them.
    for each in sorted(folder.glob("*.*")):
        if each.is_file() and each.name != _INDEX:
            beside(each.name)
    # Browsers ask for it on pages that name no icon.
    router.add_api_route("/favicon.ico", no_icon, methods=["GET"])
    return router


@dataclass(frozen=True, slots=True)
class _Sent:
    """A file as it is sent. encoding: "" or "gzip"."""

    data: bytes
    encoding: str
    tag: str


@lru_cache(64)
def _read(path: Path, changed_ns: int, encoding: str) -> _Sent:
    data = path.read_bytes()
    tag = hashlib.sha256(data).hexdigest()[:32]
    if encoding == "gzip":
        return _Sent(gzip.compress(data, 9, mtime=0), encoding, f'"{tag}-gzip"')
    return _Sent(data, encoding, f'"{tag}"')


async def _file(path: Path, request: Request, *, is_final: bool) -> Response:
    """is_final: its name tells what is in it."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    shrinks = any(part in kind for part in _COMPRESSED)
    accepts = "gzip" in request.headers.get("accept-encoding", "")
    encoding = "gzip" if shrinks and accepts else ""
    sent = await asyncio.to_thread(_read, path, path.stat().st_mtime_ns, encoding)
    headers = _HEADERS | {
        "Cache-Control": "public, max-age=31536000, immutable" if is_final else "no-cache",
        "ETag": sent.tag,
        "Vary": "Accept-Encoding",
    }
    if sent.encoding:
        headers["Content-Encoding"] = sent.encoding
    if request.headers.get("if-none-match") == sent.tag:
        return Response(status_code=304, headers=headers)
    return Response(sent.data, headers=headers, media_type=kind)
