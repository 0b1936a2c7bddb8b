"""RGB <-> NV12 by ITU-R BT.709, limited range.

Chroma is the mean of its 2x2 pixels (sited in their centre), so that converting a rectangle with
even edges alone gives the same bytes as converting the whole picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image, RgbImage

KR, KB = 0.2126, 0.0722
"""Luma weights of red and blue (ITU-R BT.709-6, item 3.2)."""

# 8-bit quantisation (BT.709-6, item 4.6): Y = 219 E + 16, C = 224 E + 128.
_LUMA = np.array([KR, 1 - KR - KB, KB]) * 219 / 255
_CB = np.array([-KR, -(1 - KR - KB), 1 - KB]) / (2 * (1 - KB)) * 224 / 255
_CR = np.array([1 - KR, -(1 - KR - KB), -KB]) / (2 * (1 - KR)) * 224 / 255
_RGB_TO_Y = np.append(_LUMA, 16.0)[None].astype(np.float32)
_RGB_TO_CBCR = np.stack([np.append(_CB, 128.0), np.append(_CR, 128.0)]).astype(np.float32)
_YCC = np.stack([_LUMA, _CB, _CR])
_YCC_TO_RGB = np.column_stack(
    [np.linalg.inv(_YCC), -np.linalg.inv(_YCC) @ np.array([16.0, 128.0, 128.0])]
).astype(np.float32)


def rgb_to_nv12(rgb: RgbImage) -> Nv12Image:
    """(H, W, 3) uint8 sRGB with even sides -> NV12.

    Raises:
        ValueError: odd sides or another shape.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.shape[0] % 2 or rgb.shape[1] % 2:
        raise ValueError(f"expected (H, W, 3) with even sides, got {rgb.shape}")
    height, width = rgb.shape[:2]
    luma = cv2.transform(rgb, _RGB_TO_Y).reshape(height, width)
    half = cv2.resize(rgb, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return Nv12Image(_bytes(luma), _bytes(cv2.transform(half, _RGB_TO_CBCR)))


def nv12_to_rgb(image: Nv12Image) -> RgbImage:
    """NV12 -> (H, W, 3) uint8 sRGB; chroma is interpolated linearly."""
    chroma = cv2.resize(image.chroma, (image.width, image.height), interpolation=cv2.INTER_LINEAR)
    ycc = cv2.merge([image.luma, *cv2.split(chroma)])
    return _bytes(cv2.transform(ycc, _YCC_TO_RGB))


def _bytes(array: object) -> NDArray[np.uint8]:
    return np.ascontiguousarray(array, np.uint8)
