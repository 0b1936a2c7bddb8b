"""What a job is: a render that was asked for, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobStatus(StrEnum):
    """QUEUED and RUNNING become one of the others; only `retry` leads back."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self not in (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class RenderSpec:
    """A render as it is kept: files are artefacts, the rest is JSON.

    picture, audio, transcript...: `files` maps the options that are files, and "picture", to the
    names of artefacts. options: of `lipsmith.options.RenderOptions`, files left out, as JSON.
    format: "mp4", "webm" or "gif". priority: 1 first .. 9 last.
    """

    files: dict[str, str]
    options: dict[str, Any]
    format: str = "mp4"
    priority: int = 5
    webhook: str | None = None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """stage: "queued", "speech", "render", "join", "done"; "waiting-for-worker" when there was none
    alive, "waiting-for-gpu" or "waiting-for-cpu" while none takes the queue that the work is in.
    fraction: 0..1. fps: frames a second.
    """

    stage: str
    fraction: float = 0.0
    fps: float = 0.0
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class JobResult:
    """files: "video", "poster", "visemes", "subtitles" to names of artefacts. report: as JSON."""

    files: dict[str, str]
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobFailure:
    """kind: the name of the error's class. message: for people."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. owner: the id of the key that asked for it. attempt: counts from 1."""

    id: str
    owner: str
    title: str
    created: datetime
    changed: datetime
    status: JobStatus
    spec: RenderSpec
    attempt: int = 1
    progress: JobProgress = field(default_factory=lambda: JobProgress("queued"))
    result: JobResult | None = None
    failure: JobFailure | None = None


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to a job. id: rises over all jobs, so that a reader can resume."""

    id: int
    job: str
    status: JobStatus
    progress: JobProgress
    failure: JobFailure | None = None
