"""The lips of an open source mouth, without what they show between them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.basis import smoothstep
from lipsmith.engines.rig.field import even_rect
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.layers import Lips, Patch
from lipsmith.engines.rig.lid_skin import pull_push
from lipsmith.engines.rig.lips import LipAxis

Map = NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_AROUND_MM = 9.0
_HALO_MM, _HALO_PX = 0.2, 0.8  # teeth shine into the pixels beside them
_CORNER_REACH_MM, _CORNER_HEIGHT_MM = 7.0, 3.0
_DRAWN_OUT_MM = (4.5, 8.0)  # opening from which on the dark goes on into the corners
_PARTED_MM, _PARTED_SHARE = (1.6, 3.2), 0.5  # from which on it does so in part
_SHUT_MM = 5.0
_DARK, _CLEAR = 0.78, 0.95  # of the skin around a corner: hidden in full, kept
_SEAM_MM, _SEAM_PX = 0.45, 0.6
_SEAM_INWARDS_MM = 0.25
_SEAM_PAST_MM, _SEAM_FULL_MM = 1.5, 4.0  # it fades around the corners
_UPPER_SEAM, _LOWER_SEAM = 0.42, 0.22
_WARM = np.array([0.66, 1.12, 1.08], np.float32)  # shade between lips is red


def lips_alone(
    pixels: RgbImage, landmarks: NDArray[np.float64], head: HeadFrame, lips: Lips
) -> Patch:
    """The surroundings of an open mouth, its opening and the dark of its corners filled with lip.

    The inner rims are shaded, so that the lips show a line where they meet.
    landmarks: (478, 3) px.
    """
    scale = head.px_per_mm
    outline = np.concatenate([lips.upper, lips.lower])
    low, high = outline.min(0) - _AROUND_MM * scale, outline.max(0) + _AROUND_MM * scale
    height, width = pixels.shape[:2]
    rect = even_rect(low[0], low[1], high[0], high[1], width, height)
    colour = pixels[rect.top : rect.bottom, rect.left : rect.right].astype(np.float32)
    x, y = np.meshgrid(
        np.arange(rect.left, rect.right, dtype=np.float64),
        np.arange(rect.top, rect.bottom, dtype=np.float64),
    )
    corners = landmarks[[61, 291], :2]
    upper, lower = (
        _above(np.concatenate([corners[:1], line, corners[1:]]), x, y)
        for line in (lips.upper, lips.lower)
    )
    axis = LipAxis.of(lips)
    u = axis.coordinates(x, y)[0].astype(np.float32)
    halo = np.float32(_HALO_MM * scale + _HALO_PX)
    gap_mm = float(np.linalg.norm(landmarks[14, :2] - landmarks[13, :2])) / scale
    drawn_out = float(smoothstep(*_DRAWN_OUT_MM, np.asarray(gap_mm)))
    # the corners of lips that are hardly parted are shut, and their dark line is their own
    inside = np.minimum(u, axis.length - u)
    parted = np.maximum(smoothstep(0.0, _SHUT_MM * scale, inside), drawn_out * (inside > 0))
    hidden = np.clip(halo + 0.5 - np.maximum(upper, -lower), 0, 1) * parted
    hidden = np.asarray(hidden, np.float32)
    dim = max(drawn_out, _PARTED_SHARE * float(smoothstep(*_PARTED_MM, np.asarray(gap_mm))))
    if dim > 0:
        corner = np.float32(dim) * _dark_corners(colour, hidden, upper, lower, u, axis, scale)
        hidden = np.maximum(hidden, corner)
    filled = colour + (pull_push(colour, (1 - hidden) ** 2) - colour) * hidden[..., None]
    filled *= _seam(upper, lower, u, axis, scale)[..., None] ** _WARM
    return Patch(rect, np.clip(filled + 0.5, 0, 255).astype(np.uint8))


def _above(line: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> Map:
    """About how far above (> 0) `line` (n, 2) the points are, px across it."""
    axis = LipAxis.of(Lips(line, line, True, 0.0))
    u, v = axis.coordinates(x, y)
    line_u, line_v = axis.coordinates(line[:, 0], line[:, 1])
    line_u = np.maximum.accumulate(line_u)
    slope = np.gradient(line_v) / np.maximum(np.gradient(line_u), 1e-3)
    level = 1.0 / np.sqrt(1.0 + np.interp(u, line_u, slope) ** 2)
    return np.asarray(axis.height_above(line, u, v) * level, np.float32)


def _dark_corners(
    colour: Map, hidden: Map, upper: Map, lower: Map, u: Map, axis: LipAxis, scale: float
) -> Map:
    """0..1 where the shade of the opening goes on past its corners."""
    luma = colour @ _LUMA
    usual = _spread(luma, 1 - hidden, 4.0 * scale)
    dark = np.clip((_CLEAR - luma / np.maximum(usual, 1.0)) / (_CLEAR - _DARK), 0, 1)
    beyond = np.minimum(np.abs(u), np.abs(u - axis.length)) / (_CORNER_REACH_MM * scale)
    off = np.maximum(np.maximum(upper, -lower), 0) / (_CORNER_HEIGHT_MM * scale)
    near = np.clip(2.0 - 2.0 * np.sqrt(beyond**2 + off**2), 0, 1)
    grown = cv2.dilate(dark * near, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.blur(grown, (3, 3)), np.float32)


def _spread(values: Map, weight: Map, sigma: float) -> Map:
    """Weighted mean of the surroundings."""
    total = cv2.GaussianBlur(values * weight, (0, 0), sigma)
    return np.asarray(total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-4), np.float32)


def _seam(upper: Map, lower: Map, u: Map, axis: LipAxis, scale: float) -> Map:
    """Brightness 0..1 of the lips' inner rims; the upper lip's lies in its own shade."""
    wide = max(_SEAM_MM * scale, _SEAM_PX)
    inside = np.minimum(u, axis.length - u) / scale
    ends = smoothstep(-_SEAM_PAST_MM, _SEAM_FULL_MM, inside)
    # as dark on as far as the lips may be drawn over each other
    inwards = np.float32(_SEAM_INWARDS_MM * scale)
    depth = np.where(
        -upper < lower,
        _UPPER_SEAM * np.exp(-((np.maximum(upper + inwards, 0) / (1.3 * wide)) ** 2)),
        _LOWER_SEAM * np.exp(-((np.maximum(inwards - lower, 0) / wide) ** 2)),
    )
    gain = 1 - ends * depth
    return np.asarray(gain, np.float32)
