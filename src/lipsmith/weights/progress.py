"""How far a pull is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class DownloadStage(StrEnum):
    """What is going on."""

    WAIT = "wait"
    """Another process pulls the same weights."""
    DOWNLOAD = "download"
    RETRY = "retry"
    """The connection was lost; the next attempt follows."""
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """One file on its way.

    done_bytes: what is on the disk, with what an earlier attempt left. total_bytes: None where the
    host does not say. detail: why there is a retry, else "".
    """

    stage: DownloadStage
    weights: str
    file: str
    done_bytes: int = 0
    total_bytes: int | None = None
    detail: str = ""


ProgressCallback = Callable[[DownloadProgress], None]
