"""S3FD: a detector of faces of all sizes.

Zhang et al. 2017 (arXiv:1708.05237), section 3; VGG-16 with six detection layers. Names follow the
official checkpoint: 65 tensors, 22,459,110 numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Channels and convolutions between two poolings (Simonyan and Zisserman 2014, arXiv:1409.1556)."""
_NORMS = {"conv3_3_norm": 256, "conv4_3_norm": 512, "conv5_3_norm": 512}
_LAYERS = {**_NORMS, "fc7": 1024, "conv6_2": 512, "conv7_2": 256}
"""Detection layers and their channels, from stride 4 to 128."""
_BACKGROUNDS = 3
"""Scores of the background in the layer of stride 4, of which the largest counts (max-out)."""
_EPSILON = 1e-10


class S3fd(nn.Module):
    """(n, 3, height, width) float32, 0..255 less the means of the channels -> for each of the six
    layers (n, 5, rows, columns): how much likelier a face is than none, as a logit, and the four
    numbers of its box."""

    def __init__(self) -> None:
        super().__init__()
        before = 3
        for stage, (channels, count) in enumerate(_STAGES, 1):
            for index in range(1, count + 1):
                self.add_module(f"conv{stage}_{index}", _conv(before, channels))
                before = channels
        self.fc6 = nn.Conv2d(512, 1024, 3, padding=3)
        self.fc7 = nn.Conv2d(1024, 1024, 1)
        self.conv6_1 = nn.Conv2d(1024, 256, 1)
        self.conv6_2 = nn.Conv2d(256, 512, 3, stride=2, padding=1)
        self.conv7_1 = nn.Conv2d(512, 128, 1)
        self.conv7_2 = nn.Conv2d(128, 256, 3, stride=2, padding=1)
        for name, channels in _NORMS.items():
            self.add_module(name, _L2Norm(channels))
        for name, channels in _LAYERS.items():
            scores = _BACKGROUNDS + 1 if name == "conv3_3_norm" else 2
            self.add_module(f"{name}_mbox_conf", _conv(channels, scores))
            self.add_module(f"{name}_mbox_loc", _conv(channels, 4))

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        x, seen = pictures, []
        for stage, (_, count) in enumerate(_STAGES, 1):
            for index in range(1, count + 1):
                x = self._relu(f"conv{stage}_{index}", x)
            if stage >= 3:
                seen.append(self.get_submodule(f"conv{stage}_3_norm")(x))
            x = functional.max_pool2d(x, 2)
        x = self._relu("fc7", self._relu("fc6", x))
        seen.append(x)
        for layer in ("conv6", "conv7"):
            x = self._relu(f"{layer}_2", self._relu(f"{layer}_1", x))
            seen.append(x)
        return tuple(self._detect(name, each) for name, each in zip(_LAYERS, seen, strict=True))

    def _relu(self, name: str, x: Tensor) -> Tensor:
        return functional.relu(self.get_submodule(name)(x))

    def _detect(self, name: str, x: Tensor) -> Tensor:
        scores = self.get_submodule(f"{name}_mbox_conf")(x)
        background = scores[:, :-1].amax(1, keepdim=True)
        box = self.get_submodule(f"{name}_mbox_loc")(x)
        return torch.cat((scores[:, -1:] - background, box), 1)


class _L2Norm(nn.Module):
    """Brings each place to the length 1, then scales the channels (arXiv:1506.04579, section 3)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        length = x.square().sum(1, keepdim=True).sqrt() + _EPSILON
        return x / length * self.weight[:, None, None]


def _conv(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1)
