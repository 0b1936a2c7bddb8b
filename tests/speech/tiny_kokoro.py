"""A Kokoro model of a few kilobytes: a tone, four frames of 25 ms for every symbol."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FRAME = 600
"""Samples at 24 kHz."""

FRAMES = 4
_INPUTS = (("tokens", TensorProto.INT64, [1, "t"]), ("style", TensorProto.FLOAT, [1, 256]))


def write(folder: Path, *, times: bool = True, voices: tuple[str, ...] = ("af_test",)) -> Path:
    """Write model.onnx and voices.bin, and give the model's path. times: tell durations."""
    constants = {
        "zero": np.float32(0),
        "frames": np.float32(FRAMES),
        "frame": np.int64(FRAME),
        "first": np.int64(0),
        "step": np.int64(1),
        "tone": np.float32(0.05),
        "flat": np.array([-1], np.int64),
        "scalar": np.array([], np.int64),
    }
    steps = (
        ("Cast", ["tokens"], "numbers", {"to": TensorProto.FLOAT}),
        ("Mul", ["numbers", "zero"], "none", {}),
        ("Reshape", ["speed", "scalar"], "tempo", {}),
        ("Div", ["frames", "tempo"], "each", {}),
        ("Add", ["none", "each"], "lengths", {}),
        ("Ceil", ["lengths"], "whole", {}),
        ("Cast", ["whole"], "counts", {"to": TensorProto.INT64}),
        ("Reshape", ["counts", "flat"], "duration", {}),
        ("ReduceSum", ["duration"], "total", {"keepdims": 0}),
        ("Mul", ["total", "frame"], "samples", {}),
        ("Range", ["first", "samples", "step"], "index", {}),
        ("Cast", ["index"], "time", {"to": TensorProto.FLOAT}),
        ("Mul", ["time", "tone"], "phase", {}),
        ("Sin", ["phase"], "wave", {}),
        ("ReduceMean", ["style"], "mean", {"keepdims": 0}),
        ("Mul", ["mean", "zero"], "nothing", {}),
        ("Add", ["wave", "nothing"], "audio", {}),
    )
    outputs = [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["n"])]
    if times:
        outputs.append(helper.make_tensor_value_info("duration", TensorProto.INT64, ["t"]))
    inputs = (*_INPUTS, ("speed", TensorProto.FLOAT, [1]))
    graph = helper.make_graph(
        [helper.make_node(kind, given, [made], **options) for kind, given, made, options in steps],
        "kokoro",
        [helper.make_tensor_value_info(*each) for each in inputs],
        outputs,
        [numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    path = folder / "model.onnx"
    onnx.save(model, path)
    style = np.random.default_rng(0).standard_normal((510, 1, 256)).astype(np.float32)
    np.savez(folder / "voices.npz", **dict.fromkeys(voices, style))
    (folder / "voices.npz").rename(folder / "voices.bin")
    return path
