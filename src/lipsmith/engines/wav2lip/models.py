"""The network of Wav2Lip from its weights, ready to draw mouths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.options import EngineOptions, Runtime
from lipsmith.engines.wav2lip.crop import FIRST_ROW, SIDE_PX, network_input
from lipsmith.engines.wav2lip.mel import BANDS, STEPS
from lipsmith.engines.wav2lip.onnx_export import PublicGraph
from lipsmith.errors import CheckpointError
from lipsmith.neural.checkpoint import is_onnx, load_weights
from lipsmith.neural.device import Device, choose_device, fitting_batch
from lipsmith.neural.folding import fold_batch_norms
from lipsmith.neural.graphs import graph_folder
from lipsmith.neural.network import NetworkSpec, OpenedNetwork, open_network
from lipsmith.weights.record import sha256_of
from lipsmith.weights.store import WeightsStore

if TYPE_CHECKING:
    from torch import nn

    from lipsmith.engines.wav2lip.generator import Generator

_MODEL = "Wav2Lip"
_FACE_BYTES = 25_000_000
_MOST_ON_CPU, _MOST_ON_GPU = 16, 64
_VARIANT = "1"
"""Of the graphs that are made of the generator; another number whenever they change."""

_WHOLE = ("mel", "faces")

_Array = NDArray[np.float32]
Drawer = Callable[[Sequence[_Array]], _Array]
"""Mel windows, (80, 16) each, to mouths, (n, 96 - FIRST_ROW, 96, 3), 0..1, RGB."""


class MouthModel:
    """The network and where it runs. What it needs for stills or videos is opened when asked for.

    batch_size: faces at once. ahead: batches that are worth starting at the same time.
    warnings: about runtimes that could not be used.
    """

    def __init__(self, weights: str, options: EngineOptions, width: float = 1.0) -> None:
        """
        weights: the name in the catalogue, unless `options` names a file. width: of `Generator`.

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
        self._graph = PublicGraph(self._weights, self._device) if is_onnx(self._weights) else None
        self._sha256 = "" if self._graph else sha256_of(self._weights)
        on_cpu = self._device.kind == "cpu"
        self.ahead = 1 if on_cpu else 2
        most = _MOST_ON_CPU if on_cpu else _MOST_ON_GPU
        self.batch_size = fitting_batch(self._device, _FACE_BYTES, most, options.batch_size)

    @property
    def warnings(self) -> tuple[str, ...]:
        told = (line for opened in self._opened.values() for line in opened.warnings)
        return tuple(dict.fromkeys(told))

    def for_still(self, face: _Array) -> Drawer:
        """What draws the mouths of one face; what only depends on the face is computed here.

        face: (96, 96, 3), 0..1, RGB.
        """
        if self._graph is not None:
            of_faces = self.for_video()
            return lambda mel: of_faces(mel, [face] * len(mel))
        shown = network_input(face)[None]
        shares = self._open("face", _face_probe(), ("faces",))(np.repeat(shown, 2, 0))
        constant = tuple(share[:1] for share in shares)
        probe = (_mel_probe(), *(_noise(share.shape, 1.0) for share in constant))
        names = ("mel", *(f"face_{index}" for index in range(len(constant))))
        network = self._open("speech", probe, names)
        self._made = None

        def draw(mel: Sequence[_Array]) -> _Array:
            return _pictures(network(np.stack(mel)[:, None], *constant))

        return draw

    def for_video(self) -> Callable[[Sequence[_Array], Sequence[_Array]], _Array]:
        """What draws the mouths of faces that change: from windows, and faces as of `for_still`."""
        network = self._graph or self._open("mouth", (_mel_probe(), *_face_probe()), _WHOLE)
        self._made = None

        def draw(mel: Sequence[_Array], faces: Sequence[_Array]) -> _Array:
            shown = np.stack([network_input(face) for face in faces])
            return _pictures(network(np.stack(mel)[:, None], shown))

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
            folder = graph_folder(self._graphs, f"wav2lip-{part}", self._sha256, variant)
            spec = NetworkSpec(
                _MODEL,
                make=partial(self._make, part),
                inputs=inputs,
                probe=probe,
                graphs=folder,
            )
            self._opened[part] = open_network(spec, self._device, self._runtime)
        return self._opened[part]

    def _make(self, part: str) -> nn.Module:
        import torch

        from lipsmith.engines.wav2lip.generator import (
            FaceShare,
            Generator,
            MouthGenerator,
            SpeechShare,
        )

        if self._made is None:
            with torch.device("meta"):
                empty = Generator(self._width)
            self._made = fold_batch_norms(load_weights(empty, self._weights, _MODEL))
        parts = {"face": FaceShare, "speech": SpeechShare, "mouth": MouthGenerator}
        return parts[part](self._made)


def _weights_file(weights: str, options: EngineOptions) -> Path:
    if options.weights is not None:
        path = options.weights.expanduser()
        if not path.is_file():
            raise CheckpointError(f"there is no file {path}")
        return path
    resources = options.resources
    store = WeightsStore(
        resources.models, offline=resources.offline, commercial=resources.commercial
    )
    return store.path(weights)


def _pictures(outputs: tuple[_Array, ...]) -> _Array:
    """(n, 3, rows, 96) BGR -> (n, 96 - FIRST_ROW, 96, 3) RGB."""
    return np.ascontiguousarray(outputs[0][:, ::-1, FIRST_ROW - SIDE_PX :].transpose(0, 2, 3, 1))


def _mel_probe() -> _Array:
    return _noise((2, 1, BANDS, STEPS), 2.0)


def _face_probe() -> tuple[_Array]:
    faces = np.random.default_rng(1).random((2, SIDE_PX, SIDE_PX, 3), np.float32)
    return (np.stack([network_input(face) for face in faces]),)


def _noise(shape: tuple[int, ...], scale: float) -> _Array:
    return scale * np.random.default_rng(2).standard_normal(shape, np.float32)
