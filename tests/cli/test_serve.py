"""`lipsmith worker`: what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

from lipsmith.cli.main import run
from lipsmith.settings import settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LIPSMITH_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_a_queue_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["worker", "--queues", "cpu,tpu"]) == 2
    assert "there is no queue 'tpu'; there are: cpu, gpu" in capsys.readouterr().err


def test_a_place_for_files_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LIPSMITH_STORAGE_URL", str(tmp_path / "file"))
    settings.cache_clear()
    assert run(["worker"]) == 1
    assert "cannot make the folder" in capsys.readouterr().err
