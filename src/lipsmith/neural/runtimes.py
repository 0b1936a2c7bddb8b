"""What runs a network: torch, ONNX Runtime or OpenVINO, each called with numpy arrays."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.options import Precision, Runtime
from lipsmith.neural.device import Device

if TYPE_CHECKING:
    from torch import nn


class Network(ABC):
    """A network that is ready. Calls from several threads wait for each other or run side by side,
    but are never mixed up."""

    runtime: ClassVar[Runtime]

    @abstractmethod
    def __call__(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Outputs for inputs, all float32 with the batch as first axis, on the CPU."""

    def close(self) -> None:
        """Free what it holds; it cannot be called any more."""


class TorchNetwork(Network):
    """A module, run eagerly: with channels last, which convolutions prefer on every device."""

    runtime = Runtime.TORCH

    def __init__(self, module: nn.Module, device: Device) -> None:
        import torch

        self._device, self._dtype = device.name, device.torch_dtype
        self._module = module.to(self._device, self._dtype).to(memory_format=torch.channels_last)

    def __call__(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        import torch

        with torch.inference_mode():
            outputs = self._module(*(self._tensor(each) for each in inputs))
            if isinstance(outputs, torch.Tensor):
                outputs = (outputs,)
            return tuple(each.float().cpu().numpy() for each in outputs)

    def close(self) -> None:
        del self._module

    def _tensor(self, array: NDArray[np.float32]) -> Any:
        import torch

        tensor = torch.from_numpy(np.ascontiguousarray(array))
        tensor = tensor.to(self._device, self._dtype)
        if tensor.ndim != 4:
            return tensor
        return tensor.contiguous(memory_format=torch.channels_last)


class OnnxNetwork(Network):
    """An ONNX graph in ONNX Runtime, on the CPU or, where its GPU build is installed, with CUDA."""

    runtime = Runtime.ONNX

    def __init__(self, path: Path, device: Device) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = os.cpu_count() or 1
        # Threads that spin while they wait would take the processor from decoding and encoding.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers: list[Any] = ["CPUExecutionProvider"]
        if device.kind == "cuda":
            if "CUDAExecutionProvider" not in ort.get_available_providers():
                raise RuntimeError("the ONNX Runtime that is installed is for the CPU")
            number = int(device.name.partition(":")[2] or 0)
            providers.insert(0, ("CUDAExecutionProvider", {"device_id": number}))
        self._session = ort.InferenceSession(str(path), options, providers=providers)
        self._names = [each.name for each in self._session.get_inputs()]

    def __call__(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        return tuple(self._session.run(None, dict(zip(self._names, inputs, strict=True))))

    def close(self) -> None:
        del self._session


class OpenVinoNetwork(Network):
    """An ONNX graph in OpenVINO, on the CPU."""

    runtime = Runtime.OPENVINO

    def __init__(self, path: Path, device: Device) -> None:
        import openvino

        bits = {Precision.BF16: "bf16", Precision.FP32: "f32"}[device.precision]
        settings = {"INFERENCE_PRECISION_HINT": bits, "PERFORMANCE_HINT": "LATENCY"}
        core = openvino.Core()
        self._model = core.compile_model(core.read_model(str(path)), "CPU", settings)
        self._lock = threading.Lock()

    def __call__(self, *inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        with self._lock:  # calls share one request, and the memory of its outputs
            outputs = self._model(list(inputs))
            return tuple(np.array(outputs[each], np.float32) for each in self._model.outputs)

    def close(self) -> None:
        del self._model
