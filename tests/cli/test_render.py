"""`lipsmith render` as people type it: what it makes, prints and returns, and what it leaves."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lipsmith.cli.main import run
from lipsmith.cli.report import print_report
from lipsmith.core.request import RenderReport
from lipsmith.media.limits import MAX_VIDEO_SIDE_PX

COMMAND = [sys.executable, "-m", "lipsmith"]


def test_the_command_writes_a_video_and_prints_json_alone(
    tmp_path: Path, portrait_path: Path
) -> None:
    done = subprocess.run(
        [*COMMAND, "render", str(portrait_path), "--text", "Hello there.", "-o", "out.mp4",
         "--size", "160x160", "--fps", "30", "--seed", "5", "--json"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {"frames", "fps", "duration_s", "realtime_factor", "engine", "seed", "warnings"} <= set(
        report
    )
    assert (report["engine"], report["seed"], report["fps"]) == ("rig", 5, 30.0)
    assert report["frames"] == math.ceil(report["duration_s"] * 30)
    with av.open(str(tmp_path / "out.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) == report["frames"]
        assert video.streams.audio[0].codec_context.name == "aac"
    assert done.stderr.splitlines() == [
        "Preparing the portrait",
        "Preparing the voice",
        "Rendering",
        "Finishing the file",
    ]


def test_a_silent_recording_becomes_a_webm_with_a_warning(
    tmp_path: Path, portrait_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _wav("quiet.wav", np.zeros(16000))(tmp_path)
    out = tmp_path / "out.webm"
    arguments = ["--audio", str(tmp_path / "quiet.wav"), "--size", "128x128", "-o", str(out)]
    assert run(["render", str(portrait_path), *arguments, "--fps", "24", "--json", "-q"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["frames"], report["duration_s"], report["voice"]) == (24, 1.0, None)
    assert report["warnings"] == ["the sound is silent, so the mouth stays shut"]
    with av.open(str(out)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 24


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminal_gets_a_bar(tmp_path: Path, portrait_path: Path) -> None:
    ours, theirs = os.openpty()
    done = subprocess.Popen(
        [*COMMAND, "render", str(portrait_path), "--text", "One, two, three, four. " * 8,
         "-o", "out.mp4", "--size", "720p"],
        cwd=tmp_path, stderr=theirs, stdout=subprocess.PIPE, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    drawn = b""
    with contextlib.suppress(OSError):
        while data := os.read(ours, 4096):
            drawn += data
    os.close(ours)
    assert done.wait(60) == 0
    assert b"Preparing the portrait" in drawn
    assert b"Rendering" in drawn
    assert re.search(rb"\d+ frames +\d+ frames/s +\d:\d\d left", drawn)


def test_options_that_change_nothing_are_told(
    tmp_path: Path, portrait_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--size", "128x128", "-o", str(tmp_path / "out.mp4"), "--text", "Hi."]
    idle = ["--pads", "1,2,3,4", "--batch-size", "3", "--length", "hold", "--upscale-factor", "2"]
    assert run(["render", str(portrait_path), *arguments, *idle]) == 0
    assert [line for line in capsys.readouterr().err.splitlines() if "warning" in line] == [
        "warning: batch_size and pads change nothing with the engine 'rig'",
        "warning: length changes nothing where the source is a picture",
        "warning: upscale_factor changes nothing without upscale",
    ]


def test_quiet_prints_nothing(
    tmp_path: Path, portrait_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.gif"
    arguments = ["--text", "Hi.", "--size", "128x128", "-o", str(out), "--quiet"]
    assert run(["render", str(portrait_path), *arguments]) == 0
    assert capfd.readouterr() == ("", "")
    assert out.exists()


def test_people_get_one_line_and_the_warnings(
    tmp_path: Path, portrait_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.gif"
    arguments = ["--text", "Hi.", "--size", "128x128", "-o", str(out)]
    assert run(["render", str(portrait_path), *arguments]) == 0
    printed = capsys.readouterr()
    assert str(out) in printed.out
    assert "real time" in printed.out
    assert len(printed.out.splitlines()) == 1
    assert "warning: a GIF has no sound" in printed.err


@dataclass(frozen=True)
class Bad:
    """Something that people give, and words that the message must have."""

    arguments: tuple[str, ...]
    words: tuple[str, ...]
    prepare: Callable[[Path], object] = lambda folder: None


def _file(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(data)


def _picture(name: str, size: tuple[int, int]) -> Callable[[Path], object]:
    return lambda folder: Image.new("RGB", size, (200, 180, 160)).save(folder / name)


def _truncated(folder: Path) -> None:
    _picture("cut.png", (300, 300))(folder)
    noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8)
    Image.fromarray(noise).save(folder / "cut.png")
    data = (folder / "cut.png").read_bytes()
    (folder / "cut.png").write_bytes(data[: len(data) // 2])


def _bomb(folder: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(folder / "bomb.png")


def _wav(name: str, samples: np.ndarray) -> Callable[[Path], object]:
    """32-bit float WAV at 16 kHz."""

    def write(folder: Path) -> None:
        data = samples.astype("<f4").tobytes()
        form = b"WAVEfmt " + (16).to_bytes(4, "little") + (3).to_bytes(2, "little")
        form += (1).to_bytes(2, "little") + (16000).to_bytes(4, "little")
        form += (64000).to_bytes(4, "little") + (4).to_bytes(2, "little")
        form += (32).to_bytes(2, "little") + b"data" + len(data).to_bytes(4, "little") + data
        (folder / name).write_bytes(b"RIFF" + len(form).to_bytes(4, "little") + form)

    return write


def _silent_video(folder: Path) -> None:
    with av.open(str(folder / "mute.mp4"), "w") as video:
        stream = video.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
        video.mux([*stream.encode(frame), *stream.encode()])


def _unwritable(folder: Path) -> None:
    (folder / "blocked").write_text("a file where a folder should be")


TEXT = ("--text", "Hi.")
FACE = "{face}"
BAD_INPUT = {
    "no such picture": Bad(("nobody.jpg", *TEXT), ("nobody.jpg", "no such file")),
    "picture is a folder": Bad((".", *TEXT), ("folder",)),
    "not a picture": Bad(("a.jpg", *TEXT), ("a.jpg",), _file("a.jpg", b"just some words")),
    "empty picture": Bad(("a.jpg", *TEXT), ("a.jpg", "empty"), _file("a.jpg", b"")),
    "truncated picture": Bad(("cut.png", *TEXT), ("cut.png",), _truncated),
    "1x1 picture": Bad(("dot.png", *TEXT), ("dot.png", "1x1"), _picture("dot.png", (1, 1))),
    "banner": Bad(("b.png", *TEXT), ("b.png",), _picture("b.png", (3000, 70))),
    "decompression bomb": Bad(("bomb.png", *TEXT), ("bomb.png", "too large"), _bomb),
    "no face": Bad(("wall.png", *TEXT), ("wall.png", "face"), _picture("wall.png", (300, 300))),
    "no such recording": Bad((FACE, "--audio", "no.wav"), ("no.wav", "no such file")),
    "empty recording": Bad(
        (FACE, "--audio", "a.wav"), ("a.wav is empty", "save or download"), _file("a.wav", b"")
    ),
    "recording of no length": Bad(
        (FACE, "--audio", "a.wav"), ("a.wav",), _wav("a.wav", np.zeros(0))
    ),
    "recording that is not a number": Bad(
        (FACE, "--audio", "a.wav"), ("a.wav",), _wav("a.wav", np.full(16000, np.nan))
    ),
    "text as recording": Bad((FACE, "--audio", "a.mp3"), ("a.mp3",), _file("a.mp3", b"words")),
    "video without sound": Bad((FACE, "--audio", "mute.mp4"), ("mute.mp4", "sound"), _silent_video),
    "no words at all": Bad((FACE,), ("text", "recording")),
    "words and a recording": Bad((FACE, *TEXT, "--audio", "a.wav"), ("text and audio",)),
    "empty text": Bad((FACE, "--text", "  "), ("empty",)),
    "only punctuation": Bad((FACE, "--text", "?!"), ("nothing in the text",)),
    "control characters": Bad((FACE, "--text", "a\x1b[31mb"), ("U+001B",)),
    "empty text file": Bad((FACE, "--text-file", "t.txt"), ("t.txt", "empty"), _file("t.txt", b"")),
    "no such text file": Bad((FACE, "--text-file", "t.txt"), ("t.txt", "no such file")),
    "text file is binary": Bad(
        (FACE, "--text-file", "t.txt"), ("t.txt", "UTF-8"), _file("t.txt", bytes(range(255, 0, -1)))
    ),
    "enormous text": Bad(
        (FACE, "--text-file", "t.txt"), ("t.txt", "5,000,000"), _file("t.txt", b"word " * 1_100_000)
    ),
    "unknown voice": Bad((FACE, *TEXT, "--voice", "en-uz"), ("en-uz", "en-us")),
    "unknown language": Bad((FACE, *TEXT, "--language", "xx"), ("xx",)),
    "unknown engine": Bad((FACE, *TEXT, "--engine", "rog"), ("rog", "rig")),
    "rate out of range": Bad((FACE, *TEXT, "--rate", "5000"), ("rate", "450")),
    "pitch out of range": Bad((FACE, *TEXT, "--pitch", "-1"), ("pitch", "99")),
    "fps out of range": Bad((FACE, *TEXT, "--fps", "240"), ("fps", "60")),
    "fps not a number": Bad((FACE, *TEXT, "--fps", "fast"), ("fps", "fast")),
    "absurd size": Bad((FACE, *TEXT, "--size", "99999x2"), ("size", str(MAX_VIDEO_SIDE_PX))),
    "size not a size": Bad((FACE, *TEXT, "--size", "huge"), ("size", "huge")),
    "unknown fit": Bad((FACE, *TEXT, "--fit", "stretch"), ("stretch", "crop", "pad")),
    "motion out of range": Bad((FACE, *TEXT, "--motion", "3"), ("motion", "2")),
    "expression out of range": Bad((FACE, *TEXT, "--expression", "-1"), ("expression", "2")),
    "no such face": Bad((FACE, *TEXT, "--face", "4"), ("4", "face")),
    "unknown background": Bad((FACE, *TEXT, "--background", "nowhere.jpg"), ("nowhere.jpg",)),
    "unknown suffix": Bad((FACE, *TEXT, "-o", "out.avi"), (".avi", ".mp4")),
    "output is a folder": Bad((FACE, *TEXT, "-o", "."), ("folder",)),
    "no such folder": Bad((FACE, *TEXT, "-o", "no/where/out.mp4"), ("no/where",)),
    "folder is a file": Bad((FACE, *TEXT, "-o", "blocked/out.mp4"), ("blocked",), _unwritable),
    "output exists": Bad((FACE, *TEXT), ("out.mp4", "--overwrite"), _file("out.mp4", b"mine")),
    "misspelt option": Bad((FACE, "--txt", "Hi."), ("--txt", "--text")),
    "no picture": Bad(TEXT, ("PICTURE",)),
    "two things from one pipe": Bad(("-", "--audio", "-"), ("PICTURE and --audio", "only one")),
    "unknown rotation": Bad((FACE, *TEXT, "--rotate", "45"), ("rotate", "90")),
    "crop outside": Bad((FACE, *TEXT, "--crop", "0,0,9999,10"), ("crop", "512x512")),
    "not four numbers": Bad((FACE, *TEXT, "--pads", "1,2"), ("pads", "top,bottom,left,right")),
    "unknown restorer": Bad((FACE, *TEXT, "--restore", "magic"), ("restore", "gfpgan")),
    "unknown length": Bad((FACE, *TEXT, "--length", "long"), ("long", "bounce")),
    "the picture as output": Bad(
        ("face.gif", *TEXT, "-o", "face.gif", "--overwrite"),
        ("face.gif is what the video is made from",),
        _picture("face.gif", (200, 200)),
    ),
}


@pytest.mark.parametrize("bad", BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input(
    bad: Bad,
    tmp_path: Path,
    portrait_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    bad.prepare(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    arguments = [a.format(face=portrait_path) for a in bad.arguments]
    if "-o" not in arguments:
        arguments += ["-o", "out.mp4"]
    assert run(["render", *arguments, "--quiet"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert len(printed.err.strip().splitlines()) <= 2
    assert "Traceback" not in printed.err
    for words in bad.words:
        assert words in printed.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "wrong",
    [
        ("--voice", "en-uz"), ("--language", "xx"), ("--rate", "5000"), ("--pitch", "-1"),
        ("--voice", "en-us", "--language", "de"), ("--voice", "piper:nobody"),
        ("--fit", "stretch"), ("--engine", "rog"), ("--text", "<speak lang='xx'>Hi.</speak>"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_wrong_with_a_voice_is_told_before_any_work(
    wrong: tuple[str, ...], portrait_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out.mp4")
    assert run(["render", str(portrait_path), *TEXT, *wrong, "-o", out]) == 2
    printed = capsys.readouterr().err
    assert "Preparing" not in printed
    assert "Value error" not in printed


@pytest.mark.parametrize("piped", ["picture", "text", "audio"])
def test_a_pipe_takes_the_place_of_a_file(
    piped: str, tmp_path: Path, portrait_path: Path, hum: Callable[..., np.ndarray]
) -> None:
    _wav("hum.wav", hum(1.0)[:, 0])(tmp_path)
    arguments, sent = {
        "picture": (["-", "--text", "Hi."], portrait_path.read_bytes()),
        "text": ([str(portrait_path), "--text-file", "-"], b"Hi."),
        "audio": ([str(portrait_path), "--audio", "-"], (tmp_path / "hum.wav").read_bytes()),
    }[piped]
    command = [*COMMAND, "render", *arguments, "--size", "128x128", "-o", "out.mp4", "-q"]
    done = subprocess.run(command, cwd=tmp_path, input=sent, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    with av.open(str(tmp_path / "out.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) > 5
    empty = subprocess.run([*command, "--overwrite"], cwd=tmp_path, input=b"", capture_output=True)
    assert empty.returncode == 2
    assert empty.stderr.startswith(b"error: standard input is empty")
    assert b"tmp" not in empty.stderr


def test_a_picture_from_a_pipe_needs_a_place_for_the_video(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["render", "-", *TEXT]) == 2
    assert "-o" in capsys.readouterr().err


def test_a_render_at_the_speed_of_speech_is_called_that(capsys: pytest.CaptureFixture[str]) -> None:
    for factor, words in [(0.99, "as fast as"), (1.04, "as fast as"), (0.5, "2.0x faster than"),
                          (1.25, "1.2x slower than"), (0.9, "1.1x faster than")]:  # fmt: skip
        report = RenderReport(
            Path("a.mp4"), 25, Fraction(25), 1.0, 64, 64, "rig", None, 0, factor, factor
        )
        print_report(report, as_json=False, quiet=False)
        assert f"({words} real time)" in capsys.readouterr().out


def test_debug_shows_where_an_error_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "nobody.jpg", "--text", "Hi.", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err
    assert run(["--debug", "render", "nobody.jpg", "--text", "Hi."]) == 2
    assert "Traceback" in capsys.readouterr().err
    assert run(["render", "nobody.jpg", "--text", "Hi."]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_full_disk_leaves_nothing(tmp_path: Path, portrait_path: Path) -> None:
    import resource

    (tmp_path / "out.mp4").write_bytes(b"an older one")
    done = subprocess.run(
        [*COMMAND, "render", str(portrait_path), "--text", "One, two, three. " * 5,
         "-o", "out.mp4", "--overwrite", "--quiet"],
        cwd=tmp_path, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: no room")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"an older one"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_stops_at_once_and_leaves_nothing(
    sent: signal.Signals, code: int, tmp_path: Path, portrait_path: Path
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("This is said again and again. " * 2000)
    process = subprocess.Popen(
        [*COMMAND, "render", str(portrait_path), "--text-file", "words.txt", "-o", "out.mp4",
         "--size", "160x160", "--visemes", "out.json"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Rendering"):
            break
    os.killpg(process.pid, sent)
    started = time.monotonic()
    rest = process.communicate(timeout=20)[1]
    assert time.monotonic() - started < 3
    assert process.returncode == code
    assert "Traceback" not in rest
    assert [path.name for path in tmp_path.iterdir()] == ["words.txt"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_while_the_command_is_still_loading_prints_nothing() -> None:
    program = (
        "import os, signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from lipsmith.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
