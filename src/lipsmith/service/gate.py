"""What stands before the routes: who sends nothing good is turned away before much is read."""

from __future__ import annotations

import asyncio
import time

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lipsmith.errors import LipsmithError
from lipsmith.service.problems import ProblemError, problem, problem_of
from lipsmith.service.state import Limits, current_key

_FIRST_S = 60.0
SIGN_IN = "/v1/session"
"""Where a key is in the body, so that nothing is known of who sends it."""
_KEY_BYTES = 4096
_BODILESS = ("GET", "HEAD", "OPTIONS")


class Gate:
    """Refuses bodies from who has no key, and those that are too large or come too slowly.

    A form is read before the dependencies of its route run, so the key is looked at here.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        most = self._most_bytes(request)
        stated = request.headers.get("content-length", "0")
        began_s, taken, started = time.monotonic(), 0, False
        is_read = scope["method"] in _BODILESS

        async def counted() -> Message:
            nonlocal taken, is_read
            if is_read:
                return await receive()
            left_s = _FIRST_S + taken / self._limits.least_bytes_per_s
            left_s -= time.monotonic() - began_s
            try:
                message = await asyncio.wait_for(receive(), min(left_s, self._limits.idle_s))
            except TimeoutError:
                raise ProblemError("too-slow", "the request came too slowly") from None
            is_read = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > most:
                raise _too_large(most)
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            if stated.isascii() and stated.isdecimal() and (len(stated) > 15 or int(stated) > most):
                raise _too_large(most)
            if scope["method"] not in _BODILESS and scope["path"] != SIGN_IN:
                await asyncio.to_thread(current_key, request, scope["app"].state.services)
            await self._app(scope, counted, noted)
        except ProblemError as error:
            if not started:
                # What is left of the body is not waited for.
                headers = {"Connection": "close"} | dict(error.headers or {})
                await problem(error.code, error.detail, headers)(scope, receive, send)
        except LipsmithError as error:
            if started:
                raise
            await problem_of(error)(scope, receive, send)

    def _most_bytes(self, request: Request) -> int:
        if request.url.path == SIGN_IN:
            return _KEY_BYTES
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_files = kind == "multipart/form-data"
        return self._limits.max_upload_bytes if is_files else self._limits.max_json_bytes


def _too_large(most: int) -> ProblemError:
    return ProblemError("too-large", f"a request of this kind may have up to {most} bytes")
