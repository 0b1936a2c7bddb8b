"""A file from the first place that has it whole: retries, then mirrors, then the hash."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipsmith.errors import DownloadError, WrongHashError
from lipsmith.weights.entry import Trust, WeightsFile
from lipsmith.weights.progress import DownloadStage
from lipsmith.weights.record import FileRecord, sha256_of
from lipsmith.weights.transfer import (
    ConnectionCutError,
    Origin,
    PlaceFailedError,
    Request,
    forget,
    host_of,
    transfer,
)

if TYPE_CHECKING:
    import httpx

_REPORT_EVERY_S = 0.1

Report = Callable[[DownloadStage, int, int | None, str], None]
"""Gets the stage, the bytes that are there, all bytes if known, and a reason."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a place is waited for.

    pauses_s: before each further attempt; they start again whenever the file has grown.
    connect_s, read_s: without an answer, without a byte.
    """

    pauses_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    connect_s: float = 15.0
    read_s: float = 30.0


@contextmanager
def http_client(patience: Patience) -> Iterator[httpx.Client]:
    """A client that follows redirects, and uses the proxies that the environment names.

    Raises:
        DownloadError: what the environment says of proxies or certificates cannot be used.
    """
    import httpx

    timeout = httpx.Timeout(patience.read_s, connect=patience.connect_s)
    try:
        client = httpx.Client(
            timeout=timeout, follow_redirects=True, headers={"User-Agent": "lipsmith"}
        )
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as error:
        raise DownloadError(
            f"the proxy or certificate settings of the environment cannot be used: {error}"
        ) from error
    with client:
        yield client


def fetch(
    client: httpx.Client,
    file: WeightsFile,
    part: Path,
    remembered: FileRecord | None,
    patience: Patience,
    report: Report,
) -> FileRecord:
    """Leave the whole, verified file at `part`.

    remembered: of an earlier download; it is believed where the catalogue has no hash.

    Raises:
        WrongHashError: the places that answer have another file.
        DownloadError: none has it; what arrived is kept, and continued by another call.
    """
    problems: dict[str, list[str]] = {}
    wrong_hash = False
    for url in file.urls:
        try:
            origin = _from_place(client, url, file, part, patience, report)
            return _verified(file, part, origin, remembered, report)
        except PlaceFailedError as problem:
            problems.setdefault(str(problem), []).append(host_of(url))
        except _WrongContentError as problem:
            forget(part)
            wrong_hash = True
            problems.setdefault(str(problem), []).append(host_of(url))
    kind = WrongHashError if wrong_hash else DownloadError
    reasons = (f"{' and '.join(hosts)}: {problem}" for problem, hosts in problems.items())
    raise kind(f"cannot download {file.name}; {'; '.join(reasons)}")


def check(
    file: WeightsFile, path: Path, source: str, stated: str | None, remembered: FileRecord | None
) -> tuple[FileRecord, str]:
    """The record that `path` would have, and the hash that it should have.

    stated: what its host says of it. source: an address or a path.
    """
    found = sha256_of(path)
    if file.sha256:
        trust, expected = Trust.PINNED, file.sha256
    elif stated:
        trust, expected = Trust.HOST, stated
    elif remembered:
        trust, expected = remembered.trust, remembered.sha256
    else:
        trust, expected = Trust.FIRST_USE, found
    return FileRecord(file.name, found, path.stat().st_size, trust, source), expected


class _WrongContentError(Exception):
    pass


def _from_place(
    client: httpx.Client,
    url: str,
    file: WeightsFile,
    part: Path,
    patience: Patience,
    report: Report,
) -> Origin:
    """Attempts until the file is whole; pieces that do not fit together are fetched again, once."""
    request = Request(url, part, file.size, file.sha256)
    continued = _size(part) > 0
    may_restart = True
    longest = _size(part)
    failures = 0
    while True:
        try:
            origin = transfer(client, request, _throttled(report))
        except ConnectionCutError as cut:
            continued = True
            failures = 1 if _size(part) > longest else failures + 1
            longest = max(longest, _size(part))
            if failures > len(patience.pauses_s):
                raise PlaceFailedError(f"{cut}; {failures} attempts") from cut
            report(DownloadStage.RETRY, _size(part), file.size, str(cut))
            time.sleep(max(patience.pauses_s[failures - 1], cut.wait_s))
            continue
        expected = file.sha256 or origin.sha256
        if continued and may_restart and expected and sha256_of(part) != expected:
            forget(part)
            continued = may_restart = False
            longest = 0
            continue
        return origin


def _verified(
    file: WeightsFile,
    part: Path,
    origin: Origin,
    remembered: FileRecord | None,
    report: Report,
) -> FileRecord:
    size = _size(part)
    report(DownloadStage.VERIFY, size, size, "")
    record, expected = check(file, part, origin.url, origin.sha256, remembered)
    if record.sha256 != expected:
        hint = ""
        if record.trust in (Trust.FIRST_USE, Trust.GIVEN):
            hint = " (`lipsmith models remove` forgets that of the earlier file)"
        raise _WrongContentError(
            f"its SHA-256 is {record.sha256} instead of {expected}, so it was removed{hint}"
        )
    return record


def _throttled(report: Report) -> Callable[[int, int | None], None]:
    due_s = 0.0

    def call(done: int, total: int | None) -> None:
        nonlocal due_s
        now_s = time.monotonic()
        if now_s >= due_s or done == total:
            due_s = now_s + _REPORT_EVERY_S
            report(DownloadStage.DOWNLOAD, done, total, "")

    return call


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
