"""Where the visible ball ends: the lid edges of the mesh, moved out to the picture's own edges.

Drawn eyes are often larger than the opening that the mesh finds. White, or an iris of a colour
that skin cannot have, outside of the mesh's opening is taken as part of the ball; a shortest path
keeps the edge smooth. Without clear evidence the edge stays on the mesh.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.eye_shape import CANONICAL_LENGTH_PX, EyeShape, Floats, UprightEye

_CHEEKS = (50, 101, 118, 205, 280, 330, 347, 425)
"""Landmarks on skin that is rarely covered."""
_PRIOR = 0.5
"""Evidence per pixel that it takes to move the edge away from the mesh."""
_GROWTH = 0.75  # of the eye's length
_SIDE_GROWTH = 0.1
_MOST_STRAY = 0.1
"""With more than this share of ball-like pixels around the eye, colour tells nothing."""
_SMALLEST_CHANGE = 0.045  # of the eye's length
LEAST_CHROMA = 7.0
"""Skin with less chroma than this cannot be told from white by its colour."""


def skin_colour(pixels: RgbImage, landmarks: NDArray[np.float64]) -> Floats:
    """(3,) median colour of the cheeks: luma 0..255, and Cr and Cb around 0."""
    height, width = pixels.shape[:2]
    reach = max(1, int(np.ptp(landmarks[:, 0])) // 40)
    picked = []
    for x, y in landmarks[list(_CHEEKS), :2].astype(int):
        left, top = (int(np.clip(c - reach, 0, n - 1)) for c, n in ((x, width), (y, height)))
        patch = pixels[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        picked.append(np.quantile(patch.reshape(-1, 3), 0.5, axis=0))
    colour = np.quantile(picked, 0.5, axis=0).astype(np.uint8)
    return luma_and_chroma(colour.reshape(1, 1, 3)).reshape(3)


def luma_and_chroma(pixels: RgbImage | Floats) -> Floats:
    """(h, w, 3) luma 0..255, and Cr and Cb around 0, of RGB 0..255."""
    converted = cv2.cvtColor(np.clip(pixels, 0, 255).astype(np.float32), cv2.COLOR_RGB2YCrCb)
    # OpenCV centres floating-point chroma on 0.5.
    return np.asarray(converted - np.array([0, 0.5, 0.5], np.float32))


def refine_opening(eye: UprightEye, shape: EyeShape, skin: Floats) -> EyeShape:
    """The shape with its lid edges, and its corners if need be, on the picture's edges.

    skin: (3,) from `skin_colour`.
    """
    if np.hypot(skin[1], skin[2]) < LEAST_CHROMA:
        return shape
    evidence = _evidence_of_ball(eye, skin)
    u = eye.u[0, ::2]
    upper, lower = shape.at(shape.upper, u), shape.at(shape.lower, u)
    raised = _move_edge(eye, evidence, u, upper, -1)
    lowered = _move_edge(eye, evidence, u, lower, 1)
    middle_part = (u > 0.2 * shape.length_px) & (u < 0.8 * shape.length_px)
    change = max(np.quantile(raised[middle_part], 0.5), np.quantile(lowered[middle_part], 0.5))
    if change < _SMALLEST_CHANGE * shape.length_px:
        return shape
    limit = (_GROWTH - 0.05) * shape.length_px
    if max(raised.max(), lowered.max()) > limit:  # the skin is as pale as the white
        return shape
    new_upper, new_lower = _smoothed(upper - raised), _smoothed(lower + lowered)
    stray = _share_of_ball_around(
        evidence, eye, u[middle_part], new_upper[middle_part], new_lower[middle_part]
    )
    if stray > _MOST_STRAY:
        return shape
    return _with_lids(shape, u, new_upper, new_lower)


def _with_lids(shape: EyeShape, u: Floats, upper: Floats, lower: Floats) -> EyeShape:
    """The shape with other lid edges, which are (n,) v at `u`; its corners are where they meet."""
    is_open = lower - upper > 0.02 * shape.length_px
    middle = int(np.abs(u - 0.5 * shape.length_px).argmin())
    if not is_open[middle]:
        return shape
    closed = np.nonzero(~is_open)[0]
    first = int(max(closed[closed < middle], default=-1)) + 1
    last = int(min(closed[closed > middle], default=len(u))) - 1
    start, end = float(u[first]), float(u[last])
    outside = (shape.columns < start) | (shape.columns > end)
    columns_upper = np.interp(shape.columns, u, upper)
    columns_lower = np.interp(shape.columns, u, lower)
    level = 0.5 * (upper + lower)
    corner = np.where(shape.columns < start, level[first], level[last])
    shift = np.array([start, 0], np.float32)
    return replace(
        shape,
        origin=(shape.origin + start * shape.along).astype(np.float32),
        length_px=end - start,
        columns=(shape.columns - start).astype(np.float32),
        upper=np.where(outside, corner, columns_upper).astype(np.float32),
        lower=np.where(outside, corner, columns_lower).astype(np.float32),
        iris_uv=shape.iris_uv - shift,
    )


def _evidence_of_ball(eye: UprightEye, skin: Floats) -> Floats:
    """(h, w) positive where a pixel is white or of an iris's colour, negative where it is skin."""
    smooth = cv2.GaussianBlur(np.clip(eye.pixels, 0, 255).astype(np.uint8), (0, 0), 0.8)
    colour = luma_and_chroma(np.asarray(smooth, np.uint8))
    luma, chroma = colour[..., 0], colour[..., 1:]
    strength = float(np.hypot(skin[1], skin[2]))
    bright = luma / max(float(skin[0]), 1.0)
    share = chroma @ skin[1:] / strength**2
    aside = np.abs(chroma[..., 0] * skin[2] - chroma[..., 1] * skin[1]) / strength**2
    pale = (share < 0.36 * bright) & (aside < 0.6)
    coloured = (share < 0.15) & (np.hypot(share, aside) > 0.5) & (luma > 20)
    evidence = np.where(bright < 0.4, 0.0, -2.0)
    evidence = np.where(pale & (bright > 0.4), 0.8, evidence)
    evidence = np.where(coloured | (pale & (bright > 0.7)), 2.0, evidence)
    return evidence.astype(np.float32)


