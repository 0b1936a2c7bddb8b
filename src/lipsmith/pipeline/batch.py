"""Many renders one after the other: each row of a file of jobs."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from lipsmith.core.request import Progress, RenderReport, RenderRequest
from lipsmith.errors import LipsmithError, OutputError
from lipsmith.media.output import check_writable, failure
from lipsmith.pipeline.batch_log import BatchLog, LogEntry
from lipsmith.pipeline.cache import RenderCache


@dataclass(frozen=True, slots=True)
class Job:
    """A row to render. line: where it stands in its file. options: what the row says, as JSON."""

    line: int
    request: RenderRequest
    out: Path
    visemes: Path | None
    blendshapes: Path | None
    options: str


@dataclass(frozen=True, slots=True)
class BadJob:
    """A row that cannot be rendered. problem: why not."""

    line: int
    problem: str


class RowState(StrEnum):
    """What became of a row. SKIPPED: an earlier run made it, and nothing has changed."""

    MADE = "made"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row. output: None for a row without one.

    error: "" unless it failed. cause: what was raised then.
    """

    line: int
    state: RowState
    output: Path | None
    error: str = ""
    report: RenderReport | None = None
    cause: Exception | None = None


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is. done: rows, of `rows`. line: of the row in work.

    render: how far that is. result: of the row that has just ended, else None.
    """

    done: int
    rows: int
    line: int
    name: str
    render: Progress | None = None
    result: RowResult | None = None


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What became of each row, in the file's order. log: the file that says so."""

    log: Path
    rows: tuple[RowResult, ...]

    def count(self, state: RowState) -> int:
        """How many rows came to this."""
        return sum(row.state is state for row in self.rows)


BatchCallback = Callable[[BatchProgress], None]


def run_batch(
    jobs: Sequence[Job | BadJob],
    log: Path,
    *,
    overwrite: bool = False,
    on_progress: BatchCallback | None = None,
) -> BatchReport:
    """Render every job; one that fails does not stop the others.

    A job is skipped when the log says that it was made, its video is still whole, and neither the
    row nor a file that it reads has changed. Interrupted, the log says what was made until then.

    log: JSON Lines, one for each row. overwrite: also files that no earlier run has made.

    Raises:
        OutputError: the log cannot be written, or another batch is writing it.
    """
    with _alone(log), BatchLog(log) as entries, RenderCache() as shared:
        batch = _Batch(_without_twins(jobs), entries, shared, overwrite, on_progress)
        return BatchReport(log, tuple(batch.run()))


class _Batch:
    def __init__(
        self,
        jobs: Sequence[Job | BadJob],
        log: BatchLog,
        shared: RenderCache,
        overwrite: bool,
        on_progress: BatchCallback | None,
    ) -> None:
        self._jobs = jobs
        self._log = log
        self._shared = shared
        self._overwrite = overwrite
        self._on_progress = on_progress
        self._hash = cache(_hash)

    def run(self) -> Iterator[RowResult]:
        for done, job in enumerate(self._jobs):
            result = self._run(job, done)
            if self._on_progress is not None:
                self._on_progress(self._progress(done + 1, job, result=result))
            yield result

    def _run(self, job: Job | BadJob, done: int) -> RowResult:
        if isinstance(job, BadJob):
            self._log.add(LogEntry(job.line, RowState.FAILED, error=job.problem))
            return RowResult(job.line, RowState.FAILED, None, job.problem)
        earlier = self._log.earlier(job.out)
        try:
            key = self._key(job)
            if earlier is not None and earlier.key == key and _is_whole(job, earlier):
                self._log.add(replace(earlier, line=job.line))
                return RowResult(job.line, RowState.SKIPPED, job.out)
            return self._render(job, key, done, overwrite=_is_whole(job, earlier))
        except Exception as error:
            problem = str(error)
            if not isinstance(error, LipsmithError):
                problem = f"something went wrong inside Lipsmith: {type(error).__name__}: {error}"
            self._log.add(LogEntry(job.line, RowState.FAILED, job.out, error=problem))
            return RowResult(job.line, RowState.FAILED, job.out, problem, cause=error)

    def _render(self, job: Job, key: str, done: int, *, overwrite: bool) -> RowResult:
        from lipsmith.pipeline.files import render_files

        def tell(progress: Progress) -> None:
            if self._on_progress is not None:
                self._on_progress(self._progress(done, job, render=progress))

        report = render_files(
            job.request,
            job.out,
            overwrite=self._overwrite or overwrite,
            visemes=job.visemes,
            blendshapes=job.blendshapes,
            on_progress=tell,
            cache=self._shared,
        )
        size = job.out.stat().st_size
        self._log.add(LogEntry(job.line, RowState.MADE, job.out, key, size, report))
        return RowResult(job.line, RowState.MADE, job.out, report=report)

    def _progress(
        self,
        done: int,
        job: Job | BadJob,
        *,
        render: Progress | None = None,
        result: RowResult | None = None,
    ) -> BatchProgress:
        name = job.out.name if isinstance(job, Job) else f"line {job.line}"
        return BatchProgress(done, len(self._jobs), job.line, name, render, result)

    def _key(self, job: Job) -> str:
        """Another one when the row or a file that it reads is another."""
        request = job.request
        parts = [job.options, request.engine, str(request.voice)]
        parts += [self._hash(file) for file in _files_read(request) if file.is_file()]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _is_whole(job: Job, entry: LogEntry | None) -> bool:
    """Whether an earlier run made what the job writes, and it is still there."""
    if entry is None or not job.out.is_file() or job.out.stat().st_size != entry.bytes:
        return False
    return all(file is None or file.is_file() for file in (job.visemes, job.blendshapes))


def _files_read(request: RenderRequest) -> list[Path]:
    engine, finishing = request.engine_options, request.finishing
    clone = None if request.clone is None else request.clone.recording
    given = (
        request.picture, request.text_file, request.audio, request.transcript, clone,
        request.background.image, request.face, engine.weights, finishing.restore_weights,
        finishing.upscale_weights,
    )  # fmt: skip
    return [file for file in given if isinstance(file, Path)]


def _hash(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _without_twins(jobs: Sequence[Job | BadJob]) -> list[Job | BadJob]:
    """The same jobs; one that writes what an earlier one does is bad."""
    writers: dict[Path, int] = {}
    checked: list[Job | BadJob] = []
    for job in jobs:
        if isinstance(job, Job):
            files = [f.resolve() for f in (job.out, job.visemes, job.blendshapes) if f is not None]
            for file in files:
                if (line := writers.setdefault(file, job.line)) != job.line:
                    problem = f"{file.name} is written by line {line} already; give it another out"
                    job = BadJob(job.line, problem)
                    break
        checked.append(job)
    return checked


@contextmanager
def _alone(log: Path) -> Iterator[None]:
    """A block in which no other batch writes the same log."""
    import filelock

    check_writable(log, overwrite=True)
    name = log.name.encode()[:180].decode(errors="ignore")
    path = log.resolve().with_name(f".{name}.lock")
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise OutputError(
            f"another batch is writing {log}; wait for it, or give --report"
        ) from None
    except OSError as problem:
        raise failure(path, problem) from problem
    try:
        yield
    finally:
        # While it is held: who has opened it until then finds that it is gone, and makes a new one.
        with suppress(OSError):  # Windows removes no open file
            path.unlink()
        lock.release()
        if sys.platform == "win32":
            with suppress(OSError):
                path.unlink()
