"""From a name in the catalogue, or a file of one's own, to a network that runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.options import EngineOptions, Runtime
from lipsmith.neural.device import choose_device, fitting_batch, require_torch
from lipsmith.neural.graphs import graph_folder
from lipsmith.neural.network import NetworkSpec, OpenedNetwork, open_network
from lipsmith.weights import WeightsStore
from lipsmith.weights.record import sha256_of

if TYPE_CHECKING:
    from torch import nn

_LAYOUT = "1"
"""Changes whenever the exported graphs would."""
_MOST_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """A network of one input and one output, float32 pictures.

    model: its name for messages. weights: in the catalogue. make: reads a file of them. shape: of
    a picture to try it with, (3, height, width). item_bytes: that a picture takes at the worst
    moment. any_size: it takes pictures of other sizes too. exports: whether runtimes other than
    torch give the same numbers.
    """

    model: str
    weights: str
    make: Callable[[Path], nn.Module]
    shape: tuple[int, int, int]
    item_bytes: int
    any_size: bool = False
    exports: bool = True


class PictureNetwork:
    """A network that is ready. at_once: pictures that it takes in one run."""

    def __init__(self, network: OpenedNetwork, at_once: int) -> None:
        self._network = network
        self.at_once = at_once
        self.warnings = network.warnings

    def __call__(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 3, height, width) -> the pictures that the network makes of them."""
        parts = range(0, len(pictures), self.at_once)
        made = [self._network(pictures[start : start + self.at_once])[0] for start in parts]
        return made[0] if len(made) == 1 else np.concatenate(made)

    def close(self) -> None:
        """Free what it holds."""
        self._network.close()


def open_pictures(spec: PictureSpec, options: EngineOptions) -> PictureNetwork:
    """Read the weights and make the network ready.

    Raises:
        MissingExtraError: torch is not installed.
        WeightsError: as `WeightsStore.path`, and from `make`.
        OptionError: the device, precision or runtime cannot be had.
    """
    require_torch(spec.model)
    device = choose_device(options.device, options.precision)
    # One picture alone keeps a CPU busy, and graphs of one size run best.
    singly = device.kind == "cpu" or options.runtime not in (Runtime.AUTO, Runtime.TORCH)
    most = (
        1 if singly else fitting_batch(device, spec.item_bytes, _MOST_AT_ONCE, options.batch_size)
    )
    allowed = options.resources
    store = WeightsStore(allowed.models, offline=allowed.offline, commercial=allowed.commercial)
    path = options.weights or store.path(spec.weights)
    graphs = None
    if spec.exports and singly:
        size = "x".join(str(side) for side in spec.shape)
        graphs = graph_folder(store.folder, spec.weights, sha256_of(path), f"{_LAYOUT} {size}")
    wave = np.sin(37 * np.linspace(-1, 1, int(np.prod(spec.shape)), dtype=np.float32))
    probe = np.repeat(wave.reshape(1, *spec.shape), 1 if singly else 2, axis=0)
    network = open_network(
        NetworkSpec(
            spec.model, lambda: spec.make(path), ("pictures",), (probe,), graphs, spec.any_size
        ),
        device,
        options.runtime,
    )
    return PictureNetwork(network, most)
