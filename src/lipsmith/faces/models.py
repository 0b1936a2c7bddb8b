"""The neural networks that look at faces: ONNX files that ship with the package."""

from __future__ import annotations

import threading
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

_THREADS = 2
_DETECTORS = ("face_detection_short_range", "face_detection_full_range")
"""Optimising the others when they are loaded takes longer than it saves in a few runs."""
_ERRORS_ONLY = 3
_lock = threading.Lock()


def run(name: str, picture: NDArray[np.uint8], *, often: bool = False) -> list[NDArray[np.float32]]:
    """Run the model `name` on a (height, width, 3) RGB picture of its input size.

    often: as on every frame of a video; loading takes longer then, and a run half as much work.
    Thread-safe; the model is loaded at its first use and kept.
    """
    with _lock:
        session = _session(name, often)
    outputs: list[NDArray[np.float32]] = session.run(None, {"picture": picture[None]})
    return outputs


@cache
def _session(name: str, often: bool) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    # Beside the other work on a video, a second thread costs more than it gains.
    options.intra_op_num_threads = 1 if often else _THREADS
    if name not in _DETECTORS and not often:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.inter_op_num_threads = 1
    # Waiting threads must sleep: the renderer and the encoder need the cores between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    data = files("lipsmith.faces").joinpath("models", f"{name}.onnx").read_bytes()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
