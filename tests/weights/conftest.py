"""A server, a catalogue that points at it, and an empty store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from file_server import FileServer, file_server
from lipsmith.weights import WeightsEntry, WeightsFile, WeightsStore
from lipsmith.weights import catalog as catalog_module
from lipsmith.weights.download import Patience


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture
def publish(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., WeightsEntry]:
    """publish(file, ..., name="model", commercial=True): the catalogue has these weights only."""

    def publish(
        *files: WeightsFile, name: str = "model", commercial: bool | None = True
    ) -> WeightsEntry:
        entry = WeightsEntry(
            name, "the tests", files, "CC BY-NC 4.0", commercial, server.url("/page")
        )
        monkeypatch.setattr(catalog_module, "_MODELS", (entry,))
        return entry

    return publish


@pytest.fixture
def patience() -> Patience:
    """Retries come at once."""
    return Patience(pauses_s=(0.0, 0.0, 0.0), connect_s=5.0, read_s=5.0)


@pytest.fixture
def store(tmp_path: Path, patience: Patience) -> WeightsStore:
    return WeightsStore(tmp_path / "models", patience=patience)
