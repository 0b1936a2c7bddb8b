"""Upper and lower lids of one eye: skin that comes down over the ball, and lashes on its edge.

Skin above the eye slides down with the margin, rigid near the lashes and stretched towards the
brow. Farther closed, it gives way to a plate of smooth skin that is taken from the surroundings of
the eye. The margin's path between the open contour and the shut one is straight in each column of
the eye, as of an arc that turns about the line through the corners.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.eye_shape import (
    CANONICAL_LENGTH_PX,
    EyeRaster,
    Floats,
    UprightEye,
    smooth_step,
)
from lipsmith.engines.rig.lashes import LashStrip
from lipsmith.engines.rig.lid_skin import find_skin, skin_grain

LOWER_LID_SHARE = 0.12
"""How much of the closing the lower lid does."""
STRETCHED_CLOSURE = (0.1, 0.2)
"""Up to the first closure stretching does for a blink; from the second on the lid is drawn."""
_PLATE_SHARE = 0.92
"""How much of the shut lid is plate rather than stretched skin."""


class Lids:
    """Draws the lids of one eye at any closure.

    raster: the picture without what lies before the eye. blur_px: softness of its edges.
    """

    def __init__(self, eye: UprightEye, raster: EyeRaster) -> None:
        """Take the skin and the lashes from the picture."""
        shape, length = raster.shape, raster.shape.length_px
        self._mm = mm = shape.px_per_mm
        skin = find_skin(eye, shape)
        columns, rows = eye.index(raster.u, raster.v)

        def from_upright(image: Floats) -> Floats:
            return np.asarray(
                cv2.remap(image, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
                np.float32,
            )

        plate = from_upright(skin.plate)
        self._picture = raster.source
        self._front: Floats | None = None
        front = smooth_step(from_upright(skin.front), 0.1, 0.3)
        if front.max() > 0.5:
            self._front = front
            behind = raster.source + (plate - raster.source) * front[..., None]
            raster = replace(raster, source=np.clip(behind, 0, 255).astype(np.uint8))
        self.raster = raster
        source = raster.source.astype(np.float32)
        self.blur_px = _blur_px(source)
        self._plate = np.clip(plate + skin_grain(source, raster), 0, 255).astype(np.uint8)
        self._band = band = np.interp(raster.u, eye.u[0], skin.band).astype(np.float32)
        self._above = raster.v - raster.upper
        self._travel = _travel(raster)

        # The lid takes skin from here up to the brow, or as far as the raster goes.
        brow = shape.at(shape.brow, raster.u)
        zone = np.clip(0.8 * (raster.upper - brow), 0.16 * length, 0.5 * length)
        room = np.maximum(-self._above[:1], 2.0)
        movable = np.minimum(np.maximum(zone, band + 0.1 * length), room)
        self._skin_zone = np.maximum(movable - band, 1.0).astype(np.float32)
        self._per_zone = 1 / self._skin_zone

        self._plate_share = smooth_step(self._above, -zone, -np.minimum(0.45 * zone, 1.4 * band))
        self._plate_share *= shape.between_corners(raster.u, 0.02, 0.16)
        ball = np.clip(from_upright(skin.ball), 0, 1)
        grown = cv2.dilate(skin.lashes, np.ones((7, 7), np.uint8))
        halo = np.asarray(cv2.GaussianBlur(grown, (0, 0), 2.0), np.float32)
        self._plate_share = np.maximum(self._plate_share, np.clip(from_upright(halo), 0, 1))
        self._plate_share = np.maximum(self._plate_share, ball)

        height = raster.lower - raster.upper
        tallest = max(float(height.max()), 1.0)
        below = raster.v - raster.lower
        self._remnant_share = (
            smooth_step(below + 0.17 * height, 0, 0.05 * tallest)
            * smooth_step(below, 1.8 * mm, 0.5 * mm)
            * shape.between_corners(raster.u, -0.04, 0.04)
        )
        self._remnant_share = np.maximum(self._remnant_share, ball)
        self._edge_share = (height / tallest).astype(np.float32)
        self._rise = self._edge_share * (
            smooth_step(below, -0.5 * tallest - 1, 0) * smooth_step(below, 5 * mm, 0)
        )
        self._follow = self._edge_share * (
            smooth_step(self._above, -zone, -band) * smooth_step(self._above, 0.5 * tallest + 1, 0)
        )
        window = np.clip(from_upright(skin.lashes), 0, 1)
        lashes, self._bare = self._part_lashes(source, plate, window)
        self._strip = LashStrip(raster, lashes, band, self.blur_px)

    def _part_lashes(
        self, source: Floats, plate: Floats, window: Floats
    ) -> tuple[Floats, RgbImage]:
        """Split the picture into transmittance of the lashes (h, w, 3) and skin without them."""
        ratio = np.clip(source / np.maximum(plate, 8), 0.04, 1)
        lashes = (1 - (1 - ratio) * window[..., None]).astype(np.float32)
        # The mesh's edge often lies on the ball, so that the skin right above it may be iris.
        on_edge = smooth_step(self._above, -1.5 * self._mm, -0.5 * self._mm) * window
        # Under dense lashes there is nothing but noise to brighten.
        dense = smooth_step(ratio.min(2), 0.75, 0.45) * smooth_step(window, 0.02, 0.3)
        covered = np.maximum(on_edge, dense)[..., None]
        bare = source / lashes * (1 - covered) + plate * covered
        return lashes, np.clip(bare, 0, 255).astype(np.uint8)

    def stretch(self, image: RgbImage, upper_px: float, lower_px: float) -> RgbImage:
        """Lower the upper lid and raise the lower one by small amounts.

        image: RgbImage of the raster's size. upper_px may be negative.
        """
        shift = upper_px * self._follow - lower_px * self._rise
        return _shifted(image, self.raster, np.asarray(shift, np.float32), cv2.INTER_LINEAR)

    def close(self, base: RgbImage, closure: float, lowered_px: float = 0.0) -> RgbImage:
        """Draw the upper lid over `base`.

        base: RgbImage of the raster's size. closure: 0..1. lowered_px: by how much `stretch` has
        lowered the upper lid of `base`.
        """
        moved = closure * self._travel
        if lowered_px:
            moved += lowered_px * self._edge_share
        offset = self._above - moved
        skin = _shifted(self._bare, self.raster, self._slide(offset, moved), cv2.INTER_CUBIC)
        share = self._plate_share * float(_PLATE_SHARE * smooth_step(closure, 0.0, 0.55))
        lid = cv2.blendLinear(self._plate, skin, share, 1 - share)

        below = base
        if closure > 0.72:
            remnant = self._remnant_share * float(smooth_step(closure, 0.72, 0.97))
            below = np.asarray(cv2.blendLinear(self._plate, base, remnant, 1 - remnant), np.uint8)
        edge = max(1.0, 0.25 * self._mm, 1.6 * self.blur_px)
        cover = 0.5 - offset * (1 / edge)
        np.clip(cover, 0, 1, out=cover)
        drawn = cv2.blendLinear(lid, below, cover, 1 - cover)
        drawn = cv2.multiply(drawn, self._strip.at(closure, offset), dtype=cv2.CV_8U)
        shown = float(smooth_step(closure, *STRETCHED_CLOSURE))
        if shown < 1:
            drawn = cv2.addWeighted(drawn, shown, base, 1 - shown, 0)
        return np.asarray(drawn, np.uint8)

    def shares(self) -> tuple[Floats, Floats]:
        """(h, w) shares of what `stretch` is told by which the skin goes down with the upper lid
        and up with the lower one."""
        return self._follow, self._rise

    @property
    def is_behind_front(self) -> bool:
        """Whether glasses or hair lie before the eye."""
        return self._front is not None

    def behind_front(self, image: RgbImage) -> RgbImage:
        """The image with glasses and hair of the picture before it."""
        if self._front is None:
            return image
        front = cv2.blendLinear(self._picture, image, self._front, 1 - self._front)
        return np.asarray(front, np.uint8)

    def _slide(self, offset: Floats, moved: Floats) -> Floats:
        """(h, w) px by which skin at `offset` from the margin has come down.

        All of `moved` in the lash band, nothing at the top of the zone, in between a cubic that
        keeps the lash band rigid and the brow still.
        """
        t = (offset + self._band) / -(self._skin_zone + moved)
        np.clip(t, 0, 1, out=t)
        slide = np.minimum(moved * self._per_zone, 1.6) * self._skin_zone
        slide *= 1 - 2 * t
        slide *= t
        slide += moved
        slide *= 1 - t
        return np.asarray(slide)


def _travel(raster: EyeRaster) -> Floats:
    """(h, w) px from the open margin to the shut one."""
    shape = raster.shape
    travel = (1 - LOWER_LID_SHARE) * np.maximum(shape.lower - shape.upper, 0)
    # The corners give way a little, so that lashes and liner beyond them come along.
    soft = cv2.GaussianBlur(travel[None], (0, 0), 0.045 * CANONICAL_LENGTH_PX)[0]
    return shape.at(np.maximum(travel, soft), raster.u)


def _blur_px(source: Floats) -> float:
    """How soft the picture's edges are: the sigma of a step of full contrast at its steepest."""
    luma = source.mean(2)
    across, along = (cv2.Sobel(luma, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    steepest = max(float(np.quantile(np.hypot(across, along), 0.995)), 1.0)
    low, high = np.quantile(luma, (0.02, 0.98))
    return float(np.clip((high - low) / (2.5 * steepest), 0.4, 6.0))


def _shifted(image: RgbImage, raster: EyeRaster, shift: Floats, how: int) -> RgbImage:
    """Move the image down the eye's v axis by `shift` px."""
    down = raster.shape.down
    moved = cv2.remap(
        image, raster.x - shift * down[0], raster.y - shift * down[1], how,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(moved, np.uint8)
