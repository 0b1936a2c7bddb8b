"""The rig file: complete, small, and true to the rig."""

from __future__ import annotations

import io
import json
import runpy
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lipsmith.core.motion import EyesPose
from lipsmith.engines.rig.portable import pack
from lipsmith.engines.rig.prepare import Rig
from lipsmith.media.colour import nv12_to_rgb


class _File:
    """Reads a rig file as another program would."""

    def __init__(self, data: bytes) -> None:
        (length,) = struct.unpack("<Q", data[:8])
        self.header: dict[str, Any] = json.loads(data[8 : 8 + length])
        self._buffers = data[8 + length :]

    def numbers(self, entry: dict[str, Any]) -> NDArray[np.float64]:
        part, dtype = self._part(entry), np.dtype(entry["dtype"])
        if "scale" not in entry:
            return np.frombuffer(part, dtype.newbyteorder("<")).reshape(entry["shape"])
        planes = np.frombuffer(zlib.decompress(part), np.uint8).reshape(dtype.itemsize, -1)
        steps = planes.T.copy().view(dtype.newbyteorder("<")).reshape(entry["shape"][0], -1)
        for first in range(entry["stride"]):
            each = np.s_[:, first :: entry["stride"]]
            steps[each] = np.cumsum(steps[each], 1, dtype=dtype)
        values = steps * np.array(entry["scale"])[:, None]
        return np.asarray(values.reshape(entry["shape"]))

    def image(self, entry: dict[str, Any]) -> NDArray[np.uint8]:
        with Image.open(io.BytesIO(self._part(entry))) as image:
            assert image.get_format_mimetype() == entry["type"]
            assert image.size == (entry["width"], entry["height"])
            return np.array(image)

    def _part(self, entry: dict[str, Any]) -> bytes:
        return self._buffers[entry["begin"] : entry["end"]]


@pytest.fixture(scope="module")
def packed(rig: Rig) -> bytes:
    return pack(rig)


@pytest.fixture(scope="module")
def file(packed: bytes) -> _File:
    return _File(packed)


def test_it_is_small(packed: bytes) -> None:
    assert len(packed) < 500_000


def test_same_rig_gives_the_same_bytes(packed: bytes, rig: Rig) -> None:
    assert pack(rig) == packed


def test_fields_are_those_of_the_rig(file: _File, rig: Rig) -> None:
    header = file.header
    for entry, columns, step in (
        (header["head"]["columns"], rig.motion.columns, rig.motion.grid.step),
        (header["face"]["columns"], rig.face.columns, rig.face.grid.step),
        (header["mouth"]["upper"], rig.mouth.upper, rig.mouth.grid.step),
        (header["mouth"]["lower"], rig.mouth.lower, rig.mouth.grid.step),
    ):
        off = np.abs(file.numbers(entry) - columns).reshape(len(columns), -1).max(1)
        farthest = np.abs(columns).reshape(len(columns), -1).max(1)
        assert np.all(off * step <= 1e-4 * np.maximum(farthest * step, 1))
    assert np.allclose(file.numbers(header["lips"]["upper"]), rig.lips.upper, atol=1e-3)
    assert np.allclose(file.numbers(header["shading"]["basis"]), rig.shading.basis, atol=2e-3)


def test_pictures_are_those_of_the_rig(file: _File, rig: Rig) -> None:
    picture = file.image(file.header["picture"])
    assert np.abs(picture.astype(int) - nv12_to_rgb(rig.source.picture)).mean() < 3
    interior = file.header["interior"]
    atlas = file.image(interior["atlas"])
    for name, sprite in interior["sprites"].items():
        top, left = sprite["top_px"], sprite["left_px"]
        part = atlas[top : top + sprite["height_px"], left : left + sprite["width_px"]]
        drawn = getattr(rig.interior, name).image
        assert part.shape == drawn.shape
        assert np.abs(part.astype(int) - drawn).mean() < 3


@pytest.mark.parametrize("state", [4, 11, 19])
def test_lids_over_the_ball_are_the_eye_as_it_closes(state: int, rig: Rig) -> None:
    """Closing takes the lids over a ball that is otherwise only stretched a little."""
    for eye in rig.eyes.layers():
        closure = float(eye.closures[state])
        pose = EyesPose(**{f"blink_{eye.side}": closure})
        (patch,) = rig.eyes.draw(pose)
        rect, around = eye.rect, patch.rect
        drawn = patch.pixels[
            rect.top - around.top : rect.bottom - around.top,
            rect.left - around.left : rect.right - around.left,
        ]
        over, through = eye.over[state].astype(int), eye.through[state]
        hidden = through.max(2) < 8
        assert hidden.any()
        assert np.abs(drawn - over)[hidden].max() <= 8


def test_pictures_are_made_smaller_and_lengths_stay(rig: Rig, file: _File) -> None:
    small = _File(pack(rig, side_px=128))
    assert small.header["picture"]["width"] == 128
    assert small.header["width"] == file.header["width"] == 512
    assert small.header["face"]["grid"] == file.header["face"]["grid"]
    reduced = cv2.resize(nv12_to_rgb(rig.source.picture), (128, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(small.image(small.header["picture"]).astype(int) - reduced).mean() < 4


def test_numbers_that_the_page_is_tested_with_are_the_engines() -> None:
    root = Path(__file__).parents[3]
    made = runpy.run_path(str(root / "tools" / "write_rig_numbers.py"))
    told = json.loads((root / "web" / "src" / "rig" / "numbers.json").read_text())
    assert _close(made["numbers"](), told), "run tools/write_rig_numbers.py"


def _close(made: Any, told: Any) -> bool:
    if isinstance(told, dict):
        return made.keys() == told.keys() and all(_close(made[key], told[key]) for key in told)
    if isinstance(told, list):
        return len(made) == len(told) and all(map(_close, made, told))
    if isinstance(told, float):
        return bool(abs(made - told) < 1e-4)
    return bool(made == told)
