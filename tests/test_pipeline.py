"""The stages joined: frames and sound are whole, progress is told, and stopping stops all."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files
from math import ceil
from pathlib import Path

import numpy as np
import pytest

from lipsmith.core.request import Background, Progress, RenderRequest
from lipsmith.errors import FaceError, InputError, OptionError, OutputError, PictureError, TextError
from lipsmith.pipeline.files import render_files
from lipsmith.pipeline.prefetch import Prefetch
from lipsmith.pipeline.rendering import Rendering

PORTRAIT = Path(str(files("lipsmith") / "assets" / "portrait.png"))
REQUEST = RenderRequest(PORTRAIT, text="Hello there. How are you?", size="192x192", voice="en-us")
LONG = replace(REQUEST, text="This sentence is said again and again. " * 400)


@pytest.mark.parametrize("fps", [Fraction(12), Fraction(30000, 1001), Fraction(60)])
def test_frames_cover_the_sound_exactly(fps: Fraction) -> None:
    with Rendering(replace(REQUEST, fps=fps)) as rendering:
        frames = list(rendering)
    samples = sum(len(frame.samples) for frame in frames)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert len(frames) == ceil(samples * fps / rendering.rate_hz)
    for index in (1, len(frames) // 2, len(frames) - 1):
        start = sum(len(frame.samples) for frame in frames[:index])
        assert abs(start / rendering.rate_hz - index / fps) < 2 / rendering.rate_hz
    report = rendering.report()
    assert (report.frames, report.fps) == (len(frames), fps)
    assert report.duration_s == samples / rendering.rate_hz


def test_the_same_request_gives_the_same_video() -> None:
    def make(seed: int) -> list[np.ndarray]:
        with Rendering(replace(REQUEST, text="Hello.", seed=seed)) as rendering:
            return [frame.image for frame in rendering]

    first, again, other = make(1), make(1), make(2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=False))


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    told: list[Progress] = []
    report = render_files(REQUEST, tmp_path / "out.mp4", on_progress=told.append)
    assert list(dict.fromkeys(p.stage for p in told)) == ["portrait", "speech", "render", "finish"]
    fractions = [p.fraction for p in told if p.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert all(0 <= p.frames <= report.frames for p in told)
    assert len(told) < 5 + report.elapsed_s * 11


def test_a_background_is_put_behind_the_person() -> None:
    green = Background("colour", (0, 200, 0))
    with Rendering(replace(REQUEST, background=green)) as rendering:
        corner = next(rendering).image[4:12, 4:12].reshape(-1, 3).mean(0)
    assert np.abs(corner - (0, 200, 0)).max() < 12


def test_closing_stops_every_thread_at_once() -> None:
    before = set(threading.enumerate())
    with Rendering(LONG) as rendering:
        next(rendering)
        started = time.perf_counter()
    assert time.perf_counter() - started < 1.0
    assert next(rendering, None) is None
    _wait_for(lambda: not [t for t in threading.enumerate() if t not in before and t.is_alive()])


def test_dropping_a_render_stops_it() -> None:
    before = set(threading.enumerate())
    rendering = Rendering(LONG)
    next(rendering)
    del rendering
    _wait_for(lambda: not [t for t in threading.enumerate() if t not in before and t.is_alive()])


@pytest.mark.parametrize("end", ["", "raise SystemExit(3)"])
def test_a_program_may_end_in_the_middle_of_a_render(end: str) -> None:
    program = (
        "import lipsmith\n"
        "from importlib.resources import files\n"
        "portrait = files('lipsmith') / 'assets' / 'portrait.png'\n"
        "frames = lipsmith.stream(portrait, text='Hello there. ' * 200, size='128x128')\n"
        f"next(frames)\n{end}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (3 if end else 0, "")


def test_the_first_frame_does_not_wait_for_the_last_word() -> None:
    with Rendering(LONG) as rendering:
        next(rendering)
        told = rendering.report()
    assert told.elapsed_s < 10


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"text": None}, OptionError, "only one"),
        ({"audio": Path("a.wav")}, OptionError, "text and audio"),
        ({"text": None, "audio": Path("a.wav")}, OptionError, "voice"),
        ({"motion": 2.5}, OptionError, "motion is 2.5, and can be from 0 to 2"),
        ({"expression": float("nan")}, OptionError, "expression"),
        ({"seed": -1}, OptionError, "seed"),
        ({"seed": 1.5}, OptionError, "seed is 1.5, and has to be a whole number"),
        ({"rate": "fast"}, OptionError, "rate is 'fast'"),
        ({"text": b"Hello"}, OptionError, "text is b'Hello'"),
        ({"face": -1}, OptionError, "face is -1, and can be 0 or more"),
        ({"face": 7}, FaceError, "7"),
        ({"engine": "rog"}, OptionError, "did you mean 'rig'"),
        ({"voice": "en-uz"}, OptionError, "en-u"),
        ({"voice": "espeek:en"}, OptionError, "did you mean 'espeak'"),
        ({"rate": 20}, OptionError, "rate"),
        ({"pitch": 100}, OptionError, "pitch"),
        ({"size": "big"}, OptionError, "size"),
        ({"text": " \n"}, TextError, "empty"),
        ({"text": "..."}, TextError, "nothing in the text"),
        ({"text": "a\x00b"}, TextError, "U\\+0000 at character 2"),
        ({"text": "a" * 5_000_001}, TextError, "5,000,000"),
        ({"picture": Path("nobody.jpg")}, PictureError, "nobody.jpg"),
        ({"picture": np.full((256, 256, 3), 128, np.uint8)}, FaceError, "face"),
    ],
)
def test_what_cannot_be_done_is_refused(
    change: dict[str, object], error: type[InputError], message: str
) -> None:
    with pytest.raises(error, match=message):
        Rendering(replace(REQUEST, **change))


def test_a_failed_render_leaves_nothing(tmp_path: Path) -> None:
    asides = {"visemes": tmp_path / "v.json", "blendshapes": tmp_path / "b.csv"}
    request = replace(REQUEST, face=7)
    with pytest.raises(FaceError):
        render_files(request, tmp_path / "out.mp4", **asides)
    with pytest.raises(OutputError, match="end the name"):
        render_files(REQUEST, tmp_path / "out.txt", **asides)
    with pytest.raises(OptionError, match="files of their own"):
        render_files(REQUEST, tmp_path / "a.mp4", visemes=tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_prefetch_hands_items_and_errors_on() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("three")

    ahead = Prefetch(numbers(), 1, "test", threading.Event())
    assert [next(ahead), next(ahead)] == [1, 2]
    with pytest.raises(ValueError, match="three"):
        next(ahead)
    assert next(ahead, "ended") == "ended"


def test_a_stopped_prefetch_closes_its_source_and_is_not_mistaken_for_an_ended_one() -> None:
    closed = threading.Event()

    def numbers() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    stop = threading.Event()
    ahead = Prefetch(numbers(), 2, "test", stop)
    next(ahead)
    stop.set()
    with pytest.raises(CancelledError):
        next(ahead)
    assert closed.wait(3)


def _wait_for(condition: object, limit_s: float = 3.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
