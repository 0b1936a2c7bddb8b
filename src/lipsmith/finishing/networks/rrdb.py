"""RRDBNet, the generator of ESRGAN and Real-ESRGAN.

Wang et al. 2018 (arXiv:1809.00219), section 3.1; Wang et al. 2021 (arXiv:2107.10833), section 3.4
has the unshuffled input of the network that doubles. Names follow the official checkpoints.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_RESIDUAL = 0.2
"""What a block adds to its input is scaled by it (arXiv:1809.00219, section 3.1)."""
_SLOPE = 0.2


class RrdbNet(nn.Module):
    """Enlarges pictures by `scale`, 2 or 4; the network itself always enlarges by 4.

    (n, 3, height, width) RGB 0..1 -> (n, 3, scale * height, scale * width), about 0..1; for 2 both
    sides are even.
    """

    def __init__(self, scale: int, *, blocks: int = 23, features: int = 64, growth: int = 32):
        super().__init__()
        self.scale = scale
        self.fold = 4 // scale
        self.conv_first = _conv(3 * self.fold**2, features)
        self.body = nn.Sequential(*(_Rrdb(features, growth) for _ in range(blocks)))
        self.conv_body = _conv(features, features)
        self.conv_up1 = _conv(features, features)
        self.conv_up2 = _conv(features, features)
        self.conv_hr = _conv(features, features)
        self.conv_last = _conv(features, 3)

    def forward(self, pictures: Tensor) -> Tensor:
        if self.fold > 1:
            pictures = functional.pixel_unshuffle(pictures, self.fold)
        shallow = self.conv_first(pictures)
        features = shallow + self.conv_body(self.body(shallow))
        features = _leaky(self.conv_up1(_doubled(features)))
        features = _leaky(self.conv_up2(_doubled(features)))
        return self.conv_last(_leaky(self.conv_hr(features)))


class _Rrdb(nn.Module):
    """Residual in residual dense block."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = _DenseBlock(features, growth)
        self.rdb2 = _DenseBlock(features, growth)
        self.rdb3 = _DenseBlock(features, growth)

    def forward(self, x: Tensor) -> Tensor:
        return x + _RESIDUAL * self.rdb3(self.rdb2(self.rdb1(x)))


class _DenseBlock(nn.Module):
    """Five convolutions, each of which sees what all before it made."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.conv1 = _conv(features, growth)
        self.conv2 = _conv(features + growth, growth)
        self.conv3 = _conv(features + 2 * growth, growth)
        self.conv4 = _conv(features + 3 * growth, growth)
        self.conv5 = _conv(features + 4 * growth, features)

    def forward(self, x: Tensor) -> Tensor:
        made = x
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            made = torch.cat((made, _leaky(conv(made))), 1)
        return x + _RESIDUAL * self.conv5(made)


def _conv(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1)


def _leaky(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, _SLOPE, inplace=True)


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")
