from __future__ import annotations

import numpy as np
import pytest

from lipsmith.core.image import Nv12Image
from lipsmith.media.colour import nv12_to_rgb, rgb_to_nv12

# 75 % and 100 % colour bars as 8-bit BT.709 code values (ITU-R BT.709-6, items 3.2 to 4.6).
BARS = [
    ((255, 255, 255), (235, 128, 128)),
    ((0, 0, 0), (16, 128, 128)),
    ((255, 0, 0), (63, 102, 240)),
    ((0, 255, 0), (173, 42, 26)),
    ((0, 0, 255), (32, 240, 118)),
    ((255, 255, 0), (219, 16, 138)),
    ((0, 255, 255), (188, 154, 16)),
    ((255, 0, 255), (78, 214, 230)),
    ((191, 191, 191), (180, 128, 128)),
    ((191, 0, 0), (51, 109, 212)),
]


@pytest.mark.parametrize(("rgb", "codes"), BARS)
def test_the_colour_bars_have_the_codes_of_the_standard(
    rgb: tuple[int, int, int], codes: tuple[int, int, int]
) -> None:
    image = rgb_to_nv12(np.full((4, 6, 3), rgb, np.uint8))
    assert image.luma.shape == (4, 6) and image.chroma.shape == (2, 3, 2)
    assert (image.luma == codes[0]).all()
    assert (image.chroma == codes[1:]).all()
    assert np.abs(nv12_to_rgb(image).astype(int) - rgb).max() <= 1


def test_smooth_pictures_survive_the_round_trip(portrait_pixels: np.ndarray) -> None:
    smooth = portrait_pixels.reshape(64, 8, 64, 8, 3).mean((1, 3)).astype(np.uint8)
    smooth = smooth.repeat(8, 0).repeat(8, 1)
    inner = np.zeros((512, 512), bool)
    inner[2::8, 2::8] = inner[5::8, 5::8] = True  # away from edges, where chroma is mixed
    back = nv12_to_rgb(rgb_to_nv12(smooth))
    assert np.abs(back.astype(int) - smooth)[inner].max() <= 3


def test_a_part_converts_to_the_same_bytes_as_in_the_whole(portrait_pixels: np.ndarray) -> None:
    whole = rgb_to_nv12(portrait_pixels)
    part = rgb_to_nv12(np.ascontiguousarray(portrait_pixels[100:340, 50:250]))
    assert np.array_equal(part.luma, whole.luma[100:340, 50:250])
    assert np.array_equal(part.chroma, whole.chroma[50:170, 25:125])


def test_codes_outside_the_range_are_clipped() -> None:
    image = Nv12Image(np.array([[0, 255]] * 2, np.uint8), np.full((1, 1, 2), 128, np.uint8))
    assert nv12_to_rgb(image)[0].tolist() == [[0, 0, 0], [255, 255, 255]]


@pytest.mark.parametrize("shape", [(5, 4, 3), (4, 5, 3), (4, 4), (4, 4, 4)])
def test_odd_shapes_are_a_programming_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="even sides"):
        rgb_to_nv12(np.zeros(shape, np.uint8))
