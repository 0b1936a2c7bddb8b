"""How far a render is, on stderr: a bar for people, plain lines for logs."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from lipsmith.core.request import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_LABELS = {
    "portrait": "Preparing the portrait",
    "speech": "Preparing the voice",
    "render": "Rendering",
    "finish": "Finishing the file",
}
_LINE_EVERY_S = 5.0


class ProgressDisplay:
    """Call it with each `Progress`; use it as a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._stage = ""
        self._line_due_s = 0.0

    def __enter__(self) -> ProgressDisplay:
        return self

    def __call__(self, progress: Progress) -> None:
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

    def _draw_bar(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar, self._task = _make_bar()
        assert self._task is not None
        self._bar.update(
            self._task,
            description=_LABELS[progress.stage],
            total=None if progress.fraction is None else 1.0,
            completed=progress.fraction or 0.0,
            details=_details(progress),
        )

    def _print_line(self, progress: Progress) -> None:
        at_s = time.monotonic()
        line = _LABELS[progress.stage]
        if progress.stage == self._stage:
            if at_s < self._line_due_s:
                return
            share = "" if progress.fraction is None else f" {progress.fraction:.0%}"
            line = f"{line}{share}  {_details(progress)}"
        self._stage, self._line_due_s = progress.stage, at_s + _LINE_EVERY_S
        print(line, file=sys.stderr)


def _make_bar() -> tuple[RichProgress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as RichProgress

    bar = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TextColumn("{task.fields[details]}"),
        console=Console(stderr=True),
        transient=True,
    )
    bar.start()
    return bar, bar.add_task("", total=None, details="")


def _details(progress: Progress) -> str:
    if not progress.frames:
        return ""
    parts = [f"{progress.frames} frames", f"{progress.fps:.0f} frames/s"]
    if progress.eta_s is not None:
        minutes, seconds = divmod(round(progress.eta_s), 60)
        parts.append(f"{minutes}:{seconds:02d} left")
    return "  ".join(parts)
