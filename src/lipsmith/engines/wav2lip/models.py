"""The network of Wav2Lip from its weights, ready to draw mouths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.options import EngineOptions, Runtime
from lipsmith.engines.wav2lip.crop import network_input
from lipsmith.neural.device import Device, choose_device, fitting_batch
from lipsmith.neural.graphs import graph_folder
from lipsmith.neural.network import NetworkSpec, OpenedNetwork, open_network
from lipsmith.weights.store import WeightsStore

if TYPE_CHECKING:
    from lipsmith.engines.wav2lip.generator import Generator

_MODEL = "Wav2Lip"
_FACE_BYTES = 25_000_000
_MOST_ON_CPU, _MOST_ON_GPU = 8, 64
_VARIANT = "1"
"""Of the graphs that are made of the generator; another number whenever they change."""

_Array = NDArray[np.float32]
Drawer = Callable[[Sequence[_Array]], _Array]
"""Mel windows, (80, 16) each, to mouths, (n, 96 - FIRST_ROW, 96, 3), 0..1, RGB."""


class MouthModel:
    """The network and where it runs. What it needs for stills or videos is opened when asked for.

    batch_size: faces at once. warnings: about runtimes that could not be used.
    """

    def __init__(self, weights: str, options: EngineOptions, width: float = 1.0) -> None:
        """
        weights: the name in the catalogue, unless `options` names a file. width: of the generator.

        Raises:
            WeightsError: there are none, or they are of another model.
            OptionError: the device or the precision cannot be had.
        """
        self._device: Device = choose_device(options.device, options.precision)
        self._runtime: Runtime = options.runtime
        self._width = width
        self._graphs = WeightsStore(options.resources.models).folder
        self._weights = _weights_file(weights, options)
        self._opened: dict[str, OpenedNetwork] = {}
        self._made: Generator | None = None
        most = _MOST_ON_CPU if self._device.kind == "cpu" else _MOST_ON_GPU
        self.batch_size = fitting_batch(self._device, _FACE_BYTES, most, options.batch_size)

    @property
    def warnings(self) -> tuple[str, ...]:
        told = (line for opened in self._opened.values() for line in opened.warnings)
        return tuple(dict.fromkeys(told))

    def for_still(self, face: _Array) -> Drawer:
        """What draws the mouths of one face; what only depends on the face is computed here.

        face: (96, 96, 3), 0..1, RGB.
        """
        shown = network_input(face)[None]
        shares = self._open("face", _face_probe(), ("faces",))(np.repeat(shown, 2, 0))
        constant = tuple(share[:1] for share in shares)
        probe = (_mel_probe(), *(_noise(share.shape, 1.0) for share in constant))
        names = ("mel", *(f"face_{index}" for index in range(len(constant))))
        network = self._open("speech", probe, names)

        def draw(mel: Sequence[_Array]) -> _Array:
            return _pictures(network(np.stack(mel)[:, None], *constant))

        return draw

    def for_video(self) -> Callable[[Sequence[_Array], Sequence[_Array]], _Array]:
        """What draws the mouths of faces that change: from windows, and faces as of `for_still`."""
        network = self._open("mouth", (_mel_probe(), *_face_probe()), ("mel", "faces"))

        def draw(mel: Sequence[_Array], faces: Sequence[_Array]) -> _Array:
            return _pictures(network(np.stack(mel)[:, None], np.stack(list(map(network_input, faces)))))

        return draw

    def close(self) -> None:
        """Free the networks."""
        for opened in self._opened.values():
            opened.close()
        self._opened.clear()
        self._made = None

    def _open(self, part: str, probe: tuple[_Array, ...], inputs: tuple[str, ...]) -> OpenedNetwork:
        if part not in self._opened:
            variant = f"{part} {_VARIANT} {self._width}"
            spec = NetworkSpec(
                _MODEL,
                make=partial(self._make, part),
                inputs=inputs,
                probe=probe,
                graphs=graph_folder(self._graphs, f"wav2lip-{part}", self._weights, variant),
            )
            self._opened[part] = open_network(spec, self._device, self._runtime)
        return self._opened[part]
