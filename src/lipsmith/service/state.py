"""What the routes work with, and how they get at it."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Annotated

from fastapi import Depends, Request

from lipsmith.jobs.desk import JobDesk
from lipsmith.jobs.workshop import Workshop
from lipsmith.service.conversions import Converter
from lipsmith.service.feed import EventFeed
from lipsmith.service.keys import LOCAL, ApiKey, KeyRing, Scope
from lipsmith.service.links import LinkSigner, TokenSigner
from lipsmith.service.origins import check_local, is_own_page
from lipsmith.service.problems import ProblemError
from lipsmith.service.warm import WarmProcess

SESSION_COOKIE = "lipsmith_session"
SESSION_LASTS = timedelta(days=30)


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
    sessions: TokenSigner
    """Whose tokens stand for the ids of keys."""
    shares: TokenSigner
    """Whose tokens stand for the ids of renders."""
    limits: Limits
    converter: Converter
    pictures: WarmProcess
    """Looks at portraits."""
    voices: WarmProcess
    """Says what tracks say."""
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

    def is_valid(self, key: ApiKey) -> bool:
        """Whether who asked once may still ask."""
        if key.id == LOCAL.id:
            return self.is_open and not self.keys.any()
        return self.keys.get(key.id) is not None

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
    """Whose request this is: `Authorization: Bearer …`, `X-API-Key`, D-ID's `Basic …`, or the
    cookie of a session."""
    checked: ApiKey | None = request.scope.get("lipsmith.key")
    if checked is None:
        checked = _check_key(request, known)
        request.scope["lipsmith.key"] = checked
    return checked


def _check_key(request: Request, known: Services) -> ApiKey:
    token = _token(request)
    if token is None and (key := _key_of_session(request, known)) is not None:
        known.count_request(key)
        return key
    if token is None:
        if known.is_open and not known.keys.any():
            check_local(request)
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


def _key_of_session(request: Request, known: Services) -> ApiKey | None:
    """The key that a cookie stands for; what pages of other sites make a browser send does not."""
    cookie = request.cookies.get(SESSION_COOKIE)
    key_id = known.sessions.id_of(cookie) if cookie else None
    if key_id is None or not is_own_page(request):
        return None
    return known.keys.get(key_id)


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
