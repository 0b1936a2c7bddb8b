"""CodeFormer: a transformer reads which codes of a codebook of faces a broken face would have.

Zhou et al. 2022 (arXiv:2206.11253), section 3. Names follow the official checkpoint.
"""

from __future__ import annotations

from itertools import pairwise

import torch
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
    recoloured,
)

SIDE_PX = 512
_CODES = 1024
_TOKENS = 16 * 16
_WIDTH, _HEADS, _LAYERS = 512, 8, 9
_SLOPE = 0.2
_FUSED = {"32": 256, "64": 256, "128": 128, "256": 128}
"""Channels by the side of the feature maps at which the face's own ones are mixed in."""
_SHORTCUT = "conv_out"


class CodeFormer(nn.Module):
    """Restores faces: (n, 3, 512, 512) RGB -1..1 -> the same, about -1..1.

    fidelity: 0..1, how much of the face's own features is mixed in, `w` of the paper; 1 is the most
    faithful and, over the frames of a video, the steadiest.
    """

    def __init__(self, fidelity: float = 1.0) -> None:
        super().__init__()
        self.fidelity = fidelity
        self.encoder = _Blocks(_encoder_blocks())
        self.quantize = Codebook(_CODES)
        self.generator = _Blocks(_generator_blocks())
        self.position_emb = nn.Parameter(torch.zeros(_TOKENS, _WIDTH))
        self.feat_emb = nn.Linear(CODE, _WIDTH)
        self.ft_layers = nn.ModuleList(_TransformerLayer() for _ in range(_LAYERS))
        self.idx_pred_layer = nn.Sequential(
            nn.LayerNorm(_WIDTH), nn.Linear(_WIDTH, _CODES, bias=False)
        )
        self.fuse_convs_dict = nn.ModuleDict({side: _Fusion(c) for side, c in _FUSED.items()})

    def forward(self, faces: Tensor) -> Tensor:
        x, own = faces, {}
        for block, following in pairwise([*self.encoder.blocks, None]):
            x = block(x)
            side = str(x.shape[-1])
            if isinstance(following, Downsample) and side in self.fuse_convs_dict:
                own[side] = x
        indices = self._read(x)
        x = recoloured(self.quantize.spell(indices, x), x)
        for before, block in pairwise([None, *self.generator.blocks]):
            x = block(x)
            side = str(x.shape[-1])
            if isinstance(before, Upsample) and side in self.fuse_convs_dict:
                x = x + self.fidelity * self.fuse_convs_dict[side](own[side], x)
        return x

    def _read(self, codes: Tensor) -> Tensor:
        """(n, 256, 16, 16) -> (n, 256) numbers of the entries."""
        tokens = self.feat_emb(codes.flatten(2).transpose(1, 2))
        for layer in self.ft_layers:
            tokens = layer(tokens, self.position_emb)
        return self.idx_pred_layer(tokens).argmax(2)


class _Blocks(nn.Module):
    def __init__(self, blocks: list[nn.Module]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)


class _Attention(Projections):
    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.norm = norm(channels)

    def forward(self, x: Tensor) -> Tensor:
        seen = self.norm(x)
        return x + self.attend(seen, seen, 1)


class _TransformerLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(_WIDTH, _HEADS, batch_first=True)
        self.linear1 = nn.Linear(_WIDTH, 2 * _WIDTH)
        self.linear2 = nn.Linear(2 * _WIDTH, _WIDTH)
        self.norm1 = nn.LayerNorm(_WIDTH)
        self.norm2 = nn.LayerNorm(_WIDTH)

    def forward(self, tokens: Tensor, places: Tensor) -> Tensor:
        seen = self.norm1(tokens)
        placed = seen + places
        tokens = tokens + self.self_attn(placed, placed, seen, need_weights=False)[0]
        return tokens + self.linear2(functional.gelu(self.linear1(self.norm2(tokens))))


class _Fusion(nn.Module):
    """What the face's own features change in the generator's (arXiv:2206.11253, eq. 6)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.encode_enc = ResidualBlock(2 * channels, channels, _SHORTCUT)
        self.scale = _two_convs(channels)
        self.shift = _two_convs(channels)

    def forward(self, own: Tensor, generated: Tensor) -> Tensor:
        both = self.encode_enc(torch.cat((own, generated), 1))
        return generated * self.scale(both) + self.shift(both)


def _two_convs(channels: int) -> nn.Sequential:
    return nn.Sequential(conv(channels, channels), nn.LeakyReLU(_SLOPE), conv(channels, channels))


def _encoder_blocks() -> list[nn.Module]:
    blocks: list[nn.Module] = [conv(3, CHANNELS[0])]
    before = CHANNELS[0]
    for channels in CHANNELS:
        if len(blocks) > 1:
            blocks.append(Downsample(before))
        for _ in range(2):
            blocks.append(ResidualBlock(before, channels, _SHORTCUT))
            if channels == CHANNELS[-1]:
                blocks.append(_Attention(channels))
            before = channels
    return [*blocks, *_middle(before), norm(before), conv(before, CODE)]


def _generator_blocks() -> list[nn.Module]:
    before = CHANNELS[-1]
    blocks: list[nn.Module] = [conv(CODE, before), *_middle(before)]
    for channels in reversed(CHANNELS):
        if channels != CHANNELS[-1]:
            blocks.append(Upsample(before))
        for _ in range(2):
            blocks.append(ResidualBlock(before, channels, _SHORTCUT))
            if channels == CHANNELS[-1]:
                blocks.append(_Attention(channels))
            before = channels
    return [*blocks, norm(before), conv(before, 3)]


def _middle(channels: int) -> list[nn.Module]:
    first, last = (ResidualBlock(channels, channels, _SHORTCUT) for _ in range(2))
    return [first, _Attention(channels), last]
