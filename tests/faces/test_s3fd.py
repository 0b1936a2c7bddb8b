"""S3FD finds the boxes that the published detector finds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.options import CropOptions, EngineOptions, Runtime
from lipsmith.core.resources import Resources
from lipsmith.errors import CheckpointError, LicenceError, MissingWeightsError
from lipsmith.faces.s3fd import S3fdDetector, boxes_of

if TYPE_CHECKING:
    from torch import Tensor

LAYERS = ("conv3_3_norm", "conv4_3_norm", "conv5_3_norm", "fc7", "conv6_2", "conv7_2")


def layer(rows: int, columns: int) -> NDArray[np.float32]:
    empty = np.zeros((5, rows, columns), np.float32)
    empty[0] = -9
    return empty


def layers_with(
    *faces: tuple[int, int, int, float, tuple[float, ...]],
) -> list[NDArray[np.float32]]:
    """Layers for a picture of 256x256 px; faces: layer, row, column, logit, numbers of the box."""
    found = [layer(256 >> shift, 256 >> shift) for shift in range(2, 8)]
    for index, row, column, logit, box in faces:
        found[index][:, row, column] = (logit, *box)
    return found


def test_boxes_are_decoded_from_their_anchors() -> None:
    (seen,) = boxes_of(layers_with((2, 3, 5, 1.0, (0.5, -1.0, 2.0, 0.0))))
    middle_x, middle_y = 5.5 * 16 + 0.5 * 0.1 * 64, 3.5 * 16 - 1.0 * 0.1 * 64
    width = 64 * math.exp(0.2 * 2.0)
    box = seen.box
    assert box.left == pytest.approx(middle_x - width / 2)
    assert box.right == pytest.approx(middle_x + width / 2)
    assert (box.top, box.bottom) == pytest.approx((middle_y - 32, middle_y + 32))
    assert seen.score == pytest.approx(1 / (1 + math.exp(-1)))


def test_of_boxes_that_overlap_the_surest_stays() -> None:
    none = (0.0, 0.0, 0.0, 0.0)
    found = boxes_of(
        layers_with((2, 3, 5, 1.0, none), (2, 3, 6, 3.0, none), (2, 10, 10, 2.0, none))
    )
    assert [round(each.box.left) for each in found] == [72, 136]
    assert boxes_of(layers_with((2, 3, 5, -0.1, none))) == []


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Random numbers in the official layout, which see a few faces in anything."""
    import torch

    from lipsmith.faces.s3fd_network import S3fd

    generator = torch.Generator().manual_seed(3)
    state = S3fd().state_dict()
    for name, tensor in state.items():
        noise = torch.randn(tensor.shape, generator=generator)
        if tensor.ndim == 4:
            scale = 0.3 if "norm_mbox" in name else 0.02 if "mbox" in name else 1.0
            tensor.copy_(noise * scale * math.sqrt(2 / tensor[0].numel()))
        elif name.endswith("norm.weight"):
            tensor.copy_(8 + noise)
        else:
            tensor.copy_(0.1 * noise)
        if name == "conv4_3_norm_mbox_conf.weight":
            tensor *= 3
    path = tmp_path / "s3fd-619a316812.pth"
    torch.save(state, path)
    return path


def pictures(count: int, height: int, width: int) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(height)
    noise = rng.integers(0, 256, (count, height, width, 3)).astype(np.uint8)
    return [np.asarray(cv2.GaussianBlur(each, (0, 0), 2), np.uint8) for each in noise]


def opened(
    weights: Path, *, bgr: bool = False, batch: int | None = None, runtime: str = "torch"
) -> S3fdDetector:
    detector = S3fdDetector(bgr=bgr, weights=weights)
    resources = Resources(models=weights.parent)
    crop = CropOptions(detector_batch=batch)
    detector.load(EngineOptions(resources=resources, crop=crop, runtime=Runtime(runtime)))
    return detector


