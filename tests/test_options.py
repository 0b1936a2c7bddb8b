"""What Python programs and the command line may ask for, and the request that comes of it."""

from __future__ import annotations

import inspect
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
import typer.main
from PIL import Image

import lipsmith
from lipsmith.cli.main import app
from lipsmith.core.options import FinishingOrder, Length, Precision, Runtime
from lipsmith.core.request import Fit
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.errors import OptionError
from lipsmith.options import DEFAULTS, RenderOptions
from lipsmith.requests import beside, make_request

PYTHON = inspect.signature(lipsmith.render).parameters
ONLY_PYTHON = {"progress", "consent", "speakers"}
ONLY_COMMAND = {"remote", "debug", "has_consent", "json", "quiet", "speaker"}


def test_the_command_and_python_take_the_same_options() -> None:
    command: Any = typer.main.get_command(app)
    command = command.commands["render"]
    options = {p.name: p for p in command.params if p.name != "context"}
    assert set(options) - ONLY_COMMAND == set(PYTHON) - ONLY_PYTHON
    for name in set(options) & set(RenderOptions.__annotations__):
        default = options[name].default
        assert default in (None, DEFAULTS.get(name)), name


def test_help_lists_every_option_with_its_type_and_default() -> None:
    for function in (lipsmith.render, lipsmith.stream, lipsmith.batch):
        parameters = inspect.signature(function).parameters
        assert set(RenderOptions.__annotations__) < set(parameters)
        assert parameters["motion"].default == 1.0
        assert parameters["pads"].default == (0, 10, 0, 0)
        assert parameters["face"].annotation == "int | PathLike | None"
        for name in RenderOptions.__annotations__:
            assert re.search(rf"\b{name}\b", function.__doc__ or ""), name
        assert "{options}" not in (function.__doc__ or "")


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ("fit", Fit), ("subtitles", SubtitleKind), ("length", Length), ("precision", Precision),
        ("runtime", Runtime), ("finishing_order", FinishingOrder),
    ],
)  # fmt: skip
def test_the_words_that_options_take_are_those_of_the_request(option: str, kind: Any) -> None:
    assert get_args(get_type_hints(RenderOptions)[option]) == tuple(kind)


def test_defaults_are_those_of_the_request() -> None:
    asked = make_request("face.jpg", text="Hi.")
    assert asked == type(asked)(Path("face.jpg"), text="Hi.")


def test_options_become_typed_values(tmp_path: Path) -> None:
    (tmp_path / "her.jpg").write_bytes(b"x")
    asked = make_request(
        "face.jpg", text="Hi.", fps="29.97", size=(640, 480), face=str(tmp_path / "her.jpg"),
        crop="0, 0,100,-1", rotate=90, resize_factor=2, pads=(1, -2, 3, 4), box="1 2 3 4",
        static_box=True, smooth_box=False, detector="s3fd", detector_batch_size=3, device="cuda:1",
        precision="bf16", runtime="onnx", batch_size=7, weights="w.pth", restore="codeformer",
        restore_strength=0.5, upscale="lanczos", upscale_factor=4, stabilize=True, length="hold",
        finishing_order="upscale-first", restore_weights="r.pth",
    )  # fmt: skip
    assert (asked.fps, asked.size, asked.length) == (Fraction(30000, 1001), "640x480", "hold")
    assert asked.face == tmp_path / "her.jpg"
    source = asked.source
    assert (source.rotate, source.crop, source.resize_factor) == (90, (0, 0, 100, -1), 2)
    engine = asked.engine_options
    assert (engine.device, engine.precision, engine.runtime) == ("cuda:1", "bf16", "onnx")
    assert (engine.batch_size, engine.weights) == (7, Path("w.pth"))
    crop = engine.crop
    assert (crop.pads_px, crop.box, crop.static) == ((1, -2, 3, 4), (1, 2, 3, 4), True)
    assert (crop.smooth, crop.detector, crop.detector_batch) == (False, "s3fd", 3)
    finishing = asked.finishing
    assert (finishing.restore, finishing.restore_strength) == ("codeformer", 0.5)
    assert (finishing.upscale, finishing.upscale_factor) == ("lanczos", 4)
    assert (finishing.order, finishing.stabilize) == ("upscale-first", True)
    assert finishing.restore_weights == Path("r.pth")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fit": "stretch"}, "fit is 'stretch', and can be crop, pad"),
        ({"length": "long"}, "audio, video, loop"),
        ({"detector": "dlib"}, "builtin, s3fd"),
        ({"precision": "fp8"}, "fp16"),
        ({"runtime": "tf"}, "onnx"),
        ({"pads": "1,2,3"}, "pads is '1,2,3'; write four whole numbers: top,bottom,left,right"),
        ({"crop": (1, 2, "x", 4)}, "x1,y1,x2,y2"),
        ({"box": "a,b,c,d"}, "left,top,right,bottom"),
        ({"face": -1}, "0 or more"),
        ({"face": "-2"}, "0 or more"),
        ({"face": "nobody.jpg"}, "nor auto, nor a picture"),
        ({"consent": True}, "clone="),
    ],
)
def test_values_that_no_option_can_have(options: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        make_request("face.jpg", text="Hi.", **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rotate": 45}, "rotate is 45, and can be 0 or 90 or 180 or 270"),
        ({"resize_factor": 0.5}, "resize_factor is 0.5, and can be 1 or more"),
        ({"resize_factor": float("nan")}, "resize_factor"),
        ({"batch_size": 0}, "batch_size is 0, and can be 1 or more"),
        ({"batch_size": True}, "a whole number"),
        ({"detector_batch_size": 1.5}, "detector_batch_size is 1.5, and has to be a whole number"),
        ({"restore_strength": 1.1}, "from 0 to 1"),
        ({"upscale_factor": 3}, "2 or 4"),
        ({"restore": "magic"}, "gfpgan, codeformer"),
        ({"upscale": "lanzcos"}, "did you mean 'lanczos'"),
        ({"upscale": 2}, "a string"),
        ({"device": 3}, "cpu"),
        ({"motion": "much"}, "motion is 'much', and has to be a number"),
    ],
)
def test_values_out_of_range_are_refused_before_anything_is_read(options: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        lipsmith.stream("there-is-no-such-picture.jpg", text="Hi.", **options)


def test_a_misspelt_option_is_a_type_error_that_names_the_right_one() -> None:
    with pytest.raises(TypeError, match=r"no option txt=.*text="):
        lipsmith.render("face.jpg", txt="Hi.")  # type: ignore[call-arg]


def test_a_pil_image_becomes_pixels() -> None:
    asked = make_request(Image.new("LA", (8, 6)), text="Hi.")
    assert isinstance(asked.picture, np.ndarray)
    assert asked.picture.shape == (6, 8, 4)


def test_a_video_never_goes_where_its_source_is() -> None:
    assert beside(make_request("a/face.jpg", text="Hi.")) == Path("a/face.mp4")
    assert beside(make_request("a/face.mp4", text="Hi.")) == Path("a/face-dubbed.mp4")
