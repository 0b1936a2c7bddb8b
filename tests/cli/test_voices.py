"""`--voice` and `lipsmith voices` with engines that are extras."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lipsmith.cli.main import run

sys.path.append(str(Path(__file__).parents[1] / "speech"))
TEXT = "Hello my baby boy, how are you all today? Peter moved far away and stopped for a while."


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    pytest.importorskip("edge_tts", reason="needs lipsmith[edge]")
    from stand_in_services import edge_service

    with edge_service(monkeypatch) as service:
        yield service


def render(portrait: Path, out: Path, voice: str, *more: str) -> int:
    arguments = ["--text", TEXT, "--size", "128x128", "--voice", voice, "-o", str(out), *more]
    return run(["render", str(portrait), *arguments])


def test_an_online_voice_makes_a_video(
    edge: object, portrait_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    visemes = tmp_path / "visemes.json"
    more = ("--json", "--visemes", str(visemes))
    assert render(portrait_path, tmp_path / "a.mp4", "edge:en-US-AriaNeural", *more) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["voice"] == "edge:en-US-AriaNeural" and report["warnings"] == []
    assert report["duration_s"] > 17 * 0.3
    assert '"PP"' in visemes.read_text()


def test_a_lost_network_falls_back_and_the_report_says_so(
    edge: object, portrait_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edge.fail_on = "Peter"  # type: ignore[attr-defined]
    voice = "edge:en-US-AriaNeural,espeak"
    assert render(portrait_path, tmp_path / "a.mp4", voice, "--json") == 0
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert "broke off" in warning and 'from "Peter moved far away and" on espeak' in warning
    assert render(portrait_path, tmp_path / "b.mp4", "edge:en-US-AriaNeural") == 1
    (error,) = [line for line in capsys.readouterr().err.splitlines() if "error:" in line]
    assert "broke off" in error and not (tmp_path / "b.mp4").exists()


def test_no_network_at_all(
    monkeypatch: pytest.MonkeyPatch,
    portrait_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("edge_tts", reason="needs lipsmith[edge]")
    from stand_in_services import edge_service

    with edge_service(monkeypatch):
        pass
    assert render(portrait_path, tmp_path / "a.mp4", "edge:en-US-AriaNeural,espeak") == 0
    assert "cannot be reached" in capsys.readouterr().err
    assert render(portrait_path, tmp_path / "b.mp4", "edge:en-US-AriaNeural") == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_voices_of_a_service_are_listed_when_asked_for(
    edge: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["voices", "--engine", "edge", "--language", "de"]) == 0
    header, row = (line.split("\t") for line in capsys.readouterr().out.splitlines())
    listed = dict(zip(header, row, strict=True))
    assert (listed["Voice"], listed["Where"]) == ("edge:de-DE-KatjaNeural", "online")
    assert (listed["Timing"], listed["Quality"]) == ("words", "natural")
    edge.refusing = True  # type: ignore[attr-defined]
    assert run(["voices", "--engine", "edge"]) == 0
    printed = capsys.readouterr()
    assert "edge:en-US-AriaNeural" in printed.out and "told last" in printed.err


def test_a_service_that_never_answered_is_an_error(
    edge: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["voices"]) == 0
    assert "lipsmith voices --engine edge" in capsys.readouterr().err
    edge.refusing = True  # type: ignore[attr-defined]
    assert run(["voices", "--engine", "edge"]) == 1
    assert "refuses (503" in capsys.readouterr().err


def test_an_engine_that_is_not_installed_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch,
    portrait_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for package in ("edge_tts", "gtts"):
        monkeypatch.setitem(sys.modules, package, None)
    assert run(["voices"]) == 0
    printed = capsys.readouterr()
    assert "en-us\ten-US" in printed.out and "pip install 'lipsmith[edge]'" in printed.err
    assert run(["voices", "--engine", "gtts"]) == 2
    assert render(portrait_path, tmp_path / "a.mp4", "edge:en-US-AriaNeural") == 2
    assert "pip install 'lipsmith[edge]'" in capsys.readouterr().err
