"""How far an installation is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lipsmith.cli.display import Display
from lipsmith.environments.install import InstallProgress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class InstallDisplay(Display[InstallProgress]):
    """Shows each `InstallProgress`."""

    _task: TaskID

    def _make_bar(self) -> Bar:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        bar = Progress(
            BarColumn(bar_width=30),
            TaskProgressColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = bar.add_task("", total=1.0)
        return bar

    def _draw(self, bar: Bar, progress: InstallProgress) -> None:
        bar.update(self._task, description=progress.text, completed=progress.fraction)

    def _stage_of(self, progress: InstallProgress) -> str:
        return progress.text

    def _line(self, progress: InstallProgress, *, is_first: bool) -> str:
        return progress.text
