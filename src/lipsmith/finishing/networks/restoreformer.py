"""RestoreFormer: attention from a broken face to the codes of whole ones.

Wang et al. 2022 (arXiv:2201.06374), section 3. Names follow the official checkpoint.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from lipsmith.finishing.networks.vqgan import (
    CHANNELS,
    CODE,
    Codebook,
    Downsample,
    Projections,
    ResidualBlock,
    Upsample,
    conv,
    norm,
)

SIDE_PX = 512
_CODES = 1024
_HEADS = 8
_SHORTCUT = "nin_shortcut"
_DEEPEST = len(CHANNELS) - 1
"""The level of 16 px, the only one with attention."""


class RestoreFormer(nn.Module):
    """Restores faces: (n, 3, 512, 512) RGB -1..1 -> the same, about -1..1."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = _Encoder()
        self.decoder = _Decoder()
        self.quantize = Codebook(_CODES)
        self.quant_conv = nn.Conv2d(CODE, CODE, 1)
        self.post_quant_conv = nn.Conv2d(CODE, CODE, 1)

    def forward(self, faces: Tensor) -> Tensor:
        codes, before, after = self.encoder(faces)
        codes = self.quantize.nearest(self.quant_conv(codes))
        return self.decoder(self.post_quant_conv(codes), before, after)


class _Attention(Projections):
    """norm2: of the features that ask, where they are others than those asked."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.norm1 = norm(channels)
        self.norm2 = norm(channels)

    def forward(self, x: Tensor, asking: Tensor | None = None) -> Tensor:
        asked = self.norm1(x)
        return x + self.attend(asked if asking is None else self.norm2(asking), asked, _HEADS)


class _Level(nn.Module):
    def __init__(self, before: int, after: int, blocks: int, *, attends: bool) -> None:
        super().__init__()
        sides = [before, *[after] * blocks]
        self.block = nn.ModuleList(ResidualBlock(a, b, _SHORTCUT) for a, b in pairwise(sides))
        self.attn = nn.ModuleList(_Attention(after) for _ in range(blocks if attends else 0))

    def forward(self, x: Tensor, asking: Tensor | None = None) -> Tensor:
        for index, block in enumerate(self.block):
            x = block(x)
            if self.attn:
                x = self.attn[index](x, asking)
        return x


class _Middle(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        channels = CHANNELS[-1]
        self.block_1 = ResidualBlock(channels, channels, _SHORTCUT)
        self.attn_1 = _Attention(channels)
        self.block_2 = ResidualBlock(channels, channels, _SHORTCUT)


class _Encoder(nn.Module):
    """-> codes, and the features of the broken face before and behind its own attention."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_in = conv(3, CHANNELS[0])
        self.down = nn.ModuleList()
        for index, channels in enumerate(CHANNELS):
            level = _Level(CHANNELS[max(0, index - 1)], channels, 2, attends=index == _DEEPEST)
            if index != _DEEPEST:
                level.add_module("downsample", Downsample(channels))
            self.down.append(level)
        self.mid = _Middle()
        self.norm_out = norm(CHANNELS[-1])
        self.conv_out = conv(CHANNELS[-1], CODE)

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.conv_in(faces)
        for index, level in enumerate(self.down):
            x = level(x)
            if index != _DEEPEST:
                x = level.downsample(x)
        before = self.mid.block_1(x)
        after = self.mid.block_2(self.mid.attn_1(before))
        return self.conv_out(functional.silu(self.norm_out(after))), before, after


class _Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv_in = conv(CODE, CHANNELS[-1])
        self.mid = _Middle()
        self.up = nn.ModuleList()
        for index, channels in enumerate(CHANNELS):
            deeper = CHANNELS[min(index + 1, _DEEPEST)]
            level = _Level(deeper, channels, 3, attends=index == _DEEPEST)
            if index != 0:
                level.add_module("upsample", Upsample(channels))
            self.up.append(level)
        self.norm_out = norm(CHANNELS[0])
        self.conv_out = conv(CHANNELS[0], 3)

    def forward(self, codes: Tensor, before: Tensor, after: Tensor) -> Tensor:
        """before, after: features of the broken face, which ask for those of the codes."""
        x = self.mid.block_1(self.conv_in(codes))
        x = self.mid.block_2(self.mid.attn_1(x, after))
        for index in range(_DEEPEST, -1, -1):
            x = self.up[index](x, before)
            if index != 0:
                x = self.up[index].upsample(x)
        return self.conv_out(functional.silu(self.norm_out(x)))
