"""How far a download is, on stderr: a bar for people, plain lines for logs."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from lipsmith.weights.entry import size_text
from lipsmith.weights.progress import DownloadProgress, DownloadStage

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LINE_EVERY_S = 5.0


class DownloadDisplay:
    """Call it with each `DownloadProgress`; use it as a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._line_due_s = 0.0
        self._last = ("", "")

    def __enter__(self) -> DownloadDisplay:
        return self

    def __call__(self, progress: DownloadProgress) -> None:
        if self._quiet:
            return
        if sys.stderr.isatty():
            self._draw_bar(progress)
        else:
            self._print_line(progress)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _draw_bar(self, progress: DownloadProgress) -> None:
        if self._bar is None:
            self._bar = _make_bar()
        if progress.file not in self._tasks:
            self._tasks[progress.file] = self._bar.add_task(progress.file, total=None)
        self._bar.update(
            self._tasks[progress.file],
            description=_label(progress),
            completed=progress.done_bytes,
            total=progress.total_bytes,
        )

    def _print_line(self, progress: DownloadProgress) -> None:
        at_s = time.monotonic()
        here = (progress.file, str(progress.stage))
        if here == self._last and at_s < self._line_due_s:
            return
        self._last, self._line_due_s = here, at_s + _LINE_EVERY_S
        line = _label(progress)
        if progress.stage is DownloadStage.DOWNLOAD:
            total = "" if progress.total_bytes is None else f" of {size_text(progress.total_bytes)}"
            line = f"{line}  {size_text(progress.done_bytes)}{total}"
        print(line, file=sys.stderr)


def _label(progress: DownloadProgress) -> str:
    match progress.stage:
        case DownloadStage.WAIT:
            return f"Waiting for another download of {progress.weights}"
        case DownloadStage.RETRY:
            return f"Trying again, {progress.detail}: {progress.file}"
        case DownloadStage.VERIFY:
            return f"Verifying {progress.file}"
        case DownloadStage.DOWNLOAD:
            return f"Downloading {progress.file}"


def _make_bar() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    bar.start()
    return bar
