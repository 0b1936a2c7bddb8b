"""The ball of one eye: an iris that moves behind still lids.

The visible ball is taken apart into colour, shade and highlights, such that
picture = (colour + highlights) * shade. With the gaze the iris' colour slides over the ball and
the white beside it gives way; the lid's shade stays, and so nearly do the highlights, which are
reflections of the lights.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.eye_shape import EyeRaster, EyeShape, Floats, UprightEye, smooth_step
from lipsmith.engines.rig.lid_skin import pull_push

_HIGHLIGHT_SHARE = 0.2
"""Movement of the corneal reflection as a share of the pupil's."""
_SMALL_PX = (4.0, 9.0)
"""Radii of an iris whose reflection can not, and can, be told from the rest of it."""
_REACH, _SMALL_REACH = 0.5, 0.36
"""Farthest shift to the sides, in radii; a small iris has no pixels to spare under the lids."""
_RIGID = 1.12
"""Distance from the centre of the iris, in its radii, that moves as a whole."""
_STEPS_PER_PX = 8
"""Shifts are rounded to these steps, so that steady gaze is drawn once."""


@dataclass(frozen=True, slots=True)
class Iris:
    """An upright ellipse in the eye's axes, px: centre, half height, width over height."""

    u: float
    v: float
    radius: float
    aspect: float

    def ratio(self, u: Floats, v: Floats) -> Floats:
        """Distance from the centre, 1 on the rim."""
        return np.asarray(
            np.hypot((u - self.u) / self.aspect, v - self.v) / self.radius, np.float32
        )


@dataclass(frozen=True, slots=True)
class BallLayers:
    """What the ball is drawn from; the maps are as large as the eye's raster.

    colour, highlights: (h, w, 3), shade: (h, w) as above, 0..255 and 0.45..1. opening: (h, w) 0..1
    where the ball shows. ends: (2,) where the shift ends left and right of the iris, in its radii.
    limits: (2,) px, farthest shift to the left and to the right. highlight_share: movement of the
    highlights for one of the iris.
    """

    colour: Floats
    highlights: Floats
    shade: Floats
    opening: Floats
    iris: Iris
    ends: NDArray[np.float64]
    limits: NDArray[np.float64]
    highlight_share: float


def fit_iris(eye: UprightEye, shape: EyeShape) -> Iris:
    """Fit the limbus where the picture steps from dark to white, starting from the mesh's iris."""
    # The least of the channels tells white from brown and from blue.
    whiteness = cv2.GaussianBlur(eye.pixels.min(2), (0, 0), 1.0)
    start = shape.iris_radius_px
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False, dtype=np.float32)
    offsets = np.linspace(-0.24, 0.24, 7, dtype=np.float32) * start
    radii = np.geomspace(0.72, 1.75, 14).astype(np.float32) * start
    aspects = np.array([0.82, 0.91, 1.0], np.float32)
    du, dv, radius, aspect = (
        axis.reshape(-1, 1) for axis in np.meshgrid(offsets, offsets, radii, aspects)
    )
    centre_u, centre_v = shape.iris_uv[0] + du, shape.iris_uv[1] + dv
    across, along = np.cos(angles) * aspect, np.sin(angles)

    def sample(scale: float) -> tuple[Floats, NDArray[np.bool_]]:
        u = centre_u + scale * radius * across
        v = centre_v + scale * radius * along
        values = cv2.remap(whiteness, *eye.index(u, v), cv2.INTER_LINEAR)
        margin = 0.05 * shape.opening_px
        seen = (v > shape.at(shape.upper, u) + 2 * margin) & (v < shape.at(shape.lower, u) - margin)
        return np.asarray(values, np.float32), seen

    inner, _ = sample(0.86)
    outer, seen = sample(1.14)
    step = np.clip((outer - inner) / (0.35 * (outer + inner) + 12), -0.3, 1.0)
    count = seen.sum(1)
    sides = np.stack([(seen & (across * sign > 0)).sum(1) for sign in (-1, 1)]).min(0)
    score = (step * seen).sum(1) / np.maximum(count, 6)
    score = score * np.minimum(sides / 3, 1) ** 0.5
    drift = (du[:, 0] ** 2 + dv[:, 0] ** 2) / (0.22 * start) ** 2
    drift = drift + (np.log(radius[:, 0] / start) / 0.3) ** 2
    score = score * np.exp(-0.5 * drift) - 0.02 * (1 - aspect[:, 0])
    best = int(score.argmax())
    if score[best] < 0.05:
        return Iris(float(shape.iris_uv[0]), float(shape.iris_uv[1]), start, 1.0)
    return Iris(
        float(centre_u[best, 0]), float(centre_v[best, 0]),
        float(radius[best, 0]), float(aspect[best, 0]),
    )  # fmt: skip


