"""Where a request of a browser comes from: from our own page, or from another site's."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

from lipsmith.service.problems import ProblemError

_READING = ("GET", "HEAD", "OPTIONS")


def check_local(request: Request) -> None:
    """Keep out pages of other sites, which reach this machine through its browser.

    A name of theirs can be made to lead here, and then `Host` is theirs; what they send across
    sites, sockets too, has their `Origin`.

    Raises:
        ProblemError: the request is not from this machine.
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if not _is_local(f"//{host}") or (origin is not None and not _is_local(origin)):
        raise ProblemError(
            "unauthorised",
            "without a key only this machine is served; `lipsmith keys create NAME` makes one",
            {"WWW-Authenticate": "Bearer"},
        )


def is_own_page(request: Request) -> bool:
    """Whether a browser sent it for a page of this service, or because its user typed it.

    https://www.w3.org/TR/fetch-metadata/ ; older browsers tell an origin at least where something
    is changed.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" or (site == "none" and request.method in _READING)
    origin = request.headers.get("origin")
    if origin is None:
        return request.method in _READING
    return urlsplit(origin).netloc == request.headers.get("host")


def is_from_loopback(request: Request) -> bool:
    """Whether it comes from this machine, and not from a page of another site."""
    try:
        check_local(request)
    except ProblemError:
        return False
    return request.client is not None and _is_loopback(request.client.host)


def _is_local(url: str) -> bool:
    try:
        return _is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
