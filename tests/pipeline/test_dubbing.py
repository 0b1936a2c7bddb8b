"""A video says something else: its length, its rate, who speaks, and what is not there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from films import view, write_film
from lipsmith import registry
from lipsmith.core.options import Length
from lipsmith.core.request import Background, Fit, RenderRequest, SourceOptions, Speaker
from lipsmith.errors import FaceError, InputError, OptionError, PictureError
from lipsmith.pipeline.rendering import Rendering
from lipsmith.registry import EngineKind, EngineSpec

Pixels = NDArray[np.uint8]
MARK = np.array((0, 255, 0))


@pytest.fixture(autouse=True)
def passing_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = EngineSpec(
        EngineKind.LIPSYNC, "passing", "passing_engine:PassingEngine", "Marks faces.", "MIT"
    )
    monkeypatch.setattr(registry, "_BUILT_IN", (*registry._BUILT_IN, spec))


def coded(pixels: Pixels, number: int) -> Pixels:
    """The picture with its number in a corner, as brightness."""
    pixels = pixels.copy()
    pixels[:24, :24] = 20 + 8 * number
    return pixels


def number_in(pixels: Pixels) -> int:
    return round((float(pixels[6:18, 6:18].mean()) - 20) / 8)


def marks(pixels: Pixels) -> list[float]:
    """Where the marks are from left to right, as shares of the width."""
    green = (np.abs(pixels.astype(int) - MARK) < 60).all(2)
    columns = np.flatnonzero(green.sum(0) >= 4)
    groups = np.split(columns, np.flatnonzero(np.diff(columns) > 3) + 1) if len(columns) else []
    return [float(group.mean()) / pixels.shape[1] for group in groups]


@pytest.fixture
def film(tmp_path: Path, portrait_pixels: Pixels) -> Path:
    """Ten pictures, at 20 a second, of a face that moves to the right."""
    pictures = [coded(view(portrait_pixels, shift=(2.0 * i, 0)), i) for i in range(10)]
    return write_film(tmp_path / "film.mp4", pictures, fps=Fraction(20))


@pytest.fixture
def sound(write_wav: Callable[..., Path], hum: Callable[..., NDArray[np.float32]]) -> Path:
    """0.9 s, so that 18 frames of the film are needed."""
    return write_wav(hum(0.9))


@pytest.fixture
def request_for(film: Path, sound: Path) -> RenderRequest:
    return RenderRequest(film, audio=sound, engine="passing", normalise=False)


def make(request: RenderRequest) -> tuple[list[Pixels], Rendering]:
    with Rendering(request) as rendering:
        return [frame.image for frame in rendering], rendering


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (Length.AUDIO, [*range(10), *range(8, 0, -1)]),
        (Length.BOUNCE, [*range(10), *range(8, 0, -1)]),
        (Length.LOOP, [*range(10), *range(8)]),
        (Length.HOLD, [*range(10), *[9] * 8]),
        (Length.VIDEO, list(range(10))),
    ],
)
def test_length_tells_what_is_shown(
    request_for: RenderRequest, length: Length, shown: list[int]
) -> None:
    frames, rendering = make(replace(request_for, length=length))
    assert [number_in(pixels) for pixels in frames] == shown
    assert all(len(marks(pixels)) == 1 for pixels in frames)
    report = rendering.report()
    assert (report.frames, report.fps) == (len(shown), Fraction(20))
    assert report.duration_s == pytest.approx(len(shown) / 20)
    cut = [told for told in report.warnings if "lasts longer than the video" in told]
    assert bool(cut) == (length is Length.VIDEO)


def test_silence_fills_a_video_that_outlasts_the_sound(
    request_for: RenderRequest, film: Path, write_wav: Callable[..., Path]
) -> None:
    short = write_wav(np.full(1600, 0.3, np.float32), name="short.wav")
    request = replace(request_for, audio=short, length=Length.VIDEO)
    told: list[float | None] = []
    with Rendering(request, on_progress=lambda p: told.append(p.fraction)) as rendering:
        samples = np.concatenate([frame.samples for frame in rendering])
        assert not [w for w in rendering.report().warnings if "longer" in w]
    assert len(samples) == 8000
    assert np.abs(samples[:1500]).min() > 0.1 and not samples[1600:].any()
    assert all(fraction is None or fraction <= 1 for fraction in told)


def test_another_rate_and_size_can_be_had(request_for: RenderRequest) -> None:
    frames, rendering = make(replace(request_for, fps=Fraction(40), size="160x120", fit=Fit.PAD))
    assert rendering.fps == 40 and len(frames) == 36
    assert frames[0].shape == (120, 160, 3)
    numbers = [number_in(pixels[:, 20:]) for pixels in frames[:20]]
    assert numbers == sorted(numbers)


def test_the_source_is_turned_cropped_and_shrunk(
    tmp_path: Path, request_for: RenderRequest, portrait_pixels: Pixels
) -> None:
    pictures = [np.rot90(view(portrait_pixels, side=384, zoom=1.2))] * 4
    lying = write_film(tmp_path / "lying.mp4", pictures, fps=Fraction(20))
    source = SourceOptions(rotate=90, crop=(40, 20, 360, -1), resize_factor=2)
    frames, _ = make(replace(request_for, picture=lying, source=source))
    assert frames[0].shape == (182, 160, 3)
    assert len(marks(frames[0])) == 1


def test_frames_without_a_face_are_shown_as_they_are_and_told_of(
    tmp_path: Path, request_for: RenderRequest, portrait_pixels: Pixels
) -> None:
    face = view(portrait_pixels)
    wall = np.full_like(face, 140)
    film = write_film(tmp_path / "a.mp4", [*[wall] * 5, *[face] * 6, *[wall] * 4], fps=Fraction(20))
    frames, rendering = make(replace(request_for, picture=film, length=Length.VIDEO))
    assert [len(marks(pixels)) for pixels in frames] == [0] * 5 + [1] * 6 + [0] * 4
    (told,) = [w for w in rendering.report().warnings if "no face" in w]
    assert "9 of 15 frames (0:00.0 to 0:00.2, 0:00.6 to 0:00.8)" in told


def test_several_people_say_their_parts_at_once(tmp_path: Path, portrait_pixels: Pixels) -> None:
    face = view(portrait_pixels, side=192, zoom=1.3)
    smaller = np.ascontiguousarray(view(portrait_pixels, side=192)[:, ::-1])
    film = write_film(tmp_path / "two.mp4", [np.hstack([smaller, face])] * 12)
    speakers = (Speaker("anna", "en-us", 0), Speaker("ben", "en-gb", 1))
    request = RenderRequest(
        film, text="[anna] Yes. [ben] No.", engine="passing", speakers=speakers, voice="en-us"
    )
    frames, rendering = make(request)
    assert all(len(marks(pixels)) == 2 for pixels in frames)
    assert rendering.report().duration_s == pytest.approx(len(frames) / 25, abs=0.05)
    only_ben, _ = make(replace(request, text="No.", speakers=(), face=1))
    (place,) = marks(only_ben[0])
    assert place < 0.5, "the smaller face is on the left"


def test_who_is_heard_in_the_video_can_speak(
    tmp_path: Path, portrait_pixels: Pixels, request_for: RenderRequest
) -> None:
    film = write_film(tmp_path / "a.mp4", [view(portrait_pixels)] * 5)
    frames, rendering = make(replace(request_for, picture=film, face="auto"))
    assert len(marks(frames[0])) == 1, "there is only one"
    assert not [w for w in rendering.report().warnings if "who speaks" in w]
    still = np.ascontiguousarray(portrait_pixels)
    with pytest.raises(OptionError, match="cannot tell who speaks"):
        Rendering(replace(request_for, picture=still, face="auto"))


def test_a_picture_chooses_a_face(
    tmp_path: Path, portrait_path: Path, portrait_pixels: Pixels, request_for: RenderRequest
) -> None:
    stranger = (255 * (view(portrait_pixels, side=192, zoom=1.3)[:, ::-1] / 255) ** 2.2).astype(
        np.uint8
    )
    film = write_film(
        tmp_path / "two.mp4", [np.hstack([stranger, view(portrait_pixels, side=192)])] * 4
    )
    frames, _ = make(replace(request_for, picture=film, face=portrait_path))
    (place,) = marks(frames[0])
    assert place > 0.5


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"engine": "rog"}, OptionError, "rog"),
        ({"face": 3}, FaceError, "there is 1 person .* face 3"),
        ({"face": Path("nobody.jpg")}, PictureError, "nobody.jpg"),
        ({"background": Background("blur")}, OptionError, "not behind a video"),
        ({"source": SourceOptions(crop=(0, 0, 900, 100))}, OptionError, "256x256"),
        ({"source": SourceOptions(resize_factor=9)}, OptionError, "28x28"),
        ({"picture": Path("nothing.mp4")}, PictureError, "nothing.mp4"),
    ],
)
def test_what_cannot_be_done_is_refused(
    request_for: RenderRequest, change: dict[str, object], error: type[InputError], message: str
) -> None:
    with pytest.raises(error, match=message):
        Rendering(replace(request_for, **change))


def test_a_video_without_a_face_is_refused_early(
    tmp_path: Path, request_for: RenderRequest
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (12, 96, 128, 3), np.uint8)
    film = write_film(tmp_path / "a.mp4", noise)
    with pytest.raises(FaceError, match=r"a\.mp4: no face"):
        Rendering(replace(request_for, picture=film))


def test_engines_say_whether_they_take_videos(
    request_for: RenderRequest, portrait_path: Path
) -> None:
    with pytest.raises(OptionError, match=r"portrait\.png is a still.* takes videos only"):
        Rendering(replace(request_for, picture=portrait_path))


def test_closing_stops_everything(
    request_for: RenderRequest, write_wav: Callable[..., Path]
) -> None:
    before = set(threading.enumerate())
    request = replace(
        request_for, audio=write_wav(np.zeros(16000 * 60, np.float32), name="long.wav")
    )
    with Rendering(request) as rendering:
        next(rendering)
    assert next(rendering, None) is None
    deadline = time.monotonic() + 5
    while [t for t in threading.enumerate() if t not in before and t.is_alive()]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
