"""Which segments were made, so that none is made again, for this job or for another."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import lipsmith
from lipsmith.jobs.database import segments as _segments
from lipsmith.jobs.database import transaction
from lipsmith.jobs.job import RenderSpec


class SegmentMemory:
    """Keeps what was made under the hash of what it was made from (`key_of`)."""

    def __init__(self, engine: sa.Engine) -> None:
        """engine: see `open_database`."""
        self._engine = engine

    def recall(self, key: str) -> dict[str, Any] | None:
        """What `remember` was told of `key`; it counts as used."""
        query = sa.select(_segments.c.made).where(_segments.c.key == key)
        with transaction(self._engine) as connection:
            found = connection.execute(query).scalar_one_or_none()
            if found is None:
                return None
            used = _segments.update().where(_segments.c.key == key)
            connection.execute(used.values(used=datetime.now(UTC)))
        return dict(json.loads(found))

    def remember(self, key: str, made: dict[str, Any]) -> None:
        """Keep what was made; made: JSON values, "take" and "video" are artefacts or None, and so
        is every value of "files"."""
        row = {"made": json.dumps(made), "used": datetime.now(UTC)}
        own = _segments.c.key == key
        try:
            with transaction(self._engine) as connection:
                connection.execute(_segments.delete().where(own))
                connection.execute(_segments.insert().values(key=key, **row))
        except sa.exc.IntegrityError:  # somebody else made the same in this moment
            with transaction(self._engine) as connection:
                connection.execute(_segments.update().where(own).values(row))

    def forget(self, before: datetime) -> None:
        """Forget what was last used before a moment."""
        with transaction(self._engine) as connection:
            connection.execute(_segments.delete().where(_segments.c.used < before))

    def artifacts(self) -> set[str]:
        """Every artefact that a remembered segment needs."""
        with transaction(self._engine) as connection:
            kept = connection.execute(sa.select(_segments.c.made)).scalars().all()
        return {name for made in map(json.loads, kept) for name in artifacts_of(made)}


def artifacts_of(made: dict[str, Any]) -> list[str]:
    """The artefacts of one segment, as `SegmentMemory.remember` was told of it."""
    kept = (made.get("take"), made.get("video"), *made.get("files", {}).values())
    return [name for name in kept if name]


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
