"""How far a download is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lipsmith.cli.display import Display
from lipsmith.weights.entry import size_text
from lipsmith.weights.progress import DownloadProgress, DownloadStage

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class DownloadDisplay(Display[DownloadProgress]):
    """Shows each `DownloadProgress`, with a bar for every file."""

    def __init__(self, *, quiet: bool = False) -> None:
        super().__init__(quiet=quiet)
        self._tasks: dict[str, TaskID] = {}

    def _make_bar(self) -> Bar:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        return Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )

    def _draw(self, bar: Bar, progress: DownloadProgress) -> None:
        if progress.file not in self._tasks:
            self._tasks[progress.file] = bar.add_task(progress.file, total=None)
        bar.update(
            self._tasks[progress.file],
            description=_label(progress),
            completed=progress.done_bytes,
            total=progress.total_bytes,
        )

    def _stage_of(self, progress: DownloadProgress) -> tuple[str, DownloadStage]:
        return progress.file, progress.stage

    def _line(self, progress: DownloadProgress, *, is_first: bool) -> str:
        line = _label(progress)
        if progress.stage is not DownloadStage.DOWNLOAD:
            return line
        total = "" if progress.total_bytes is None else f" of {size_text(progress.total_bytes)}"
        return f"{line}  {size_text(progress.done_bytes)}{total}"


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
