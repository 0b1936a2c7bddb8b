"""Pages that show a finished render to whoever has their address, without a key or a script."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from lipsmith.errors import UnknownJobError
from lipsmith.jobs.job import Job
from lipsmith.media.subtitles import vtt_of_srt
from lipsmith.service.files import file_response
from lipsmith.service.problems import ProblemError
from lipsmith.service.renders import find_render, result_file
from lipsmith.service.state import Known, Reader, Services
from lipsmith.storage.artifacts import media_type

router = APIRouter(tags=["sharing"])

_LONGEST_HOURS = 24 * 30
_MOST_SUBTITLES = 4_000_000
_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f4f3f1;color:#1d1c1a}
main{width:min(92vw,60rem);padding:2rem 0;text-align:center}
video,img{max-width:100%;height:auto;max-height:78vh;border-radius:.75rem;background:#000}
h1{font-size:1.25rem;font-weight:600;margin:1rem 0 0;overflow-wrap:anywhere}
p{margin:.25rem 0 0;opacity:.7}
@media (prefers-color-scheme:dark){body{background:#161514;color:#f0eeea}}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; media-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}
_PAGE = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>$title</title>
<style>$style</style>
$tags
</head>
<body>
<main>
$body
</main>
</body>
</html>
"""
)


class ShareBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hours: Annotated[float, Field(gt=0, le=_LONGEST_HOURS)] = 24 * 7


class ShareView(BaseModel):
    url: str
    expires: datetime


@router.post("/v1/renders/{render_id}/share", status_code=201)
async def share(
    render_id: str, request: Request, known: Known, key: Reader, body: ShareBody | None = None
) -> ShareView:
    """The address of a page that plays the video for whoever has it, until it expires."""
    job = await find_render(known, key, render_id)
    result_file(job, "video")
    lasts = timedelta(hours=(body or ShareBody()).hours)
    token, expires = known.shares.token(job.id, lasts)
    return ShareView(url=f"{_base(request)}/share/{token}", expires=expires)


@router.get("/share/{token}", response_class=HTMLResponse, include_in_schema=False)
@router.head("/share/{token}", response_class=HTMLResponse, include_in_schema=False)
async def page(token: str, request: Request, known: Known) -> Response:
    """The page."""
    job = await _shared(known, token)
    if job is None:
        body = "<h1>This link has expired</h1>\n<p>Ask whoever sent it to you for a new one.</p>"
        return _page(404, "Lipsmith", body)
    return _page(200, job.title, _player(job, token), _tags(job, f"{_base(request)}/share/{token}"))


@router.get("/share/{token}/{kind}", response_class=Response, include_in_schema=False)
@router.head("/share/{token}/{kind}", response_class=Response, include_in_schema=False)
async def part(token: str, kind: str, request: Request, known: Known) -> Response:
    """What the page shows: video, poster or subtitles."""
    job = await _shared(known, token)
    if job is None or kind not in ("video", "poster", "subtitles"):
        raise ProblemError("not-found", "this link has expired, or was changed")
    name = result_file(job, kind)
    store = known.workshop.artifacts
    if kind == "subtitles" and name.endswith(".srt"):
        found = await asyncio.to_thread(store.find, name)
        if found is None or found.size > _MOST_SUBTITLES:
            raise ProblemError("not-found", "there are no subtitles")
        text = await asyncio.to_thread(lambda: b"".join(store.read(name)).decode())
        return Response(vtt_of_srt(text), media_type="text/vtt", headers=_HEADERS)
    called = f"{kind}{Path(name).suffix}"
    response = await file_response(store, name, request, called, private=True, is_final=False)
    response.headers["X-Robots-Tag"] = _HEADERS["X-Robots-Tag"]
    return response


async def _shared(known: Services, token: str) -> Job | None:
    """The render that a token shares; None when it is not valid, or there is nothing any more."""
    render_id = known.shares.id_of(token)
    if render_id is None:
        return None
    try:
        job = await asyncio.to_thread(known.workshop.ledger.get, render_id)
    except UnknownJobError:
        return None
    return job if job.result is not None and "video" in job.result.files else None


def _player(job: Job, token: str) -> str:
    assert job.result is not None
    files = job.result.files
    report, title = job.result.report, html.escape(job.title)
    size = _size_attributes(report)
    if files["video"].endswith(".gif"):
        shown = f'<img src="/share/{token}/video" alt="{title}"{size}>'
    else:
        poster = f' poster="/share/{token}/poster"' if "poster" in files else ""
        track = ""
        if "subtitles" in files:
            language = html.escape(_language(job))
            track = (
                f'<track kind="captions" src="/share/{token}/subtitles" srclang="{language}" '
                'label="Subtitles" default>'
            )
        shown = (
            f'<video src="/share/{token}/video"{poster}{size} controls playsinline '
            f'preload="metadata">{track}</video>'
        )
    return f"{shown}\n<h1>{title}</h1>\n<p>A synthetic video, made with Lipsmith</p>"


def _tags(job: Job, url: str) -> str:
    """What other sites show of the page: https://ogp.me/ and Twitter's cards."""
    assert job.result is not None
    files, report = job.result.files, job.result.report
    kind = media_type(files["video"])
    tags = [
        ("property", "og:type", "video.other"),
        ("property", "og:site_name", "Lipsmith"),
        ("property", "og:title", job.title),
        ("property", "og:url", url),
        ("property", "og:description", "A synthetic video, made with Lipsmith"),
        ("property", "og:video", f"{url}/video"),
        ("property", "og:video:type", kind),
        ("property", "og:video:width", str(report.get("width", ""))),
        ("property", "og:video:height", str(report.get("height", ""))),
        ("name", "twitter:card", "summary_large_image"),
        ("name", "twitter:title", job.title),
        ("name", "twitter:description", "A synthetic video, made with Lipsmith"),
    ]
    if "poster" in files:
        tags += [
            ("property", "og:image", f"{url}/poster"),
            ("property", "og:image:alt", job.title),
            ("name", "twitter:image", f"{url}/poster"),
        ]
    return "\n".join(
        f'<meta {kind}="{name}" content="{html.escape(value)}">' for kind, name, value in tags
    )


def _page(status: int, title: str, body: str, tags: str = "") -> Response:
    text = _PAGE.substitute(title=html.escape(title), style=_STYLE, tags=tags, body=body)
    return HTMLResponse(text, status, headers=_HEADERS)


def _size_attributes(report: dict[str, Any]) -> str:
    width, height = report.get("width"), report.get("height")
    return f' width="{int(width)}" height="{int(height)}"' if width and height else ""


def _language(job: Job) -> str:
    """Of what is said, as far as it was asked for."""
    given = str(job.spec.options.get("language") or "en")
    return "en" if given == "auto" else given


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
