"""A network is run by whatever is fastest, and always gives its module's numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipsmith.core.options import Precision, Runtime
from lipsmith.errors import OptionError
from lipsmith.neural.device import Device, cpu_has_bf16
from lipsmith.neural.graphs import find_graph
from lipsmith.neural.network import NetworkSpec, open_network

pytestmark = pytest.mark.neural

CPU = Device("cpu", Precision.FP32)
RNG = np.random.default_rng(5)
PICTURES = RNG.random((3, 2, 8, 8), np.float32)
SHIFT = RNG.random((1, 4, 1, 1), np.float32)


def _module() -> Any:
    import torch
    from torch import nn

    class Shifted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(1)
            self.layers = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
            self.layers[1].running_mean.normal_()
            self.layers[1].running_var.uniform_(0.5, 2)

        def forward(self, pictures: Any, shift: Any) -> Any:
            made = self.layers(pictures) + shift
            return made, made.mean(1)

    return Shifted().eval()


def _spec(folder: Path | None, made: list[int] | None = None) -> NetworkSpec:
    def make() -> Any:
        if made is not None:
            made.append(1)
        return _module()

    return NetworkSpec("test", make, ("pictures", "shift"), (PICTURES, SHIFT), folder)


def _expected(pictures: Any) -> list[Any]:
    import torch

    with torch.no_grad():
        return [t.numpy() for t in _module()(torch.from_numpy(pictures), torch.from_numpy(SHIFT))]


@pytest.mark.parametrize("runtime", list(Runtime))
def test_every_runtime_gives_the_modules_numbers(runtime: Runtime, tmp_path: Path) -> None:
    if runtime is Runtime.OPENVINO:
        pytest.importorskip("openvino", reason="needs lipsmith[openvino]")
    network = open_network(_spec(tmp_path / "graph"), CPU, runtime)
    assert runtime in (network.runtime, Runtime.AUTO)
    assert network.warnings == ()
    for count in (1, 3, 7):
        pictures = RNG.random((count, 2, 8, 8), np.float32)
        for made, expected in zip(network(pictures, SHIFT), _expected(pictures), strict=True):
            np.testing.assert_allclose(made, expected, atol=1e-5)
    network.close()


def test_an_exported_graph_is_used_again_without_the_module(tmp_path: Path) -> None:
    made: list[int] = []
    spec = _spec(tmp_path / "graph", made)
    first = open_network(spec, CPU, Runtime.ONNX)(PICTURES, SHIFT)
    second = open_network(spec, CPU, Runtime.ONNX)(PICTURES, SHIFT)
    assert made == [1]
    np.testing.assert_array_equal(first[0], second[0])


def test_a_damaged_graph_is_made_again(tmp_path: Path) -> None:
    spec = _spec(tmp_path / "graph")
    open_network(spec, CPU, Runtime.ONNX)
    graph = tmp_path / "graph" / "graph.onnx"
    graph.write_bytes(graph.read_bytes()[:-9])
    assert find_graph(tmp_path / "graph") is None
    network = open_network(spec, CPU, Runtime.ONNX)
    assert network.runtime is Runtime.ONNX and not network.warnings


def test_a_graph_with_other_numbers_is_left_for_torch(tmp_path: Path) -> None:
    spec = _spec(tmp_path / "graph")
    open_network(spec, CPU, Runtime.ONNX)
    probe = tmp_path / "graph" / "probe.npz"
    with np.load(probe) as saved:
        changed = {name: saved[name] for name in saved.files}
    changed["output_0"] = changed["output_0"] + np.float32(0.01)
    np.savez(probe, **changed)
    network = open_network(spec, CPU, Runtime.ONNX)
    assert network.runtime is Runtime.TORCH
    assert "onnx gives other numbers for test" in network.warnings[0]
    np.testing.assert_allclose(network(PICTURES, SHIFT)[0], _expected(PICTURES)[0], atol=1e-5)


def test_a_folder_that_cannot_be_written_leaves_torch(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    network = open_network(_spec(blocked / "graph"), CPU, Runtime.ONNX)
    assert network.runtime is Runtime.TORCH
    assert "cannot be exported" in network.warnings[0]


def test_without_a_place_for_graphs_torch_runs_it() -> None:
    assert open_network(_spec(None), CPU).runtime is Runtime.TORCH


@pytest.mark.skipif(not cpu_has_bf16(), reason="this CPU does not compute with bf16")
def test_bf16_is_near_and_not_equal(tmp_path: Path) -> None:
    device = Device("cpu", Precision.BF16)
    made = open_network(_spec(tmp_path / "graph"), device, Runtime.TORCH)(PICTURES, SHIFT)[0]
    off = np.abs(made - _expected(PICTURES)[0]).max()
    assert 1e-5 < off < 0.05
    with pytest.raises(OptionError, match="bf16"):
        open_network(_spec(tmp_path / "graph"), device, Runtime.ONNX)


def test_folding_batch_norms_changes_nothing() -> None:
    import torch
    from torch import nn

    from lipsmith.neural.folding import fold_batch_norms

    torch.manual_seed(2)
    net = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()),
        nn.Sequential(nn.ConvTranspose2d(4, 5, 3, 2, 1, 1), nn.BatchNorm2d(5)),
    )
    for _ in range(3):
        net(torch.randn(4, 3, 9, 9))
    x = torch.randn(2, 3, 9, 9)
    with torch.no_grad():
        expected = net.eval()(x)
        folded = fold_batch_norms(net)
        assert not any(isinstance(m, nn.BatchNorm2d) for m in folded.modules())
        torch.testing.assert_close(folded(x), expected, atol=1e-5, rtol=0)
