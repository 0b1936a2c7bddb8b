"""Where the service's state is, by the settings, and what opening it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lipsmith.errors import MissingExtraError

if TYPE_CHECKING:
    from lipsmith.jobs.workshop import Place, Workshop


def place() -> Place:
    """The place that the settings name.

    Raises:
        MissingExtraError: the packages of the service are not installed.
    """
    from lipsmith.core.resources import state_folder
    from lipsmith.settings import settings

    try:
        from lipsmith.jobs.workshop import Place
    except ModuleNotFoundError as error:
        raise MissingExtraError("the service", "service") from error
    known = settings()
    home = state_folder(known.home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Place(home, known.database_url, known.storage_url, known.secret)


@contextmanager
def workshop() -> Iterator[Workshop]:
    """The workshop at that place, opened."""
    where = place()
    from lipsmith.jobs.workshop import Workshop

    opened = Workshop(where)
    try:
        yield opened
    finally:
        opened.close()
