"""What is set in environment variables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lipsmith.errors import OptionError
from lipsmith.settings import Settings, settings


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_variables_become_typed_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPSMITH_OFFLINE", "1")
    monkeypatch.setenv("LIPSMITH_MODELS", "/some/where")
    monkeypatch.setenv("LIPSMITH_NOTHING", "x")
    assert settings() == Settings(offline=True, models=Path("/some/where"))


def test_what_a_variable_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPSMITH_OFFLINE", "perhaps")
    with pytest.raises(OptionError, match=r"LIPSMITH_OFFLINE is 'perhaps': .*boolean"):
        settings()
