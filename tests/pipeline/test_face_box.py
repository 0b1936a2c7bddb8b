"""A box that is given tells where the face is, in pictures and videos, for every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from films import view, write_film
from lipsmith import registry
from lipsmith.core.image import Picture
from lipsmith.core.options import CropOptions, EngineOptions, Length
from lipsmith.core.portrait import Box
from lipsmith.core.request import RenderRequest, Size, SourceOptions, Speaker
from lipsmith.errors import FaceError, InputError, OptionError
from lipsmith.faces.portrait import make_portraits
from lipsmith.pipeline.rendering import Rendering
from lipsmith.registry import EngineKind, EngineSpec

Pixels = NDArray[np.uint8]
FACE = (80, 74, 180, 190)
"""Around the face in a `view` of the portrait."""
SAYS = {"audio": None, "text": "Wow, wow!"}


@pytest.fixture(autouse=True)
def passing_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = EngineSpec(
        EngineKind.LIPSYNC, "passing", "passing_engine:PassingEngine", "Marks faces.", "MIT"
    )
    monkeypatch.setattr(registry, "_BUILT_IN", (*registry._BUILT_IN, spec))


@pytest.fixture
def grainy(portrait_pixels: Pixels) -> Pixels:
    """The portrait under so much grain that no detector sees a face."""
    grain = np.random.default_rng(0).normal(0, 70, (256, 256, 3))
    return np.clip(view(portrait_pixels) + grain, 0, 255).astype(np.uint8)


@pytest.fixture
def request_for(
    write_wav: Callable[..., Path], hum: Callable[..., NDArray[np.float32]]
) -> Callable[..., RenderRequest]:
    """request_for(picture, box, ...): to dub it with 0.4 s of sound, or to say something."""
    sound = write_wav(hum(0.4))

    def make(picture: object, box: object, **more: object) -> RenderRequest:
        options = EngineOptions(crop=CropOptions(box=box))  # type: ignore[arg-type]
        request = RenderRequest(picture, audio=sound, engine_options=options)  # type: ignore[arg-type]
        return replace(request, **{"motion": 0.0, "blink": False, **more})  # type: ignore[arg-type]

    return make


def frames_of(request: RenderRequest) -> NDArray[np.int64]:
    with Rendering(request) as rendering:
        return np.stack([np.asarray(frame.image) for frame in rendering]).astype(int)


def marked(frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """Where the engine of the tests saw the face in each frame: x and y, nan where nowhere."""
    green = (np.abs(frames - (0, 255, 0)) < 60).all(3)
    return np.array(
        [np.argwhere(each).mean(0)[::-1] if each.any() else (np.nan,) * 2 for each in green]
    )


def test_a_face_that_is_hard_to_see_is_found_in_its_box(
    grainy: Pixels, request_for: Callable[..., RenderRequest]
) -> None:
    with pytest.raises(FaceError, match=r"no face was found|what looks like a face"):
        Rendering(request_for(grainy, None))
    frames = frames_of(request_for(grainy, FACE, **SAYS))
    motion = np.abs(frames - frames[0]).max((0, 3)) > 40
    assert motion.sum() > 20, "its mouth moves"
    down, across = np.argwhere(motion).mean(0)
    assert FACE[0] + 20 < across < FACE[2] - 20 and FACE[1] + 50 < down < FACE[3]


def test_a_video_of_such_a_face_is_dubbed(
    tmp_path: Path, grainy: Pixels, request_for: Callable[..., RenderRequest]
) -> None:
    film = write_film(tmp_path / "grainy.mp4", [grainy] * 10)
    with pytest.raises(FaceError, match="no face"):
        Rendering(request_for(film, None, engine="passing"))
    places = marked(frames_of(request_for(film, FACE, engine="passing", length=Length.VIDEO)))
    assert len(places) == 10
    assert np.abs(places - (128, 160)).max() < 40, "in every frame"


@pytest.mark.parametrize("moving", [False, True])
def test_the_box_tells_which_of_two_faces_is_meant(
    tmp_path: Path, portrait_pixels: Pixels, request_for: Callable[..., RenderRequest], moving: bool
) -> None:
    larger = view(portrait_pixels, side=192, zoom=1.3)
    smaller = np.ascontiguousarray(view(portrait_pixels, side=192)[:, ::-1])
    both = np.hstack([larger, smaller])
    box = (192 + 40, 20, 192 + 150, 170)
    if moving:
        film = write_film(tmp_path / "two.mp4", [both] * 10)
        places = marked(frames_of(request_for(film, box, engine="passing")))
        assert (places[:, 0] > 192).all()
        return
    frames = frames_of(request_for(both, box, **SAYS))
    motion = np.abs(frames - frames[0]).max((0, 3))
    assert (motion[:, 192:] > 40).sum() > 20 and (motion[:, :150] > 20).mean() < 0.01


def test_the_box_is_in_pixels_of_the_source(portrait_pixels: Pixels) -> None:
    picture = Picture(np.ascontiguousarray(portrait_pixels), "portrait.png")
    box = Box(160, 40, 290, 210)
    (plain,) = make_portraits(picture, None, box=box)
    (large,) = make_portraits(picture, None, box=box, size=Size(1024, 1024))
    assert plain.face.box == box
    assert large.face.box == Box(320, 80, 580, 420)


@pytest.mark.parametrize(
    ("box", "change", "error", "message"),
    [
        ((0, 0, 257, 100), {}, OptionError, "not inside the picture of 256x256"),
        ((50, 50, 40, 100), {}, OptionError, "not inside"),
        ((-1, 0, 90, 90), {}, OptionError, "not inside"),
        (FACE, {"source": SourceOptions(resize_factor=2)}, OptionError, "of 128x128"),
        ((0, 0, 90, 20), {}, OptionError, "at least 24"),
        ((0, 0, 40, 40), {}, FaceError, "in the box"),
        (FACE, {"audio": None, "text": "[a] Hi.", "speakers": (Speaker("a", "en", 0),)},
         OptionError, "several speakers"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("moving", [False, True])
def test_boxes_without_a_face_are_refused_before_work_begins(
    tmp_path: Path,
    portrait_pixels: Pixels,
    request_for: Callable[..., RenderRequest],
    box: tuple[int, ...],
    change: dict[str, object],
    error: type[InputError],
    message: str,
    moving: bool,
) -> None:
    source: object = view(portrait_pixels)
    if moving:
        source = write_film(tmp_path / "face.mp4", [view(portrait_pixels)] * 4)
    with pytest.raises(error, match=message):
        Rendering(request_for(source, box, **change))
