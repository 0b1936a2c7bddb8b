"""`lipsmith models`, against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from file_server import CONTENT, SHA256, FileServer, Served, file_server
from lipsmith.cli.main import run
from lipsmith.settings import settings
from lipsmith.weights import WeightsEntry, WeightsFile
from lipsmith.weights import catalog as catalog_module

VOICE = "piper:en_US-lessac-medium"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        running.files["/model.pth"] = Served(CONTENT)
        yield running


@pytest.fixture(autouse=True)
def folder(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A catalogue with one model beside Piper's voices, and an empty folder of weights."""
    file = WeightsFile("model.pth", (server.url("/model.pth"),), SHA256, len(CONTENT))
    entry = WeightsEntry("model", "the tests", (file,), "CC BY-NC 4.0", False, "https://page")
    monkeypatch.setattr(catalog_module, "_MODELS", (entry,))
    monkeypatch.setenv("LIPSMITH_MODELS", str(tmp_path / "models"))
    settings.cache_clear()
    yield tmp_path / "models"
    settings.cache_clear()


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    assert run(["models", "list"]) == 0
    header, *rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert header[:2] == ["Weights", "State"]
    return {row[0]: row[1] for row in rows}


def test_pull_path_verify_remove(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "model" / "model.pth"
    assert run(["models", "path", "model"]) == 2
    assert "lipsmith models pull model" in capsys.readouterr().err
    assert run(["models", "pull", "model"]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{path}\n"
    assert "Downloading model.pth" in printed.err
    assert path.read_bytes() == CONTENT
    assert run(["models", "path", "model"]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert listed(capsys) | {VOICE: "absent", "model": "ready"} == listed(capsys)
    assert run(["models", "verify"]) == 0
    assert capsys.readouterr().out.startswith(f"ok       {path}")
    path.write_bytes(bytes(len(CONTENT)))
    assert run(["models", "verify", "model"]) == 1
    assert "DAMAGED" in capsys.readouterr().out
    assert run(["models", "pull", "model", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert path.read_bytes() == CONTENT
    assert run(["models", "remove", "model"]) == 0
    assert "300 kB" in capsys.readouterr().out
    assert not path.exists()
    assert run(["models", "remove", "model"]) == 2


def test_nothing_to_verify_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "verify"]) == 0
    assert run(["models", "verify", "model"]) == 2


def test_the_list_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "list", "--json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert entries["model"]["state"] == "absent"
    assert entries["model"]["commercial"] is False
    assert entries["model"]["files"][0]["sha256"] == SHA256
    assert entries[VOICE]["size"] == 63_206_179


def test_failures_have_exit_codes_and_one_line(
    server: FileServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files["/model.pth"].content = bytes(len(CONTENT))
    assert run(["models", "pull", "model", "-q"]) == 1
    assert SHA256 in capsys.readouterr().err
    del server.files["/model.pth"]
    assert run(["models", "pull", "model", "-q"]) == 1
    printed = capsys.readouterr().err
    assert "404" in printed
    assert len(printed.splitlines()) == 1
    assert run(["models", "pull", "modle", "-q"]) == 2
    assert "did you mean model?" in capsys.readouterr().err


def test_a_local_file_in_place_of_a_download(
    server: FileServer, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.bin"
    mine.write_bytes(CONTENT)
    assert run(["models", "pull", "model", "--from", str(mine)]) == 0
    assert capsys.readouterr().out == f"{folder / 'model' / 'model.pth'}\n"
    assert not server.asked
    mine.write_bytes(b"something else")
    assert run(["models", "pull", "model", "--from", str(mine)]) == 1
    assert "mine.bin is not model.pth" in capsys.readouterr().err
    assert run(["models", "pull", "model", VOICE, "--from", str(mine)]) == 2


def test_a_voice_given_by_half_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    onnx = tmp_path / "xx_YY-somebody-low.onnx"
    onnx.write_bytes(CONTENT)
    name = f"piper:{onnx.stem}"
    assert run(["models", "pull", name, "--from", str(onnx)]) == 2
    assert "xx_YY-somebody-low.onnx.json" in capsys.readouterr().err
    onnx.with_name(f"{onnx.name}.json").write_text("{}")
    assert run(["models", "pull", name, "--from", str(tmp_path), "-q"]) == 0
    assert listed(capsys)[name] == "ready"


@pytest.mark.parametrize(
    ("setting", "said"),
    [("LIPSMITH_OFFLINE", "network is not to be used"), ("LIPSMITH_COMMERCIAL", "CC BY-NC 4.0")],
)
def test_settings_refuse(
    server: FileServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    said: str,
) -> None:
    monkeypatch.setenv(setting, "1")
    settings.cache_clear()
    assert run(["models", "pull", "model"]) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert setting in printed
    assert not server.asked


def test_the_shell_completes_names() -> None:
    typed = "lipsmith models pull wav2lip-s"
    environment = {
        **os.environ,
        "_LIPSMITH_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": "3",
    }
    done = subprocess.run(
        [sys.executable, "-m", "lipsmith"], env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["wav2lip-sd-gan"]