class Ball:
    """Draws the iris of one eye in any direction of gaze."""

    def __init__(self, raster: EyeRaster, iris: Iris, blur_px: float) -> None:
        shape = raster.shape
        self._raster, self._iris = raster, iris
        rows, columns = np.nonzero((raster.v > raster.upper) & (raster.v < raster.lower))
        pad = 2
        top, left = max(0, rows.min() - pad), max(0, columns.min() - pad)
        self._rows = slice(int(top), int(rows.max()) + 1 + pad)
        self._columns = slice(int(left), int(columns.max()) + 1 + pad)
        crop = (self._rows, self._columns)
        source = raster.source[crop].astype(np.float32)
        u, v = raster.u[crop].copy(), raster.v[crop].copy()
        self._y, self._x = np.mgrid[: u.shape[0], : u.shape[1]].astype(np.float32)
        above, below = v - raster.upper[crop], raster.lower[crop] - v
        mm = shape.px_per_mm
        opening = max(shape.opening_px, 1.0)
        inside = (above > 0) & (below > 0)
        ratio = iris.ratio(u, v)
        soft = max(0.06, 0.6 / iris.radius, blur_px / iris.radius)
        beside = inside & (ratio > 1.10 + soft) & (below > 0.5 * mm)

        # A narrow edge of the opening, which holds lashes and wet rims, stays as it is.
        edge = min(max(0.8, 0.4 * mm, 0.7 * blur_px), 0.15 * opening)
        depth = np.minimum(above, below)
        corners = smooth_step(u, 0, 4 * mm) * smooth_step(shape.length_px - u, 0, 4 * mm)
        self._opening = (smooth_step(depth, edge, 2.2 * edge) * corners)[..., None]

        # The lid's shadow on the ball stays where it is: measured on the white, by depth.
        self._shade = _lid_shade(source, above / opening, beside)[..., None]
        flat = source / self._shade
        # Behind the lids the ball goes on as it is at their edges.
        middle = 0.5 * (raster.upper + raster.lower)[crop]
        low = np.minimum(raster.upper[crop] + edge, middle)
        high = np.maximum(raster.lower[crop] - edge, middle)
        x, y = shape.to_xy(u, np.clip(v, low, high))
        rect = raster.rect
        colour = cv2.remap(
            flat, x - rect.left - np.float32(left), y - rect.top - np.float32(top),
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        colour = np.where((depth > edge)[..., None], flat, colour)

        luma = flat.mean(2)
        bright = float(np.quantile(luma[beside], 0.6)) if beside.any() else 200.0
        glints = _glints(luma, ratio, iris.radius, blur_px, bright) * inside
        bare = pull_push(np.asarray(colour, np.float32), 1 - glints + 1e-4)
        bare = colour + (bare - colour) * glints[..., None]
        self._colour = bare.astype(np.float32)
        self._highlights = (colour - bare).astype(np.float32)
        self._source = source
        room = np.array([iris.u, shape.length_px - iris.u]) / (iris.radius * iris.aspect)
        self._ends = ends = np.maximum(room, 1.5)
        side = np.clip((u - iris.u) / iris.radius, -1, 1)
        end = ends[0] + (ends[1] - ends[0]) * (0.5 + 0.5 * side)
        self._fade = (1 / (end - _RIGID)).astype(np.float32)
        self._across = ((u - iris.u) / (iris.aspect * iris.radius)).astype(np.float32)
        self._down = ((v - iris.v) / iris.radius).astype(np.float32)
        small = 1 - float(smooth_step(float(iris.radius), *_SMALL_PX))
        reach = _REACH + (_SMALL_REACH - _REACH) * small
        self._highlight_share = _HIGHLIGHT_SHARE + (1 - _HIGHLIGHT_SHARE) * small
        self._limits = np.minimum(reach, 0.5 * np.maximum(room - 0.8, 0)) * iris.radius
        self._latest: tuple[tuple[int, int], RgbImage] | None = None

    def layers(self) -> BallLayers:
        """The parts that `draw` puts together."""
        height, width = self._raster.u.shape
        rows, columns = self._x.shape
        top, left = self._rows.start, self._columns.start
        around = ((top, height - top - rows), (left, width - left - columns), (0, 0))
        colour, highlights = (
            np.pad(part, around, "edge") for part in (self._colour, self._highlights)
        )
        return BallLayers(
            colour=colour,
            highlights=highlights,
            shade=np.pad(self._shade[..., 0], around[:2], "edge"),
            opening=np.pad(self._opening[..., 0], around[:2]),
            iris=self._iris,
            ends=self._ends,
            limits=self._limits,
            highlight_share=self._highlight_share,
        )

    def shift_px(self, shift_uv: tuple[float, float]) -> tuple[float, float]:
        """Limit a wished shift to what this eye can show."""
        left, right = self._limits
        return (
            _soft_limit(shift_uv[0], float(left if shift_uv[0] < 0 else right)),
            _soft_limit(shift_uv[1], 0.24 * self._iris.radius),
        )

    def draw(self, shift_uv: tuple[float, float]) -> RgbImage:
        """The raster's pixels with the iris moved by `shift_uv` px in the eye's axes."""
        key = (round(shift_uv[0] * _STEPS_PER_PX), round(shift_uv[1] * _STEPS_PER_PX))
        if key == (0, 0):
            return self._raster.source
        latest = self._latest  # other threads may replace it
        if latest is None or latest[0] != key:
            latest = (key, self._compose(key[0] / _STEPS_PER_PX, key[1] / _STEPS_PER_PX))
            self._latest = latest
        return latest[1]

    def _compose(self, du: float, dv: float) -> RgbImage:
        shape, iris = self._raster.shape, self._iris
        # The iris moves as a whole; beyond it the shift fades out towards the corners.
        across = self._across - np.float32(du / (iris.aspect * iris.radius))
        ratio = cv2.magnitude(across, self._down - np.float32(dv / iris.radius))
        t = np.clip((ratio - np.float32(_RIGID)) * self._fade, 0, 1)
        share = 1 - t * t * (3 - 2 * t)
        dx = du * shape.along[0] + dv * shape.down[0]
        dy = du * shape.along[1] + dv * shape.down[1]
        moved = cv2.remap(
            self._colour, self._x - share * dx, self._y - share * dy, cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        ball = np.asarray(moved, np.float32)
        follow = self._highlight_share
        ball += _translated(self._highlights, float(follow * dx), float(follow * dy))
        ball *= self._shade
        ball -= self._source
        ball *= self._opening
        ball += self._source
        ball += np.float32(0.5)
        image = self._raster.source.copy()
        image[self._rows, self._columns] = np.clip(ball, 0, 255, out=ball)
        return image


def _soft_limit(value: float, limit: float) -> float:
    """`value` for small values, never beyond +-limit."""
    if limit <= 0:
        return 0.0
    return float(limit * np.tanh(value / limit))


def _translated(image: Floats, dx: float, dy: float) -> Floats:
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
    size = (image.shape[1], image.shape[0])
    return np.asarray(
        cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def _lid_shade(source: Floats, depth: Floats, white: NDArray[np.bool_]) -> Floats:
    """(h, w) 0.45..1: how the white darkens towards the upper lid. depth: 0 there .. 1."""
    luma = source.mean(2)
    depths = np.linspace(0.0, 0.7, 8)
    values = np.full(8, np.nan)
    for i, at in enumerate(depths):
        some = white & (np.abs(depth - at) < 0.07)
        if some.sum() >= 4:
            values[i] = np.quantile(luma[some], 0.6)
    known = ~np.isnan(values)
    if known.sum() < 4:
        return np.asarray(1 - 0.3 * np.exp(-np.clip(depth, 0, 1) / 0.15), np.float32)
    values = np.interp(depths, depths[known], values[known])
    values = np.maximum.accumulate(values / max(float(values.max()), 1.0))
    shade = np.interp(depth, depths, np.clip(values, 0.45, 1))
    return np.asarray(cv2.GaussianBlur(shade.astype(np.float32), (0, 0), 0.8))


def _glints(luma: Floats, ratio: Floats, radius: float, blur_px: float, white: float) -> Floats:
    """(h, w) 0..1 small spots on the iris that are as bright as the white."""
    size = 2 * max(1, round(0.32 * radius)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = cv2.morphologyEx(luma, cv2.MORPH_OPEN, kernel)
    spots = smooth_step(luma - opened, 18, 45) * (ratio < 0.92)
    spots = spots * smooth_step(luma, 0.55 * white, 0.8 * white)
    grown = cv2.dilate(spots.astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), max(0.7, 0.5 * blur_px)), np.float32)
