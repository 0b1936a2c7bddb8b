"""The other commands, the help and the completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import lipsmith
from films import view, write_film
from lipsmith.cli import doctor
from lipsmith.cli.main import run

COMMAND = [sys.executable, "-m", "lipsmith"]


def test_demo_writes_its_own_file_again(tmp_path: Path) -> None:
    (tmp_path / "demo.mp4").write_bytes(b"an older one")
    done = subprocess.run([*COMMAND, "demo"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "demo.mp4") in done.stdout
    assert "made in" in done.stdout
    assert (tmp_path / "demo.mp4").stat().st_size > 100_000
    assert [path.name for path in tmp_path.iterdir()] == ["demo.mp4"]


def test_voices_are_listed_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["voices", "--language", "de"]) == 0
    header, *rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert header[0] == "Voice"
    assert ["de", "de"] in [row[:2] for row in rows]
    assert all(row[1].startswith("de") for row in rows)
    assert run(["voices", "--language", "xx"]) == 2


def test_engines_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["engines"]) == 0
    printed = capsys.readouterr().out
    assert all(spec.name in printed and spec.licence in printed for spec in lipsmith.list_engines())


def test_inspect_tells_the_faces(
    tmp_path: Path, portrait_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marked = tmp_path / "marked.png"
    assert run(["inspect", str(portrait_path), "--json", "-o", str(marked)]) == 0
    found = json.loads(capsys.readouterr().out)
    width, height = found["width"], found["height"]
    assert len(found["faces"]) == 1
    left, top, right, bottom = found["faces"][0]["box"]
    assert 0 < left < right < width
    assert 0 < top < bottom < height
    with Image.open(marked) as drawn:
        assert drawn.width >= width
    assert run(["inspect", str(portrait_path)]) == 0
    assert "face 0" in capsys.readouterr().out
    assert run(["inspect", str(portrait_path), "-o", str(marked)]) == 2
    assert "--overwrite" in capsys.readouterr().err


def test_inspect_tells_who_is_in_a_video(
    tmp_path: Path, portrait_pixels: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    film = write_film(tmp_path / "film.mp4", [view(portrait_pixels)] * 8)
    assert run(["inspect", str(film), "--json", "-o", str(tmp_path / "marked.png")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["width"], found["fps"], found["sound"]) == (256, 25, False)
    assert len(found["faces"]) == 1 and (tmp_path / "marked.png").exists()
    assert run(["inspect", str(film)]) == 0
    assert "25 frames/s, no sound" in capsys.readouterr().out


def test_inspect_of_a_wall_finds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (200, 200)).save(tmp_path / "wall.png")
    assert run(["inspect", str(tmp_path / "wall.png")]) == 0
    assert "no face" in capsys.readouterr().out


def test_doctor_finds_this_installation_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 0
    printed = capsys.readouterr().out
    for name in ("python", "onnxruntime", "espeak", "face models", "libx264", "heic", "py3langid"):
        assert name in printed


def test_doctor_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "soxr", None)
    assert run(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "MISSING   soxr" in printed
    assert "type: pip install" in printed
    monkeypatch.undo()
    monkeypatch.setattr(doctor, "_ENCODERS", ("libx264", "no-such-encoder"))
    assert run(["doctor"]) == 1
    assert "no-such-encoder" in capsys.readouterr().out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"lipsmith {lipsmith.__version__}\n"
    assert run(["render", "--help"]) == 0
    assert "--text-file" in capsys.readouterr().out
    assert run([]) == 2
    printed = capsys.readouterr()
    assert "render" in printed.out + printed.err


def test_a_wrong_command_names_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rendr"]) == 2
    assert "render" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("render a.jpg --engine r", "rig"),
        ("render a.jpg --voice en-u", "en-us"),
        ("ins", "inspect"),
    ],
)
def test_the_shell_completes(words: str, offered: str) -> None:
    typed = f"lipsmith {words}"
    environment = {
        **os.environ,
        "_LIPSMITH_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    done = subprocess.run(COMMAND, env=environment, capture_output=True, text=True)
    assert offered in done.stdout.split()
