"""How far a long work is, on stderr: a bar for people, plain lines for logs."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

P = TypeVar("P")

_LINE_EVERY_S = 5.0


class Display(ABC, Generic[P]):
    """Call it with each step of progress; use it as a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: Bar | None = None
        self._stage: object = None
        self._line_due_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __call__(self, progress: P) -> None:
        if self._quiet:
            return
        if not sys.stderr.isatty():
            self._print(progress)
            return
        if self._bar is None:
            self._bar = self._make_bar()
            self._bar.start()
        self._draw(self._bar, progress)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @abstractmethod
    def _make_bar(self) -> Bar:
        """The bar for a terminal, not started."""

    @abstractmethod
    def _draw(self, bar: Bar, progress: P) -> None:
        """Bring the bar up to date."""

    @abstractmethod
    def _stage_of(self, progress: P) -> object:
        """What a line is printed for at once; within it there is one every few seconds."""

    @abstractmethod
    def _line(self, progress: P, *, is_first: bool) -> str:
        """What a log gets. is_first: of its stage."""

    def _print(self, progress: P) -> None:
        at_s = time.monotonic()
        stage = self._stage_of(progress)
        is_first = stage != self._stage
        if not is_first and at_s < self._line_due_s:
            return
        self._stage, self._line_due_s = stage, at_s + _LINE_EVERY_S
        print(self._line(progress, is_first=is_first), file=sys.stderr)
