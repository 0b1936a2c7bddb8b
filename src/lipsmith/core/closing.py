"""What is closed when a `with` block ends."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Closing:
    """Base of what holds a process, a file or a thread: a `with` block gives it and closes it."""

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
