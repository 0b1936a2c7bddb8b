"""Restorers of faces: the networks, and how they are fed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame
from lipsmith.core.options import EngineOptions, Precision
from lipsmith.finishing.base import FacesIn, FinisherCapabilities, Restorer
from lipsmith.finishing.face_crops import SIDE_PX
from lipsmith.finishing.networks.opening import PictureNetwork, PictureSpec, open_pictures
from lipsmith.finishing.restoration import restore_faces

if TYPE_CHECKING:
    from torch import nn

_DEVICES = ("cpu", "cuda", "mps")
_ITEM_BYTES = 1_500_000_000
"""What a face takes at the worst moment of the largest of these networks."""


class NeuralRestorer(Restorer):
    """A network from faces of FFHQ at 512 px to the same faces whole, RGB -1..1."""

    weights: ClassVar[str]
    """Their name in the catalogue."""
    model: ClassVar[str]
    """What the network is called, for messages."""
    exports: ClassVar[bool] = True
    """Whether other runtimes than torch give the same numbers."""

    def __init__(self) -> None:
        self._network: PictureNetwork | None = None

    def load(self, options: EngineOptions) -> None:
        # Half the bits of fp16 are not enough: what these networks compute overflows there.
        wanted = options.precision
        if wanted is not Precision.BF16:
            wanted = Precision.FP32
        spec = PictureSpec(
            self.model,
            self.weights,
            self._make,
            (3, SIDE_PX, SIDE_PX),
            _ITEM_BYTES,
            exports=self.exports,
        )
        self._network = open_pictures(spec, replace(options, precision=wanted))
        self.warnings = self._network.warnings

    def close(self) -> None:
        if self._network is not None:
            self._network.close()
        self._network = None

    def restore(self, frames: Iterator[Frame], faces: FacesIn, strength: float) -> Iterator[Frame]:
        assert self._network is not None, "load() comes first"
        batch = self._network.at_once
        return restore_faces(frames, faces, self.restore_crops, strength=strength, batch=batch)

    def restore_crops(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 512, 512, 3) RGB 0..255 -> the same, restored; `load` comes first."""
        assert self._network is not None, "load() comes first"
        faces = np.ascontiguousarray((crops / 127.5 - 1).transpose(0, 3, 1, 2), np.float32)
        levels = (self._network(faces).transpose(0, 2, 3, 1).clip(-1, 1) + 1) * 127.5
        return np.asarray(levels, np.float32)

    @staticmethod
    @abstractmethod
    def _make(path: Path) -> nn.Module:
        """The network with the weights of a file."""


class GfpganRestorer(NeuralRestorer):
    """GFPGAN 1.4; files of 1.2 and 1.3 have the same layout."""

    capabilities = FinisherCapabilities(
        _DEVICES, "MIT; the weights Apache-2.0 but for third parties", commercial_use=False
    )
    weights, model = "gfpgan-1.4", "GFPGAN 1.4"

    @staticmethod
    def _make(path: Path) -> nn.Module:
        from lipsmith.finishing.networks.gfpgan import Gfpgan, flattened

        return flattened(_filled(Gfpgan, path, GfpganRestorer.model))


class CodeFormerRestorer(NeuralRestorer):
    """CodeFormer, as faithful to the face as it can be."""

    capabilities = FinisherCapabilities(
        _DEVICES, "MIT; the weights S-Lab License 1.0, non-commercial", commercial_use=False
    )
    weights, model = "codeformer", "CodeFormer"
    # Which entry of a codebook is nearest may change with the last bit of a number.
    exports = False

    @staticmethod
    def _make(path: Path) -> nn.Module:
        from lipsmith.finishing.networks.codeformer import CodeFormer

        return _filled(CodeFormer, path, CodeFormerRestorer.model)


class RestoreFormerRestorer(NeuralRestorer):
    """RestoreFormer."""

    capabilities = FinisherCapabilities(
        _DEVICES, "MIT; the weights Apache-2.0, trained on FFHQ", commercial_use=False
    )
    weights, model = "restoreformer", "RestoreFormer"
    exports = False

    @staticmethod
    def _make(path: Path) -> nn.Module:
        from lipsmith.finishing.networks.restoreformer import RestoreFormer

        return _filled(RestoreFormer, path, RestoreFormerRestorer.model)


def _filled(network: Callable[[], nn.Module], path: Path, model: str) -> nn.Module:
    """A network with the weights of a file, which take no memory before they are read."""
    import torch

    from lipsmith.neural.checkpoint import load_weights

    with torch.device("meta"):
        empty = network()
    return load_weights(empty, path, model)
