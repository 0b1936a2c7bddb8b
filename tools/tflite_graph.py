"""Reads a TensorFlow Lite file into plain Python values; weights come out dense.

Layout of the file: tensorflow/lite/schema/schema.fbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

_DTYPES = {0: "<f4", 1: "<f2", 2: "<i4", 3: "u1", 4: "<i8", 9: "i1"}
_BUILTIN_NAMES = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}
_OPTIONS = {
    "ADD": tflite.AddOptions,
    "AVERAGE_POOL_2D": tflite.Pool2DOptions,
    "CONV_2D": tflite.Conv2DOptions,
    "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions,
    "DEPTH_TO_SPACE": tflite.DepthToSpaceOptions,
    "MAX_POOL_2D": tflite.Pool2DOptions,
    "MUL": tflite.MulOptions,
    "RESIZE_BILINEAR": tflite.ResizeBilinearOptions,
}


@dataclass(frozen=True, slots=True)
class Operator:
    """One node. kind: the built-in's name, or a custom operator's own. options: the flatbuffers
    table of a built-in, None for kinds not needed here. custom: a custom operator's bytes."""

    kind: str
    inputs: list[int]
    outputs: list[int]
    options: Any
    custom: bytes


@dataclass(frozen=True, slots=True)
class Graph:
    """shapes: of every tensor. constants: tensors with a value; float16 stays float16."""

    operators: list[Operator]
    inputs: list[int]
    outputs: list[int]
    shapes: list[tuple[int, ...]]
    constants: dict[int, NDArray[Any]]


def read(data: bytes) -> Graph:
    """Parse the only subgraph of a model; packed weights become constants."""
    model = tflite.Model.GetRootAsModel(data, 0)
    subgraph = model.Subgraphs(0)
    shapes, constants = [], {}
    for index in range(subgraph.TensorsLength()):
        tensor = subgraph.Tensors(index)
        shape = tuple(int(n) for n in tensor.ShapeAsNumpy()) if tensor.ShapeLength() else ()
        shapes.append(shape)
        buffer = model.Buffers(tensor.Buffer())
        if buffer.DataLength():
            values = np.frombuffer(buffer.DataAsNumpy().tobytes(), _DTYPES[tensor.Type()])
            sparsity = tensor.Sparsity()
            dense = _densify(values, shape, sparsity) if sparsity else values.reshape(shape)
            constants[index] = dense
    operators = []
    for index in range(subgraph.OperatorsLength()):
        operator = _read_operator(model, subgraph.Operators(index))
        if operator.kind in ("DEQUANTIZE", "DENSIFY") and operator.inputs[0] in constants:
            constants[operator.outputs[0]] = constants[operator.inputs[0]]
        else:
            operators.append(operator)
    inputs = [int(i) for i in subgraph.InputsAsNumpy()]
    outputs = [int(i) for i in subgraph.OutputsAsNumpy()]
    return Graph(operators, inputs, outputs, shapes, constants)


def _read_operator(model: Any, node: Any) -> Operator:
    code = model.OperatorCodes(node.OpcodeIndex())
    kind = _BUILTIN_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    custom = b""
    if kind == "CUSTOM":
        kind = code.CustomCode().decode()
        custom = node.CustomOptionsAsNumpy().tobytes() if node.CustomOptionsLength() else b""
    options, table = None, node.BuiltinOptions()
    if kind in _OPTIONS and table is not None:
        options = _OPTIONS[kind]()
        options.Init(table.Bytes, table.Pos)
    inputs = [int(i) for i in node.InputsAsNumpy()]
    outputs = [int(i) for i in node.OutputsAsNumpy()]
    return Operator(kind, inputs, outputs, options, custom)


def _densify(values: NDArray[Any], shape: tuple[int, ...], sparsity: Any) -> NDArray[Any]:
    """Expand compressed rows (SparsityParameters in schema.fbs: dimensions in traversal order,
    each dense or with segments and indices; trailing dimensions are blocks of earlier ones)."""
    order = sparsity.TraversalOrderAsNumpy()
    blocks = sparsity.BlockMapAsNumpy() if sparsity.BlockMapLength() else np.zeros(0, int)
    levels: list[tuple[int, NDArray[Any], NDArray[Any]] | int] = []
    for level in range(sparsity.DimMetadataLength()):
        meta = sparsity.DimMetadata(level)
        if meta.Format() == tflite.DimensionType.DENSE:
            levels.append(int(meta.DenseSize()))
        else:
            segments = _index_vector(meta.ArraySegments(), meta.ArraySegmentsType())
            indices = _index_vector(meta.ArrayIndices(), meta.ArrayIndicesType())
            levels.append((0, segments, indices))
    rank = len(shape)
    block_size = [1] * rank
    for position, dimension in enumerate(blocks):
        size = levels[list(order).index(rank + position)]
        block_size[int(dimension)] = size if isinstance(size, int) else 1
    dense = np.zeros(shape, values.dtype)
    count = 0

    def walk(level: int, position: int, at: list[int]) -> None:
        nonlocal count
        if level == len(levels):
            place = [at[i] * block_size[i] for i in range(rank)]
            for i, dimension in enumerate(blocks):
                place[int(dimension)] += at[rank + i]
            dense[tuple(place)] = values[count]
            count += 1
            return
        here, axis = levels[level], int(order[level])
        if isinstance(here, int):
            for i in range(here):
                at[axis] = i
                walk(level + 1, position * here + i, at)
        else:
            _, segments, indices = here
            for k in range(int(segments[position]), int(segments[position + 1])):
                at[axis] = int(indices[k])
                walk(level + 1, k, at)

    walk(0, 0, [0] * (rank + len(blocks)))
    return dense


def _index_vector(table: Any, kind: int) -> NDArray[Any]:
    vector = {1: tflite.Int32Vector, 2: tflite.Uint16Vector, 3: tflite.Uint8Vector}[kind]()
    vector.Init(table.Bytes, table.Pos)
    return np.asarray(vector.ValuesAsNumpy())
