"""How far an installation is, on stderr: a bar for people, plain lines for logs."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from lipsmith.environments.install import InstallProgress

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class InstallDisplay:
    """Call it with each `InstallProgress`; use it as a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> InstallDisplay:
        return self

    def __call__(self, progress: InstallProgress) -> None:
        if self._quiet:
            return
        if not sys.stderr.isatty():
            print(progress.text, file=sys.stderr)
            return
        if self._bar is None:
            self._bar, self._task = _make_bar()
        assert self._task is not None
        self._bar.update(self._task, description=progress.text, completed=progress.fraction)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _make_bar() -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    bar = Progress(
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )
    bar.start()
    return bar, bar.add_task("", total=1.0)
