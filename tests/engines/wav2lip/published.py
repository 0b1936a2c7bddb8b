"""Wav2Lip as its paper and its public code describe it, read a second time and written plainly.

Nothing of the package is used: weights are taken by their official names, layers are applied one
after the other, without folding, cutting or sharing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FACE_STRIDES = ([1], [2, 1, 1], [2, 1, 1, 1], [2, 1, 1], [2, 1, 1], [2, 1], [1, 1])
SPEECH_STRIDES = (1, 1, 1, (3, 1), 1, 1, 3, 1, 1, (3, 2), 1, 1, 1)


def generate(weights: dict[str, Any], mel: Any, faces: Any) -> Any:
    """(n, 1, 80, 16) and (n, 6, 96, 96) tensors -> (n, 3, 96, 96)."""
    import torch
    from torch.nn import functional as F  # noqa: N812

    skips = []
    for i, strides in enumerate(FACE_STRIDES):
        for j, stride in enumerate(strides):
            faces = _conv(weights, f"face_encoder_blocks.{i}.{j}", faces, stride)
        skips.append(faces)
    for j, stride in enumerate(SPEECH_STRIDES):
        mel = _conv(weights, f"audio_encoder.{j}", mel, stride)
    made = mel
    for i, layers in enumerate((1, 2, 3, 3, 3, 3, 3)):
        for j in range(layers):
            name = f"face_decoder_blocks.{i}.{j}"
            if i > 0 and j == 0:
                stride, padding = (1, 0) if i == 1 else (2, 1)
                block = f"{name}.conv_block"
                weight, bias = weights[f"{block}.0.weight"], weights[f"{block}.0.bias"]
                made = F.conv_transpose2d(made, weight, bias, stride, padding, padding)
                made = F.relu(_norm(weights, f"{block}.1", made))
            else:
                made = _conv(weights, name, made, 1)
        made = torch.cat([made, skips.pop()], dim=1)
    made = _conv(weights, "output_block.0", made, 1)
    last = F.conv2d(made, weights["output_block.1.weight"], weights["output_block.1.bias"])
    return torch.sigmoid(last)


def _conv(weights: dict[str, Any], name: str, x: Any, stride: Any) -> Any:
    """Convolution and normalisation; residual where the shape stays, but for 1x1 kernels."""
    from torch.nn import functional as F  # noqa: N812

    block = f"{name}.conv_block"
    weight = weights[f"{block}.0.weight"]
    kernel = weight.shape[-1]
    to_vector = kernel == 3 and tuple(x.shape[2:]) == (3, 3) and _next_is_vector(weights, name)
    padding = 0 if to_vector else kernel // 2
    made = F.conv2d(x, weight, weights[f"{block}.0.bias"], stride, padding)
    made = _norm(weights, f"{block}.1", made)
    residual = kernel == 3 and made.shape == x.shape
    return F.relu(made + x if residual else made)


def _next_is_vector(weights: dict[str, Any], name: str) -> bool:
    """Whether this 3x3 layer is the one that leaves a single pixel: a 1x1 layer follows it."""
    head, _, index = name.rpartition(".")
    follower = weights.get(f"{head}.{int(index) + 1}.conv_block.0.weight")
    return follower is not None and follower.shape[-1] == 1


def _norm(weights: dict[str, Any], name: str, x: Any) -> Any:
    from torch.nn import functional as F  # noqa: N812

    mean, var = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
    return F.batch_norm(x, mean, var, weights[f"{name}.weight"], weights[f"{name}.bias"])


def mel_spectrogram(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) at 16 kHz -> (80, 1 + n // 200), one column after the other."""
    sound = samples.astype(np.float64)
    emphasised = np.array([x - 0.97 * (sound[i - 1] if i else 0) for i, x in enumerate(sound)])
    padded = np.pad(emphasised, 400, mode="reflect")
    window = np.sin(np.pi * np.arange(800) / 800) ** 2
    columns = []
    for start in range(0, len(padded) - 799, 200):
        spectrum = np.abs(np.fft.fft(padded[start : start + 800] * window)[:401])
        power = np.array([band @ spectrum for band in _bands()])
        level = 20 * np.log10(np.maximum(1e-5, power)) - 20
        columns.append(np.clip(8 * ((level + 100) / 100) - 4, -4, 4))
    return np.array(columns).T


def _bands() -> list[NDArray[np.float64]]:
    """80 triangles between 82 points that are equally far apart on Slaney's mel scale."""

    def mel(hz: float) -> float:
        return 3 * hz / 200 if hz < 1000 else 15 + 27 * np.log(hz / 1000) / np.log(6.4)

    def hz(mel: float) -> float:
        return 200 * mel / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)

    points = [hz(m) for m in np.linspace(mel(55), mel(7600), 82)]
    bins = np.arange(401) * 20.0
    bands = []
    for low, middle, high in zip(points, points[1:], points[2:], strict=False):
        triangle = np.interp(bins, [low, middle, high], [0, 1, 0], left=0, right=0)
        bands.append(triangle * 2 / (high - low))
    return bands
