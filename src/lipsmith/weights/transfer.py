"""One request for one file: HTTP ranges (RFC 9110, section 14), conditions and what hosts state."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipsmith.errors import DownloadError

if TYPE_CHECKING:
    import httpx

_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_MAX_WAIT_S = 60.0
_KEEP_FREE_BYTES = 64 << 20


class PlaceFailedError(Exception):
    """This address does not have the file; another may."""


class ConnectionCutError(Exception):
    """The transfer stopped, and is worth another attempt. wait_s: what the server asked for."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the bytes of an unfinished file came from; kept beside it.

    validator: a strong ETag, or Last-Modified, "" for neither. sha256: what the host stated.
    """

    url: str
    validator: str = ""
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. size, sha256: what is known beforehand."""

    url: str
    part: Path
    size: int | None
    sha256: str | None


def transfer(
    client: httpx.Client, request: Request, report: Callable[[int, int | None], None]
) -> Origin:
    """Write what is missing of a file to `request.part`; what an earlier attempt left is kept.

    report: gets the bytes that are there and all bytes, None where the host does not say.

    Raises:
        PlaceFailedError: this address will not give the file.
        ConnectionCutError: it may at another attempt.
        DownloadError: no address can help: there is no room, or the settings of a proxy are wrong.
    """
    import httpx

    origin, have = _what_is_left(request)
    if have and have == request.size:
        return origin
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if origin.validator and origin.url == request.url:
            headers["If-Range"] = origin.validator
    try:
        with client.stream("GET", request.url, headers=headers) as response:
            return _receive(response, request, origin, have, report)
    except httpx.TransportError as error:
        raise _explain(error, request.url) from error
    except (httpx.TooManyRedirects, httpx.InvalidURL, httpx.DecodingError) as error:
        raise PlaceFailedError(str(error)) from error


def forget(part: Path) -> None:
    """Remove an unfinished file and its origin."""
    part.unlink(missing_ok=True)
    _origin_path(part).unlink(missing_ok=True)


def host_of(url: str) -> str:
    """The host and port of an address."""
    import httpx

    return httpx.URL(url).netloc.decode()


def check_room(folder: Path, bytes_to_come: int, what: str) -> None:
    """
    Raises:
        DownloadError: `folder` has no room for that many bytes.
    """
    free = shutil.disk_usage(folder).free
    if free < bytes_to_come + _KEEP_FREE_BYTES:
        raise DownloadError(
            f"no room for {what} in {folder}: it needs {bytes_to_come / 1e6:.0f} MB more and "
            f"{free / 1e6:.0f} MB are free; LIPSMITH_MODELS can name a folder on another disk"
        )


def _what_is_left(request: Request) -> tuple[Origin, int]:
    """The origin of the unfinished file and its size, if it can be continued from here."""
    origin = Origin(request.url)
    try:
        have = request.part.stat().st_size
        kept = Origin(**json.loads(_origin_path(request.part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return origin, 0
    same_file = bool(request.sha256 or kept.sha256)  # the hash will tell
    same_answer = kept.url == request.url and bool(kept.validator)
    too_long = request.size is not None and have > request.size
    return (kept, have) if (same_file or same_answer) and not too_long else (origin, 0)


def _receive(
    response: httpx.Response,
    request: Request,
    origin: Origin,
    have: int,
    report: Callable[[int, int | None], None],
) -> Origin:
    if response.status_code == 416:
        if response.headers.get("Content-Range") == f"bytes */{have}":
            return origin  # nothing is missing
        forget(request.part)
        raise ConnectionCutError("what was left of an earlier attempt does not fit")
    _check_answer(response, request)
    stated = _stated_sha256(response)
    if response.status_code == 206:
        start, total = _content_range(response)
        if start != have or (origin.sha256 and stated and stated != origin.sha256):
            forget(request.part)
            raise ConnectionCutError("the file has changed at its place")
    else:
        have = 0
        total = None
        if "Content-Encoding" not in response.headers:
            total = _number(response.headers.get("Content-Length"))
    if request.size is not None and total is not None and total != request.size:
        raise PlaceFailedError(f"it offers {total} bytes instead of {request.size}")
    total = total or request.size
    if total is not None:
        check_room(request.part.parent, total - have, request.part.stem)
    origin = Origin(request.url, _validator(response), stated)
    _origin_path(request.part).write_text(json.dumps(asdict(origin)), encoding="utf-8")
    with request.part.open("ab" if have else "wb") as file:
        report(have, total)
        for chunk in response.iter_bytes():
            have += len(chunk)
            if total is not None and have > total:
                forget(request.part)
                raise PlaceFailedError(f"it sends more than {total} bytes")
            file.write(chunk)
            file.flush()
            report(have, total)
    if total is not None and have < total:
        raise ConnectionCutError(f"the connection ended after {have} of {total} bytes")
    return origin


def _check_answer(response: httpx.Response, request: Request) -> None:
    status = response.status_code
    if status in _TRY_AGAIN:
        wait_s = float(_number(response.headers.get("Retry-After")) or 0)
        raise ConnectionCutError(f"it answers {_phrase(response)}", min(wait_s, _MAX_WAIT_S))
    if status not in (200, 206):
        raise PlaceFailedError(f"it answers {_phrase(response)}")
    if request.url.startswith("https:") and response.url.scheme != "https":
        raise PlaceFailedError("it leads to an address that is not encrypted")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise PlaceFailedError("it answers with a web page instead of the file")


def _stated_sha256(response: httpx.Response) -> str | None:
    """What Hugging Face says of a large file, before it leads to where the content is."""
    for answer in (*response.history, response):
        etag = answer.headers.get("X-Linked-Etag", "").strip('"')
        if re.fullmatch("[0-9a-f]{64}", etag):
            return str(etag)
    return None


def _validator(response: httpx.Response) -> str:
    """What If-Range takes: weak ETags do not count (RFC 9110, 13.1.5)."""
    etag: str = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


def _content_range(response: httpx.Response) -> tuple[int | None, int | None]:
    """The first byte and the number of all bytes."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    return (int(found[1]), _number(found[2])) if found else (None, None)


def _explain(error: httpx.TransportError, url: str) -> Exception:
    import httpx

    if isinstance(error, httpx.ProxyError):
        return DownloadError(f"the proxy refuses: {error}; see HTTPS_PROXY and NO_PROXY")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return PlaceFailedError("not found by name (is this machine online?)")
        if isinstance(cause, ssl.SSLError):
            return PlaceFailedError(f"no encrypted connection ({cause}); SSL_CERT_FILE can help")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.UnsupportedProtocol):
        return PlaceFailedError(str(error))
    if isinstance(error, httpx.TimeoutException):
        return ConnectionCutError("it does not answer in time")
    return ConnectionCutError(str(error) or type(error).__name__)


def _phrase(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}".strip()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _origin_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")
