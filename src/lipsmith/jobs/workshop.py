"""What workers share: the ledger, the artefacts, and a folder for work under way."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lipsmith
from lipsmith.jobs.job import RenderSpec
from lipsmith.jobs.ledger import Ledger, open_database
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
        self._work = place.home / "work"
        self._work.mkdir(exist_ok=True)
        self.engine = open_database(place.database_url)
        self.ledger = Ledger(self.engine)
        self.artifacts = ArtifactStore(place.storage_url)
        self.secret = _read_secret(place)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder for one piece of work; nothing in it is kept."""
        path = Path(tempfile.mkdtemp(dir=self._work))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def command(self, work: str, spec: RenderSpec, folder: Path, **more: Any) -> dict[str, Any]:
        """A command for `lipsmith.jobs.child`, with the spec's files as files of this machine."""
        files = {
            option: str(self.artifacts.fetch(name, folder / f"{option}{Path(name).suffix}"))
            for option, name in spec.files.items()
        }
        return {"work": work, "files": files, "options": spec.options, **more}


def key_of(spec: RenderSpec, **more: Any) -> str:
    """A hash of everything that a segment is made from.

    Of the request's words only what `more` tells counts.
    """
    words = ("text", "text_file", "audio", "transcript", "subtitles", "karaoke")
    drawn = {name: value for name, value in spec.options.items() if name not in words}
    if spec.options.get("subtitles") == "burn":
        drawn |= {name: spec.options.get(name) for name in ("subtitles", "karaoke")}
    files = {name: value for name, value in spec.files.items() if name not in words}
    told = {
        "version": lipsmith.__version__,
        "options": drawn,
        "files": files,
        "format": spec.format,
        **more,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


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
