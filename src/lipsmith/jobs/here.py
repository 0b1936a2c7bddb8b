"""What the process that is running works with."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from lipsmith.jobs.queues import Gpus
from lipsmith.jobs.work_folders import work_folder
from lipsmith.jobs.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Here:
    """worker: the id of this process's worker. gpus: those of this machine that it may use."""

    workshop: Workshop
    worker: str
    gpus: Gpus

    def folder(self) -> AbstractContextManager[Path]:
        """A folder for one piece of work; nothing in it is kept."""
        return work_folder(self.workshop.place, self.worker)


_found: list[Here] = []


def work_with(here: Here) -> None:
    """Tell the steps of this process what they work with, before the first one runs."""
    _found[:] = [here]


def here() -> Here:
    """What this process works with."""
    return _found[-1]
