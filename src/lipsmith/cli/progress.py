"""How far a render is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lipsmith.cli.display import Display
from lipsmith.core.request import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_LABELS = {
    "queued": "Waiting for a worker",
    "portrait": "Preparing the portrait",
    "speech": "Preparing the voice",
    "render": "Rendering",
    "finish": "Finishing the file",
}


class ProgressDisplay(Display[Progress]):
    """Shows each `Progress` of a render."""

    _task: TaskID

    def _make_bar(self) -> Bar:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as Bar

        bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TaskProgressColumn(),
            TextColumn("{task.fields[details]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = bar.add_task("", total=None, details="")
        return bar

    def _draw(self, bar: Bar, progress: Progress) -> None:
        bar.update(
            self._task,
            description=_LABELS[progress.stage],
            total=None if progress.fraction is None else 1.0,
            completed=progress.fraction or 0.0,
            details=_details(progress),
        )

    def _stage_of(self, progress: Progress) -> str:
        return progress.stage

    def _line(self, progress: Progress, *, is_first: bool) -> str:
        return _LABELS[progress.stage] if is_first else describe(progress)


def describe(progress: Progress) -> str:
    """A render's stage, the share that is done, the frames a second and the time left."""
    share = "" if progress.fraction is None else f" {progress.fraction:.0%}"
    return f"{_LABELS[progress.stage]}{share}  {_details(progress)}".rstrip()


def _details(progress: Progress) -> str:
    if not progress.frames:
        return ""
    parts = [f"{progress.frames} frames", f"{progress.fps:.0f} frames/s"]
    if progress.eta_s is not None:
        minutes, seconds = divmod(round(progress.eta_s), 60)
        parts.append(f"{minutes}:{seconds:02d} left")
    return "  ".join(parts)
