"""What the face, the person's outline and the background wear: the picture, taken apart."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.lid_skin import pull_push

_JPEG_QUALITY = 92
_HALO = 0.006  # of the picture's longer side: what the person's edges colour


@dataclass(frozen=True, slots=True)
class Layers:
    """person: RgbImage. outline: (h, w, 4) uint8, the picture with straight alpha where a
    person's outline lies. background: RgbImage, the person painted over.
    """

    person: RgbImage
    outline: NDArray[np.uint8]
    background: RgbImage


def take_apart(
    pixels: RgbImage, person: NDArray[np.uint8], on_outline: NDArray[np.bool_]
) -> Layers:
    """person: (H, W) 0..255. on_outline: (H, W) where the outline's triangles are."""
    reach = max(2, round(_HALO * max(pixels.shape[:2])))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    covered = cv2.GaussianBlur(cv2.dilate(person, kernel), (0, 0), 0.5 * reach)
    free = np.asarray(1.0 - covered / np.float32(255), np.float32)
    known = np.clip((free - 0.5) * 2.0, 0, 1)
    background = pixels.astype(np.float32)
    if known.max() > 0:
        filled = pull_push(background, np.asarray(known + 1e-5, np.float32))
        background = filled + (background - filled) * free[..., None]
    shown = cv2.dilate(on_outline.astype(np.uint8), np.ones((5, 5), np.uint8))
    outline = np.dstack([pixels * shown[..., None], person * shown])
    return Layers(pixels, outline, np.clip(background + 0.5, 0, 255).astype(np.uint8))


def shrunk(image: NDArray[np.uint8], side_px: int | None) -> NDArray[np.uint8]:
    """The image with no side longer than side_px."""
    longest = max(image.shape[:2])
    if side_px is None or longest <= side_px:
        return image
    height, width = (max(1, round(n * side_px / longest)) for n in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def jpeg(image: RgbImage) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return file.getvalue()


def png(image: NDArray[np.uint8]) -> bytes:
    """RGB or RGBA."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", optimize=True)
    return file.getvalue()