def _share_of_ball_around(
    evidence: Floats, eye: UprightEye, u: Floats, upper: Floats, lower: Floats
) -> float:
    """0..1 how much of the skin over and under the opening looks like ball."""
    length = CANONICAL_LENGTH_PX * eye.step
    away = np.linspace(0.12, 0.3, 10, dtype=np.float32)[:, None] * length
    v = np.concatenate([upper[None] - away, lower[None] + away])
    columns, rows = eye.index(u[None] + 0 * v, v)
    around = cv2.remap(evidence, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return float((around > 0.5).mean())


def _move_edge(
    eye: UprightEye, evidence: Floats, u: Floats, edge: Floats, direction: int
) -> Floats:
    """(n,) by how much to move the edge outwards (`direction` along v), px of the shape."""
    length = CANONICAL_LENGTH_PX * eye.step
    offsets = np.arange(round(_GROWTH * CANONICAL_LENGTH_PX), dtype=np.float32) * eye.step
    v = edge[None] + direction * offsets[:, None]
    columns, rows = eye.index(u[None] + 0 * v, v)
    found = cv2.remap(
        evidence, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=-2
    )
    gain = np.asarray(found, np.float32) - np.float32(_PRIOR)
    gain[:, (u < 0) | (u > length)] -= 0.5
    gain[:, (u < -_SIDE_GROWTH * length) | (u > (1 + _SIDE_GROWTH) * length)] = -2
    gain[0] = 0
    return _smooth_path(-np.cumsum(gain, axis=0)) * eye.step


def _smoothed(curve: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(curve[None], (0, 0), 2.0)[0], np.float32)


def _smooth_path(cost: Floats) -> Floats:
    """(columns,) states of the cheapest path through (states, columns), by dynamic programming.

    Changes of state from column to column have a quadratic price.
    """
    states, columns = cost.shape
    reach = 6
    total = cost[:, 0].copy()
    came_by: list[NDArray[np.intp]] = []
    moves = np.arange(-reach, reach + 1)
    price = 0.15 * (moves.astype(np.float32) ** 2)
    for j in range(1, columns):
        padded = np.pad(total, reach, constant_values=np.inf)
        options = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1) + price
        best = options.argmin(1)
        came_by.append(best)
        total = options[np.arange(states), best] + cost[:, j]
    state = int(total.argmin())
    path = [state]
    for best in reversed(came_by):
        state += int(best[state]) - reach
        path.append(state)
    return np.array(path[::-1], np.float32)
