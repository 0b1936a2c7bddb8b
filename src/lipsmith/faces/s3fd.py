"""Boxes of faces as S3FD draws them, which Wav2Lip and others were made for.

Zhang et al. 2017 (arXiv:1708.05237). The weights are those of face-alignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.options import EngineOptions
from lipsmith.core.portrait import Box
from lipsmith.neural.device import Device, choose_device, fitting_batch, require_torch
from lipsmith.neural.graphs import graph_folder
from lipsmith.neural.network import NetworkSpec, OpenedNetwork, open_network
from lipsmith.weights import WeightsStore
from lipsmith.weights.record import sha256_of

if TYPE_CHECKING:
    from torch import nn

_WEIGHTS, _MODEL, _LAYOUT = "s3fd", "S3FD", "1"
_MEANS = np.array([104, 117, 123], np.float32)
"""Of the channels; of blue, green and red in the pictures it was trained with."""
_VARIANCES = 0.1, 0.2
"""Of a box's place and of its size (SSD, arXiv:1512.02325)."""
_FIRST_STRIDE, _ANCHOR = 4, 4
"""Layers have strides of 4, 8, ... 128 px, and anchors of 4 strides."""
_MIN_SCORE = 0.5
_SAME_FACE_OVERLAP = 0.3
MAX_PIXELS = 1920 * 1088
_MAX_CANDIDATES = 2000
"""The surest; a picture full of faces has a few hundred."""
_PIXEL_BYTES = 900
_MOST_AT_ONCE = 16
_PROBE = (2, 3, 96, 128)


@dataclass(frozen=True, slots=True)
class ScoredBox:
    """box: in px of the picture. score: 0.5..1."""

    box: Box
    score: float


class S3fdDetector:
    """The detector. Making one is cheap; `load` reads the weights."""

    def __init__(
        self, *, bgr: bool = False, weights: Path | None = None, max_pixels: int = MAX_PIXELS
    ) -> None:
        """bgr: hand the channels over as blue, green and red, as the network was trained and as
        face-alignment and Diff2Lip do; otherwise as red, green and blue under the same means, as
        Wav2Lip does, which gives other boxes. weights: a file of one's own. max_pixels: larger
        pictures are looked at in a smaller size.
        """
        self._bgr = bgr
        self._weights = weights
        self._max_pixels = max_pixels
        self._asked: int | None = None
        self._network: OpenedNetwork | None = None
        self._device: Device | None = None

    def load(self, options: EngineOptions) -> None:
        """Read the weights onto the device.

        Raises:
            MissingExtraError: torch is not installed.
            WeightsError: the weights are missing, damaged or of another model.
            OptionError: the device, precision or runtime cannot be had.
        """
        require_torch("the detector 's3fd'")
        allowed = options.resources
        store = WeightsStore(allowed.models, offline=allowed.offline, commercial=allowed.commercial)
        path = self._weights or store.path(_WEIGHTS)
        self._asked = options.crop.detector_batch
        self._device = choose_device(options.device, options.precision)
        wave = np.sin(np.arange(np.prod(_PROBE), dtype=np.float32)) * 100
        spec = NetworkSpec(
            _MODEL,
            lambda: _make(path),
            ("pictures",),
            (wave.reshape(_PROBE).astype(np.float32),),
            graph_folder(store.folder, _WEIGHTS, sha256_of(path), _LAYOUT),
            any_size=True,
        )
        self._network = open_network(spec, self._device, options.runtime)

    def close(self) -> None:
        """Free what `load` holds."""
        if self._network is not None:
            self._network.close()
        self._network = None

    def detect(self, pictures: Sequence[RgbImage]) -> list[list[ScoredBox]]:
        """The faces in each of some pictures of one size, the surest first."""
        assert self._network is not None and self._device is not None, "load() comes first"
        if not pictures:
            return []
        height, width = pictures[0].shape[:2]
        factor = min(1.0, float(np.sqrt(self._max_pixels / (height * width))))
        item_bytes = _PIXEL_BYTES * int(height * width * factor**2)
        batch = fitting_batch(self._device, item_bytes, _MOST_AT_ONCE, self._asked)
        found: list[list[ScoredBox]] = []
        for start in range(0, len(pictures), batch):
            inputs = np.stack([self._input(p, factor) for p in pictures[start : start + batch]])
            layers = self._network(inputs)
            found += (boxes_of([layer[i] for layer in layers], factor) for i in range(len(inputs)))
        return found

    def _input(self, pixels: RgbImage, factor: float) -> NDArray[np.float32]:
        if factor < 1:
            pixels = np.asarray(
                cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA),
                np.uint8,
            )
        channels = pixels[..., ::-1] if self._bgr else pixels
        return np.ascontiguousarray((channels - _MEANS).transpose(2, 0, 1), np.float32)


def boxes_of(layers: Sequence[NDArray[np.float32]], factor: float = 1.0) -> list[ScoredBox]:
    """The faces that the network's layers tell of, each (5, rows, columns), the surest first.

    factor: of the picture that the network saw to the one the boxes are for.
    """
    found = [_decoded(layer, _FIRST_STRIDE << index) for index, layer in enumerate(layers)]
    candidates = np.concatenate(found)
    candidates = candidates[np.argsort(-candidates[:, 4], kind="stable")[:_MAX_CANDIDATES]]
    return [
        ScoredBox(Box(*(float(side) / factor for side in each[:4])), float(each[4]))
        for each in _distinct(candidates)
    ]


def _decoded(layer: NDArray[np.float32], stride: int) -> NDArray[np.float64]:
    """(n, 5): left, top, right, bottom and score of what is likelier a face than not."""
    rows, columns = np.nonzero(layer[0] > 0)
    logits, x, y, width, height = layer[:, rows, columns].astype(np.float64)
    anchor = float(stride * _ANCHOR)
    x = (columns + 0.5) * stride + x * _VARIANCES[0] * anchor
    y = (rows + 0.5) * stride + y * _VARIANCES[0] * anchor
    half_width = anchor * np.exp(width * _VARIANCES[1]) / 2
    half_height = anchor * np.exp(height * _VARIANCES[1]) / 2
    scores = 1 / (1 + np.exp(-logits))
    return np.stack([x - half_width, y - half_height, x + half_width, y + half_height, scores], 1)


def _distinct(boxes: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Those of the boxes, the surest first, that overlap none before them by too much.

    Pixels are counted inclusively, as the reference does.
    """
    kept: list[NDArray[np.float64]] = []
    areas = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
    alive = np.ones(len(boxes), np.bool_)
    for index, box in enumerate(boxes):
        if not alive[index]:
            continue
        kept.append(box)
        low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:4], box[2:4])
        shared = np.prod(np.maximum(0, high - low + 1), axis=1)
        alive &= shared / (areas + areas[index] - shared) <= _SAME_FACE_OVERLAP
    return kept


def _make(path: Path) -> nn.Module:
    import torch

    from lipsmith.faces.s3fd_network import S3fd
    from lipsmith.neural.checkpoint import load_weights

    with torch.device("meta"):
        network = S3fd()
    return load_weights(network, path, _MODEL)
