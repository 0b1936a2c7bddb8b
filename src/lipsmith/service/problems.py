"""Errors as problem details (RFC 9457), each with a code that programs can rely on."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from logging import getLogger
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from lipsmith import errors

CODES: Mapping[str, tuple[int, str]] = {
    "invalid-request": (422, "A field is missing, unknown or cannot have this value."),
    "invalid-picture": (422, "The picture is missing, broken or too large."),
    "invalid-face": (422, "The picture shows no face that can be animated."),
    "invalid-audio": (422, "The recording is missing, broken or empty."),
    "invalid-text": (422, "The text is empty, too long or cannot be said."),
    "invalid-option": (422, "An option cannot have this value, or not with that other one."),
    "consent-missing": (422, "A voice is to be cloned, and nobody said that its owner agrees."),
    "unavailable": (422, "A package or a model that this would need is not installed."),
    "unreachable": (422, "A URL in the request cannot be fetched, or must not be."),
    "unauthorised": (401, "A key is needed, or the one given is not known."),
    "forbidden": (403, "The key may not do this."),
    "not-found": (404, "There is no such thing, or it is somebody else's."),
    "not-ready": (409, "The render is not done yet."),
    "conflict": (409, "This cannot be done in the state that the render is in."),
    "too-large": (413, "The request is larger than the service takes."),
    "too-slow": (408, "The request did not come whole in time."),
    "too-long": (422, "It would take longer than a request may; ask for less of it."),
    "unknown-type": (415, "The file or the request is of a kind that is not taken here."),
    "bad-range": (416, "The range lies outside of the file."),
    "too-many": (429, "The key has too many requests or renders; try again later."),
    "failed": (500, "The service failed; its log tells more."),
}
"""Every code that a problem can have, with its HTTP status and what it means."""

_OF_ERRORS: tuple[tuple[type[errors.LipsmithError], str], ...] = (
    (errors.PictureError, "invalid-picture"),
    (errors.FaceError, "invalid-face"),
    (errors.AudioError, "invalid-audio"),
    (errors.TextError, "invalid-text"),
    (errors.ConsentError, "consent-missing"),
    (errors.MissingExtraError, "unavailable"),
    (errors.WeightsError, "unavailable"),
    (errors.UnreachableError, "unreachable"),
    (errors.InputError, "invalid-option"),
    (errors.UnknownJobError, "not-found"),
    (errors.MissingArtifactError, "not-found"),
    (errors.JobError, "conflict"),
)
_log = getLogger(__name__)
_UNTOLD = "the service failed; its log tells more"
_OF_STATUSES = {401: "unauthorised", 403: "forbidden", 404: "not-found", 405: "not-found"}


class Problem(BaseModel):
    """What went wrong (RFC 9457). code: for programs; detail: for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A problem with the request.",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
}
"""What every route may answer, for the schema."""


class ProblemError(HTTPException):
    """Ends a request with a problem, also while its body is read. code: one of `CODES`."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(CODES[code][0], detail, dict(headers or {}))
        self.code = code


def code_of(error: errors.LipsmithError) -> str:
    """The code that an error has."""
    return next((code for kind, code in _OF_ERRORS if isinstance(error, kind)), "failed")


def code_of_kind(kind: str) -> str:
    """The code of an error whose class has this name."""
    found = getattr(errors, kind, None)
    if not (isinstance(found, type) and issubclass(found, errors.LipsmithError)):
        return "failed"
    return next((code for parent, code in _OF_ERRORS if issubclass(found, parent)), "failed")


def problem(
    code: str, detail: str, headers: Mapping[str, str] | None = None, status: int | None = None
) -> JSONResponse:
    """A response of the type application/problem+json."""
    status = status or CODES[code][0]
    told = Problem(
        type=f"urn:lipsmith:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
    )
    return JSONResponse(
        told.model_dump(),
        status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def problem_of(error: errors.LipsmithError) -> JSONResponse:
    """An error as a problem; what the service itself does wrong is told to its log only."""
    code = code_of(error)
    if code == "failed":
        _log.error("a request failed: %s", error)
    return problem(code, _UNTOLD if code == "failed" else str(error))


def handle_errors(app: FastAPI) -> None:
    """Make every error of an application a problem."""

    @app.exception_handler(ProblemError)
    async def told(request: Request, error: ProblemError) -> JSONResponse:
        return problem(error.code, error.detail, error.headers)

    @app.exception_handler(errors.LipsmithError)
    async def ours(request: Request, error: errors.LipsmithError) -> JSONResponse:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem("invalid-request", validation_text(error.errors()))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        code = _OF_STATUSES.get(error.status_code, "invalid-request")
        return problem(code, str(error.detail), error.headers, error.status_code)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        return problem("failed", _UNTOLD)


def validation_text(found: object) -> str:
    """What is wrong, in one line. found: pydantic's list of errors."""
    assert isinstance(found, list | tuple)
    parts = []
    for each in found[:3]:
        where = ".".join(str(part) for part in each["loc"] if part not in ("body", "query"))
        parts.append(f"{where}: {each['msg']}" if where else str(each["msg"]))
    return "; ".join(parts)
