"""Pictures are turned, cropped and shrunk before anybody looks at them, and tell who is meant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from films import view
from lipsmith.core.request import RenderRequest, SourceOptions
from lipsmith.errors import FaceError, OptionError
from lipsmith.pipeline.rendering import Rendering

Pixels = NDArray[np.uint8]


@pytest.mark.parametrize(
    ("source", "size"),
    [
        (SourceOptions(crop=(80, 0, 380, 260)), (300, 260)),
        (SourceOptions(rotate=90, crop=(0, 60, -1, 380), resize_factor=2), (256, 160)),
    ],
)
def test_the_picture_is_changed_as_it_is_read(
    portrait_pixels: Pixels, source: SourceOptions, size: tuple[int, int]
) -> None:
    pixels = np.ascontiguousarray(np.rot90(portrait_pixels, source.rotate // 90))
    with Rendering(RenderRequest(pixels, text="Yes.", source=source)) as rendering:
        shown = next(rendering).image
    left, top = (source.crop or (0, 0))[:2]
    scale = source.resize_factor
    kept = portrait_pixels[top : top + round(size[1] * scale), left : left + round(size[0] * scale)]
    assert shown.shape == (size[1], size[0], 3)
    corner = kept[: round(8 * scale), : round(8 * scale)].reshape(-1, 3).mean(0)
    assert np.abs(shown[:8, :8].reshape(-1, 3).mean(0) - corner).max() < 6


def test_a_crop_that_is_not_inside_is_refused(portrait_pixels: Pixels) -> None:
    request = RenderRequest(portrait_pixels, text="Yes.", source=SourceOptions(crop=(5, 5, 600, 9)))
    with pytest.raises(OptionError, match="512x512"):
        Rendering(request)


def test_a_picture_of_the_person_chooses_the_face(
    tmp_path: Path, portrait_path: Path, portrait_pixels: Pixels
) -> None:
    gloomy = (255 * (view(portrait_pixels, side=192, zoom=1.2)[:, ::-1] / 255) ** 2.2).astype(
        np.uint8
    )
    both = np.hstack([gloomy, view(portrait_pixels, side=192)])
    request = RenderRequest(both, text="Wow, wow!", face=portrait_path, motion=0, blink=False)
    with Rendering(request) as rendering:
        frames = np.stack([frame.image[::2, ::2] for frame in rendering]).astype(int)
    motion = np.abs(frames - frames[0]).max((0, 3))
    left, right = motion[:, :96], motion[:, 96:]
    assert right[40:].max() > 40 and (left > 20).mean() < 0.01
    faceless = tmp_path / "wall.png"
    from PIL import Image

    Image.fromarray(np.full((128, 128, 3), 120, np.uint8)).save(faceless)
    with pytest.raises(FaceError, match=r"wall\.png"), Rendering(replace(request, face=faceless)):
        pass
