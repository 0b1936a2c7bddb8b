"""Another background behind the person."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Portrait
from lipsmith.core.request import Background

_BLUR = 0.03
"""Sigma of the blurred background, as a share of the longer side."""


def apply(portrait: Portrait, background: Background, image: RgbImage | None = None) -> Portrait:
    """Replace what stands behind the person, in the still, before it is animated.

    image: the picture to put there, of any size; needed when `background.kind` is "image".

    Raises:
        ValueError: an unknown kind, or "image" without an image.
    """
    if background.kind == "keep":
        return portrait
    person, behind = separate(portrait.pixels, portrait.matte)
    if background.kind == "blur":
        scene = _blur(behind, portrait.matte)
    elif background.kind == "colour":
        scene = np.empty_like(person)
        scene[:] = background.colour
    elif background.kind == "image" and image is not None:
        scene = cover(image, portrait.width, portrait.height).astype(np.float32)
    else:
        raise ValueError(f"background {background.kind!r} needs something else")
    alpha = portrait.matte[..., None].astype(np.float32) / np.float32(255)
    mixed = scene + (person - scene) * alpha
    return replace(portrait, pixels=np.clip(mixed + 0.5, 0, 255).astype(np.uint8))


def separate(
    pixels: RgbImage, matte: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Estimate the person's and the background's own colours where the matte mixes them.

    Returns two (H, W, 3) float32 pictures in 0..255. Blur fusion, one coarse and one fine pass
    (Forte 2021, "Approximate Fast Foreground Colour Estimation", ICIP, section 3).
    """
    picture = pixels.astype(np.float32)
    alpha = matte[..., None].astype(np.float32) / np.float32(255)
    person, behind = picture, picture
    for radius in (max(3, max(matte.shape) // 24), max(2, max(matte.shape) // 160)):
        person, behind = _fuse(picture, person, behind, alpha, radius)
    return person, behind


def _fuse(
    picture: NDArray[np.float32],
    person: NDArray[np.float32],
    behind: NDArray[np.float32],
    alpha: NDArray[np.float32],
    radius: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    window = (2 * radius + 1, 2 * radius + 1)
    tiny = np.float32(1e-6)

    def mean(values: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
        total = np.asarray(cv2.blur(values * weight, window), np.float32)
        share = np.asarray(cv2.blur(weight, window), np.float32).reshape(*weight.shape)
        return np.asarray((total + tiny * values) / (share + tiny), np.float32)

    near_person, near_behind = mean(person, _pure(alpha)), mean(behind, _pure(1 - alpha))
    rest = picture - alpha * near_person - (1 - alpha) * near_behind
    clean = np.clip(near_person + alpha * rest, 0, 255)
    return np.asarray(clean, np.float32), np.asarray(near_behind, np.float32)


def _pure(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights that prefer pixels without the other side's colour, where there are any near."""
    return np.asarray(np.clip(alpha * 5 - 4, 0, 1) + np.float32(1e-3) * alpha, np.float32)


def cover(image: RgbImage, width: int, height: int) -> RgbImage:
    """Scale and crop around the middle, so that the image fills width x height px."""
    scale = max(width / image.shape[1], height / image.shape[0])
    columns = min(image.shape[1], max(1, round(width / scale)))
    rows = min(image.shape[0], max(1, round(height / scale)))
    left, top = (image.shape[1] - columns) // 2, (image.shape[0] - rows) // 2
    part = np.ascontiguousarray(image[top : top + rows, left : left + columns])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(part, (width, height), interpolation=method), np.uint8)


def _blur(behind: NDArray[np.float32], matte: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blur the background without the person's colours in it."""
    height, width = matte.shape
    small = (max(1, width // 4), max(1, height // 4))
    share = np.asarray(cv2.resize(255 - matte, small, interpolation=cv2.INTER_AREA), np.float32)
    share = share[..., None] / np.float32(255) + np.float32(1e-3)
    picture = np.asarray(cv2.resize(behind, small, interpolation=cv2.INTER_AREA), np.float32)
    sigma = _BLUR * max(small)
    total = np.asarray(cv2.GaussianBlur(picture * share, (0, 0), sigma), np.float32)
    weight = np.asarray(cv2.GaussianBlur(share, (0, 0), sigma), np.float32)[..., None]
    scene = cv2.resize(total / weight, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(scene, np.float32)
