"""What the routes work with, and how they get at it."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from lipsmith.jobs.desk import JobDesk
from lipsmith.jobs.workshop import Workshop
from lipsmith.service.feed import EventFeed
from lipsmith.service.keys import LOCAL, ApiKey, KeyRing, Scope
from lipsmith.service.links import LinkSigner
from lipsmith.service.problems import ProblemError


@dataclass(frozen=True, slots=True)
class Limits:
    """max_upload_bytes: of one request. max_json_bytes: of one that is no form with files.
    requests_per_minute, renders_at_once, streams_at_once: of one key. idle_s: longest silence
    within a request. least_bytes_per_s: how slowly a request may come, after its first minute.
    """

    max_upload_bytes: int = 512_000_000
    max_json_bytes: int = 32_000_000
    idle_s: float = 30.0
    least_bytes_per_s: float = 10_000.0
    requests_per_minute: int = 1200
    renders_at_once: int = 250
    streams_at_once: int = 100


@dataclass(slots=True)
class Services:
    """Made once by `create_app`."""

    workshop: Workshop
    desk: JobDesk
    feed: EventFeed
    keys: KeyRing
    links: LinkSigner
    limits: Limits
    is_open: bool
    """Whether requests without a key are taken while there are no keys."""
    recent: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    counting: threading.Lock = field(default_factory=threading.Lock)
    streams: Counter[str] = field(default_factory=Counter)

    def check_streams(self, key: ApiKey) -> None:
        """Raises ProblemError when a key listens to too many streams."""
        if self.streams[key.id] >= self.limits.streams_at_once:
            raise ProblemError(
                "too-many",
                f"{self.streams[key.id]} streams of this key are open",
                {"Retry-After": "10"},
            )

    @contextmanager
    def open_stream(self, key: ApiKey) -> Iterator[None]:
        """Count a stream while it is open."""
        self.streams[key.id] += 1
        try:
            yield
        finally:
            self.streams[key.id] -= 1

    def count_request(self, key: ApiKey) -> None:
        """Raises ProblemError when a key asks too often."""
        with self.counting:
            moment_s, times = monotonic(), self.recent[key.id]
            while times and times[0] < moment_s - 60:
                times.popleft()
            if len(times) >= self.limits.requests_per_minute:
                wait_s = max(1, round(60 - (moment_s - times[0])))
                raise ProblemError(
                    "too-many",
                    f"more than {self.limits.requests_per_minute} requests a minute",
                    {"Retry-After": str(wait_s)},
                )
            times.append(moment_s)


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def current_key(request: Request, known: Annotated[Services, Depends(services)]) -> ApiKey:
    """Whose request this is: `Authorization: Bearer …`, `X-API-Key`, or D-ID's `Basic …`."""
    checked: ApiKey | None = request.scope.get("lipsmith.key")
    if checked is None:
        checked = _check_key(request, known)
        request.scope["lipsmith.key"] = checked
    return checked


def _check_key(request: Request, known: Services) -> ApiKey:
    token = _token(request)
    if token is None:
        if known.is_open and not known.keys.any():
            _check_local(request)
            known.count_request(LOCAL)
            return LOCAL
        raise ProblemError(
            "unauthorised",
            "a key is needed: Authorization: Bearer KEY; `lipsmith keys create NAME` makes one",
            {"WWW-Authenticate": "Bearer"},
        )
    key = known.keys.find(token)
    if key is None:
        raise ProblemError(
            "unauthorised", "this key is not known here", {"WWW-Authenticate": "Bearer"}
        )
    known.count_request(key)
    return key


def allowed(scope: Scope) -> Callable[[ApiKey], ApiKey]:
    """A dependency: the key, when it has a scope."""

    def check(key: Annotated[ApiKey, Depends(current_key)]) -> ApiKey:
        if scope not in key.scopes:
            raise ProblemError("forbidden", f"this key may not {scope}")
        return key

    return check


Known = Annotated[Services, Depends(services)]
Reader = Annotated[ApiKey, Depends(allowed(Scope.READ))]
Renderer = Annotated[ApiKey, Depends(allowed(Scope.RENDER))]


def owner_of(key: ApiKey) -> str | None:
    """Whose jobs a key sees; None is everybody's."""
    return None if Scope.ADMIN in key.scopes else key.id


def _check_local(request: Request) -> None:
    """Keep out pages of other sites, which reach this machine through its browser.

    A name of theirs can be made to lead here, and then `Host` is theirs; what they send across
    sites, sockets too, has their `Origin`.
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if not _is_local(f"//{host}") or (origin is not None and not _is_local(origin)):
        raise ProblemError(
            "unauthorised",
            "without a key only this machine is served; `lipsmith keys create NAME` makes one",
            {"WWW-Authenticate": "Bearer"},
        )


def _is_local(url: str) -> bool:
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _token(request: Request) -> str | None:
    if given := request.headers.get("x-api-key"):
        return given
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and value:
        return value.strip()
    if kind.lower() == "basic" and value:
        return _basic(value.strip())
    return None


def _basic(value: str) -> str:
    """The password of basic authentication, or its name when that is all."""
    import base64
    import binascii

    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return value
    return password or name
