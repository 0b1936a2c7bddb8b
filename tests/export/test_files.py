"""Models as files: from Python and from the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from glb import Glb
from PIL import Image

import lipsmith
from conftest import PORTRAIT
from lipsmith.cli.main import run
from lipsmith.errors import FaceError, OptionError, OutputError

VALIDATOR = Path(__file__).parents[2] / "web" / "node_modules" / "gltf-validator"
_VALIDATE = """
const validator = require(process.argv[1]);
const data = new Uint8Array(require("fs").readFileSync(process.argv[2]));
validator.validateBytes(data).then((found) => console.log(JSON.stringify(found.issues)));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.skipif(not VALIDATOR.exists(), reason="run `npm ci` in web/ for gltf-validator")
def test_khronos_finds_nothing_wrong(model_file: Path) -> None:
    asked = ["node", "-e", _VALIDATE, str(VALIDATOR), str(model_file)]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    issues = json.loads(said)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


def test_a_report_tells_what_was_written(tmp_path: Path) -> None:
    pixels = np.asarray(Image.open(PORTRAIT).convert("RGB"))
    out = tmp_path / "face.glb"
    report = lipsmith.export_gltf(pixels, out, side=128)
    assert report.output == out
    assert report.size_bytes == out.stat().st_size < 4_000_000
    assert Glb(out.read_bytes()).json["asset"]["generator"] == "Lipsmith"


def test_what_cannot_be_is_refused_before_work(tmp_path: Path) -> None:
    (tmp_path / "there.glb").write_text("mine")
    for out, side, error, said in (
        ("there.glb", 512, OutputError, "exists already"),
        ("face.obj", 512, OutputError, "face.glb"),
        ("face.glb", 10, OptionError, "64 to 4096"),
        ("nowhere/face.glb", 512, OutputError, "mkdir"),
    ):
        with pytest.raises(error, match=said):
            lipsmith.export_gltf("there is none.jpg", tmp_path / out, side=side)
    with pytest.raises(FaceError, match="there is 1 face"):
        lipsmith.export_gltf(PORTRAIT, tmp_path / "face.glb", face=2)
    with pytest.raises(FaceError, match="no face"):
        lipsmith.export_gltf(np.full((256, 256, 3), 128, np.uint8), tmp_path / "face.glb")
    assert [path.name for path in tmp_path.iterdir()] == ["there.glb"]
    assert (tmp_path / "there.glb").read_text() == "mine"


def test_the_command_writes_beside_the_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "me.png"
    shutil.copy(PORTRAIT, picture)
    assert run(["export", str(picture), "--side", "256", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["output"] == str(tmp_path / "me.glb")
    assert values["size_bytes"] == (tmp_path / "me.glb").stat().st_size
    assert run(["export", str(picture)]) == 2
    assert "overwrite" in capsys.readouterr().err
