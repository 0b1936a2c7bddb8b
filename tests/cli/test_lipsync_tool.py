"""`lipsync-tool`: its flags, what they do here, and the table that tells it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import typer.main

from lipsmith.cli import running
from lipsmith.cli.lipsync_tool import (
    MEANINGLESS,
    WEIGHTS,
    Engine,
    Enhancer,
    LogLevel,
    Preprocess,
    Resolution,
    app,
)
from lipsmith.core.request import RenderReport, RenderRequest
from lipsmith.pipeline import files
from lipsmith.weights import find_weights

PAGE = Path(__file__).parents[2] / "docs/lipsync-tool.md"
FLAGS: dict[str, Any] = {
    option: parameter
    for parameter in typer.main.get_command(app).params  # type: ignore[attr-defined]
    for option in (*parameter.opts, *parameter.secondary_opts)
    if option.startswith("--") and option != "--help"
}
CHOICES = {
    "--engine": Engine, "--resolution": Resolution, "--preprocess": Preprocess,
    "--enhancer": Enhancer, "--log-level": LogLevel,
}  # fmt: skip


@pytest.fixture
def hum_path(write_wav: Callable[..., Path], hum: Callable[..., np.ndarray]) -> str:
    """Half a second of sound."""
    return str(write_wav(hum(0.5)))


@pytest.fixture
def asked(
    monkeypatch: pytest.MonkeyPatch, portrait_path: Path, hum_path: str
) -> Callable[..., RenderRequest]:
    """asked("--flag", ...): the request that the flags make; it is not rendered."""
    requests: list[RenderRequest] = []

    def keep(request: RenderRequest, video: Path, **_: object) -> RenderReport:
        requests.append(request)
        return RenderReport(video, 1, request.fps, 1.0, 64, 64, "rig", None, 0, 1.0, 1.0)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "render_files", keep)

    def ask(*flags: str) -> RenderRequest:
        assert running.run(app, [str(portrait_path), hum_path, "out.mp4", *flags]) == 0
        return requests[-1]

    return ask


def test_the_table_has_every_flag_and_no_other() -> None:
    rows = re.findall(r"^\| (`--.*?) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    named = [flag for row, _ in rows for flag in re.findall(r"`(--[a-z0-9-]+)", row)]
    assert sorted(named) == sorted(FLAGS)
    for row, meaning in rows:
        for flag in re.findall(r"`(--[a-z0-9-]+)", row):
            only_wav2lip = MEANINGLESS.get(FLAGS[flag].name) == {"rig"}
            assert meaning.endswith("Only for `wav2lip`") == only_wav2lip, flag
            for choice in CHOICES.get(flag, ()):
                assert choice in row + meaning, flag


@pytest.mark.parametrize("engine", ["rig", "wav2lip"])
def test_without_flags(engine: str, asked: Callable[..., RenderRequest], hum_path: str) -> None:
    request = asked("--engine", engine)
    assert (request.engine, request.audio) == (engine, Path(hum_path))
    assert (request.size, request.fps, request.motion) == ("1080p", None, 0.3)
    assert request.engine_options.crop.pads_px == (0, 10, 0, 0)
    assert request.finishing.restore is None


@pytest.mark.parametrize(
    ("flags", "path", "value"),
    [
        (["--fps", "30"], "fps", 30),
        (["--expression-scale", "1.5"], "expression", 1.5),
        (["--no-still"], "motion", 1.0),
        (["--no-upscale"], "size", None),
        (["--enhancer", "gfpgan"], "finishing.restore", "gfpgan"),
        (["--enhancer", "RestoreFormer"], "finishing.restore", "restoreformer"),
        (["--enhancer", "codeformer"], "finishing.restore", "codeformer"),
        (["--wav2lip-pads", "1", "-2", "3", "4"], "engine_options.crop.pads_px", (1, -2, 3, 4)),
        (["--wav2lip-static"], "engine_options.crop.static", True),
        (["--wav2lip-no-static"], "engine_options.crop.static", False),
        (["--wav2lip-nosmooth"], "engine_options.crop.smooth", False),
        (["--wav2lip-batch-size", "16"], "engine_options.batch_size", 16),
        (["--wav2lip-face-det-batch-size", "4"], "engine_options.crop.detector_batch", 4),
        (["--wav2lip-resize-factor", "2"], "source.resize_factor", 2),
        (["--wav2lip-crop", "1", "2", "300", "-1"], "source.crop", (1, 2, 300, -1)),
        (["--cache-dir", "w"], "resources.models", Path("w")),
        (["--cache-dir", "w"], "engine_options.resources.models", Path("w")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_a_flag_asks_for(
    flags: list[str],
    path: str,
    value: object,
    asked: Callable[..., RenderRequest],
    capsys: pytest.CaptureFixture[str],
) -> None:
    found: Any = asked("--engine", "wav2lip", *flags)
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value


def test_preprocess_keeps_a_square_around_the_head(asked: Callable[..., RenderRequest]) -> None:
    def side(kind: str) -> int:
        crop = asked("--preprocess", kind).source.crop
        assert crop is not None
        left, top, right, bottom = crop
        assert right - left == bottom - top
        assert 0 <= left < right <= 512
        assert left < 220 < right, "the face of the portrait"
        return right - left

    assert side("extreme_crop") < side("crop") <= 512
    assert asked("--preprocess", "full").source.crop is None


def test_flags_without_a_meaning_say_so(
    asked: Callable[..., RenderRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"--resolution": ["512"], "--expression-scale": ["1"], "--wav2lip-pads": ["0"] * 4}
    for name, engines in MEANINGLESS.items():
        flag = "--" + name.replace("_", "-")
        value = values.get(flag, [] if FLAGS[flag].is_flag else ["1"])
        for engine in ("rig", "wav2lip"):
            asked("--engine", engine, flag, *value)
            told = f"warning: {flag} changes nothing with --engine {engine}\n"
            assert (told in capsys.readouterr().err) == (engine in engines), (flag, engine)
    asked("--log-level", "ERROR", "--keep-temp")
    assert capsys.readouterr().err == ""


def test_a_video_comes_of_it(
    tmp_path: Path, portrait_path: Path, hum_path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"an older one")
    arguments = [str(portrait_path), hum_path, str(out), "--install-deps", "--no-upscale"]
    resize = ["--wav2lip-resize-factor", "2"]
    assert running.run(app, [*arguments, *resize, "--fps", "12"]) == 0
    printed = capsys.readouterr()
    assert "256x256" in printed.out
    assert "Rendering" in printed.err
    with av.open(str(out)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 6
    assert running.run(app, [*arguments, *resize, "--log-level", "warning"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("warning: the face is small")
    assert "Rendering" not in printed.err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--engine", "sadtalker"], "SadTalker is not part of Lipsmith yet; --engine rig"),
        (["--engine", "magic"], "sadtalker"),
        (["--expression-scale", "5"], "expression is 5.0, and can be from 0 to 2"),
        (["--wav2lip-pads", "1", "2"], "--wav2lip-pads"),
        (["--preprocess", "crop", "--wav2lip-crop", "0", "0", "9", "9"], "both crop"),
        (["--fps", "500"], "60"),
    ],
)
def test_what_cannot_be_done(
    flags: list[str],
    words: str,
    tmp_path: Path,
    portrait_path: Path,
    hum_path: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out.mp4"
    assert running.run(app, [str(portrait_path), hum_path, str(out), *flags]) == 2
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_what_install_deps_downloads_is_in_the_catalogue() -> None:
    for name in WEIGHTS.values():
        assert find_weights(name).files
