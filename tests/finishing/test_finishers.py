"""The restorers and upscalers that are listed, from a checkpoint to frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.image import Frame, Nv12Image, Picture
from lipsmith.core.options import EngineOptions, Runtime
from lipsmith.core.request import Size
from lipsmith.core.resources import Resources
from lipsmith.errors import CheckpointError, OptionError
from lipsmith.finishing.base import Upscaler
from lipsmith.finishing.realesrgan import RealEsrganUpscaler
from lipsmith.finishing.resampling import BicubicUpscaler, LanczosUpscaler
from lipsmith.finishing.restorers import GfpganRestorer
from lipsmith.media.colour import rgb_to_nv12


def frames_of(*images: NDArray[np.uint8] | Nv12Image) -> Iterator[Frame]:
    return (Frame(i, each, np.full((3, 1), i, np.float32)) for i, each in enumerate(images))


def drawn(height: int, width: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    waves = 128 + 100 * np.sin(x / 5)[..., None] * np.cos(y[..., None] / np.array([4, 6, 9]))
    return waves.astype(np.uint8)


@pytest.mark.parametrize("upscaler", [LanczosUpscaler(), BicubicUpscaler()])
def test_resamplers_take_every_image_and_keep_the_sound(upscaler: Upscaler) -> None:
    upscaler.load(EngineOptions(), 2)
    pixels = drawn(48, 64)
    made = list(upscaler.upscale(frames_of(pixels, rgb_to_nv12(pixels)), Size(150, 100)))
    for index, frame in enumerate(made):
        assert frame.index == index and frame.samples[0, 0] == index
        assert np.asarray(frame.image).shape == (100, 150, 3)
    difference = np.asarray(made[0].image).astype(int) - np.asarray(made[1].image)
    assert np.abs(difference).mean() < 6


def options(weights: Path) -> EngineOptions:
    return EngineOptions(
        weights=weights, runtime=Runtime.TORCH, resources=Resources(models=weights.parent)
    )


def checkpoint(path: Path, scale: int) -> Path:
    """A network that repeats each pixel `scale` times: a path for the colours, all else random."""
    import torch

    from lipsmith.finishing.networks.rrdb import RrdbNet

    torch.manual_seed(0)
    network = RrdbNet(scale)
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            if not name.startswith("body."):
                tensor.zero_()
        network.conv_body.weight.zero_()
        for channel in range(3):
            # Twice, once negated: what the rectifier takes from one, the other has.
            for name in ("conv_up1", "conv_up2", "conv_hr"):
                getattr(network, name).weight[channel, channel, 1, 1] = 1
            network.conv_last.weight[channel, channel, 1, 1] = 1
            fold = 4 // scale
            for part in range(fold**2):
                network.conv_first.weight[channel, channel * fold**2 + part, 1, 1] = fold**-2
    torch.save({"params_ema": network.state_dict()}, path)
    return path


@pytest.mark.neural
@pytest.mark.parametrize("factor", [2, 4])
def test_realesrgan_enlarges_in_place(tmp_path: Path, factor: int) -> None:
    upscaler = RealEsrganUpscaler()
    upscaler.load(options(checkpoint(tmp_path / "x.pth", factor)), factor)
    blocks = drawn(16, 22).repeat(2, 0).repeat(2, 1)
    size = Size(44 * factor, 32 * factor)
    still, moved = upscaler.upscale(frames_of(blocks, blocks[:, ::-1].copy()), size)
    expected = blocks.repeat(factor, 0).repeat(factor, 1)
    np.testing.assert_allclose(np.asarray(still.image), expected, atol=1)
    np.testing.assert_allclose(np.asarray(moved.image), expected[:, ::-1], atol=1)
    (other,) = upscaler.upscale(frames_of(blocks), Size(100, 70))
    assert np.asarray(other.image).shape == (70, 100, 3)
    upscaler.close()


@pytest.mark.neural
def test_realesrgan_refuses_what_is_of_another_factor(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is not RealESRGAN_x2plus"):
        RealEsrganUpscaler().load(options(checkpoint(tmp_path / "x.pth", 4)), 2)
    with pytest.raises(OptionError, match="by 2 or 4"):
        RealEsrganUpscaler().load(options(tmp_path / "x.pth"), 3)


@pytest.mark.neural
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_gfpgan_restores_from_its_file_and_leaves_what_is_no_face(
    tmp_path: Path, portrait_pixels: NDArray[np.uint8]
) -> None:
    import torch
    from readings import filled

    from lipsmith.faces import find_faces
    from lipsmith.finishing.networks.gfpgan import Gfpgan

    path = tmp_path / "GFPGANv1.4.pth"
    torch.save({"params_ema": filled(Gfpgan().state_dict(), 0.5)}, path)
    face = find_faces(Picture(portrait_pixels, "portrait"))[0]
    restorer = GfpganRestorer()
    restorer.load(options(path))
    frames = frames_of(portrait_pixels, portrait_pixels)
    made = [np.asarray(f.image) for f in restorer.restore(frames, lambda _: [face], 1.0)]
    restorer.close()
    for frame in made:
        assert np.abs(frame.astype(int) - portrait_pixels)[100:160, 200:260].max() > 20
        np.testing.assert_array_equal(frame[230:], portrait_pixels[230:])
    assert np.abs(made[0].astype(int) - made[1]).max() <= 1, "the same noise in every frame"
