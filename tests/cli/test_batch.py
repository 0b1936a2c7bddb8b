"""`lipsmith batch` as people type it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lipsmith.cli.main import run

COMMAND = [sys.executable, "-m", "lipsmith", "batch"]


@pytest.fixture
def folder(tmp_path: Path, portrait_path: Path) -> Path:
    """A folder with face.png and a jobs.csv with one good and one bad row."""
    shutil.copy(portrait_path, tmp_path / "face.png")
    (tmp_path / "jobs.csv").write_text(
        "picture,text,out\nface.png,Hi.,a.gif\nnobody.png,Hi.,b.gif\n", encoding="utf-8"
    )
    return tmp_path


def _type(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True)


def test_rows_are_counted_and_told_with_their_line(folder: Path) -> None:
    done = _type(folder, "jobs.csv", "--set", "size=128x128")
    assert done.returncode == 1
    assert done.stdout == "jobs.csv: 1 made, 1 failed; see jobs.csv.report.jsonl\n"
    lines = done.stderr.splitlines()
    assert lines[0] == "0/2  a.gif: Preparing the portrait"
    assert any(line.startswith("1/2  a.gif: ") for line in lines)
    assert "warning: jobs.csv:2: a GIF has no sound; write .mp4 or .webm to keep it" in lines
    assert lines[-1] == "error: jobs.csv:3: no such file: nobody.png"


def test_programs_get_json_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    arguments = ["batch", "jobs.csv", "--set", "--size=128x128", "--json", "-q"]
    arguments += ["--report", "done.jsonl"]
    for state in ("made", "skipped"):
        assert run(arguments) == 1
        printed = capsys.readouterr()
        report = json.loads(printed.out)
        assert (report["report"], report[state], report["failed"]) == ("done.jsonl", 1, 1)
        assert [row["state"] for row in report["rows"]] == [state, "failed"]
        assert printed.err == "error: jobs.csv:3: no such file: nobody.png\n"
    (folder / "jobs.csv").write_text("picture,text,out\nface.png,Hi.,a.gif\n", encoding="utf-8")
    assert run(arguments) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.csv"], "none.csv: no such file"),
        (["jobs.csv", "--set", "size"], "NAME=VALUE"),
        (["jobs.csv", "--set", "siez=1"], "did you mean size"),
        (["jobs.csv", "--report", "no/where.jsonl"], "no such folder"),
        (["jobs.csv", "--report", "jobs.csv"], "no line of a report"),
        ([], "JOBS"),
    ],
)
def test_what_stops_the_whole_batch(
    folder: Path,
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    assert run(["batch", *arguments]) == 2
    printed = capsys.readouterr().err
    assert words in printed
    assert len(printed.splitlines()) <= 2
    assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_keeps_what_is_done(folder: Path) -> None:
    long = "Again and again. " * 2000
    (folder / "jobs.csv").write_text(
        f"picture,text,out\nface.png,Hi.,a.gif\nface.png,{long},b.mp4\n", encoding="utf-8"
    )
    process = subprocess.Popen(
        [*COMMAND, "jobs.csv", "--set", "size=128x128"],
        cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("1/2"):
            break
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    rest = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert rest.splitlines()[-1] == "stopped; the same command goes on from here"
    assert sorted(path.name for path in folder.iterdir()) == [
        "a.gif", "face.png", "jobs.csv", "jobs.csv.report.jsonl",
    ]  # fmt: skip
    report = (folder / "jobs.csv.report.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line)["output"] for line in report.splitlines()] == ["a.gif"]
