"""Signing in with a key, so that a page's videos, pictures and event streams need not send it."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

import lipsmith
from lipsmith.service.keys import Scope
from lipsmith.service.origins import is_own_page
from lipsmith.service.problems import ProblemError
from lipsmith.service.state import SESSION_COOKIE, SESSION_LASTS, Known, Services, current_key

router = APIRouter(prefix="/v1/session", tags=["session"])


class SessionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(max_length=400)]


class SessionView(BaseModel):
    """needs_key: nobody is served here without one. name: of the key. max_upload_bytes: of one
    file."""

    needs_key: bool
    signed_in: bool
    name: str | None
    scopes: list[Scope]
    max_upload_bytes: int
    version: str


@router.get("")
async def look(request: Request, known: Known) -> SessionView:
    """Who is asking, and whether they need a key."""
    view = await asyncio.to_thread(_look, request, known)
    if view.signed_in:
        known.pictures.warm_up()
        known.voices.warm_up()
    return view


@router.post("", response_model=SessionView)
async def sign_in(body: SessionBody, request: Request, known: Known) -> Response:
    """Give a key once; a cookie that no script can read stands for it from then on."""
    is_page = "origin" in request.headers or "sec-fetch-site" in request.headers
    if is_page and not is_own_page(request):
        raise ProblemError("forbidden", "only a page of this service can sign in")
    key = await asyncio.to_thread(known.keys.find, body.key)
    if key is None:
        raise ProblemError("unauthorised", "this key is not known here")
    view = _view(known, key.name, key.scopes, needs_key=True)
    response = JSONResponse(view.model_dump(mode="json"))
    token, _ = known.sessions.token(key.id, SESSION_LASTS)
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return response


@router.delete("", status_code=204)
async def sign_out(request: Request) -> Response:
    """Forget the cookie."""
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _look(request: Request, known: Services) -> SessionView:
    needs_key = not known.is_open or known.keys.any()
    try:
        key = current_key(request, known)
    except ProblemError as error:
        if error.code != "unauthorised":
            raise
        return _view(known, None, frozenset(), needs_key=True)
    return _view(known, key.name, key.scopes, needs_key=needs_key)


def _view(
    known: Services, name: str | None, scopes: frozenset[Scope], *, needs_key: bool
) -> SessionView:
    return SessionView(
        needs_key=needs_key,
        signed_in=name is not None,
        name=name,
        scopes=sorted(scopes),
        max_upload_bytes=known.limits.max_upload_bytes,
        version=lipsmith.__version__,
    )
