"""Streams that are taken apart from one that holds them all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any


def apart(together: Iterator[tuple[Any, ...]], count: int) -> list[Iterator[Any]]:
    """One stream for each of the `count` members of the tuples, all of the same length.

    They may be taken at different speeds; what one of them is behind is kept.
    """
    waiting: list[deque[Any]] = [deque() for _ in range(count)]

    def taken(own: deque[Any]) -> Iterator[Any]:
        while True:
            if not own:
                items = next(together, None)
                if items is None:
                    return
                for queue, item in zip(waiting, items, strict=True):
                    queue.append(item)
            yield own.popleft()

    return [taken(own) for own in waiting]
