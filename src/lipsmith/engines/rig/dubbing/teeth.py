"""The speaker's own teeth, from the frames of the footage that show them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.dubbing.reference import Reference
from lipsmith.engines.rig.dubbing.sheet import place
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.lips import find_lips
from lipsmith.engines.rig.own_teeth import OwnTeeth, find_own_teeth
from lipsmith.engines.rig.tone import measure_tone
from lipsmith.engines.rig.tooth_sets import choose_teeth
from lipsmith.engines.rig.tooth_sprites import DENTINE_TINT, draw_teeth, smile_arc, with_own_teeth
from lipsmith.media.colour import rgb_to_nv12

_SOLID = 0.5
_MIDDLE_MM = 9.0
_LEAST_MM, _MOST_MM = 2.5, 7.5
"""What one row shows: more than the most is both rows, shut."""
_LEAST_AREA_MM2 = 60.0


def own_upper_teeth(
    pixels: RgbImage, landmarks: NDArray[np.float64], density: float
) -> OwnTeeth | None:
    """The upper row in a frame, at `density` px per mm; None where too little of it shows.

    landmarks: (478, 3) px.
    """
    head = HeadFrame.of(landmarks)
    lips = find_lips(rgb_to_nv12(pixels).luma, landmarks, head)
    if not lips.is_open:
        return None
    found = find_own_teeth(pixels, head, lips, measure_tone(pixels, landmarks, head), density)
    return None if found is None else _upper_row(found)


def with_teeth(reference: Reference, own: OwnTeeth, landmarks: NDArray[np.float64]) -> Reference:
    """The reference with teeth that were found in a frame with these (478, 3) landmarks."""
    rig, head = reference.rig, reference.rig.head
    there = HeadFrame.of(landmarks)
    edge = there.origin[:2] + there.plane_px_per_mm @ [0.0, own.edge_y_mm]
    at = place(reference.sheet, landmarks).to_rest(edge.astype(np.float32).reshape(1, 1, 2))
    edge_mm = np.linalg.inv(head.plane_px_per_mm) @ (at[0, 0] - head.origin[:2])
    own_places = reference.sheet.landmarks
    tone = measure_tone(reference.pixels, own_places, head)
    tone = replace(tone, enamel=own.enamel, dentine=own.enamel * DENTINE_TINT)
    choice = choose_teeth(own_places, head)
    density, bow = rig.interior.upper.canvas.density, smile_arc(rig.lips, head)
    upper = draw_teeth(choice, tone, head, upper=True, density=density, bow=bow)
    interior = replace(
        rig.interior,
        upper_edge_mm=float(edge_mm[1]),
        upper=with_own_teeth(upper, own),
        lower=draw_teeth(choice, tone, head, upper=False, density=density, bow=0.5 * bow),
    )
    return replace(reference, rig=replace(rig, interior=interior))


def _upper_row(found: OwnTeeth) -> OwnTeeth | None:
    """The first row from above, where a gap or the lip ends it."""
    solid = found.alpha > _SOLID
    rows = np.arange(len(solid))[:, None]
    first = np.where(solid.any(0), solid.argmax(0), len(solid))
    # the first row after it that is not solid
    after = np.where(~solid & (rows > first), rows, len(solid)).min(0)
    x, y = found.canvas.axes()
    middle = (np.abs(x) < _MIDDLE_MM) & solid.any(0)
    if not middle.any():
        return None
    height_mm = float(np.median((after - first)[middle])) / found.canvas.density
    if not _LEAST_MM <= height_mm <= _MOST_MM:
        return None
    alpha = np.where(rows < after, found.alpha, np.float32(0))
    alpha = cv2.GaussianBlur(alpha, (0, 0), max(0.5, 0.2 * found.canvas.density))
    alpha = np.minimum(alpha, found.alpha)
    if float(alpha.sum()) < _LEAST_AREA_MM2 * found.canvas.density**2:
        return None
    edge = float(np.median(y[np.minimum(after[middle], len(y) - 1)]))
    return replace(found, alpha=alpha.astype(np.float32), edge_y_mm=edge)
