"""Cuts the person out of the background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Face
from lipsmith.faces import models
from lipsmith.faces.crops import Crop
from lipsmith.faces.guided_filter import guided_filter

_MODEL, _SIDE = "selfie_segmentation", 256
_CLOSE_UP = 4.5
"""Side of the closer look, in face heights: head, hair and shoulders."""
_EDGE_REACH = 0.055
"""How far the network's edge may be off, in face heights."""
_FLAT = 1e-4
_UNSURE, _FAINT = 0.15, 0.08


def cut_out(pixels: RgbImage, face: Face) -> NDArray[np.uint8]:
    """(H, W) uint8 matte of the person whom the face belongs to, 255 inside.

    People are segmented coarsely in the whole picture and around the head; the edge then follows
    the picture's own edges.
    """
    coarse = _only_this_person(_segment(pixels, face), face)
    coarse = _stretch(coarse, _UNSURE)
    radius = max(2, round(_EDGE_REACH * face.box.height))
    fine = _stretch(guided_filter(pixels, coarse, radius, _FLAT), _FAINT)
    hull = np.zeros(fine.shape, np.uint8)
    outline = cv2.convexHull(face.landmarks[:, :2].astype(np.float32)).astype(np.int32)
    cv2.fillConvexPoly(hull, outline, 255)
    soft = cv2.GaussianBlur(hull, (0, 0), max(1.0, 0.01 * face.box.height))
    matte = (fine * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return np.asarray(cv2.max(matte, cv2.min(hull, soft)), np.uint8)


def _stretch(matte: NDArray[np.float32], margin: float) -> NDArray[np.float32]:
    """Make values within `margin` of 0 and 1 exactly that."""
    spread = (matte - np.float32(margin)) * np.float32(1 / (1 - 2 * margin))
    return np.asarray(np.clip(spread, 0, 1), np.float32)


def _segment(pixels: RgbImage, face: Face) -> NDArray[np.float32]:
    """(H, W) float32 0..1: people in the whole picture, more exactly around the head."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    whole = models.run(_MODEL, np.asarray(small, np.uint8))[0]
    matte = cv2.resize(whole, (width, height), interpolation=cv2.INTER_LINEAR)
    side = _CLOSE_UP * face.box.height
    if side > 0.9 * max(width, height):
        return np.asarray(matte, np.float32)
    x = (face.box.left + face.box.right) / 2
    y = (face.box.top + face.box.bottom) / 2 + 0.3 * face.box.height
    left, right = max(0, int(x - side / 2)), min(width, int(x + side / 2))
    top, bottom = max(0, int(y - side / 2)), min(height, int(y + side / 2))
    crop = Crop((left + right) / 2, (top + bottom) / 2, side)
    close = models.run(_MODEL, crop.cut(pixels, _SIDE))[0]
    fade = _fade(_SIDE, 0.12)
    back = crop.to_crop(_SIDE)
    shape = (right - left, bottom - top)
    shifted = back.copy()
    shifted[:, 2] += back[:, :2] @ (left, top)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    close_up = cv2.warpAffine(close, shifted, shape, flags=flags)
    weight = cv2.warpAffine(fade, shifted, shape, flags=flags)
    region = matte[top:bottom, left:right]
    matte[top:bottom, left:right] = region + (close_up - region) * weight
    return np.asarray(matte, np.float32)


def _fade(side: int, border: float) -> NDArray[np.float32]:
    """1 inside, falling to 0 over `border` (a share of the side) at the edges."""
    ramp = np.minimum(np.arange(side), np.arange(side)[::-1]) / (border * side)
    ramp = np.clip(ramp, 0, 1).astype(np.float32)
    return np.minimum(ramp[:, None], ramp[None, :])


def _only_this_person(matte: NDArray[np.float32], face: Face) -> NDArray[np.float32]:
    """Remove what is not connected with the face."""
    solid = (matte > 0.4).astype(np.uint8)
    _, labels = cv2.connectedComponents(solid, connectivity=4)
    height, width = matte.shape
    x = np.clip(face.landmarks[:, 0].astype(int), 0, width - 1)
    y = np.clip(face.landmarks[:, 1].astype(int), 0, height - 1)
    under = labels[y, x]
    under = under[under > 0]
    if under.size == 0:
        return matte
    own = (labels == np.bincount(under).argmax()).astype(np.uint8)
    reach = max(3, round(0.05 * face.box.height)) | 1
    near = cv2.dilate(own, np.ones((reach, reach), np.uint8))
    return matte * near.astype(np.float32)
