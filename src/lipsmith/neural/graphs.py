"""Networks exported as ONNX graphs, kept so that the next start needs neither torch nor export.

The folder of a graph is named after the hash of the weights it was made from, and holds the graph
and what the module itself answered to the probe: whatever runs the graph has to answer the same.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import nn

_FOLDER = "graphs"
_GRAPH, _PROBE = "graph.onnx", "probe.npz"
_OPSET = 17


@dataclass(frozen=True, slots=True)
class Graph:
    """An exported network. expected: its outputs for the probe, as the module gave them."""

    path: Path
    expected: tuple[NDArray[np.float32], ...]


def graph_folder(models: Path, name: str, sha256: str, variant: str) -> Path:
    """Where the graph of some weights belongs, whether it is there or not.

    models: the folder of weights. sha256: of their file (`lipsmith.weights.record.sha256_of`).
    variant: changes whenever the graph would.
    """
    key = hashlib.sha256(f"{sha256} {variant}".encode()).hexdigest()[:16]
    return models / _FOLDER / f"{name}-{key}"


def find_graph(folder: Path) -> Graph | None:
    """The graph in a folder, when it is there and whole."""
    path = folder / _GRAPH
    try:
        with np.load(folder / _PROBE, allow_pickle=False) as probe:
            if int(probe["size"]) != path.stat().st_size:
                return None
            expected = tuple(probe[f"output_{index}"] for index in range(len(probe.files) - 1))
    except (OSError, ValueError, KeyError):
        return None
    return Graph(path, expected)


def export_graph(
    module: nn.Module,
    probe: Sequence[NDArray[np.float32]],
    expected: Sequence[NDArray[np.float32]],
    inputs: Sequence[str],
    folder: Path,
    *,
    any_size: bool = False,
) -> Graph:
    """Write the graph of a module, whole or not at all.

    The first axis of each input and output is a batch of any size, unless the probe has only one.
    probe: inputs. expected: what the module answers to them. any_size: of four axes, the last two
    are free as well.

    Raises:
        OSError: it cannot be written.
        Exception: torch cannot export this module.
    """
    import torch

    outputs = [f"output_{index}" for index in range(len(expected))]
    named = zip((*inputs, *outputs), (*probe, *expected), strict=True)
    axes = {name: _axes(name, array, any_size) for name, array in named}
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module,
                tuple(torch.from_numpy(each) for each in probe),
                str(aside / _GRAPH),
                input_names=list(inputs),
                output_names=outputs,
                dynamic_axes=axes,
                opset_version=_OPSET,
                dynamo=False,
            )
        answers: dict[str, Any] = dict(zip(outputs, expected, strict=True))
        np.savez(aside / _PROBE, size=(aside / _GRAPH).stat().st_size, **answers)
        aside.chmod(0o755)  # folders of weights are shared
        shutil.rmtree(folder, ignore_errors=True)
        try:
            aside.replace(folder)
        except OSError:  # another process was faster, and its graph is the same
            if find_graph(folder) is None:
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Graph(folder / _GRAPH, tuple(expected))


def _axes(name: str, array: NDArray[np.float32], any_size: bool) -> dict[int, str]:
    """The axes that may have another length than in the probe."""
    axes = {0: "batch"} if len(array) > 1 else {}
    if any_size and array.ndim == 4:
        axes |= {2: f"{name}_height", 3: f"{name}_width"}
    return axes
