"""Restoring and upscaling between the engine and the file, for pictures and for videos."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from films import view, write_film
from lipsmith import registry
from lipsmith.core.image import Frame
from lipsmith.core.options import EngineOptions, FinishingOptions, FinishingOrder, Length
from lipsmith.core.request import Fit, RenderRequest, Size
from lipsmith.core.resources import Resources
from lipsmith.errors import LicenceError, MissingExtraError, MissingWeightsError, OptionError
from lipsmith.finishing.resampling import LanczosUpscaler
from lipsmith.pipeline.prefetch import frames_ahead
from lipsmith.pipeline.rendering import Rendering
from lipsmith.pipeline.sizes import plan_sizes
from lipsmith.registry import EngineKind, EngineSpec
from passing_engine import PassingEngine

Pixels = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def test_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = (
        EngineSpec(
            EngineKind.RESTORE, "sharpening", "sharpening_restorer:SharpeningRestorer", "", "MIT"
        ),
        EngineSpec(EngineKind.LIPSYNC, "passing", "passing_engine:PassingEngine", "", "MIT"),
    )
    monkeypatch.setattr(registry, "_BUILT_IN", (*registry._BUILT_IN, *specs))


def asked(picture: Path | Pixels, size: str | None = None, **finishing: object) -> RenderRequest:
    options = FinishingOptions(**finishing)  # type: ignore[arg-type]
    return RenderRequest(picture, text="ah", size=size, finishing=options)


def frames_of(request: RenderRequest, most: int = 6) -> list[Pixels]:
    with Rendering(request) as rendering:
        made = [np.asarray(frame.image) for _, frame in zip(range(most), rendering, strict=False)]
        size = rendering.size
    assert all(frame.shape == (size.height, size.width, 3) for frame in made)
    return made


@pytest.mark.parametrize(
    ("size", "fit", "factor", "drawn", "made"),
    [
        (None, Fit.CROP, None, Size(320, 240), Size(640, 480)),
        (None, Fit.CROP, 4, Size(320, 240), Size(1280, 960)),
        ("1280x960", Fit.CROP, None, Size(320, 240), Size(1280, 960)),
        ("1920x1080", Fit.CROP, None, Size(320, 180), Size(1920, 1080)),
        ("1920x1080", Fit.PAD, None, Size(426, 240), Size(1920, 1080)),
        ("160x120", Fit.CROP, None, Size(160, 120), Size(160, 120)),
        ("1080p", Fit.CROP, 2, Size(320, 240), Size(1440, 1080)),
    ],
)
def test_what_is_upscaled_is_drawn_at_the_pictures_own_scale(
    size: str | None, fit: Fit, factor: int | None, drawn: Size, made: Size
) -> None:
    request = asked(Path("face.png"), size, upscale="lanczos", upscale_factor=factor)
    sizes = plan_sizes(replace(request, fit=fit), 320, 240)
    assert (sizes.drawn, sizes.made) == (drawn, made)
    plain = plan_sizes(replace(asked(Path("face.png"), size), fit=fit), 320, 240)
    assert plain.drawn == plain.made


def test_a_network_of_the_factor_that_is_needed_runs() -> None:
    def factor(size: str) -> int:
        return plan_sizes(asked(Path("face.png"), size, upscale="realesrgan"), 320, 240).factor

    assert [factor(each) for each in ("160x120", "480x360", "800x600", "960x720")] == [1, 2, 2, 4]


@pytest.mark.parametrize("name", ["lanczos", "bicubic"])
def test_a_picture_is_upscaled_to_exactly_the_size(portrait_path: Path, name: str) -> None:
    large = frames_of(asked(portrait_path, "720x900", upscale=name))
    plain = frames_of(asked(portrait_path, "720x900"))
    assert large[0].shape == (900, 720, 3)
    assert np.abs(large[0].astype(int) - plain[0]).mean() < 12, "the same picture"


def test_without_a_size_it_is_twice_as_large(portrait_path: Path) -> None:
    assert frames_of(asked(portrait_path, upscale="lanczos"))[0].shape == (1024, 1024, 3)


def test_nothing_to_upscale_is_told(portrait_path: Path) -> None:
    with Rendering(asked(portrait_path, "200x200", upscale="lanczos")) as rendering:
        next(rendering)
        assert any("nothing is upscaled" in told for told in rendering.report().warnings)


def test_only_the_face_of_a_picture_is_restored(portrait_path: Path) -> None:
    plain = frames_of(asked(portrait_path, "256x256"))
    sharp = frames_of(asked(portrait_path, "256x256", restore="sharpening"))
    for before, after in zip(plain, sharp, strict=True):
        change = np.abs(after.astype(int) - before).max(2)
        assert change[40:80, 90:135].max() > 25, "the face"
        assert change[140:].max() <= 3, "the suit, but for rounding"
    assert np.array_equal(
        frames_of(asked(portrait_path, "256x256", restore="sharpening", restore_strength=0.0))[0],
        plain[0],
    )


@pytest.mark.parametrize("order", list(FinishingOrder))
def test_both_in_either_order(portrait_path: Path, order: FinishingOrder) -> None:
    request = asked(portrait_path, "640x640", upscale="lanczos", order=order)
    plain = frames_of(request)
    both = replace(request, finishing=replace(request.finishing, restore="sharpening"))
    for before, after in zip(plain, frames_of(both), strict=True):
        change = np.abs(after.astype(int) - before).max(2)
        assert change[100:200, 225:337].max() > 25
        assert change[350:].max() <= 6


def test_the_face_of_a_video_is_restored_where_it_was_tracked(
    portrait_pixels: Pixels, tmp_path: Path
) -> None:
    pictures = [view(portrait_pixels, shift=(4.0 * i, 0)) for i in range(10)]
    film = write_film(tmp_path / "film.mp4", pictures)
    request = replace(asked(film, restore="sharpening"), engine="passing")
    plain = frames_of(replace(request, finishing=FinishingOptions()))
    middles = []
    for before, after in zip(plain, frames_of(request), strict=True):
        change = np.abs(after.astype(int) - before).max(2)
        assert change.max() > 25
        middles.append(np.flatnonzero(change.max(0) > 12).mean())
    steps = np.diff(middles)
    assert abs(steps.mean()) > 2, "it goes where the face goes"


def test_what_stands_before_a_face_is_not_restored(portrait_pixels: Pixels, tmp_path: Path) -> None:
    pictures, stripes = [], np.arange(256)[:, None] % 8 < 4
    for index in range(30):
        pixels = view(portrait_pixels, shift=(3 * np.sin(index / 4), 0))
        if index >= 12:
            cover = np.zeros((256, 256), np.uint8)
            cv2.circle(cover, (128, 151), 17, 1, -1)
            pixels[cover > 0] = (60, 110, 190)
            pixels[(cover > 0) & stripes] = (75, 125, 205)
        pictures.append(pixels)
    film = write_film(tmp_path / "film.mp4", pictures)
    request = replace(
        asked(film, restore="sharpening"), engine="passing", length=Length.VIDEO, text="ah. ah. ah."
    )
    plain = frames_of(replace(request, finishing=FinishingOptions()), 28)
    made = frames_of(request, 28)
    before, inside = np.zeros((2, 256, 256), np.uint8)
    cv2.circle(inside, (128, 151), 13, 1, -1)
    cv2.circle(before, (128, 151), 21, 1, -1)
    change = [np.abs(b.astype(int) - a).max(2) for a, b in zip(made, plain, strict=True)]
    for uncovered, covered in zip(change[4:9], change[20:25], strict=True):
        assert uncovered[inside > 0].mean() > 8
        assert covered[inside > 0].mean() < 2
        assert covered[before == 0].max() > 25, "the rest of the face is"


def test_frames_are_drawn_while_those_before_are_finished(
    portrait_pixels: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, finished = 0, 0
    is_drawn_behind = threading.Event()
    ahead: list[int] = []
    draw = PassingEngine.dub

    def counted(*given: Any) -> Iterator[Frame]:
        nonlocal drawn
        for frame in draw(*given):
            drawn += 1
            ahead.append(drawn - finished)
            if drawn == 3:
                is_drawn_behind.set()
            yield frame

    def slowly_upscaled(_: object, frames: Iterator[Frame], size: Size) -> Iterator[Frame]:
        nonlocal finished
        for frame in frames:
            assert is_drawn_behind.wait(20), "the first is not done, and two more are drawn"
            time.sleep(0.01)
            finished += 1
            yield replace(frame, image=np.zeros((size.height, size.width, 3), np.uint8))

    monkeypatch.setattr(PassingEngine, "dub", counted)
    monkeypatch.setattr(LanczosUpscaler, "upscale", slowly_upscaled)
    film = write_film(tmp_path / "film.mp4", [view(portrait_pixels)] * 40)
    request = replace(asked(film, upscale="lanczos"), engine="passing", length=Length.VIDEO)
    with Rendering(request) as rendering:
        assert [frame.index for frame in rendering] == list(range(40))
    assert (drawn, finished) == (40, 40)
    assert max(ahead) <= frames_ahead(Size(256, 256)) + 3, "memory is bounded"


def test_closing_stops_the_drawing_too(portrait_pixels: Pixels, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", [view(portrait_pixels)] * 60)
    request = replace(asked(film, upscale="lanczos"), engine="passing", length=Length.VIDEO)
    with Rendering(request) as rendering:
        next(rendering)
    assert not [t for t in threading.enumerate() if "drawing" in t.name and t.is_alive()]


def test_a_video_is_upscaled_and_steadied(portrait_pixels: Pixels, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [view(portrait_pixels, shift=tuple(rng.normal(0, 4, 2))) for _ in range(12)]
    film = write_film(tmp_path / "film.mp4", pictures)
    height, width = pictures[0].shape[:2]
    request = replace(asked(film, upscale="bicubic", stabilize=True), engine="passing")
    made = frames_of(request)
    assert made[0].shape == (2 * height, 2 * width, 3)


def test_a_picture_cannot_be_steadied(portrait_path: Path) -> None:
    with pytest.raises(OptionError, match="only videos can be steadied"):
        Rendering(asked(portrait_path, stabilize=True))


@pytest.mark.parametrize(
    ("finishing", "message"),
    [
        ({"restore": "gfpgam"}, "did you mean 'gfpgan'"),
        ({"upscale": "lancsoz"}, "did you mean 'lanczos'"),
    ],
)
def test_unknown_names_get_a_hint(
    portrait_path: Path, finishing: dict[str, str], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        Rendering(asked(portrait_path, **finishing))


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is installed")
def test_a_missing_extra_is_told(portrait_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"lipsmith\[neural\]"):
        Rendering(asked(portrait_path, restore="gfpgan"))


@pytest.mark.neural
@pytest.mark.parametrize(
    ("finishing", "pull"),
    [
        ({"restore": "gfpgan"}, "gfpgan-1.4"),
        ({"restore": "restoreformer"}, "restoreformer"),
        ({"upscale": "realesrgan"}, "realesrgan-x2plus"),
        ({"upscale": "realesrgan", "upscale_factor": 4}, "realesrgan-x4plus"),
    ],
)
def test_missing_weights_come_with_what_to_type(
    portrait_path: Path, tmp_path: Path, finishing: dict[str, object], pull: str
) -> None:
    options = EngineOptions(resources=Resources(models=tmp_path))
    request = replace(asked(portrait_path, **finishing), engine_options=options)
    threads = threading.active_count()
    with pytest.raises(MissingWeightsError, match=f"lipsmith models pull {pull}"):
        Rendering(request)
    assert threading.active_count() <= threads + 1


@pytest.mark.neural
def test_codeformer_is_not_for_commercial_use(portrait_path: Path, tmp_path: Path) -> None:
    options = EngineOptions(resources=Resources(models=tmp_path, commercial=True))
    with pytest.raises(LicenceError, match="codeformer"):
        Rendering(replace(asked(portrait_path, restore="codeformer"), engine_options=options))
