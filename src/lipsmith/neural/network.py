"""A network from its module to something that is called with numpy arrays, by the best runtime.

spec = NetworkSpec(
    name="wav2lip",
    make=lambda: load_weights(Generator(), path, "Wav2Lip"),
    inputs=("mel", "faces"),
    probe=(mel, faces),
    graphs=graph_folder(models, "wav2lip", path, variant="1"),
)
network = open_network(spec, device, options.runtime)
(faces,) = network(mel, faces)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.options import Precision, Runtime
from lipsmith.errors import MissingExtraError, OptionError
from lipsmith.neural.device import EXTRA, Device, require_torch
from lipsmith.neural.graphs import Graph, export_graph, find_graph
from lipsmith.neural.runtimes import Network, OnnxNetwork, OpenVinoNetwork, TorchNetwork

if TYPE_CHECKING:
    from torch import nn

_LARGEST, _MEAN = 1e-4, 0.02
"""Differences to the module in fp32, as shares of the outputs' range, at which a runtime is taken
for equal: the largest one in fp32, the mean one in the half precisions, whose roundings add up."""

_FASTEST = {
    Precision.FP32: (Runtime.OPENVINO, Runtime.ONNX, Runtime.TORCH),
    Precision.BF16: (Runtime.OPENVINO, Runtime.TORCH),
}
"""On CPUs, as measured by `benchmarks/wav2lip.py`; GPUs run torch."""

_PACKAGES = {Runtime.OPENVINO: "openvino", Runtime.ONNX: "onnxruntime", Runtime.TORCH: "torch"}


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """What `open_network` needs to know of a network.

    name: for messages. make: reads the weights into a module, in fp32, in eval mode, on the CPU;
    called only when needed. inputs: their names. probe: an example of each, float32; the first
    axis is a batch, of 2 or more, or of 1 for inputs that always have one. graphs: where its
    exported graph is kept (`graph_folder`), None when it is to be run by torch alone. any_size: its
    pictures, the last two of four axes, may have other sizes than the probe.
    """

    name: str
    make: Callable[[], nn.Module]
    inputs: tuple[str, ...]
    probe: tuple[NDArray[np.float32], ...]
    graphs: Path | None = None
    any_size: bool = False


@dataclass(frozen=True, slots=True)
class OpenedNetwork:
    """A network that is ready, and what people should know of the choice of its runtime."""

    network: Network
    warnings: tuple[str, ...] = ()

    def __call__(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Outputs for inputs, see `Network`."""
        return self.network(*inputs)

    @property
    def runtime(self) -> Runtime:
        """What runs it."""
        return self.network.runtime

    def close(self) -> None:
        """Free what it holds."""
        self.network.close()


def open_network(
    spec: NetworkSpec, device: Device, runtime: Runtime = Runtime.AUTO
) -> OpenedNetwork:
    """Make a network ready: exported if need be, checked against its module, warmed up.

    With `Runtime.AUTO` the fastest runtime is taken that is installed and equals the module on the
    probe. A runtime that was asked for and does not equal it is left with a warning, for torch.

    Raises:
        OptionError: the runtime cannot be had with this device or precision.
        MissingExtraError: its package is not installed.
        CheckpointError: from `make`.
    """
    opening = _Opening(spec, device)
    order = _choices(spec, device, runtime)
    for choice in order:
        found = opening.try_runtime(choice)
        if found is not None:
            return OpenedNetwork(found, tuple(opening.warnings))
    return OpenedNetwork(opening.with_torch(), tuple(opening.warnings))


def difference(
    measured: Sequence[NDArray[np.float32]],
    expected: Sequence[NDArray[np.float32]],
    *,
    mean: bool = False,
) -> float:
    """The largest or mean difference between outputs, as a share of the expected ones' range."""
    worst = 0.0
    for one, other in zip(measured, expected, strict=True):
        if one.shape != other.shape or not np.isfinite(one).all():
            return float("inf")
        off = np.abs(one - other)
        spread = max(float(np.ptp(other)), 1e-6)
        worst = max(worst, float(off.mean() if mean else off.max()) / spread)
    return worst


class _Opening:
    """The steps of `open_network`: the module and its graph are made once, and only if needed."""

    def __init__(self, spec: NetworkSpec, device: Device) -> None:
        self._spec, self._device = spec, device
        self._module: nn.Module | None = None
        self.warnings: list[str] = []

    def try_runtime(self, runtime: Runtime) -> Network | None:
        """The network in this runtime; None where it fails or gives other numbers."""
        if runtime is Runtime.TORCH:
            return self.with_torch()
        kind = OnnxNetwork if runtime is Runtime.ONNX else OpenVinoNetwork
        name, half = self._spec.name, self._device.precision is not Precision.FP32
        try:
            graph = self._graph()
            network = kind(graph.path, self._device)
            off = difference(network(*self._spec.probe), graph.expected, mean=half)
        except _ExportError as error:
            self._tell(f"{name} cannot be exported for {runtime} ({error})")
            return None
        except Exception as error:  # each runtime has kinds of its own
            self._tell(f"{runtime} cannot run {name} ({_line(error)})")
            return None
        if off <= (_MEAN if half else _LARGEST):
            return network
        network.close()
        self._tell(f"{runtime} gives other numbers for {name} than torch does (by {off:.1e})")
        return None

    def with_torch(self) -> Network:
        network = TorchNetwork(self._made(), self._device)
        self._module = None  # its weights may have another type and place by now
        network(*self._spec.probe)
        return network

    def _made(self) -> nn.Module:
        if self._module is None:
            require_torch(f"reading the weights of {self._spec.name}")
            self._module = self._spec.make()
        return self._module

    def _graph(self) -> Graph:
        folder = self._spec.graphs
        if folder is None:
            raise _ExportError("it is run by torch alone")
        found = find_graph(folder)
        if found is not None:
            return found
        module = self._made()
        cpu = TorchNetwork(module, Device("cpu", Precision.FP32))
        expected = cpu(*self._spec.probe)
        try:
            return export_graph(
                module,
                self._spec.probe,
                expected,
                self._spec.inputs,
                folder,
                any_size=self._spec.any_size,
            )
        except Exception as error:
            raise _ExportError(_line(error)) from error

    def _tell(self, problem: str) -> None:
        self.warnings.append(f"{problem}; another runtime is used")


class _ExportError(Exception):
    """The graph cannot be made."""


def _choices(spec: NetworkSpec, device: Device, asked: Runtime) -> tuple[Runtime, ...]:
    if asked is Runtime.AUTO:
        if device.kind != "cpu" or spec.graphs is None:
            return (Runtime.TORCH,)
        return tuple(each for each in _FASTEST[device.precision] if _installed(each))
    if asked is not Runtime.TORCH and device.precision not in (Precision.FP32, Precision.BF16):
        raise OptionError(f"the runtime {asked} does not compute with {device.precision} here")
    if asked is Runtime.ONNX and device.precision is not Precision.FP32:
        raise OptionError(
            "ONNX Runtime does not compute with bf16; take the runtime openvino or torch"
        )
    if asked is Runtime.OPENVINO and device.kind != "cpu":
        raise OptionError(f"the runtime openvino is for CPUs, not for {device.name!r}")
    if not _installed(asked):
        extra = "openvino" if asked is Runtime.OPENVINO else EXTRA
        raise MissingExtraError(f"the runtime {asked}", extra)
    return (asked,)


def _installed(runtime: Runtime) -> bool:
    return find_spec(_PACKAGES[runtime]) is not None


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
