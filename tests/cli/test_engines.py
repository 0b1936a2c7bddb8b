"""`lipsmith engines`: listed, installed, verified, removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lipsmith.cli.main import run
from lipsmith.environments import catalog
from lipsmith.environments.spec import EnvironmentSpec
from lipsmith.settings import settings

ADAPTER = "class Adapter:\n    def check(self, call):\n        yield {}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home, and kokoro's name for an engine that needs no packages."""
    adapter = tmp_path / "adapter.py"
    adapter.write_text(ADAPTER)
    spec = EnvironmentSpec("kokoro", "small", adapter)
    monkeypatch.setattr(catalog, "_ENVIRONMENTS", (spec, catalog.NEUTTS))
    monkeypatch.setenv("LIPSMITH_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


def test_an_engine_is_installed_listed_verified_and_removed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["engines"]) == 0
    assert "lipsmith engines install kokoro" in capsys.readouterr().out
    assert run(["engines", "install", "kokoro"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("installed kokoro: 0 packages")
    assert "checking that the engine starts" in told.err
    assert run(["engines"]) == 0
    assert "lipsmith engines install kokoro" not in capsys.readouterr().out
    assert run(["engines", "verify", "kokoro"]) == 0
    assert run(["engines", "remove", "kokoro"]) == 0
    assert run(["engines", "verify", "kokoro"]) == 2
    assert "lipsmith engines install kokoro" in capsys.readouterr().err


def test_a_damaged_engine_is_told(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["engines", "install", "kokoro", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    (tmp_path / "adapter.py").write_text("raise OSError('the disk ate it')\n")
    assert run(["engines", "verify", "kokoro"]) == 1
    told = capsys.readouterr().out
    assert "the disk ate it" in told
    assert "type: lipsmith engines install kokoro" in told


@pytest.mark.parametrize(
    ("command", "code", "reason"),
    [
        (["install", "kokora"], 2, "did you mean kokoro?"),
        (["install", "rig"], 2, "there are: kokoro, neutts"),
        (["install", "kokoro", "--python", "/bin/sh"], 1, "is none of them"),
        (["remove", "neutts"], 1, "'neutts' is not installed"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    command: list[str], code: int, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["engines", *command]) == code
    told = capsys.readouterr().err.splitlines()
    assert reason in told[-1]


def test_offline_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPSMITH_OFFLINE", "1")
    settings.cache_clear()
    assert run(["engines", "install", "kokoro"]) == 2
    assert "LIPSMITH_OFFLINE" in capsys.readouterr().err
