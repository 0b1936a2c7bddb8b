"""The network: a stack of dilated convolutions over log-mel frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from lipsmith.articulation.recognition.phone_net_features import MELS

CHANNELS = 128
OUTPUTS = 17
"""15 visemes, lips closed, somebody speaks; logits."""

_FRAMES_A_STEP = 2
_BLOCKS = ((1, 1), (1, 1), (2, 2), (2, 2), (4, 0), (4, 4), (8, 0), (8, 0), (1, 0), (2, 0))
"""Dilation and how far each looks ahead, in steps of 20 ms."""


class PhoneNetwork(nn.Module):
    """(batch, frames, MELS) -> (batch, frames, OUTPUTS); an even number of frames."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(MELS, CHANNELS, 6, stride=_FRAMES_A_STEP)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(CHANNELS, CHANNELS, 3, dilation=dilation) for dilation, _ in _BLOCKS
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(CHANNELS) for _ in _BLOCKS)
        self.last = nn.Conv1d(CHANNELS, OUTPUTS * _FRAMES_A_STEP, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.first(functional.pad(x.transpose(1, 2), (2, 2))))
        for (dilation, ahead), convolution, norm in zip(
            _BLOCKS, self.convolutions, self.norms, strict=True
        ):
            y = convolution(functional.pad(x, (2 * dilation - ahead, ahead)))
            x = x + functional.dropout(torch.relu(norm(y)), 0.1, self.training)
        x = self.last(x).transpose(1, 2)
        return x.reshape(x.shape[0], -1, OUTPUTS)


@torch.no_grad()
def write_onnx(network: PhoneNetwork, path: Path) -> None:
    """mels (1, frames, MELS) float32 -> logits (1, frames, OUTPUTS); weights in float16."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, values: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
        return name

    def convolve(name: str, x: str, weight: Tensor, bias: Tensor, **attributes: object) -> str:
        parts = [constant(f"{name}_w", weight.numpy()), constant(f"{name}_b", bias.numpy())]
        nodes.append(helper.make_node("Conv", [x, *parts], [name], **attributes))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    x = node("Transpose", ["mels"], "bands", perm=[0, 2, 1])
    first = network.first
    x = convolve("first", x, first.weight, first.bias, strides=[_FRAMES_A_STEP], pads=[2, 2])
    x = node("Relu", [x], "x0")
    for index, (dilation, ahead) in enumerate(_BLOCKS):
        convolution, norm = network.convolutions[index], network.norms[index]
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = convolution.weight * scale[:, None, None]
        bias = (convolution.bias - norm.running_mean) * scale + norm.bias
        pads = [2 * dilation - ahead, ahead]
        y = convolve(f"c{index}", x, weight, bias, dilations=[dilation], pads=pads)
        x = node("Add", [x, node("Relu", [y], f"r{index}")], f"x{index + 1}")
    x = convolve("last", x, network.last.weight, network.last.bias)
    x = node("Transpose", [x], "steps", perm=[0, 2, 1])
    shape = numpy_helper.from_array(np.array([1, -1, OUTPUTS], np.int64), "shape")
    node("Reshape", [x, "shape"], "logits")
    graph = helper.make_graph(
        nodes,
        "phone_net",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, [1, "frames", MELS])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "frames", OUTPUTS])],
        [*constants, shape],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)
