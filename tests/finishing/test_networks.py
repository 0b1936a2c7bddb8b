"""The networks equal an independent reading of the published ones, at the official layouts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lipsmith.errors import CheckpointError

if TYPE_CHECKING:
    from torch import nn

pytestmark = pytest.mark.neural


def rrdb(scale: int) -> nn.Module:
    from lipsmith.finishing.networks.rrdb import RrdbNet

    return RrdbNet(scale)


def gfpgan() -> nn.Module:
    from lipsmith.finishing.networks.gfpgan import Gfpgan

    return Gfpgan()


def codeformer() -> nn.Module:
    from lipsmith.finishing.networks.codeformer import CodeFormer

    return CodeFormer()


def restoreformer() -> nn.Module:
    from lipsmith.finishing.networks.restoreformer import RestoreFormer

    return RestoreFormer()


@pytest.mark.parametrize(
    ("make", "tensors", "numbers", "some"),
    [
        (lambda: rrdb(2), 702, 16_703_171, {"conv_first.weight": (64, 12, 3, 3)}),
        (lambda: rrdb(4), 702, 16_697_987, {"body.22.rdb3.conv5.weight": (64, 192, 3, 3)}),
        (
            gfpgan,
            285,
            87_143_276,
            {
                "stylegan_decoder.style_convs.13.modulated_conv.weight": (1, 64, 64, 3, 3),
                "stylegan_decoder.style_mlp.15.weight": (512, 512),
                "stylegan_decoder.noises.noise14": (1, 1, 512, 512),
                "final_linear.weight": (8192, 4096),
                "toRGB.6.weight": (3, 32, 1, 1),
            },
        ),
        (
            codeformer,
            515,
            94_112_707,
            {
                "position_emb": (256, 512),
                "ft_layers.8.self_attn.in_proj_weight": (1536, 512),
                "fuse_convs_dict.256.encode_enc.conv_out.weight": (128, 256, 1, 1),
                "generator.blocks.24.weight": (3, 64, 3, 3),
            },
        ),
        (
            restoreformer,
            405,
            72_680_003,
            {
                "encoder.down.5.attn.1.proj_out.weight": (512, 512, 1, 1),
                "decoder.up.1.upsample.conv.weight": (128, 128, 3, 3),
                "decoder.up.0.block.0.nin_shortcut.weight": (64, 128, 1, 1),
            },
        ),
    ],
    ids=["x2", "x4", "gfpgan", "codeformer", "restoreformer"],
)
def test_the_layout_is_the_official_one(
    make: Callable[[], nn.Module], tensors: int, numbers: int, some: dict[str, tuple[int, ...]]
) -> None:
    import torch

    with torch.device("meta"):
        layout = make().state_dict()
    assert len(layout) == tensors
    assert sum(tensor.numel() for tensor in layout.values()) == numbers
    for name, shape in some.items():
        assert tuple(layout[name].shape) == shape


def loaded(network: nn.Module, gain: float, tmp_path: Path, wrapper: str) -> dict[str, Any]:
    """Random weights, saved as the official file is, read back into the network."""
    import torch
    from readings import filled

    from lipsmith.neural.checkpoint import load_weights

    weights = filled(network.state_dict(), gain)
    path = tmp_path / "official.pth"
    torch.save({wrapper: weights}, path)
    load_weights(network, path, "the network")
    return weights


def assert_equal(network: nn.Module, expected: Any, pictures: Any, tolerance: float) -> None:
    import torch

    with torch.inference_mode():
        made = network(pictures)
    assert made.shape == expected.shape
    assert float(expected.std()) > 0.01, "the weights were chosen so that something comes out"
    worst = float((made - expected).abs().max() / expected.abs().max())
    assert worst < tolerance


@pytest.mark.parametrize("scale", [2, 4])
def test_rrdb_net_equals_the_published_one(scale: int, tmp_path: Path) -> None:
    import torch
    from readings import rrdb_net

    from lipsmith.finishing.networks.rrdb import RrdbNet

    network = RrdbNet(scale, blocks=2)
    weights = loaded(network, 0.5, tmp_path, "params_ema")
    pictures = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(1))
    expected = rrdb_net(weights, pictures, blocks=2, fold=4 // scale)
    assert expected.shape[2:] == (16 * scale, 24 * scale)
    assert_equal(network, expected, pictures, 1e-5)


def test_gfpgan_equals_the_published_one(tmp_path: Path) -> None:
    import torch
    from readings import gfpgan as reading

    from lipsmith.finishing.networks.gfpgan import Gfpgan, flattened

    network = Gfpgan(width=1 / 32)
    weights = loaded(network, 0.5, tmp_path, "params_ema")
    faces = torch.rand(2, 3, 512, 512, generator=torch.Generator().manual_seed(1)) * 2 - 1
    expected = reading(weights, faces)
    assert_equal(network, expected, faces, 1e-5)
    assert_equal(flattened(network), expected, faces, 1e-5)


def test_restoreformer_equals_the_published_one(tmp_path: Path) -> None:
    import torch
    from readings import restoreformer as reading

    network = restoreformer()
    weights = loaded(network, 0.7, tmp_path, "params")
    faces = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert_equal(network, reading(weights, faces), faces, 1e-4)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_codeformer_equals_the_published_one(tmp_path: Path) -> None:
    import torch
    from readings import codeformer as reading

    from lipsmith.finishing.networks.codeformer import CodeFormer

    network = CodeFormer(fidelity=0.7)
    weights = loaded(network, 0.7, tmp_path, "params_ema")
    faces = torch.rand(1, 3, 512, 512, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert_equal(network, reading(weights, faces, 0.7), faces, 1e-4)


def test_another_network_is_refused(tmp_path: Path) -> None:
    import torch

    from lipsmith.finishing.networks.rrdb import RrdbNet
    from lipsmith.neural.checkpoint import load_weights

    path = tmp_path / "RealESRGAN_x2plus.pth"
    torch.save({"params_ema": RrdbNet(2, blocks=1).state_dict()}, path)
    with pytest.raises(CheckpointError, match=r"conv_first\.weight"):
        load_weights(RrdbNet(4, blocks=1), path, "RealESRGAN_x4plus")
