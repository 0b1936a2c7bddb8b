"""What Python programs see."""

from __future__ import annotations

import inspect
import math
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import lipsmith
from lipsmith.errors import OptionError, OutputError, TextError
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.espeak.engine import EspeakEngine

SHORT = {"text": "Hello.", "size": "160x160"}


def test_render_writes_the_video_and_reports_it(tmp_path: Path, portrait_path: Path) -> None:
    out = tmp_path / "hello.mp4"
    report = lipsmith.render(portrait_path, out=out, seed=3, fps=29.97, **SHORT)
    assert (report.output, report.seed, report.engine) == (out, 3, "rig")
    assert report.fps == Fraction(30000, 1001)
    with av.open(str(out)) as video:
        stream = video.streams.video[0]
        frames = sum(1 for _ in video.decode(video=0))
        assert (stream.width, stream.height) == (160, 160) == (report.width, report.height)
    assert frames == report.frames
    assert report.realtime_factor == pytest.approx(report.elapsed_s / report.duration_s)


def test_without_out_the_video_stands_beside_the_picture_and_replaces_nothing(
    tmp_path: Path, portrait_path: Path
) -> None:
    picture = tmp_path / "face.png"
    picture.write_bytes(portrait_path.read_bytes())
    report = lipsmith.render(str(picture), **SHORT)
    assert report.output == tmp_path / "face.mp4"
    before = (tmp_path / "face.mp4").read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        lipsmith.render(picture, **SHORT)
    assert (tmp_path / "face.mp4").read_bytes() == before
    lipsmith.render(picture, overwrite=True, **{**SHORT, "text": "Good evening."})
    assert (tmp_path / "face.mp4").read_bytes() != before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["face.mp4", "face.png"]


def test_a_report_shows_its_video_in_a_notebook(tmp_path: Path, portrait_path: Path) -> None:
    shown = lipsmith.render(portrait_path, out=tmp_path / "a.mp4", **SHORT)._repr_html_()
    assert shown.startswith("<video controls")
    assert "data:video/mp4;base64," in shown
    shown = lipsmith.render(portrait_path, out=tmp_path / "a.gif", **SHORT)._repr_html_()
    assert shown.startswith("<img")
    with lipsmith.stream(portrait_path, **SHORT) as frames:
        assert "<pre>" in frames.report()._repr_html_()


@pytest.mark.parametrize("kind", ["path", "array", "image with alpha"])
def test_stream_yields_rgb_frames_with_their_sound(
    kind: str, portrait_path: Path, portrait_pixels: NDArray[np.uint8]
) -> None:
    picture: Any = {
        "path": portrait_path,
        "array": portrait_pixels,
        "image with alpha": Image.fromarray(portrait_pixels).convert("RGBA"),
    }[kind]
    with lipsmith.stream(picture, **SHORT) as frames:
        made = list(frames)
    assert (frames.size.width, frames.size.height) == (160, 160)
    assert all(f.image.shape == (160, 160, 3) and f.image.dtype == np.uint8 for f in made)
    assert all(f.samples.shape[1] == frames.channels for f in made)
    sound = np.concatenate([f.samples for f in made])
    assert 0.1 < np.abs(sound).max() <= 1.0
    centre = made[0].image[40:120, 40:120].reshape(-1, 3).mean(0)
    assert centre[0] > centre[2], "the colours are in the order red, green, blue"


