"""The opening of each eye: the margins of its lids and where a shut lid's skin unfolds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.eye_opening import refine_opening, skin_colour
from lipsmith.engines.rig.eye_shape import EyeShape, UprightEye, find_eye, upright
from lipsmith.engines.rig.gaze import Iris, fit_iris
from lipsmith.engines.rig.lid_skin import LidSkin, find_skin

Points = NDArray[np.float64]

_POINTS = 160
_LEAST_OPENING_MM = 2.0
_BAND_MM = 0.8, 3.2
"""Height of the lashes' band that a lid takes along."""


@dataclass(frozen=True, slots=True)
class EyeOpening:
    """One open eye of the picture.

    is_left: the person's own left. upper, lower, fold: (n, 2) px from the viewer's left corner to
    the right one: the margins of the lids, and the line above the lashes. skin: what lies under
    lashes and ball, on the raster of `eye`.
    """

    is_left: bool
    shape: EyeShape
    eye: UprightEye
    iris: Iris
    skin: LidSkin
    upper: Points
    lower: Points
    fold: Points


def find_openings(pixels: RgbImage, landmarks: NDArray[np.float64]) -> tuple[EyeOpening, ...]:
    """The eyes of a picture that are open and in it. landmarks: (478, 3) px."""
    skin = skin_colour(pixels, landmarks)
    found = []
    for side in ("left", "right"):
        shape = find_eye(pixels, landmarks, side)
        if shape is None:
            continue
        shape = refine_opening(upright(pixels, shape), shape, skin)
        if shape.is_shut or shape.opening_px < _LEAST_OPENING_MM * shape.px_per_mm:
            continue
        found.append(_opening(pixels, shape, is_left=side == "right"))
    return tuple(found)


def _opening(pixels: RgbImage, shape: EyeShape, is_left: bool) -> EyeOpening:
    eye = upright(pixels, shape)
    skin = find_skin(eye, shape)
    wide = np.flatnonzero(shape.lower - shape.upper > 0)
    first, last = shape.columns[[max(wide[0] - 1, 0), min(wide[-1] + 1, len(shape.columns) - 1)]]
    u = np.linspace(first, last, _POINTS).astype(np.float32)
    upper, lower = shape.at(shape.upper, u), shape.at(shape.lower, u)
    middle = 0.5 * (upper + lower)
    for edge in (upper, lower):
        edge[[0, -1]] = middle[[0, -1]]
    low, high = (mm * shape.px_per_mm for mm in _BAND_MM)
    band = np.clip(np.interp(u, eye.u[0], skin.band), low, high)
    towards = np.linspace(0.0, 1.0, len(u))
    taper = np.clip(np.minimum(towards, 1.0 - towards) / 0.22, 0.0, 1.0)
    fold = upper - band * taper**0.7

    def line(v: NDArray[np.floating]) -> Points:
        return np.stack(shape.to_xy(u, v.astype(np.float32)), 1).astype(np.float64)

    return EyeOpening(
        is_left, shape, eye, fit_iris(eye, shape), skin,
        line(upper), line(lower), line(fold),
    )  # fmt: skip
