"""Several faces of one picture, each animated alone, in one frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame, Nv12Image, RgbImage
from lipsmith.core.portrait import Face, Portrait

_SEAM = 0.12
"""Sigma of the change from one face's part of the picture to the next's, in face widths."""

_COARSE_PX = 256


def join_faces(frames: Sequence[Iterator[Frame]], portraits: Sequence[Portrait]) -> Iterator[Frame]:
    """One frame out of one for each portrait: every pixel comes from the nearest face's.

    portraits: of the same picture, in the order of `frames`. The sound is that of all together.
    """
    height, width = portraits[0].pixels.shape[:2]
    shares = _shares([portrait.face for portrait in portraits], width, height)
    halves = [_resized(share, width // 2, height // 2) for share in shares]
    with ExitStack() as stack:
        for each in frames:
            if hasattr(each, "close"):
                stack.callback(each.close)
        for together in zip(*frames, strict=True):
            images = [frame.image for frame in together]
            samples = np.asarray(np.sum([frame.samples for frame in together], axis=0), np.float32)
            yield Frame(together[0].index, _mixed(images, shares, halves), samples)


def _shares(faces: Sequence[Face], width: int, height: int) -> list[NDArray[np.float32]]:
    """(H, W) 0..1 for each face, 1 together: how much of each pixel is taken from its frame."""
    shrink = max(1.0, max(width, height) / _COARSE_PX)
    columns, rows = max(1, round(width / shrink)), max(1, round(height / shrink))
    x = (np.arange(columns, dtype=np.float32) + 0.5) * shrink
    y = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) * shrink
    distances = []
    for face in faces:
        box = face.box
        across = x - np.float32((box.left + box.right) / 2)
        # Bodies stand below their faces, so what is above or below counts less.
        down = (y - np.float32((box.top + box.bottom) / 2)) * np.float32(0.5)
        distances.append(np.hypot(across, down) / np.float32(box.width))
    nearest = np.argmin(distances, axis=0)
    sigma = _SEAM * min(face.box.width for face in faces) / shrink
    soft = [
        cv2.GaussianBlur((nearest == index).astype(np.float32), (0, 0), max(0.5, sigma))
        for index in range(len(faces))
    ]
    return [_resized(np.asarray(share, np.float32), width, height) for share in soft]


def _resized(share: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    resized = cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)


def _mixed(
    images: Sequence[RgbImage | Nv12Image],
    shares: Sequence[NDArray[np.float32]],
    halves: Sequence[NDArray[np.float32]],
) -> RgbImage | Nv12Image:
    planes = [image for image in images if isinstance(image, Nv12Image)]
    if len(planes) == len(images):
        luma = _blended([image.luma for image in planes], shares)
        return Nv12Image(luma, _blended([image.chroma for image in planes], halves))
    from lipsmith.media.colour import nv12_to_rgb

    rgb = [nv12_to_rgb(image) if isinstance(image, Nv12Image) else image for image in images]
    return _blended(rgb, shares)


def _blended(
    planes: Sequence[NDArray[np.uint8]], shares: Sequence[NDArray[np.float32]]
) -> NDArray[np.uint8]:
    """The planes by their shares; `shares` are 1 together."""
    mixed: Any = planes[0]
    known = shares[0]
    for plane, share in zip(planes[1:], shares[1:], strict=True):
        total = known + share
        part = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
        mixed = cv2.blendLinear(mixed, plane, 1 - part, part)
        known = total
    return np.asarray(mixed, np.uint8)