def reading(weights: Mapping[str, Tensor], pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The published detector, from its description: (n, 5) boxes and scores.

    Every place that scores above 0.05 is decoded, boxes are thinned out by NMS at 0.3, and what
    scores above 0.5 is kept.
    """
    import torch
    from torch.nn import functional

    def conv(name: str, x: Tensor, stride: int = 1, padding: int = 1) -> Tensor:
        return functional.conv2d(
            x, weights[f"{name}.weight"], weights[f"{name}.bias"], stride, padding
        )

    x = torch.from_numpy(pixels - np.array([104.0, 117.0, 123.0])).float()
    x, features = x.permute(2, 0, 1)[None], []
    for stage, count in enumerate((2, 2, 3, 3, 3), 1):
        for index in range(1, count + 1):
            x = torch.relu(conv(f"conv{stage}_{index}", x))
        if stage > 2:
            length = torch.linalg.vector_norm(x, dim=1, keepdim=True)
            scale = weights[f"conv{stage}_3_norm.weight"][None, :, None, None]
            features.append(x / (length + 1e-10) * scale)
        x = functional.max_pool2d(x, 2, 2)
    x = torch.relu(conv("fc6", x, padding=3))
    x = torch.relu(conv("fc7", x, padding=0))
    features.append(x)
    for name in ("conv6", "conv7"):
        x = torch.relu(conv(f"{name}_1", x, padding=0))
        x = torch.relu(conv(f"{name}_2", x, stride=2))
        features.append(x)
    found = []
    for level, (name, each) in enumerate(zip(LAYERS, features, strict=True)):
        scores = conv(f"{name}_mbox_conf", each)
        scores = torch.stack([scores[:, :-1].max(1).values, scores[:, -1]], 1).softmax(1)[0, 1]
        places = conv(f"{name}_mbox_loc", each)[0]
        stride = 4 * 2**level
        for row, column in torch.nonzero(scores > 0.05).tolist():
            dx, dy, dw, dh = places[:, row, column].tolist()
            middle_x = (column + 0.5 + 0.4 * dx) * stride
            middle_y = (row + 0.5 + 0.4 * dy) * stride
            width, height = 4 * stride * math.exp(0.2 * dw), 4 * stride * math.exp(0.2 * dh)
            left, top = middle_x - width / 2, middle_y - height / 2
            score = float(scores[row, column])
            found.append((left, top, left + width, top + height, score))
    kept: list[tuple[float, ...]] = []
    for box in sorted(found, key=lambda each: -each[4]):
        if all(_overlap(box, other) <= 0.3 for other in kept):
            kept.append(box)
    return np.array([box for box in kept if box[4] > 0.5]).reshape(-1, 5)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    shared = max(0.0, width) * max(0.0, height)
    areas = [(c[2] - c[0] + 1) * (c[3] - c[1] + 1) for c in (a, b)]
    return shared / (sum(areas) - shared)


def table(detector: S3fdDetector, seen: list[NDArray[np.uint8]]) -> list[NDArray[np.float64]]:
    return [
        np.array(
            [[f.box.left, f.box.top, f.box.right, f.box.bottom, f.score] for f in faces]
        ).reshape(-1, 5)
        for faces in detector.detect(seen)
    ]


@pytest.mark.neural
def test_the_layout_is_the_official_one() -> None:
    import torch

    from lipsmith.faces.s3fd_network import S3fd

    with torch.device("meta"):
        layout = S3fd().state_dict()
    assert len(layout) == 65
    assert sum(tensor.numel() for tensor in layout.values()) == 22_459_110
    assert tuple(layout["conv3_3_norm_mbox_conf.weight"].shape) == (4, 256, 3, 3)


@pytest.mark.neural
def test_it_equals_the_published_detector(weights: Path) -> None:
    import torch

    state = torch.load(weights, weights_only=True)
    detector = opened(weights, batch=2)
    for height, width in ((64, 96), (75, 50)):
        seen = pictures(3, height, width)
        found = table(detector, seen)
        assert sum(map(len, found)) > 2
        for each, boxes in zip(seen, found, strict=True):
            np.testing.assert_allclose(boxes, reading(state, each), atol=2e-3)


@pytest.mark.neural
def test_channels_come_as_wav2lip_hands_them_over_or_as_trained(weights: Path) -> None:
    (picture,) = pictures(1, 96, 96)
    mirrored = np.ascontiguousarray(picture[..., ::-1])
    as_wav2lip, as_trained = opened(weights), opened(weights, bgr=True)
    (one,), (other,) = table(as_wav2lip, [picture]), table(as_trained, [mirrored])
    np.testing.assert_array_equal(one, other)
    (differs,) = table(as_trained, [picture])
    assert differs.shape != one.shape or not np.allclose(differs, one)


@pytest.mark.neural
def test_onnx_runtime_gives_the_same_boxes_at_every_size(weights: Path) -> None:
    detector = opened(weights, runtime="onnx")
    for size in ((64, 96), (50, 75)):
        seen = pictures(1, *size)
        np.testing.assert_allclose(
            table(detector, seen)[0], table(opened(weights), seen)[0], atol=1e-2
        )
    detector.close()


@pytest.mark.neural
def test_large_pictures_are_looked_at_smaller(weights: Path) -> None:
    (picture,) = pictures(1, 64, 96)
    doubled = picture.repeat(2, 0).repeat(2, 1)
    detector = S3fdDetector(weights=weights, max_pixels=64 * 96)
    detector.load(EngineOptions(runtime=Runtime.TORCH, resources=Resources(models=weights.parent)))
    (small,), (large,) = table(detector, [picture]), table(detector, [doubled])
    assert len(small)
    np.testing.assert_allclose(large, small * (2, 2, 2, 2, 1), atol=1e-3)


@pytest.mark.neural
def test_weights_that_are_missing_or_wrong_are_told(weights: Path, tmp_path: Path) -> None:
    import torch

    empty = Resources(models=tmp_path / "none")
    with pytest.raises(MissingWeightsError, match="lipsmith models pull s3fd"):
        S3fdDetector().load(EngineOptions(resources=empty))
    with pytest.raises(LicenceError):
        allowed = Resources(models=tmp_path / "none", commercial=True)
        S3fdDetector().load(EngineOptions(resources=allowed))
    torch.save({"conv1_1.weight": torch.zeros(64, 3, 3, 3)}, weights)
    with pytest.raises(CheckpointError, match="is not S3FD"):
        opened(weights)
