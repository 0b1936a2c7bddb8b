"""The generator of Wav2Lip: a face whose lower half is hidden, and a sound, to that face saying it.

Prajwal, Mukhopadhyay, Namboodiri, Jawahar: A Lip Sync Expert Is All You Need for Speech to Lip
Generation In The Wild (ACM Multimedia 2020), section 4.1. A face encoder and a speech encoder of
residual convolutions, and a face decoder of transposed ones with a skip from the face encoder at
every size. Names and shapes are those of the official checkpoints: 36,298,035 parameters.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from lipsmith.engines.wav2lip.crop import FIRST_ROW

_FACE = ((16, 1, 0), (32, 2, 2), (64, 2, 3), (128, 2, 2), (256, 2, 2), (512, 2, 1))
"""Of each size from 96 px on: channels, the first stride, residual convolutions."""
_SPEECH = ((32, 1, 2), (64, (3, 1), 2), (128, 3, 2), (256, (3, 2), 1))
_DECODER = ((512, 1), (512, 2), (384, 2), (256, 2), (128, 2), (64, 2))
"""Of each size from 3 px on: channels, residual convolutions."""
_EMBEDDING, _OUTPUT = 512, 32


class Generator(nn.Module):
    """The whole network.

    width: share of the official number of channels; 1 for the official checkpoints.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()

        def wide(channels: int) -> int:
            return max(1, round(channels * width))

        embedding = wide(_EMBEDDING)
        self.face_encoder_blocks = nn.ModuleList()
        channels, sizes = 6, []
        for out, stride, residuals in _FACE:
            kernel = 7 if stride == 1 else 3
            first = _Conv(channels, wide(out), kernel, stride, kernel // 2)
            channels = wide(out)
            self.face_encoder_blocks.append(_stage(first, channels, residuals))
            sizes.append(channels)
        self.face_encoder_blocks.append(_to_vector(channels, embedding))
        sizes.append(embedding)

        speech: list[nn.Module] = []
        channels = 1
        for out, steps, residuals in _SPEECH:
            first = _Conv(channels, wide(out), 3, steps, 1)
            channels = wide(out)
            speech += _stage(first, channels, residuals)
        self.audio_encoder = nn.Sequential(*speech, *_to_vector(channels, embedding))

        start = nn.Sequential(_Conv(embedding, embedding, 1, 1, 0))
        self.face_decoder_blocks = nn.ModuleList([start])
        channels = embedding + sizes.pop()
        for index, (out, residuals) in enumerate(_DECODER):
            grow = _Grow(channels, wide(out), doubles=index > 0)
            self.face_decoder_blocks.append(_stage(grow, wide(out), residuals))
            channels = wide(out) + sizes.pop()
        self.output_block = nn.Sequential(
            _Conv(channels, wide(_OUTPUT), 3, 1, 1), nn.Conv2d(wide(_OUTPUT), 3, 1), nn.Sigmoid()
        )

    def forward(self, mel: Tensor, faces: Tensor) -> Tensor:
        """mel: (N, 1, 80, 16), -4..4. faces: (N, 6, 96, 96), 0..1, BGR, first with the lower half
        black, then whole. Returns (N, 3, 96, 96), 0..1, BGR."""
        return self._decode(mel, self._encode(faces), first_row=0)

    def _encode(self, faces: Tensor) -> list[Tensor]:
        """What the face encoder sees at each size, from 96 px to 1 px."""
        seen = []
        for block in self.face_encoder_blocks:
            faces = block(faces)
            seen.append(faces)
        return seen

    def _decode(self, mel: Tensor, seen: Sequence[Tensor], first_row: int) -> Tensor:
        rows = _first_rows(first_row, len(self.face_decoder_blocks))
        made, top = self.audio_encoder(mel), 0
        for block, skip, row in zip(self.face_decoder_blocks, reversed(seen), rows, strict=True):
            made, top = block(made), top * 2
            made = torch.cat((made[:, :, row - top :], skip[:, :, row:]), 1)
            top = row
        made = self.output_block(made)
        return made[:, :, first_row - top :]


class MouthGenerator(nn.Module):
    """The same network, of which only the rows from `FIRST_ROW` on are computed.

    They equal those of the whole network: what lies outside their receptive field is left out.
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, mel: Tensor, faces: Tensor) -> Tensor:
        """As `Generator.forward`; returns (N, 3, 96 - FIRST_ROW, 96)."""
        whole = self.generator
        return whole._decode(mel, whole._encode(faces), FIRST_ROW)


class FaceShare(nn.Module):
    """What a face adds to the layers of the decoder, whatever is said.

    For a still picture it is computed once. Each layer that takes the joined channels of the
    decoder and of the face encoder is linear, so it is the sum of one layer for each; batch
    normalisations must have been folded (`lipsmith.neural.folding`).
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.encoder = generator.face_encoder_blocks
        self.layers = nn.ModuleList(
            _part(layer, count, decoded=False) for layer, count in _joining_layers(generator)
        )

    def forward(self, faces: Tensor) -> tuple[Tensor, ...]:
        """faces: as of `Generator.forward`. Returns a tensor for each joining layer."""
        seen = []
        for block in self.encoder:
            faces = block(faces)
            seen.append(faces)
        rows = _first_rows(FIRST_ROW, len(seen))
        return tuple(
            layer(skip[:, :, row:])
            for layer, skip, row in zip(self.layers, reversed(seen), rows, strict=True)
        )


class SpeechShare(nn.Module):
    """The rest of `MouthGenerator`: sounds, and what `FaceShare` gave for one face, to mouths."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.audio_encoder = generator.audio_encoder
        self.start = generator.face_decoder_blocks[0]
        self.layers = nn.ModuleList(
            _part(layer, count, decoded=True) for layer, count in _joining_layers(generator)
        )
        self.residuals = nn.ModuleList(
            nn.Sequential(*list(block)[1:]) for block in generator.face_decoder_blocks[1:]
        )
        self.output = nn.Sequential(*list(generator.output_block)[1:])

    def forward(self, mel: Tensor, *face: Tensor) -> Tensor:
        """mel: (N, 1, 80, 16). face: each with a batch of 1. Returns as `MouthGenerator`."""
        rows = _first_rows(FIRST_ROW, len(self.layers))
        made, top = self.start(self.audio_encoder(mel)), 0
        for index, (layer, share) in enumerate(zip(self.layers, face, strict=True)):
            row = rows[index]
            made = torch.relu(layer(made[:, :, row - top :]) + share)
            if index < len(self.residuals):
                made, top = self.residuals[index](made), row * 2
            else:
                top = row
        return self.output(made)[:, :, FIRST_ROW - top :]


class _Conv(nn.Module):
    """Convolution, batch normalisation, rectifier."""

    def __init__(
        self,
        channels_in: int,
        channels: int,
        kernel: int,
        stride: int | tuple[int, int],
        padding: int,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.Conv2d(channels_in, channels, kernel, stride, padding), nn.BatchNorm2d(channels)
        )
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        made = self.conv_block(x)
        return torch.relu(made + x if self.residual else made)


class _Grow(nn.Module):
    """Transposed convolution, batch normalisation, rectifier: from 1 px to 3, or to twice."""

    def __init__(self, channels_in: int, channels: int, *, doubles: bool) -> None:
        super().__init__()
        stride, padding = (2, 1) if doubles else (1, 0)
        grow = nn.ConvTranspose2d(channels_in, channels, 3, stride, padding, int(doubles))
        self.conv_block = nn.Sequential(grow, nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv_block(x))


def _stage(first: nn.Module, channels: int, residuals: int) -> nn.Sequential:
    more = (_Conv(channels, channels, 3, 1, 1, residual=True) for _ in range(residuals))
    return nn.Sequential(first, *more)


def _to_vector(channels: int, embedding: int) -> nn.Sequential:
    """3x3 px to one."""
    return nn.Sequential(_Conv(channels, embedding, 3, 1, 0), _Conv(embedding, embedding, 1, 1, 0))


def _first_rows(first_row: int, sizes: int) -> list[int]:
    """At which row each size of the decoder may begin, from 1 px to 96, for the output to be right
    from `first_row` on.

    Zeros that pad the cut edge spoil one row for each of the two residual convolutions of a size,
    and one for the output's.
    """
    rows = [max(0, first_row - 1)]
    while len(rows) < sizes:
        rows.append(max(0, (rows[-1] - 2) // 2))
    return rows[::-1]


def _joining_layers(generator: Generator) -> list[tuple[nn.Module, int]]:
    """Each layer that takes channels of the decoder and of the face, and how many are the first."""
    blocks = [*generator.face_decoder_blocks, generator.output_block]
    layers = [block[0].conv_block[0] for block in blocks]
    return [(layer, made.out_channels) for made, layer in pairwise(layers)]


def _part(layer: nn.Module, channels: int, *, decoded: bool) -> nn.Module:
    """A layer for its first channels, those of the decoder, or for the others and its bias."""
    if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        raise TypeError(f"not a convolution: {layer}")
    transposed = isinstance(layer, nn.ConvTranspose2d)
    part = copy.copy(layer)
    part._parameters = dict(layer._parameters)
    kept = slice(None, channels) if decoded else slice(channels, None)
    weight = layer.weight[kept] if transposed else layer.weight[:, kept]
    part.weight = nn.Parameter(weight.detach().clone(), requires_grad=False)
    part.in_channels = weight.shape[0 if transposed else 1]
    if decoded:
        part.bias = None
    return part
