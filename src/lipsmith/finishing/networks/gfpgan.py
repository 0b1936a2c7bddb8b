"""GFPGAN 1.2 to 1.4: a U-Net that steers a StyleGAN2 generator of faces.

Wang et al. 2021 (arXiv:2101.04061), sections 3.1 to 3.3; Karras et al. 2020 (arXiv:1912.04958),
section 2.2 for the generator. This is the form without custom kernels, with bilinear resampling.
Names follow the official checkpoints.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE_PX = 512
_STYLE = 512
_SLOPE = 0.2
_EPSILON = 1e-8
_MAPPING_LAYERS = 8
_LEVELS = tuple(2**power for power in range(2, int(math.log2(SIDE_PX)) + 1))
"""Sides of the feature maps, 4 to 512."""


class Gfpgan(nn.Module):
    """Restores faces: (n, 3, 512, 512) RGB -1..1 -> the same, about -1..1.

    width: 1 is the official one, less makes a smaller network of the same shape.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        channels = [int(c * width / 2) for c in _generator_channels()]
        self.conv_body_first = nn.Conv2d(3, channels[-1], 1)
        downs = pairwise(reversed(channels))
        self.conv_body_down = nn.ModuleList(_Resampled(a, b, 0.5) for a, b in downs)
        self.final_conv = _conv(channels[0], channels[0])
        self.conv_body_up = nn.ModuleList(_Resampled(a, b, 2.0) for a, b in pairwise(channels))
        # Of the official files; only the training looks at these pictures.
        self.toRGB = nn.ModuleList(nn.Conv2d(c, 3, 1) for c in channels[1:])
        layers = 2 * len(_LEVELS)
        self.final_linear = nn.Linear(channels[0] * 16, layers * _STYLE)
        self.stylegan_decoder = _Generator([int(c * width) for c in _generator_channels()])
        self.condition_scale = nn.ModuleList(_condition(c) for c in channels[1:])
        self.condition_shift = nn.ModuleList(_condition(c) for c in channels[1:])

    def forward(self, faces: Tensor) -> Tensor:
        x = _leaky(self.conv_body_first(faces))
        skips = []
        for down in self.conv_body_down:
            x = down(x)
            skips.append(x)
        x = _leaky(self.final_conv(x))
        styles = self.final_linear(x.flatten(1)).unflatten(1, (-1, _STYLE))
        scales, shifts = [], []
        for up, scale, shift in zip(
            self.conv_body_up, self.condition_scale, self.condition_shift, strict=True
        ):
            x = up(x + skips.pop())
            scales.append(scale(x))
            shifts.append(shift(x))
        return self.stylegan_decoder(styles, scales, shifts)


class _Generator(nn.Module):
    """StyleGAN2, half of whose channels are scaled and shifted from outside at each level."""

    def __init__(self, channels: list[int]) -> None:
        super().__init__()
        # Of the official files; the U-Net gives the styles itself, so nothing is mapped.
        mapping: list[nn.Module] = [nn.Identity()]
        for _ in range(_MAPPING_LAYERS):
            mapping += [nn.Linear(_STYLE, _STYLE), nn.Identity()]
        self.style_mlp = nn.Sequential(*mapping)
        self.constant_input = _Constant(channels[0])
        self.style_conv1 = _StyleConv(channels[0], channels[0])
        self.to_rgb1 = _ToRgb(channels[0])
        self.style_convs = nn.ModuleList()
        self.to_rgbs = nn.ModuleList()
        self.noises = nn.Module()
        self.noises.register_buffer("noise0", torch.zeros(1, 1, _LEVELS[0], _LEVELS[0]))
        for index, (before, after) in enumerate(pairwise(channels)):
            self.style_convs.extend([_StyleConv(before, after), _StyleConv(after, after)])
            self.to_rgbs.append(_ToRgb(after))
            side = _LEVELS[index + 1]
            for number in (2 * index + 1, 2 * index + 2):
                self.noises.register_buffer(f"noise{number}", torch.zeros(1, 1, side, side))

    def forward(self, styles: Tensor, scales: list[Tensor], shifts: list[Tensor]) -> Tensor:
        """styles: (n, layers, 512). scales, shifts: of the upper half of the channels, level by
        level from 8 px on."""
        x = self.constant_input.weight.expand(styles.shape[0], -1, -1, -1)
        x = self.style_conv1(x, styles[:, 0], self._noise(0))
        picture = self.to_rgb1(x, styles[:, 1])
        for level, to_rgb in enumerate(self.to_rgbs):
            first = 2 * level + 1
            before, after = self.style_convs[first - 1], self.style_convs[first]
            x = before(_doubled(x), styles[:, first], self._noise(first))
            kept, steered = x.chunk(2, 1)
            x = torch.cat((kept, steered * scales[level] + shifts[level]), 1)
            x = after(x, styles[:, first + 1], self._noise(first + 1))
            picture = _doubled(picture) + to_rgb(x, styles[:, first + 2])
        return picture

    def _noise(self, index: int) -> Tensor:
        """The noise that the checkpoint fixes, so that every frame gets the same."""
        return self.noises.get_buffer(f"noise{index}")


