"""Real-ESRGAN: enlarging by a network that makes up the detail.

Wang et al. 2021 (arXiv:2107.10833).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame
from lipsmith.core.options import EngineOptions
from lipsmith.core.request import Size
from lipsmith.errors import OptionError
from lipsmith.finishing.base import FinisherCapabilities, Upscaler
from lipsmith.finishing.networks.opening import PictureNetwork, PictureSpec, open_pictures
from lipsmith.finishing.resampling import resized, rgb
from lipsmith.finishing.tiles import TiledNetwork, TileShape

if TYPE_CHECKING:
    from torch import nn

_TRUNK_SIDE_PX, _TRUNK_MARGIN_PX = 192, 12
"""Of a tile where most of the network works, which is at half the size for a factor of 2."""
_ITEM_BYTES = 700_000_000
_EDGE_PX = 8
"""By which the frame is continued on all sides: the network darkens what is beside zeros."""


class RealEsrganUpscaler(Upscaler):
    """RealESRGAN_x2plus and RealESRGAN_x4plus, and others of their layout."""

    capabilities = FinisherCapabilities(
        ("cpu", "cuda", "mps"),
        "MIT; the weights BSD-3-Clause",
        commercial_use=True,
        factors=(2, 4),
    )

    def __init__(self) -> None:
        self._network: PictureNetwork | None = None
        self._shape = TileShape(_TRUNK_SIDE_PX, _TRUNK_MARGIN_PX, 4)

    def load(self, options: EngineOptions, factor: int) -> None:
        if factor not in self.capabilities.factors:
            raise OptionError(f"realesrgan enlarges by 2 or 4, not by {factor}")
        fold = 4 // factor
        side = _TRUNK_SIDE_PX * fold
        self._shape = TileShape(side, _TRUNK_MARGIN_PX * fold, factor)
        model = f"RealESRGAN_x{factor}plus"
        spec = PictureSpec(
            model,
            f"realesrgan-x{factor}plus",
            lambda path: _make(path, model, factor),
            (3, side // 4, side // 4),
            _ITEM_BYTES,
            any_size=True,
        )
        self._network = open_pictures(spec, options)
        self.warnings = self._network.warnings

    def close(self) -> None:
        if self._network is not None:
            self._network.close()
        self._network = None

    def upscale(self, frames: Iterator[Frame], size: Size) -> Iterator[Frame]:
        network, tiled = self._network, None
        assert network is not None, "load() comes first"
        for frame in frames:
            pixels = rgb(frame)
            if tiled is None:
                height, width = (side + 2 * _EDGE_PX + side % 2 for side in pixels.shape[:2])
                shape = replace(self._shape, side=min(self._shape.side, max(height, width)))
                tiled = TiledNetwork(network, shape, height, width, network.at_once)
            large = _enlarged(pixels, tiled, self._shape.factor)
            yield replace(frame, image=resized(large, size))


def _enlarged(pixels: NDArray[np.uint8], tiled: TiledNetwork, factor: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    around = [(_EDGE_PX, _EDGE_PX + side % 2) for side in (height, width)]
    padded = np.pad(pixels, [*around, (0, 0)], "reflect")
    planes = np.ascontiguousarray(padded.transpose(2, 0, 1), np.float32) / np.float32(255)
    edge = _EDGE_PX * factor
    made = tiled(planes)[:, edge : edge + height * factor, edge : edge + width * factor]
    levels = np.rint(made.transpose(1, 2, 0) * 255).clip(0, 255)
    return np.ascontiguousarray(levels, np.uint8)


def _make(path: Path, model: str, factor: int) -> nn.Module:
    import torch

    from lipsmith.finishing.networks.rrdb import RrdbNet
    from lipsmith.neural.checkpoint import load_weights

    with torch.device("meta"):
        network = RrdbNet(factor)
    return load_weights(network, path, model)
