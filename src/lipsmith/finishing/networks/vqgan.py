"""What autoencoders with a codebook are made of.

Esser et al. 2021 (arXiv:2012.09841), appendix A, table 7. Names follow the official checkpoints.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = (64, 128, 128, 256, 256, 512)
"""Of the levels of a 512 px network, from 512 to 16 px."""
CODE = 256
"""Channels of a code."""


class ResidualBlock(nn.Module):
    """shortcut: what the layer is called that fits the input to other channels."""

    def __init__(self, before: int, after: int, shortcut: str) -> None:
        super().__init__()
        self.norm1 = norm(before)
        self.conv1 = conv(before, after)
        self.norm2 = norm(after)
        self.conv2 = conv(after, after)
        self.shortcut = shortcut if before != after else ""
        if self.shortcut:
            self.add_module(shortcut, nn.Conv2d(before, after, 1))

    def forward(self, x: Tensor) -> Tensor:
        made = self.conv1(functional.silu(self.norm1(x)))
        made = self.conv2(functional.silu(self.norm2(made)))
        return made + (self.get_submodule(self.shortcut)(x) if self.shortcut else x)


class Downsample(nn.Module):
    """Halves the sides; the padding is on the right and at the bottom alone."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(functional.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    """Doubles the sides."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = conv(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(functional.interpolate(x, scale_factor=2, mode="nearest"))


class Projections(nn.Module):
    """Queries, keys and values of feature maps, 1x1 each."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def attend(self, asking: Tensor, asked: Tensor, heads: int) -> Tensor:
        """Every place of `asking` looks at every place of `asked`; both are (n, c, h, w)."""
        q, k, v = (
            of(x).unflatten(1, (heads, -1)).flatten(3).transpose(2, 3)
            for of, x in ((self.q, asking), (self.k, asked), (self.v, asked))
        )
        found = functional.scaled_dot_product_attention(q, k, v)
        return self.proj_out(found.transpose(2, 3).reshape(asking.shape))


class Codebook(nn.Module):
    """Pictures are spelt with its entries."""

    def __init__(self, entries: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(entries, CODE)

    def nearest(self, codes: Tensor) -> Tensor:
        """(n, 256, h, w) -> the same, each code replaced by the entry nearest to it."""
        flat = codes.permute(0, 2, 3, 1).reshape(-1, CODE)
        entries = self.embedding.weight
        distances = entries.square().sum(1) - 2 * flat @ entries.T
        return self.spell(distances.argmin(1), codes)

    def spell(self, indices: Tensor, like: Tensor) -> Tensor:
        """The entries with these numbers, row by row, in the shape of `like`, (n, 256, h, w)."""
        count, _, height, width = like.shape
        entries = self.embedding(indices.reshape(count, height, width))
        return entries.permute(0, 3, 1, 2)


def norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(32, channels, eps=1e-6)


def conv(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1)


def recoloured(codes: Tensor, like: Tensor, epsilon: float = 1e-5) -> Tensor:
    """`codes` with the mean and the deviation that each channel of `like` has.

    Adaptive instance normalisation, Huang and Belongie 2017 (arXiv:1703.06868), eq. 8.
    """
    wanted, wanted_mean = torch.var_mean(like, (2, 3), keepdim=True)
    own, own_mean = torch.var_mean(codes, (2, 3), keepdim=True)
    factor = torch.sqrt((wanted + epsilon) / (own + epsilon))
    return (codes - own_mean) * factor + wanted_mean