class _Constant(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, channels, _LEVELS[0], _LEVELS[0]))


class _ModulatedConv(nn.Module):
    """A convolution whose weights are scaled by a style for each input channel.

    The weights are the same for the whole batch: scaling the input and, to normalise
    (arXiv:1912.04958, eq. 3), the output says the same.
    """

    def __init__(self, before: int, after: int, kernel: int, *, demodulate: bool) -> None:
        super().__init__()
        self.modulation = nn.Linear(_STYLE, before)
        self.weight = nn.Parameter(torch.zeros(1, after, before, kernel, kernel))
        self.demodulate = demodulate

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale = self.modulation(style)
        weight = self.weight.view(self.weight.shape[-4:])
        made = functional.conv2d(x * scale[..., None, None], weight, padding=weight.shape[-1] // 2)
        if self.demodulate:
            energy = scale.square() @ weight.square().sum((2, 3)).T
            made = made * torch.rsqrt(energy + _EPSILON)[..., None, None]
        return made


class _StyleConv(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.modulated_conv = _ModulatedConv(before, after, 3, demodulate=True)
        self.weight = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(1, after, 1, 1))

    def forward(self, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        made = self.modulated_conv(x, style) * math.sqrt(2)
        return _leaky(made + self.weight * noise + self.bias)


class _ToRgb(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.modulated_conv = _ModulatedConv(channels, 3, 1, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        return self.modulated_conv(x, style) + self.bias


class _Resampled(nn.Module):
    """A residual block that halves or doubles the sides."""

    def __init__(self, before: int, after: int, factor: float) -> None:
        super().__init__()
        self.conv1 = _conv(before, before)
        self.conv2 = _conv(before, after)
        self.skip = nn.Conv2d(before, after, 1, bias=False)
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        made = _leaky(self.conv2(_resized(_leaky(self.conv1(x)), self.factor)))
        return made + self.skip(_resized(x, self.factor))


def flattened(network: Gfpgan) -> Gfpgan:
    """The network with all weights in four axes, which memory formats are for; the official ones
    have a leading axis of 1."""
    for module in network.modules():
        if isinstance(module, _ModulatedConv):
            module.weight = nn.Parameter(module.weight[0], requires_grad=False)
    return network


def _condition(channels: int) -> nn.Sequential:
    return nn.Sequential(_conv(channels, channels), nn.LeakyReLU(_SLOPE), _conv(channels, channels))


def _generator_channels() -> list[int]:
    """Channels of the generator, level by level from 4 px on."""
    return [min(512, 512 * 64 // side) for side in _LEVELS]


def _conv(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1)


def _leaky(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, _SLOPE)


def _resized(x: Tensor, factor: float) -> Tensor:
    return functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def _doubled(x: Tensor) -> Tensor:
    return _resized(x, 2.0)
