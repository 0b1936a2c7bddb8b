"""Folders for work under way, each of which is named after the worker that it belongs to."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lipsmith.errors import StorageError
from lipsmith.jobs.locks import is_held
from lipsmith.jobs.workshop import Place

_SEPARATOR = "."


@contextmanager
def work_folder(place: Place, worker: str) -> Iterator[Path]:
    """A folder for one piece of work; nothing in it is kept. worker: holds the lock of its id.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        path = Path(tempfile.mkdtemp(prefix=worker + _SEPARATOR, dir=_all(place)))
    except OSError as error:
        raise StorageError(f"cannot work in {place.home}: {error.strerror}") from error
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def clear_dead_folders(place: Place) -> None:
    """Delete what workers of this machine left that were killed."""
    held: dict[str, bool] = {}
    for path in _all(place).iterdir():
        worker = path.name.partition(_SEPARATOR)[0]
        if worker not in held:
            held[worker] = is_held(place, worker)
        if not held[worker]:
            shutil.rmtree(path, ignore_errors=True)


def _all(place: Place) -> Path:
    folder = place.home / "work"
    folder.mkdir(exist_ok=True)
    return folder
