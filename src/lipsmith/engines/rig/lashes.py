"""The edge of one eye's upper lid: lashes, seam, roundness of the lid, shadow on the ball.

All of it is a strip of transmittances in coordinates along and across the lid's margin, which
multiplies the picture wherever the margin is. Lashes are what is darker than the skin above the
open eye; they turn from up to down while the lid closes.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipsmith.engines.rig.eye_shape import EyeRaster, EyeShape, Floats, smooth_step

_COLUMNS = 120
_REACH_U = 0.25  # beyond the corners, of the eye's length
_LEVELS = 64
"""Closures at which strips are kept; between two of them a transmittance differs by under 1/60."""
_TURN = 1.75  # lashes point up at 1, at the viewer at 0, down at -0.75
_OUTER_TURN = 0.35  # lashes and liner beyond the outer corner fold, but do not turn over


class LashStrip:
    """Transmittances around the lid's margin at any closure."""

    def __init__(self, raster: EyeRaster, lashes: Floats, band: Floats, blur_px: float) -> None:
        """Straighten the lashes along the open lid.

        lashes: (h, w, 3) transmittances 0..1 in the raster. band: (h, w) px, height of the lash
        band. blur_px: softness of the picture.
        """
        shape = raster.shape
        length = shape.length_px
        self._mm = mm = shape.px_per_mm
        self._blur = blur_px
        columns = np.linspace(
            -_REACH_U * length, (1 + _REACH_U) * length, _COLUMNS, dtype=np.float32
        )
        step = (columns[-1] - columns[0]) / (_COLUMNS - 1)
        self._map_u = ((raster.u - columns[0]) / step).astype(np.float32)

        tallest = int(np.ceil(max(1.6 * float(band.max()) + mm, 0.3 * length))) + 1
        heights = np.arange(-tallest, 1, dtype=np.float32)
        upper = shape.at(shape.upper, columns)
        x, y = shape.to_xy(columns[None], heights[:, None] + upper)
        x, y = x - raster.rect.left, y - raster.rect.top
        straight = cv2.remap(
            lashes, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(1, 1, 1)
        )
        self._lashes = _without_iris(np.asarray(straight, np.float32), columns, shape)
        self._tallest = tallest
        opacity = 1 - np.quantile(self._lashes[-int(2 * mm + 2) :], 0.25, axis=(0, 1))
        mean = float(opacity.mean())
        self._tint = np.clip(0.5 + 0.5 * opacity / max(mean, 1e-3), 0.8, 1.15).astype(np.float32)
        self._fringe = 0.5 * mean
        self._seam = 0.26 + 0.2 * mean

        outwards = columns / length if shape.outer_is_right else 1 - columns / length
        self._opening = np.maximum(shape.at(shape.lower, columns) - upper, 0)
        self._wide = np.clip(self._opening / (2 * mm), 0, 1).astype(np.float32)
        self._line_share = (0.65 + 0.35 * smooth_step(outwards, 0.0, 0.6)) * self._wide
        self._beyond = smooth_step(outwards, 0.72, 1.08)
        self._corner = np.exp(-(((outwards - 1.0) / 0.07) ** 2)).astype(np.float32)
        bands = cv2.remap(band, x[-1:], y[-1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        self._lash_length = 1.1 * bands + mm

        reach = int(0.75 * float(self._opening.max()) + 3 * mm) + tallest
        self._rows = np.arange(-reach - tallest, reach, dtype=np.float32)[:, None]
        near = np.nonzero(np.abs(self._rows) <= tallest + 3 * blur_px + mm)[0]
        self._lash_rows = slice(int(near[0]), int(near[-1]) + 1)
        self._lash_columns = np.tile(
            np.arange(_COLUMNS, dtype=np.float32), (int(near[-1] - near[0]) + 1, 1)
        )
        self._strips: dict[int, Floats] = {}

    def at(self, closure: float, offset: Floats) -> Floats:
        """(h, w, 3) transmittances of the raster. offset: (h, w) px below the margin."""
        level = round(closure * _LEVELS)
        if level not in self._strips:
            self._strips[level] = self._strip(level / _LEVELS)
        light = cv2.remap(
            self._strips[level], self._map_u, offset - self._rows[0, 0], cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=(1, 1, 1),
        )  # fmt: skip
        return np.asarray(light)

    def _strip(self, closure: float) -> Floats:
        light = cv2.cvtColor(self._relief_and_shadow(closure), cv2.COLOR_GRAY2RGB)
        near = self._rows[self._lash_rows]
        line = 1 - self._line(closure, near)[..., None] * self._tint
        light[self._lash_rows] *= np.minimum(self._turned_lashes(closure, near), line)
        return np.asarray(light, np.float32)

    def _turned_lashes(self, closure: float, row: Floats) -> Floats:
        """(rows, columns, 3). Near the margin lashes keep their place, farther away they turn."""
        core = np.float32(0.3 * self._mm)
        turn = 1.0 - _TURN * closure
        turns = turn + self._beyond * (max(turn, _OUTER_TURN) - turn)
        turns = np.where(np.abs(turns) < 0.02, 0.02, turns)[None].astype(np.float32)
        distance = np.maximum(np.abs(row) - core, 0)
        pointing = (row < 0) == (turns > 0)
        source = np.where(
            pointing, -np.minimum(np.abs(row), core) - distance / np.abs(turns), -0.5 * core
        )
        opacity = 1 - cv2.remap(
            self._lashes, self._lash_columns, source + np.float32(self._tallest),
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(1, 1, 1),
        )  # fmt: skip
        # The side that lashes do not point to only gets their softness.
        soft = np.float32(np.hypot(0.25 * self._mm, self._blur))
        share = np.where(pointing, np.float32(1), np.exp(-((distance / soft) ** 2)))
        # Lashes turn over; liner and shadow above them fold away.
        kept = np.maximum(1 - smooth_step(closure, 0.3, 0.7), (turns > 0) * self._beyond)
        length = self._lash_length
        share *= kept + (1 - kept) * smooth_step(-source, 1.6 * length, 0.8 * length)
        over_ball = smooth_step(closure, 0.0, 0.15) * self._wide[None]
        share *= np.where(row > 0, over_ball, np.float32(1))
        return np.asarray(1 - opacity * share[..., None], np.float32)

    def _line(self, closure: float, row: Floats) -> Floats:
        """(rows, columns) opacity of the seam, dark even where the picture has no lashes."""
        thin = 0.42 * self._mm + 0.3
        sigma = float(np.hypot(thin, self._blur))
        strength = self._seam * float(smooth_step(closure, 0.05, 0.6)) * (thin / sigma) ** 0.5
        line = np.exp(-((row / sigma) ** 2)) * np.float32(strength)
        # Shut lashes lie below the seam, too fine to be told apart.
        fade = np.float32(1.2 * self._mm + 0.5 * self._blur)
        shut = np.float32(self._fringe * smooth_step(closure, 0.4, 0.95))
        below = np.exp(-np.maximum(row, 0) / fade) * (row > 0) * shut
        return np.asarray(np.maximum(line, below) * self._line_share[None])

    def _relief_and_shadow(self, closure: float) -> Floats:
        """(rows, columns) the lid as a piece of a ball, and its shadow on the ball below."""
        mm, wide = self._mm, self._wide[None]
        lid, ball = self._rows[self._rows[:, 0] < 0], self._rows[self._rows[:, 0] >= 0]
        # Bright in its middle, darker at the fold and the lashes.
        height = np.maximum(closure * self._opening + 2.5 * mm, 1)[None]
        t = np.clip(-lid / height, 0, 1)
        relief = 0.09 * np.sin(np.pi * t) - 0.16 * (1 - t) ** 3
        relief *= float(smooth_step(closure, 0.0, 0.15)) * min(1.0, 1.8 * closure)
        relief = 1 + relief * wide
        near_corner = np.exp(-((lid / (2.2 * mm)) ** 2)) * self._corner[None]
        relief *= 1 - near_corner * np.float32(0.35 * smooth_step(closure, 0.05, 0.6))
        gap = np.maximum((1 - closure) * self._opening * 0.7, 0.8 * mm)[None]
        depth = np.float32(0.42 * smooth_step(closure, 0.0, 0.35) + 0.1 * closure)
        shadow = 1 - depth * wide * np.maximum(1 - ball / gap, 0) ** 2
        return np.concatenate([relief, shadow]).astype(np.float32)


def _without_iris(lashes: Floats, columns: Floats, shape: EyeShape) -> Floats:
    """Where the iris meets the lid, let the lashes be no darker than beside it."""
    reach = 1.15 * shape.iris_radius_px
    over = smooth_step(np.abs(columns - shape.iris_uv[0]), 1.25 * reach, 0.9 * reach)
    beside = (over < 0.05) & (columns > 0.08 * shape.length_px)
    beside &= columns < 0.92 * shape.length_px
    if beside.sum() < 8:
        return lashes
    typical = np.quantile(lashes[:, beside], 0.3, axis=1)[:, None]
    lighter = np.maximum(lashes, typical)
    return np.asarray(lashes + (lighter - lashes) * over[None, :, None], np.float32)
