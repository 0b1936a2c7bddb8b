from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from running_postgres import RunningPostgres
from running_service import RunningService

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One for all tests that do not harm it."""
    running = RunningService(tmp_path_factory.mktemp("service") / "home")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The URL of a PostgreSQL database of these tests' own."""
    running = RunningPostgres()
    yield running.url
    running.stop()


@pytest.fixture
def client(service: RunningService) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=60) as opened:
        yield opened
