"""The queues of jobs and of their work, and who takes what from them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

RENDERS = "renders"
"""Of whole jobs, which mostly wait for their parts; every worker takes it."""
CPU, GPU = "cpu", "gpu"
"""Of the parts, which is where the work is."""
WORK_QUEUES = (CPU, GPU)

_VISIBLE = "CUDA_VISIBLE_DEVICES"


def choose_queue(device: str, can_use_gpu: bool, taken: set[str]) -> str:
    """Where the parts of a job go.

    device: as asked for. can_use_gpu: whether anything in it could run on one. taken: queues that
    live workers take; what can do without a GPU does not wait for one.
    """
    asked = device.partition(":")[0]
    if asked == "auto":
        return GPU if can_use_gpu and GPU in taken else CPU
    return CPU if asked == "cpu" else GPU


class Gpus:
    """Hands out the GPUs of this machine, the least busy one first."""

    def __init__(self, count: int) -> None:
        """count: 0 where there is none that could be named, such as on a Mac."""
        given = [name for name in os.environ.get(_VISIBLE, "").split(",") if name]
        self._names = given[:count] or [str(number) for number in range(count)]
        self._busy: Counter[str] = Counter()

    @contextmanager
    def environment(self, queue: str) -> Iterator[dict[str, str]]:
        """What the environment of a process gets that does work from a queue.

        Work that is not for GPUs sees none, so that it takes no memory of those that are busy.
        """
        if queue == CPU:
            yield {_VISIBLE: ""}
        elif not self._names:
            yield {}
        else:
            name = min(self._names, key=lambda each: self._busy[each])
            self._busy[name] += 1
            try:
                yield {_VISIBLE: name}
            finally:
                self._busy[name] -= 1
