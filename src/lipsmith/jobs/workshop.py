"""What workers share: the ledger and the other books, and the artefacts."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipsmith.jobs.database import open_database
from lipsmith.jobs.job import RenderSpec
from lipsmith.jobs.ledger import Ledger
from lipsmith.jobs.live_workers import LiveWorkers
from lipsmith.jobs.parts import PartBook
from lipsmith.jobs.segment_memory import SegmentMemory
from lipsmith.storage.artifacts import ArtifactStore


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service keeps things.

    home: a folder of this machine. database: "sqlite:///…" or "postgresql://…"; None is a file in
    home. storage: a folder or "s3://…"; None is a folder in home. secret: what links and webhooks
    are signed with; None is one that is kept in home.
    """

    home: Path
    database: str | None = None
    storage: str | None = None
    secret: str | None = None

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'jobs.sqlite'}"

    @property
    def storage_url(self) -> str:
        return self.storage or str(self.home / "artifacts")

    @property
    def is_shared(self) -> bool:
        """Whether workers on other machines can take part."""
        return self.database_url.startswith("postgres")


class Workshop:
    """Opens a place; `close` it when done."""

    def __init__(self, place: Place) -> None:
        """Raises:
        StorageError: the database or the artefacts cannot be opened.
        """
        self.place = place
        # Texts, recordings and the hashes of keys are nobody else's business.
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.engine = open_database(place.database_url)
        self.ledger = Ledger(self.engine)
        self.parts = PartBook(self.engine, self.ledger)
        self.segments = SegmentMemory(self.engine)
        self.workers = LiveWorkers(self.engine)
        self.artifacts = ArtifactStore(place.storage_url)
        self.secret = _read_secret(place)

    def close(self) -> None:
        self.engine.dispose()

    def command(self, work: str, spec: RenderSpec, folder: Path, **more: Any) -> dict[str, Any]:
        """A command for `lipsmith.jobs.child`, with the spec's files as files of this machine."""
        files = {
            option: str(self.artifacts.fetch(name, folder / f"{option}{Path(name).suffix}"))
            for option, name in spec.files.items()
        }
        return {"work": work, "files": files, "options": spec.options, **more}


def _read_secret(place: Place) -> bytes:
    if place.secret:
        return hashlib.sha256(place.secret.encode()).digest()
    path = place.home / "secret"
    with suppress(FileNotFoundError):
        return path.read_bytes()
    # Written aside, so that nobody reads half of it; whoever is first wins.
    with tempfile.NamedTemporaryFile(dir=place.home) as aside:
        aside.write(secrets.token_bytes(32))
        aside.flush()
        with suppress(FileExistsError):
            os.link(aside.name, path)
    return path.read_bytes()
