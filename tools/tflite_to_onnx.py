"""Writes the operators of a TensorFlow Lite graph as ONNX operators.

Four-dimensional activations are NHWC in the source and NCHW in the result; all others keep their
layout. Weights stay float16 in the file and are widened when a session is created.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tflite_graph import Graph, Operator

OPSET = 17
_SAME = 0
_ACTIVATIONS = {0: None, 1: "Relu"}


class OnnxWriter:
    """Collects nodes and weights; `convert` walks a TensorFlow Lite graph."""

    def __init__(self, source: Graph) -> None:
        self.source = source
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}
        self.names: dict[int, str] = {}
        self._count = 0

    # Building blocks

    def add(self, kind: str, *inputs: str, name: str | None = None, **attributes: Any) -> str:
        """Append a node with one output and return the output's name."""
        self._count += 1
        output = name or f"{kind.lower()}_{self._count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, value: NDArray[Any], label: str = "const") -> str:
        """Add a tensor that is part of the model. Equal names share."""
        self._count += 1
        name = f"{label}_{self._count}"
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, value: NDArray[Any]) -> str:
        """Add a weight; float16 is cast to float32 in the graph."""
        name = self.constant(value, "weight")
        if value.dtype == np.float16:
            return self.add("Cast", name, to=TensorProto.FLOAT)
        return name

    # Graph

    def convert(self, picture: str) -> None:
        """Emit every operator; `picture` names the NCHW float32 input."""
        self.names[self.source.inputs[0]] = picture
        for operator in self.source.operators:
            method = getattr(self, "_" + operator.kind.lower(), None)
            if method is None:
                raise NotImplementedError(operator.kind)
            output = method(operator)
            activation = self._activation(operator)
            if activation:
                output = self.add(activation, output)
            self.names[operator.outputs[0]] = output

    def value(self, index: int) -> str:
        """Name of a tensor; constants are added as weights in the result's layout."""
        if index not in self.names:
            constant = self.source.constants[index]
            if constant.ndim == 4:
                constant = constant.transpose(0, 3, 1, 2)
            self.names[index] = self.weight(constant)
        return self.names[index]

    def as_rows(self, index: int, shape: tuple[int, ...]) -> str:
        """Reshape an activation as if it were still in NHWC order."""
        source_shape, name = self.source.shapes[index], self.value(index)
        if len(source_shape) == 4 and source_shape[1:3] != (1, 1):
            name = self.add("Transpose", name, perm=[0, 2, 3, 1])
        return self.add("Reshape", name, self.constant(np.array(shape, np.int64)))

    def save(
        self,
        inputs: list[onnx.ValueInfoProto],
        outputs: list[onnx.ValueInfoProto],
        metadata: dict[str, str],
    ) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes, "model", inputs, outputs, list(self.initializers.values())
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = 8
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model)
        return model

    # Operators

    def _activation(self, operator: Operator) -> str | None:
        options = operator.options
        if options is None or not hasattr(options, "FusedActivationFunction"):
            return None
        return _ACTIVATIONS[options.FusedActivationFunction()]

    def _padding(self, operator: Operator, kernel: tuple[int, int], stride: int) -> list[int]:
        """ONNX pads; TensorFlow puts the odd pixel of SAME padding at the end."""
        if operator.options.Padding() != _SAME:
            return [0, 0, 0, 0]
        before, after = [], []
        for axis, size in enumerate(kernel):
            inside = self.source.shapes[operator.inputs[0]][axis + 1]
            outside = self.source.shapes[operator.outputs[0]][axis + 1]
            total = max(0, (outside - 1) * stride + size - inside)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def _convolution(self, operator: Operator, weight: NDArray[Any], group: int) -> str:
        stride = operator.options.StrideW()
        kernel = (weight.shape[2], weight.shape[3])
        inputs = [self.value(operator.inputs[0]), self.weight(weight)]
        if len(operator.inputs) > 2:
            inputs.append(self.weight(self.source.constants[operator.inputs[2]]))
        pads = self._padding(operator, kernel, stride)
        return self.add(
            "Conv", *inputs, kernel_shape=kernel, strides=[stride] * 2, pads=pads, group=group
        )

    def _conv_2d(self, operator: Operator) -> str:
        weight = self.source.constants[operator.inputs[1]].transpose(0, 3, 1, 2)
        return self._convolution(operator, weight, 1)

    def _depthwise_conv_2d(self, operator: Operator) -> str:
        weight = self.source.constants[operator.inputs[1]].transpose(3, 0, 1, 2)
        return self._convolution(operator, weight, weight.shape[0])

    def _convolution2dtransposebias(self, operator: Operator) -> str:
        """Custom operator of MediaPipe: a transposed convolution, here 2x2 with stride 2."""
        weight = self.source.constants[operator.inputs[1]].transpose(3, 0, 1, 2)
        bias = self.source.constants[operator.inputs[2]]
        strides = np.frombuffer(operator.custom, "<i4")[1:3]
        if weight.shape[2:] != (2, 2) or strides.tolist() != [2, 2]:
            raise NotImplementedError("transposed convolution other than 2x2 with stride 2")
        return self.add(
            "ConvTranspose",
            self.value(operator.inputs[0]),
            self.weight(weight),
            self.weight(bias),
            kernel_shape=[2, 2],
            strides=[2, 2],
        )

    def _add(self, operator: Operator) -> str:
        return self.add("Add", *(self.value(i) for i in operator.inputs))

    def _mul(self, operator: Operator) -> str:
        return self.add("Mul", *(self.value(i) for i in operator.inputs))

    def _relu(self, operator: Operator) -> str:
        return self.add("Relu", self.value(operator.inputs[0]))

    def _logistic(self, operator: Operator) -> str:
        return self.add("Sigmoid", self.value(operator.inputs[0]))

    def _hard_swish(self, operator: Operator) -> str:
        return self.add("HardSwish", self.value(operator.inputs[0]))

    def _prelu(self, operator: Operator) -> str:
        slope = self.source.constants[operator.inputs[1]].reshape(-1, 1, 1)
        return self.add("PRelu", self.value(operator.inputs[0]), self.weight(slope))

    def _max_pool_2d(self, operator: Operator) -> str:
        options = operator.options
        kernel = (options.FilterHeight(), options.FilterWidth())
        pads = self._padding(operator, kernel, options.StrideW())
        return self.add(
            "MaxPool",
            self.value(operator.inputs[0]),
            kernel_shape=kernel,
            strides=[options.StrideW()] * 2,
            pads=pads,
        )

    def _average_pool_2d(self, operator: Operator) -> str:
        if self.source.shapes[operator.outputs[0]][1:3] != (1, 1):
            raise NotImplementedError("average pool over less than everything")
        return self.add("GlobalAveragePool", self.value(operator.inputs[0]))

    def _pad(self, operator: Operator) -> str:
        pads = self.source.constants[operator.inputs[1]][[0, 3, 1, 2]].T.reshape(-1)
        return self.add("Pad", self.value(operator.inputs[0]), self.constant(pads.astype(np.int64)))

    def _resize_bilinear(self, operator: Operator) -> str:
        if operator.options.AlignCorners() or not operator.options.HalfPixelCenters():
            raise NotImplementedError("resize without half pixel centres")
        before, after = (self.source.shapes[i] for i in (operator.inputs[0], operator.outputs[0]))
        scales = np.array([1, 1, after[1] / before[1], after[2] / before[2]], np.float32)
        return self.add(
            "Resize",
            self.value(operator.inputs[0]),
            "",
            self.constant(scales),
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )

    def _depth_to_space(self, operator: Operator) -> str:
        block = operator.options.BlockSize()
        return self.add("DepthToSpace", self.value(operator.inputs[0]), blocksize=block, mode="DCR")

    def _reshape(self, operator: Operator) -> str:
        shape = self.source.shapes[operator.outputs[0]]
        if len(shape) == 4 and shape[1:3] != (1, 1):
            raise NotImplementedError("reshape into a picture")
        if len(shape) == 4:
            shape = (shape[0], shape[3], 1, 1)
        if len(shape) == 3:
            shape = (shape[0], -1, shape[2])
        return self.as_rows(operator.inputs[0], shape)

    def _concatenation(self, operator: Operator) -> str:
        if len(self.source.shapes[operator.outputs[0]]) != 3:
            raise NotImplementedError("concatenation of pictures")
        return self.add("Concat", *(self.value(i) for i in operator.inputs), axis=1)

    def _strided_slice(self, operator: Operator) -> str:
        if self.source.shapes[operator.inputs[0]] != self.source.shapes[operator.outputs[0]]:
            raise NotImplementedError("a slice that cuts")
        return self.value(operator.inputs[0])
