"""Reading, drawing and putting back at the same time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from lipsmith.core.image import Frame

_MAX_WORKERS = 4

Item = TypeVar("Item")
Drawn = TypeVar("Drawn")


def overlapped(
    items: Iterable[Item],
    draw: Callable[[Sequence[Item]], Sequence[Drawn]],
    finish: Callable[[Item, Drawn], Frame],
    *,
    batch_size: int,
    ahead: int = 1,
) -> Generator[Frame]:
    """One frame for each item, in order; while one batch is drawn, others are read and finished.

    draw: a batch at once, in a thread. finish: one item, side by side in threads. ahead: batches
    drawn at the same time; 2 keep a GPU busy while the next batch is brought to it.
    """
    waiting: deque[tuple[Sequence[Item], Future[Sequence[Drawn]]]] = deque()
    source = iter(items)
    drawers = ThreadPoolExecutor(ahead, "mouth-draw")
    finishers = ThreadPoolExecutor(min(_MAX_WORKERS, os.cpu_count() or 1), "mouth-finish")

    def finished() -> Iterator[Frame]:
        batch, drawing = waiting.popleft()
        made = drawing.result()
        yield from finishers.map(finish, batch, made)

    try:
        while batch := list(islice(source, batch_size)):
            waiting.append((batch, drawers.submit(draw, batch)))
            if len(waiting) > ahead:
                yield from finished()
        while waiting:
            yield from finished()
    finally:
        drawers.shutdown(wait=True, cancel_futures=True)
        finishers.shutdown(wait=True, cancel_futures=True)
