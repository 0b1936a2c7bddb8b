"""Which frame of a scene lends its mouth: one with the lips shut, seen as most frames are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lipsmith.core.footage import FootageFrame
from lipsmith.core.portrait import Face
from lipsmith.engines.rig.dubbing.regions import LIP_OUTLINE
from lipsmith.engines.rig.geometry import LOWER_INNER, UPPER_INNER, HeadFrame

_LOOK_PX = 64
_MARGIN = 0.3  # around the lips, of their size
_NOSTRILS = (98, 327)
_SHUT_MM = 0.6
_OPENING_COST_PER_MM, _THINNESS_COST_PER_MM, _WIDTH_COST_PER_MM = 0.35, 0.5, 0.15
_DEG_PER_COST = 12.0
_SHARPNESS_COST, _SMALLNESS_COST, _HIDDEN_COST = 1.5, 2.0, 30.0


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame shows of a mouth.

    opening_mm, width_mm, thickness_mm: of the lips, the last of both together. lift_mm: how high
    their corners are, from the nose. yaw_deg, pitch_deg: of the head. px_per_mm: its size. detail:
    mean contrast of fine detail around the mouth, 8-bit levels. hidden, outside: share of the mouth
    that something covers, and that is not in the frame, 0..1.
    """

    opening_mm: float
    width_mm: float
    thickness_mm: float
    lift_mm: float
    yaw_deg: float
    pitch_deg: float
    px_per_mm: float
    detail: float
    hidden: float
    outside: float


def look(frame: FootageFrame, face: Face) -> Look:
    """Measure the mouth of a frame."""
    points = face.landmarks
    head = HeadFrame.of(points)
    mm = head.to_mm(points)
    inner = mm[list(LOWER_INNER[4:7])].mean(0) - mm[list(UPPER_INNER[4:7])].mean(0)
    forward = -head.rotation[:, 2]
    outline = points[list(LIP_OUTLINE), :2]
    margin = _MARGIN * np.ptp(outline, axis=0)
    low, high = outline.min(0) - margin, outline.max(0) + margin
    height, width = frame.pixels.shape[:2]
    left, top = (int(v) for v in np.clip(low, 0, (width - 2, height - 2)))
    right, bottom = (int(v) for v in np.clip(high + 1, (left + 2, top + 2), (width, height)))
    block = np.s_[top:bottom, left:right]
    luma = cv2.cvtColor(frame.pixels[block], cv2.COLOR_RGB2GRAY)
    size = (2 * _LOOK_PX, _LOOK_PX)
    small = cv2.resize(luma.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    inside = np.clip(high, 0, (width, height)) - np.clip(low, 0, (width, height))
    seen = 1.0 if frame.visible is None else float(frame.visible[block].mean()) / 255
    return Look(
        opening_mm=float(np.linalg.norm(inner)),
        width_mm=float(mm[291, 0] - mm[61, 0]),
        thickness_mm=float(mm[13, 1] - mm[0, 1] + mm[17, 1] - mm[14, 1]),
        lift_mm=float(mm[list(_NOSTRILS), 1].mean() - mm[[61, 291], 1].mean()),
        yaw_deg=float(np.degrees(np.arctan2(forward[0], -forward[2]))),
        pitch_deg=float(np.degrees(np.arcsin(np.clip(forward[1], -1, 1)))),
        px_per_mm=head.px_per_mm,
        detail=float(np.abs(small - cv2.GaussianBlur(small, (0, 0), 1.5)).mean()),
        hidden=1.0 - seen,
        outside=1.0 - float(np.prod(inside) / max(float(np.prod(high - low)), 1.0)),
    )


def turned(a: Look, b: Look) -> float:
    """How far the head is turned between two looks, degrees."""
    return float(np.hypot(a.yaw_deg - b.yaw_deg, a.pitch_deg - b.pitch_deg))


def costs(looks: Sequence[Look], usual: Sequence[Look]) -> list[float]:
    """How ill each of `looks` would serve frames like `usual`; 0 is best, 1 a visible flaw."""

    def middle(name: str) -> float:
        return float(np.median([getattr(each, name) for each in usual]))

    width, yaw, pitch = middle("width_mm"), middle("yaw_deg"), middle("pitch_deg")
    size, detail = middle("px_per_mm"), middle("detail")
    full = float(np.percentile([each.thickness_mm for each in usual], 75))
    return [
        _OPENING_COST_PER_MM * max(each.opening_mm - _SHUT_MM, 0.0)
        + _THINNESS_COST_PER_MM * max(full - each.thickness_mm, 0.0)
        + _WIDTH_COST_PER_MM * abs(each.width_mm - width)
        + (abs(each.yaw_deg - yaw) + abs(each.pitch_deg - pitch)) / _DEG_PER_COST
        + _SHARPNESS_COST * max(0.0, float(np.log2(detail / max(each.detail, 1e-3))))
        + _SMALLNESS_COST * abs(float(np.log2(each.px_per_mm / size)))
        + _HIDDEN_COST * (each.hidden + each.outside)
        for each in looks
    ]
