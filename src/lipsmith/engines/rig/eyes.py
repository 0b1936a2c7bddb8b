"""The eyes of a portrait: blinks, gaze and squint as patches of the source picture."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.motion import EyesPose
from lipsmith.engines.rig.eye_layers import EyeLayers, take_apart
from lipsmith.engines.rig.eye_opening import refine_opening, skin_colour
from lipsmith.engines.rig.eye_shape import EyeRaster, find_eye, upright
from lipsmith.engines.rig.gaze import Ball, fit_iris
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.layers import Patch, Rect
from lipsmith.engines.rig.lids import LOWER_LID_SHARE, STRETCHED_CLOSURE, Lids
from lipsmith.engines.rig.source import Texture
from lipsmith.media.colour import rgb_to_nv12

_SQUINT_MM = 1.6
"""Rise of the lower lid at squint 1."""
_FOLLOW_SHARE = 0.4
"""Movement of the upper lid with vertical gaze, as a share of the iris' own."""
_SMALLEST_SHIFT_PX = 0.05
_GAZES_PER_PX, _LIFTS_PER_PX, _CLOSURES, _CLOSURES_PER_MM = 4, 8, 64, 40
"""Finer steps of iris, lower lid and upper lid cannot be seen."""
_KEPT_POSES = 24


class Eyes:
    """Draws both eyes in any pose; made by `prepare_eyes`."""

    def __init__(
        self, pixels: RgbImage, px_per_mm: float, left: _Eye | None, right: _Eye | None
    ) -> None:
        self._pixels, self._left, self._right = pixels, left, right
        self._px_per_mm = px_per_mm
        self._kept: OrderedDict[EyesPose, list[Texture]] = OrderedDict()
        self._lock = threading.Lock()

    def textures(self, eyes: EyesPose) -> list[Texture]:
        """As `draw`, ready to be sampled, of the nearest of the poses that can be told apart."""
        pose = self._nearest(eyes)
        with self._lock:
            if pose in self._kept:
                self._kept.move_to_end(pose)
                return self._kept[pose]
        made = [Texture.of(rgb_to_nv12(patch.pixels), patch.rect) for patch in self.draw(pose)]
        with self._lock:
            self._kept[pose] = made
            if len(self._kept) > _KEPT_POSES:
                self._kept.popitem(last=False)
        return made

    def draw(self, eyes: EyesPose) -> list[Patch]:
        """Patches that put the eyes of the source picture into a pose; empty at rest.

        The patches do not overlap.
        """
        gaze = (eyes.gaze_x_mm, eyes.gaze_y_mm)
        patches = []
        for eye, closure in ((self._left, eyes.blink_left), (self._right, eyes.blink_right)):
            patch = eye.draw(closure, gaze, eyes.squint) if eye else None
            if patch:
                patches.append(patch)
        if len(patches) == 2 and _overlap(*patches):
            return [_merged(self._pixels, *patches)]
        return patches

    def layers(self) -> list[EyeLayers]:
        """The eyes taken apart, for those who draw them elsewhere."""
        return [eye.layers() for eye in (self._left, self._right) if eye]

    def _nearest(self, eyes: EyesPose) -> EyesPose:
        closures = max(_CLOSURES, round(_CLOSURES_PER_MM * self._px_per_mm))
        gazes = _GAZES_PER_PX * self._px_per_mm
        squints = _LIFTS_PER_PX * _SQUINT_MM * self._px_per_mm
        return EyesPose(
            blink_left=round(eyes.blink_left * closures) / closures,
            blink_right=round(eyes.blink_right * closures) / closures,
            gaze_x_mm=round(eyes.gaze_x_mm * gazes) / gazes,
            gaze_y_mm=round(eyes.gaze_y_mm * gazes) / gazes,
            squint=round(eyes.squint * squints) / squints,
        )


def prepare_eyes(pixels: RgbImage, landmarks: NDArray[np.float64], head: HeadFrame) -> Eyes:
    """Measure and take apart the eyes of a picture.

    pixels: RgbImage. landmarks: (478, 3) px. Eyes that are shut, hidden or outside of the picture
    are left alone.
    """
    skin = skin_colour(pixels, landmarks)
    made = []
    for side in ("left", "right"):
        shape = find_eye(pixels, landmarks, side)
        if shape is not None:
            shape = refine_opening(upright(pixels, shape), shape, skin)
        made.append(_Eye(pixels, EyeRaster.of(pixels, shape), head, side) if shape else None)
    return Eyes(pixels, head.px_per_mm, *made)


class _Eye:
    """One eye that can be drawn in any pose."""

    def __init__(self, pixels: RgbImage, raster: EyeRaster, head: HeadFrame, side: str) -> None:
        self._side = side
        eye = upright(pixels, raster.shape)
        self._lids = Lids(eye, raster)
        self._raster = raster = self._lids.raster
        self._ball = Ball(raster, fit_iris(eye, raster.shape), self._lids.blur_px)
        axes = np.stack([raster.shape.along, raster.shape.down])
        self._uv_per_mm = axes @ head.plane_px_per_mm

    def draw(self, closure: float, gaze_mm: tuple[float, float], squint: float) -> Patch | None:
        closure, squint = (float(min(1.0, max(0.0, share))) for share in (closure, squint))
        raster = self._raster
        wished = self._uv_per_mm @ np.asarray(gaze_mm)
        shift = self._ball.shift_px((float(wished[0]), float(wished[1])))
        image = self._ball.draw(shift)
        opening = raster.shape.opening_px
        # A lid that is lowered by a blink already has nothing to follow.
        follow = _FOLLOW_SHARE * shift[1]
        follow = max(follow - closure * opening, min(follow, 0) * (1 - closure))
        upper = follow + min(closure, STRETCHED_CLOSURE[1]) * (1 - LOWER_LID_SHARE) * opening
        lower = _SQUINT_MM * raster.shape.px_per_mm * squint
        lower += LOWER_LID_SHARE * opening * closure * (1 - 0.5 * squint)
        if abs(upper) > _SMALLEST_SHIFT_PX or lower > _SMALLEST_SHIFT_PX:
            image = self._lids.stretch(image, upper, lower)
        if closure > STRETCHED_CLOSURE[0]:
            image = self._lids.close(image, closure, follow)
        if image is raster.source:
            return None
        return Patch(raster.rect, self._lids.behind_front(image))

    def layers(self) -> EyeLayers:
        return take_apart(self._lids, self._ball, self._uv_per_mm, self._side)


def _overlap(first: Patch, second: Patch) -> bool:
    a, b = first.rect, second.rect
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


def _merged(pixels: RgbImage, first: Patch, second: Patch) -> Patch:
    """One patch with the changes of both to the picture, for eyes of a tilted head."""
    a, b = first.rect, second.rect
    left, top = min(a.left, b.left), min(a.top, b.top)
    rect = Rect(left, top, max(a.right, b.right) - left, max(a.bottom, b.bottom) - top)
    merged = pixels[rect.top : rect.bottom, rect.left : rect.right].copy()
    merged[a.top - top : a.bottom - top, a.left - left : a.right - left] = first.pixels
    source = pixels[b.top : b.bottom, b.left : b.right]
    changed = (second.pixels != source).any(2)
    target = merged[b.top - top : b.bottom - top, b.left - left : b.right - left]
    target[changed] = second.pixels[changed]
    return Patch(rect, merged)
