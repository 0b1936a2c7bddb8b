"""The pictures that an eyeball and its lid wear: what is seen of them, and what is hidden."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.eye_shape import Floats
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.lid_skin import pull_push
from lipsmith.export.eye_openings import EyeOpening
from lipsmith.export.eye_parts import ball_reach_mm
from lipsmith.export.eyelids import from_uv, travel_mm, uv_mm

_MAX_SIDE_PX = 512
_EDGE_MM = 0.7
"""Beside the lids the ball is in their shade, or not the ball."""
_MIRRORED, _MIRRORED_SHARE = 0.6, 0.9
_LIMBUS = 1.14
_RINGS = 24


def ball_texture(pixels: RgbImage, eye: EyeOpening, head: HeadFrame) -> RgbImage:
    """The ball from `ball_reach_mm`'s first corner to its second."""
    low, high = ball_reach_mm(eye, head)
    density = min(1.2 * head.px_per_mm, _MAX_SIDE_PX / float((high - low).max()))
    width, height = (max(16, round(float(size) * density)) for size in high - low)
    grid = np.meshgrid(
        low[0] + (np.arange(width) + 0.5) / width * (high[0] - low[0]),
        low[1] + (np.arange(height) + 0.5) / height * (high[1] - low[1]),
    )
    px = from_uv(eye, head, np.stack([axis.ravel() for axis in grid], 1))
    x, y = (px[:, i].astype(np.float32).reshape(height, width) for i in (0, 1))
    seen = np.asarray(
        cv2.remap(pixels, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    shape = eye.shape
    u, v = shape.to_uv(x, y)
    edge = np.float32(min(_EDGE_MM * head.px_per_mm, 0.16 * shape.opening_px))
    above, below = v - shape.at(shape.upper, u), shape.at(shape.lower, u) - v
    inside = np.minimum(above, below)
    clear = inside > edge
    ratio = eye.iris.ratio(u, v)
    ball = _white(seen, clear & (ratio > _LIMBUS))
    iris = _iris(seen, clear & (ratio < _LIMBUS), ratio, v - np.float32(eye.iris.v))
    soft = np.clip((np.float32(1.08) - ratio) / 0.12, 0, 1)[..., None]
    ball = ball + (iris - ball) * soft
    shown = np.clip(inside / max(0.5, float(edge)) + 1.0, 0, 1)[..., None]
    return np.asarray(np.clip(ball + (seen - ball) * shown + 0.5, 0, 255), np.uint8)


def lid_texture(pixels: RgbImage, eye: EyeOpening, head: HeadFrame) -> RgbImage:
    """The skin that a shutting lid unfolds: from its fold, the first row, down to the lashes."""
    side = np.clip(round(2.0 * float(np.ptp(eye.fold, axis=0).max())), 32, 256)
    width, height = int(side), int(side) // 2
    at = np.linspace(0.0, len(eye.fold) - 1.0, width)
    numbers = np.arange(len(eye.fold))
    fold_px = np.stack([np.interp(at, numbers, eye.fold[:, i]) for i in (0, 1)], 1)
    fold = uv_mm(eye, head, fold_px)
    share = np.linspace(0.0, 1.0, height)[:, None]
    uv = fold + np.zeros((height, 1, 2))
    uv[..., 1] += share * travel_mm(eye, head, fold[:, 0])
    u, v = ((uv[..., i] * head.px_per_mm).astype(np.float32) for i in (0, 1))
    plate = _sample(eye.skin.plate, *eye.eye.index(u, v))
    # it begins in the colours above the fold, mirrored, and ends in those beside the lashes
    brow = eye.shape.at(eye.shape.brow, u[0])
    reach = np.minimum(_MIRRORED * (v[-1] - v[0]), 0.6 * np.maximum(v[0] - brow, 0.0))
    above = v[0] - np.asarray(share, np.float32) * reach
    blur = max(0.8, 0.05 * height)
    mirrored = cv2.GaussianBlur(_sample(pixels, *eye.shape.to_xy(u, above)), (0, 0), blur)
    near = np.asarray(_MIRRORED_SHARE * (1.0 - share) ** 0.8, np.float32)[..., None]
    skin = plate + (mirrored - plate) * near
    off = cv2.GaussianBlur(mirrored[:1] - plate[-1:], (0, 0), 0.02 * width, sigmaY=0.01)
    skin = skin + off * np.asarray(0.5 * share**6, np.float32)[..., None]
    return np.asarray(np.clip(skin + 0.5, 0, 255), np.uint8)


def _sample(image: RgbImage | Floats, x: Floats, y: Floats) -> Floats:
    """(h, w, 3) float32 colours at places of an image."""
    sampled = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32)


def _white(seen: Floats, known: NDArray[np.bool_]) -> Floats:
    """The white everywhere, from where it shows."""
    if known.sum() < 8:
        return np.full_like(seen, np.array([225, 218, 212], np.float32))
    # the shade of lids and lashes is no colour of the ball
    luma = seen.mean(2)
    bright = luma > 0.8 * np.quantile(luma[known], 0.6)
    weight = (known & bright).astype(np.float32)
    return pull_push(seen, np.asarray(weight + 1e-4, np.float32))


def _iris(seen: Floats, known: NDArray[np.bool_], ratio: Floats, down: Floats) -> Floats:
    """The iris without lids: rings of the colours that show of it, and its own picture there."""
    if known.sum() < 8:
        return seen
    rings = np.linspace(0.0, _LIMBUS, _RINGS)
    lower = known & (down > -0.3 * np.abs(down).max())
    profile = np.zeros((_RINGS, 3), np.float32)
    filled = np.zeros(_RINGS, bool)
    for i, at in enumerate(rings):
        ring = lower & (np.abs(ratio - at) < 1.2 * _LIMBUS / _RINGS)
        if ring.sum() >= 3:
            profile[i], filled[i] = np.quantile(seen[ring], 0.5, axis=0), True
    if not filled.any():
        return seen
    for channel in range(3):
        profile[:, channel] = np.interp(rings, rings[filled], profile[filled, channel])
    smooth = np.stack([np.interp(ratio, rings, profile[:, c]) for c in range(3)], -1)
    weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), 0.8)[..., None]
    return np.asarray(smooth + (seen - smooth) * weight, np.float32)
