"""What an engine's own environment needs, and what a made one is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """An environment that can be made on demand.

    name: of the engine. summary: one line for people. adapter: the file that speaks for the
    engine, see `worker`. requirements: a file in pip's format with every package pinned, None for
    none. optional: packages that are left out, with a warning, where they cannot be installed.
    pythons: versions that the pins were resolved for. licence: of the packages. size_mb: roughly
    what it takes on disk, None unknown.
    """

    name: str
    summary: str
    adapter: Path
    requirements: Path | None = None
    optional: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ("3.11", "3.12")
    licence: str = ""
    size_mb: int | None = None

    def pins(self) -> dict[str, str]:
        """Version of every package that is required, by name as PEP 503 writes it."""
        found: dict[str, str] = {}
        for line in self._lines():
            if match := re.match(r"([\w.-]+)==([^\s;]+)", line):
                found[normalized(match[1])] = match[2]
        return found

    def text(self) -> str:
        """The requirements as they are written, without comments."""
        return "\n".join((*self._lines(), *self.optional))

    def _lines(self) -> list[str]:
        if self.requirements is None:
            return []
        lines = self.requirements.read_text(encoding="utf-8").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that has been made.

    python: what runs in it. version: of that Python. packages: versions by name, as installed.
    size_bytes: on disk. made_at: ISO 8601, UTC. warnings: what was left out, for people.
    """

    name: str
    folder: Path
    python: Path
    version: str
    packages: dict[str, str]
    requirements: str
    size_bytes: int
    made_at: str
    warnings: tuple[str, ...] = ()


def normalized(name: str) -> str:
    """A package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()
