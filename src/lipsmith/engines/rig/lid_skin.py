"""The skin of one eye's lids as it would be without the eye and its lashes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.eye_opening import LEAST_CHROMA, luma_and_chroma
from lipsmith.engines.rig.eye_shape import EyeRaster, EyeShape, Floats, UprightEye, smooth_step

_FRONT_WIDTH = 1.5
"""Rims are 45-60 mm wide, half as much again as the eye; lashes with a crease are narrower."""


@dataclass(frozen=True, slots=True)
class LidSkin:
    """Lid skin in the upright raster.

    plate: (h, w, 3) what is left without eye and lashes. band: (w,) px of the shape, height of
    the lash band above the lid. lashes: (h, w) 0..1 where dark lashes and liner are. front:
    (h, w) 0..1 where glasses or strands of hair lie before the eye. ball: (h, w) 0..1 where white
    and iris go on beyond the opening.
    """

    plate: Floats
    band: Floats
    lashes: Floats
    front: Floats
    ball: Floats


def find_skin(eye: UprightEye, shape: EyeShape) -> LidSkin:
    """Tell skin from eye, lashes, brows and hair around an eye, and fill in what they cover."""
    length, mm = shape.length_px, shape.px_per_mm
    u = eye.u[0]
    upper, lower = shape.at(shape.upper, u), shape.at(shape.lower, u)
    brow = shape.at(shape.brow, u)
    luma = cv2.GaussianBlur(eye.pixels.mean(2), (0, 0), 1.0)
    near = (u > -0.1 * length) & (u < 1.1 * length)
    above, below = eye.v - upper, eye.v - lower
    band = _lash_band(luma, eye, shape)
    front = _front(luma, eye, shape, above, below, band)
    weight = np.asarray(1 - cv2.dilate(front, np.ones((5, 5), np.uint8)), np.float32)

    # Thin dark structures (lashes, creases, brow hairs) are not skin; broad make-up is.
    kernel = _disc(int(0.12 * length / eye.step) | 1)
    closed = cv2.morphologyEx(luma, cv2.MORPH_CLOSE, kernel)
    thin = (closed - luma) / np.maximum(closed, 16)
    weight *= 1 - smooth_step(thin, 0.05, 0.16)
    weight[near & (above > -band) & (below < 1.3 * mm)] = 0
    # The ball may go on a little beyond the corners.
    opening = ((above > 0) & (below < 0)).astype(np.uint8)
    margin = _disc(2 * round(2.2 * mm / eye.step) + 1)
    weight[cv2.dilate(opening, margin) > 0] = 0
    weight *= (
        1
        - smooth_step(above, -0.02 * length, 0.02 * length)
        * smooth_step(below, 3.0 * mm, 1.5 * mm)
        * near
    )
    weight *= 1 - smooth_step(brow - eye.v, -1.5 * mm, 0.0)
    plate = pull_push(eye.pixels, weight + 1e-4)
    # Hair and shadows that are far from the fill are not skin either.
    off = np.abs(eye.pixels - plate).mean(2) / np.maximum(plate.mean(2), 16)
    weight *= 1 - smooth_step(off, 0.10, 0.30)
    lashes = _outer_lashes(luma / np.maximum(plate.mean(2), 16), eye, shape, above, band)
    weight *= 1 - cv2.dilate(lashes, np.ones((3, 3), np.uint8))
    soft = np.asarray(cv2.GaussianBlur(eye.pixels, (0, 0), 1.5), np.float32)
    plate = pull_push(soft, weight + 1e-4)
    in_band = smooth_step(above, -1.5 * band - mm, -band) * (above < 0.5 * mm)
    in_band *= shape.between_corners(eye.u, 0.03, 0.22)
    lashes = np.maximum(lashes, in_band) * (1 - front)
    ball = _ball(eye, shape, plate, opening)
    if ball.any():
        plate = pull_push(soft, weight * (1 - ball) + 1e-4)
    plate = np.asarray(cv2.GaussianBlur(plate, (0, 0), 2.0), np.float32)
    return LidSkin(plate, band, lashes, front, ball)


def skin_grain(source: Floats, raster: EyeRaster) -> Floats:
    """(h, w, 3) fine texture for the plate: that of the cheek under the eye, mirrored up."""
    shape, mm = raster.shape, raster.shape.px_per_mm
    fine = source - cv2.GaussianBlur(source, (0, 0), max(0.8, 0.4 * mm))
    line = raster.lower + 2.2 * mm
    room = 0.30 * shape.length_px
    far = np.abs(raster.v - line)
    mirrored = line + np.abs((far + room) % (2 * room) - room)
    x, y = shape.to_xy(raster.u, mirrored)
    moved = cv2.remap(
        fine, x - raster.rect.left, y - raster.rect.top, cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    spread = 1.4826 * float(np.quantile(np.abs(moved), 0.5))
    return np.asarray(0.8 * np.clip(moved, -2.5 * spread, 2.5 * spread), np.float32)


def pull_push(image: Floats, weight: Floats) -> Floats:
    """Fill where the weight is low, smoothly, from where it is high.

    image: (h, w, 3). weight: (h, w) above 0. Method: Gortler et al. 1996, The Lumigraph.
    """
    colour, share = image * weight[..., None], weight
    levels = []
    while min(share.shape) > 3:
        levels.append((colour, share))
        colour, share = (np.asarray(cv2.pyrDown(level), np.float32) for level in (colour, share))
    filled = colour / np.maximum(share, 1e-4)[..., None]
    for colour, share in reversed(levels):
        up = cv2.pyrUp(filled, dstsize=(share.shape[1], share.shape[0]))
        known = np.clip(share * 1.5, 0, 1)[..., None]
        filled = up * (1 - known) + colour / np.maximum(share, 1e-4)[..., None] * known
    return np.asarray(filled, np.float32)


def _ball(eye: UprightEye, shape: EyeShape, plate: Floats, opening: NDArray[np.uint8]) -> Floats:
    """(h, w) 0..1 what is joined to the opening and paler or bluer than the plate there."""
    colour, skin = luma_and_chroma(eye.pixels), luma_and_chroma(plate)
    strength = np.maximum(np.hypot(skin[..., 1], skin[..., 2]), 1)
    share = (colour[..., 1:] * skin[..., 1:]).sum(2) / strength**2
    bright = colour[..., 0] / np.maximum(skin[..., 0], 16)
    unlike = ((share < 0.5 * bright) & (bright > 0.8)) | ((share < 0.1) & (bright > 0.3))
    near = cv2.dilate(opening, _disc(2 * round(0.16 * shape.length_px / eye.step) + 1))
    unlike &= (near > 0) & (strength > LEAST_CHROMA)
    _, labels = cv2.connectedComponents((unlike | (opening > 0)).astype(np.uint8), connectivity=4)
    joined = np.isin(labels, np.unique(labels[opening > 0])).astype(np.uint8)
    solid = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    ball = cv2.dilate((solid * (opening == 0)).astype(np.float32), np.ones((5, 5), np.uint8))
    return np.asarray(cv2.GaussianBlur(ball, (0, 0), 1.0))


def _lash_band(luma: Floats, eye: UprightEye, shape: EyeShape) -> Floats:
    """(w,) px of the shape above the lid where its brightness is back at that of the skin."""
    length, mm = shape.length_px, shape.px_per_mm
    u = eye.u[0]
    steps = np.arange(0, 0.16 * length, eye.step, dtype=np.float32)
    columns, rows = eye.index(
        u[None] + 0 * steps[:, None], shape.at(shape.upper, u)[None] - steps[:, None]
    )
    profile = cv2.remap(luma, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    darkest, skin = profile.min(0), np.quantile(profile, 0.85, axis=0)
    dark = profile < darkest + 0.75 * (skin - darkest)
    band = np.minimum(dark.cumprod(0).sum(0), len(steps)) * eye.step
    band = np.clip(band, 0.8 * mm, 0.13 * length)
    smooth = cv2.GaussianBlur(band[None].astype(np.float32), (0, 0), 5)[0]
    return np.asarray(smooth + 0.4 * mm, np.float32)


def _front(
    luma: Floats, eye: UprightEye, shape: EyeShape, above: Floats, below: Floats, band: Floats
) -> Floats:
    """(h, w) 0..1 thin lines of strong contrast that go on far beyond the eye."""
    length = shape.length_px
    kernel = _disc(int(0.28 * length / eye.step) | 1)
    skin = cv2.morphologyEx(luma, cv2.MORPH_CLOSE, kernel)
    dark = np.asarray((skin - luma) / np.maximum(skin, 16), np.float32)
    line = smooth_step(dark, 0.38, 0.55)
    eye_itself = (above > -np.minimum(0.8 * band, 0.05 * length) - 0.02 * length) & (
        below < 0.04 * length
    )
    eye_itself &= shape.between_corners(eye.u, 0.06, 0.1) > 0
    line[eye_itself] = 0
    _, labels, boxes, _ = cv2.connectedComponentsWithStats((line > 0.5).astype(np.uint8))
    wide = boxes[:, cv2.CC_STAT_WIDTH] * eye.step > _FRONT_WIDTH * length
    wide[0] = False
    return np.asarray(line * cv2.dilate(wide[labels].astype(np.float32), np.ones((3, 3), np.uint8)))


def _outer_lashes(
    share: Floats, eye: UprightEye, shape: EyeShape, above: Floats, band: Floats
) -> Floats:
    """(h, w) 0..1: long lashes and liner by the outer corner, dark and joined to the lash band.

    share: brightness relative to skin.
    """
    length = shape.length_px
    outwards = eye.u if shape.outer_is_right else length - eye.u
    zone = (outwards > 0.5 * length) & (outwards < 1.28 * length)
    zone &= (above < 0.3 * band) & (above > -0.3 * length)
    # Creases are as dark, but thin.
    kernel = _disc(5)
    dark = cv2.morphologyEx(smooth_step(share, 0.86, 0.68) * zone, cv2.MORPH_OPEN, kernel)
    root = zone & (above > -1.2 * band) & (outwards < 1.12 * length)
    seeds = (dark > 0.4) & root
    _, labels = cv2.connectedComponents((dark > 0.3).astype(np.uint8))
    joined = np.isin(labels, np.unique(labels[seeds]))
    fade = smooth_step(outwards, 0.72 * length, 0.92 * length)
    fade *= smooth_step(outwards, 1.28 * length, 1.15 * length)
    tall = 0.12 * length + 0.16 * length * smooth_step(outwards, 0.75 * length, 1.0 * length)
    fade *= smooth_step(above, -tall - 0.06 * length, -tall)
    grown = cv2.dilate(joined.astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), 0.8) * fade, np.float32)


def _disc(size: int) -> NDArray[np.uint8]:
    """Structuring element of an odd `size`."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