def test_an_array_needs_a_place_for_the_video(portrait_pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(OptionError, match="out="):
        lipsmith.render(portrait_pixels, **SHORT)


def test_a_recording_drives_the_mouth(
    tmp_path: Path, portrait_path: Path, write_wav: Callable[..., Path]
) -> None:
    speech = EspeakEngine().speak(["Mama, my papa sees a big blue sea."], SpeechOptions("en-us"))
    said = np.concatenate([chunk.samples for chunk in speech.chunks])
    wav = write_wav(said, speech.rate_hz)
    report = lipsmith.render(
        portrait_path, audio=wav, out=tmp_path / "out.mp4", size="160x160", motion=0, blink=False
    )
    assert report.voice is None
    assert report.duration_s == len(said) / speech.rate_hz
    assert report.frames == math.ceil(report.duration_s * 25)
    with av.open(str(tmp_path / "out.mp4")) as video:
        moving = np.stack([f.to_ndarray(format="gray") for f in video.decode(video=0)])
    assert np.ptp(moving.astype(float), axis=0).max() > 40


def test_silence_shuts_the_mouth_with_a_warning(
    tmp_path: Path, portrait_path: Path, write_wav: Callable[..., Path]
) -> None:
    wav = write_wav(np.zeros(16000), 16000)
    report = lipsmith.render(portrait_path, audio=wav, out=tmp_path / "out.mp4", size="160x160")
    assert report.frames == 25
    assert any("silent" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("Grüße, Łódź.".encode(), True),
        (b"\xef\xbb\xbfHello.", True),
        ("Hello.".encode("utf-16"), True),
        (b"", False),
        (b" \n\n ", False),
        (b"\x89PNG\r\n\x1a\n\x00\x00", False),
        ("Grüße".encode("latin-1"), False),
    ],
)
def test_text_files(tmp_path: Path, portrait_path: Path, data: bytes, said: bool) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(data)
    if said:
        with lipsmith.stream(portrait_path, text_file=path, size="160x160") as frames:
            assert len(list(frames)) > 5
    else:
        with pytest.raises(TextError, match=r"words\.txt"):
            lipsmith.stream(portrait_path, text_file=path)


def test_visemes_and_blendshapes_are_written_too(tmp_path: Path, portrait_path: Path) -> None:
    visemes, blendshapes = tmp_path / "v.json", tmp_path / "b.csv"
    report = lipsmith.render(
        portrait_path,
        out=tmp_path / "a.mp4",
        visemes=visemes,
        blendshapes=blendshapes,
        **SHORT,
    )
    assert '"PP"' not in visemes.read_text()
    assert '"sil"' in visemes.read_text()
    assert len(blendshapes.read_text().splitlines()) == report.frames + 1


def test_voices_can_be_asked_for_by_language() -> None:
    every = lipsmith.list_voices()
    portuguese = lipsmith.list_voices("pt")
    assert len(every) > 100
    assert {"pt", "pt-br"} <= {voice.language.lower() for voice in portuguese} | {"pt"}
    assert set(portuguese) < set(every)
    with pytest.raises(OptionError, match="xx"):
        lipsmith.list_voices("xx")


def test_settings_choose_the_voice_unless_one_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, portrait_path: Path
) -> None:
    from lipsmith import settings

    monkeypatch.setenv("LIPSMITH_VOICE", "de")
    settings.settings.cache_clear()
    try:
        used = []
        for options in ({}, {"voice": "en-us"}, {"language": "fr"}):
            with lipsmith.stream(portrait_path, **SHORT, **options) as frames:
                used.append(frames.report().voice)
        assert used[:2] == ["de", "en-us"]
        assert used[2] is not None
        assert used[2].startswith("fr")
    finally:
        settings.settings.cache_clear()


def test_stream_takes_what_render_takes() -> None:
    render = inspect.signature(lipsmith.render).parameters
    stream = inspect.signature(lipsmith.stream).parameters
    only_files = {"out", "overwrite", "visemes", "blendshapes"}
    assert {n: p for n, p in render.items() if n not in only_files} == dict(stream)


def test_importing_is_quick_and_light() -> None:
    code = (
        "import sys, time; t = time.process_time(); import lipsmith; t = time.process_time() - t\n"
        "heavy = {'cv2', 'onnxruntime', 'scipy', 'av', 'PIL', 'pydantic', 'typer', 'rich',\n"
        "         'numpy', 'lipsmith.api'}\n"
        "print(t, sorted(heavy & set(sys.modules)))"
    )
    times = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        taken, _, heavy = done.stdout.strip().partition(" ")
        assert heavy == "[]"
        times.append(float(taken))
        assert time.perf_counter() - started < 30
    assert min(times) < 0.2


def test_public_names_are_found_when_they_are_asked_for() -> None:
    code = (
        "import lipsmith\n"
        "assert set(lipsmith.__all__) <= set(dir(lipsmith))\n"
        "for name in lipsmith.__all__: getattr(lipsmith, name)\n"
        "from lipsmith import *\n"
        "assert issubclass(errors.OptionError, LipsmithError) and callable(render)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with pytest.raises(AttributeError, match="rendr"):
        _ = lipsmith.rendr  # type: ignore[attr-defined]
