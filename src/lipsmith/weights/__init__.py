"""Weights of models: which there are, and a folder of verified copies of them.

store = WeightsStore(settings().models)
store.pull("piper:en_US-lessac-medium")
onnx, config = store.paths("piper:en_US-lessac-medium")
"""

from __future__ import annotations

from lipsmith.weights.catalog import all_weights, find_weights
from lipsmith.weights.entry import Trust, WeightsEntry, WeightsFile
from lipsmith.weights.progress import DownloadProgress
from lipsmith.weights.store import FileCheck, WeightsState, WeightsStatus, WeightsStore

__all__ = [
    "DownloadProgress",
    "FileCheck",
    "Trust",
    "WeightsEntry",
    "WeightsFile",
    "WeightsState",
    "WeightsStatus",
    "WeightsStore",
    "all_weights",
    "find_weights",
]
