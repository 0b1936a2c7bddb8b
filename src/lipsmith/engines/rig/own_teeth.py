"""The teeth that a smiling or talking portrait already shows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.layers import Lips
from lipsmith.engines.rig.sprites import Canvas
from lipsmith.engines.rig.tone import Colour, PictureTone, from_lab, to_lab

Map = NDArray[np.float32]
Mask = NDArray[np.uint8]

_MIN_WIDTH_MM = 16.0
_MIN_HEIGHT_MM = 2.5
_LEAST_SHARE = 0.4
_GAP_MM = 1.8  # between teeth, at most; it is copied with them
_SHARPENING = 0.8  # for what drawing them twice between samples blurs
_MIN_SHADE_MM2 = 4.0
_SHADE_TRUST = 0.35  # lips that nearly touch them colour teeth
_DIMMER, _BRIGHTER = 3.0, 5.0  # L*, at most, than expected


@dataclass(frozen=True, slots=True)
class OwnTeeth:
    """Upper teeth found in the picture.

    canvas: in the plane of the lips, y relative to the head's origin. colour: (h, w, 3) float32
    RGB, the picture on the canvas. alpha: (h, w) float32, 1 where it shows teeth.
    edge_y_mm: head-frame y of the incisal edge at the middle. enamel: their usual colour.
    """

    canvas: Canvas
    colour: NDArray[np.float32]
    alpha: NDArray[np.float32]
    edge_y_mm: float
    enamel: Colour


def find_own_teeth(
    pixels: RgbImage,
    head: HeadFrame,
    lips: Lips,
    tone: PictureTone,
    density: float,
    least_share: float = _LEAST_SHARE,
) -> OwnTeeth | None:
    """Teeth between parted lips, or None where too little of them shows to be copied.

    least_share: 0..1 of the opening that they must fill.
    """
    seen = _look(pixels, head, lips, tone, density)
    if seen is None:
        return None
    canvas, colour, teeth, inner = seen
    solid = teeth > 0.5
    if int(inner.sum(0).max()) < _MIN_HEIGHT_MM * density:
        return None
    across = np.flatnonzero(solid.sum(0) > 0.5 * _MIN_HEIGHT_MM * density)
    if not len(across) or np.ptp(across) < _MIN_WIDTH_MM * density:
        return None
    if solid.sum() < least_share * inner.sum():
        return None
    x, y = canvas.axes()
    middle = solid[:, np.abs(x) < 9.0]
    lowest = [y[np.flatnonzero(column)[-1]] for column in middle.T if column.any()]
    gap = np.ones((1, max(1, round(_GAP_MM * density))), np.uint8)
    row = cv2.morphologyEx(teeth, cv2.MORPH_CLOSE, gap)
    alpha = cv2.GaussianBlur(row, (0, 0), max(0.6, 0.35 * density)) * inner
    enamel = np.percentile(colour[solid], 65, axis=0).astype(np.float32)
    soft = cv2.GaussianBlur(colour, (0, 0), max(0.6, 0.8 * density / head.px_per_mm))
    colour = np.clip(colour + _SHARPENING * (colour - soft), 0, 255)
    return OwnTeeth(canvas, colour, alpha.astype(np.float32), float(np.median(lowest)), enamel)


def find_enamel(
    pixels: RgbImage, head: HeadFrame, lips: Lips, tone: PictureTone, density: float
) -> Colour | None:
    """The shade of the little of the teeth that parted lips show, or None where they hide them."""
    seen = _look(pixels, head, lips, tone, density)
    if seen is None:
        return None
    _, colour, teeth, _ = seen
    solid = teeth > 0.5
    if solid.sum() < _MIN_SHADE_MM2 * density**2:
        return None
    found = to_lab(np.percentile(colour[solid], 90, axis=0).astype(np.float32))
    expected = to_lab(tone.enamel)
    mixed = expected + _SHADE_TRUST * (found - expected)
    light = np.clip(mixed[0], expected[0] - _DIMMER, expected[0] + _BRIGHTER)
    return from_lab(float(light), float(mixed[1]), float(mixed[2]))


def _look(
    pixels: RgbImage, head: HeadFrame, lips: Lips, tone: PictureTone, density: float
) -> tuple[Canvas, Map, Map, Mask] | None:
    """The opening on a canvas: its colours, 0..1 where they are those of teeth, and its inside."""
    if not lips.is_open:
        return None
    canvas = Canvas(-31.0, lips.line_y_mm - 12.0, 62.0, 26.0, density)
    to_plane = np.linalg.inv(head.plane_px_per_mm)
    contour = np.vstack([lips.upper, lips.lower[::-1]]) - head.origin[:2]
    on_canvas = (contour @ to_plane.T - [canvas.left_mm, canvas.top_mm]) * density
    rows, columns = canvas.shape
    opening = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(opening, [np.rint(on_canvas * 16).astype(np.int32)], 1, shift=4)
    step = canvas.to_mm()
    to_picture = np.column_stack(
        [
            head.plane_px_per_mm / density,
            head.plane_px_per_mm @ step[:, 2] + head.origin[:2],
        ]
    )
    copied = cv2.warpAffine(
        pixels,
        to_picture,
        (columns, rows),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    colour: Map = np.asarray(copied, np.float32)
    lab = to_lab(colour)
    expected, lip = to_lab(tone.enamel), to_lab(tone.lip)
    # Between the colour of the lips and that of enamel, and not in deep shade.
    redness = (lab[..., 1] - expected[1]) / max(float(lip[1] - expected[1]), 6.0)
    pale = np.clip((0.75 - redness) / 0.25, 0, 1)
    bright = np.clip((lab[..., 0] / expected[0] - 0.62) / 0.12, 0, 1)
    inner = cv2.erode(opening, np.ones((3, 3), np.uint8))
    teeth = (pale * bright * inner).astype(np.float32)
    return canvas, colour, teeth, np.asarray(inner, np.uint8)
