"""The pictures that the inside of the mouth wears: one for its flesh, one for its teeth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.interior import Interior
from lipsmith.engines.rig.layers import Lips
from lipsmith.engines.rig.sprites import Sprite
from lipsmith.engines.rig.tone import PictureTone

Region = tuple[float, float, float, float]
"""left, top, right, bottom of a part of the texture, 0..1."""

_SIDE = 256
_GUTTER = 2.0 / _SIDE
UPPER_RIM: Region = (0.0, 0.0, 1.0, 0.125)
LOWER_RIM: Region = (0.0, 0.125, 1.0, 0.25)
TONGUE: Region = (0.0, 0.25, 1.0, 0.625)
CAVITY: Region = (0.0, 0.625, 1.0, 1.0)
_RIM_FROM_MM, _RIM_TO_MM = 0.4, 2.2
_RIM_LIGHT = (1.0, 0.34)
_EDGE_LIGHT, _GUM_LIGHT, _GUM_MM = (0.92, 0.76), 0.62, 6.0
"""Light on the edges of the upper and the lower teeth, and what of it reaches their gums."""


def within(region: Region, uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) place in the texture from a place in one of its regions."""
    left, top, right, bottom = region
    low, high = np.array([left, top]) + _GUTTER, np.array([right, bottom]) - _GUTTER
    return np.asarray(low + uv * (high - low))


def mouth_texture(pixels: RgbImage, head: HeadFrame, lips: Lips, tone: PictureTone) -> RgbImage:
    """Lips' inner sides, tongue and cavity. pixels: the picture without what open lips show."""
    image = np.zeros((_SIDE, _SIDE, 3), np.float32)
    for region, line, sign in ((UPPER_RIM, lips.upper, -1.0), (LOWER_RIM, lips.lower, 1.0)):
        rows = _rows(region)
        image[rows] = _rim(pixels, head, line, sign, rows.stop - rows.start, tone)
    rows = _rows(TONGUE)
    image[rows] = _tongue(tone, rows.stop - rows.start)
    rows = _rows(CAVITY)
    image[rows] = _cavity(tone, rows.stop - rows.start)
    return np.asarray(np.clip(image + 0.5, 0, 255), np.uint8)


def teeth_texture(interior: Interior) -> NDArray[np.uint8]:
    """(2h, w, 4) uint8 with straight alpha: the upper row above the lower one."""
    rows = [
        _straight(row, _light_on(row, gumwards) ** interior.shade_tint)
        for row, gumwards in ((interior.upper, -1.0), (interior.lower, 1.0))
    ]
    height = max(len(row) for row in rows)
    width = max(row.shape[1] for row in rows)
    resized = [cv2.resize(row, (width, height)) for row in rows]
    return np.asarray(np.concatenate(resized), np.uint8)


def _rows(region: Region) -> slice:
    return slice(round(region[1] * _SIDE), round(region[3] * _SIDE))


def _rim(
    pixels: RgbImage,
    head: HeadFrame,
    line: NDArray[np.float64],
    sign: float,
    height: int,
    tone: PictureTone,
) -> NDArray[np.float32]:
    """Colours of the lip beside its edge, mirrored inwards, darker the deeper."""
    share = np.linspace(0.0, 1.0, height)
    at = np.linspace(0.0, len(line) - 1.0, _SIDE)
    edge = np.stack([np.interp(at, np.arange(len(line)), line[:, i]) for i in (0, 1)], 1)
    off_mm = _RIM_FROM_MM + (_RIM_TO_MM - _RIM_FROM_MM) * share
    down = head.rotation[:2, 1] * head.px_per_mm
    places = (edge[None] + sign * off_mm[:, None, None] * down).astype(np.float32)
    beside = cv2.remap(
        pixels, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    seen = cv2.GaussianBlur(beside.astype(np.float32), (0, 0), 1.5)
    light = _RIM_LIGHT[0] + (_RIM_LIGHT[1] - _RIM_LIGHT[0]) * share**0.7
    return np.asarray(seen * light[:, None, None] ** tone.shade_tint, np.float32)


def _tongue(tone: PictureTone, height: int) -> NDArray[np.float32]:
    """u around it from the middle of its back, v from the root to the tip."""
    around = np.linspace(0.0, 2.0 * np.pi, _SIDE)
    along = np.linspace(0.0, 1.0, height)[:, None]
    upwards = np.cos(around)
    shade = (0.22 + 0.54 * along**1.5) * (0.86 + 0.14 * upwards)
    from_middle = np.minimum(around, 2.0 * np.pi - around)
    shade = shade * (1.0 - 0.16 * np.exp(-((from_middle / 0.16) ** 2)) * np.clip(1.4 - along, 0, 1))
    rng = np.random.default_rng(5)
    noise = cv2.GaussianBlur(rng.standard_normal(shade.shape).astype(np.float32), (0, 0), 0.8)
    shade = shade * (1.0 + 0.06 * tone.relief * noise)
    return np.asarray(
        tone.tongue * np.maximum(shade, 0.05)[..., None] ** tone.shade_tint, np.float32
    )


def _cavity(tone: PictureTone, height: int) -> NDArray[np.float32]:
    """u around it from its roof, v from its opening to the throat."""
    inwards = np.linspace(0.0, 1.0, height)[:, None]
    around = np.linspace(0.0, 2.0 * np.pi, _SIDE)
    shade = 1.9 * (1.0 - inwards) ** 1.5 + 0.55 + 0.25 * np.abs(np.sin(around)) * (1.0 - inwards)
    return np.asarray(tone.cavity * shade[..., None], np.float32)


def _light_on(row: Sprite, gumwards: float) -> NDArray[np.float32]:
    """(h, 1, 1) 0..1: lips shade what is behind them."""
    _, y = row.canvas.axes()
    deep = np.clip(gumwards * y / _GUM_MM, 0.0, 1.0)
    edge = _EDGE_LIGHT[0] if gumwards < 0 else _EDGE_LIGHT[1]
    light = edge * (1.0 + (_GUM_LIGHT - 1.0) * deep)
    return np.asarray(light[:, None, None], np.float32)


def _straight(sprite: Sprite, light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The sprite in this light, its colours not multiplied by alpha, also where nothing is seen."""
    image = sprite.image.astype(np.float32)
    colour, weight = image[..., :3], image[..., 3]
    for blur in (0.0, 1.5, 4.0, 12.0, 40.0):
        if blur:
            wide = cv2.GaussianBlur(image, (0, 0), blur)
            missing = weight < 1.0
            colour = np.where(missing[..., None], wide[..., :3], colour)
            weight = np.where(missing, wide[..., 3], weight)
    lit = colour * (255.0 / np.maximum(weight, 1e-3))[..., None] * light
    straight = np.dstack([lit, image[..., 3:]])
    return np.asarray(np.clip(straight + 0.5, 0, 255), np.uint8)
