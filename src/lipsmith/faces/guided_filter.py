"""Makes a rough mask follow the edges of a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage

_Plane = NDArray[np.float32]
_WORK_SIDE_PX = 640


def guided_filter(guide: RgbImage, values: _Plane, radius: int, epsilon: float) -> _Plane:
    """Smooth (H, W) float32 values along the edges of a colour guide of the same size.

    radius: px of the box windows. epsilon: the variance, with the guide in 0..1, below which a
    window counts as flat. The linear models are fitted at a smaller size and applied at the full
    one (He et al. 2013, IEEE TPAMI 35(6), eq. 19 to 21; He and Sun 2015, arXiv:1505.00996).
    """
    height, width = values.shape
    shrink = max(1, round(min(radius / 4, max(height, width) / _WORK_SIDE_PX)))
    size = (max(1, width // shrink), max(1, height // shrink))
    small_guide = cv2.resize(guide, size, interpolation=cv2.INTER_AREA)
    small_values = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    reach = max(1, round(radius / shrink))
    coefficients = _fit(
        _unit_planes(np.asarray(small_guide, np.uint8)),
        np.asarray(small_values, np.float32),
        (2 * reach + 1, 2 * reach + 1),
        np.float32(epsilon),
    )
    result = np.zeros((height, width), np.float32)
    for coefficient, plane in zip(coefficients, [*_unit_planes(guide), None], strict=True):
        large = cv2.resize(coefficient, (width, height), interpolation=cv2.INTER_LINEAR)
        result += large if plane is None else large * plane
    return result


def _unit_planes(guide: RgbImage) -> list[_Plane]:
    return [plane.astype(np.float32) * np.float32(1 / 255) for plane in cv2.split(guide)]


def _fit(
    guide: list[_Plane], values: _Plane, window: tuple[int, int], epsilon: np.float32
) -> list[_Plane]:
    """Mean slope for each colour, and mean offset, of the windows around each pixel."""

    def mean(plane: _Plane) -> _Plane:
        return np.asarray(cv2.blur(plane, window), np.float32)

    means, mean_values = [mean(plane) for plane in guide], mean(values)
    covariance = [mean(p * values) - m * mean_values for p, m in zip(guide, means, strict=True)]
    (r, g, b), (mr, mg, mb) = guide, means
    rr, gg, bb = (mean(p * p) - m * m + epsilon for p, m in zip(guide, means, strict=True))
    rg, rb, gb = mean(r * g) - mr * mg, mean(r * b) - mr * mb, mean(g * b) - mg * mb
    # The symmetric 3x3 matrix is inverted by its cofactors.
    inverse = (
        (gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg),
        (rb * gb - rg * bb, rr * bb - rb * rb, rb * rg - rr * gb),
        (rg * gb - rb * gg, rb * rg - rr * gb, rr * gg - rg * rg),
    )
    determinant = rr * inverse[0][0] + rg * inverse[0][1] + rb * inverse[0][2]
    slopes = [
        sum(factor * c for factor, c in zip(row, covariance, strict=True)) / determinant
        for row in inverse
    ]
    offset = mean_values - sum(s * m for s, m in zip(slopes, means, strict=True))
    return [mean(plane) for plane in (*slopes, offset)]
