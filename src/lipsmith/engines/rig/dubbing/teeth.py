"""The speaker's own teeth, from the frames of the footage that show them."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
_UNEVEN_MM, _EVEN_SHARE, _INCISAL_MM = 1.2, 0.7, 0.4
_LEAST_AREA_MM2 = 60.0
_LEAST_SHARE = 0.12  # of an opening that shows the dark of the mouth as well
_EDGE_MM = (0.8, 4.5)  # below the line between shut lips
_DENSITY, _DENSITIES = 1.5, (1.5, 9.0)  # px per mm, of that of the frame


@dataclass(frozen=True, slots=True)
class FoundTeeth:
    """The upper row, and the (478, 3) landmarks in px of the frame that shows it."""

    teeth: OwnTeeth
    landmarks: NDArray[np.float64]

    @property
    def area_mm2(self) -> float:
        return float(self.teeth.alpha.sum()) / self.teeth.canvas.density**2


def find_upper_teeth(pixels: RgbImage, landmarks: NDArray[np.float64]) -> FoundTeeth | None:
    """The upper row in a frame; None where too little of it shows. landmarks: (478, 3) px."""
    head = HeadFrame.of(landmarks)
    lips = find_lips(rgb_to_nv12(pixels).luma, landmarks, head)
    if not lips.is_open:
        return None
    density = float(np.clip(_DENSITY * head.px_per_mm, *_DENSITIES))
    tone = measure_tone(pixels, landmarks, head)
    found = find_own_teeth(pixels, head, lips, tone, density, _LEAST_SHARE)
    upper = None if found is None else _upper_row(found)
    if upper is None:
        return None
    teeth = FoundTeeth(upper, landmarks)
    return teeth if teeth.area_mm2 > _LEAST_AREA_MM2 else None


def with_teeth(reference: Reference, found: FoundTeeth) -> Reference:
    """The reference with teeth that were found in another frame."""
    rig, head, own = reference.rig, reference.rig.head, found.teeth
    there = HeadFrame.of(found.landmarks)
    edge = there.origin[:2] + there.plane_px_per_mm @ [0.0, own.edge_y_mm]
    placed = place(reference.sheet, found.landmarks)
    at = placed.to_rest(edge.astype(np.float32).reshape(1, 1, 2))
    edge_mm = float((np.linalg.inv(head.plane_px_per_mm) @ (at[0, 0] - head.origin[:2]))[1])
    line_mm = rig.interior.line_y_mm
    here = reference.sheet.landmarks
    tone = measure_tone(reference.pixels, here, head)
    tone = replace(tone, enamel=own.enamel, dentine=own.enamel * DENTINE_TINT)
    choice = choose_teeth(here, head)
    density, bow = own.canvas.density, smile_arc(rig.lips, head)
    upper = draw_teeth(choice, tone, head, upper=True, density=density, bow=bow)
    interior = replace(
        rig.interior,
        upper_edge_mm=min(max(edge_mm, line_mm + _EDGE_MM[0]), line_mm + _EDGE_MM[1]),
        upper=with_own_teeth(upper, own),
        lower=draw_teeth(choice, tone, head, upper=False, density=density, bow=0.5 * bow),
    )
    return replace(reference, rig=replace(rig, interior=interior))


def _upper_row(found: OwnTeeth) -> OwnTeeth | None:
    """The first row from above, ended by an even edge; None where it has none."""
    solid = found.alpha > _SOLID
    rows = np.arange(len(solid))[:, None]
    first = np.where(solid.any(0), solid.argmax(0), len(solid))
    # the first row after it that is not solid
    after = np.where(~solid & (rows > first), rows, len(solid)).min(0)
    x, y = found.canvas.axes()
    density = found.canvas.density
    middle = (np.abs(x) < _MIDDLE_MM) & solid.any(0)
    if middle.sum() < _MIDDLE_MM * density:
        return None
    height_mm = float(np.median((after - first)[middle])) / density
    if not _LEAST_MM <= height_mm <= _MOST_MM:
        return None
    arc = np.polyfit(x[middle], after[middle], 2)
    near = middle & (np.abs(after - np.polyval(arc, x)) < _UNEVEN_MM * density)
    if near.sum() < _EVEN_SHARE * middle.sum():
        return None
    edge = np.polyval(np.polyfit(x[near], after[near], 2), x) + _INCISAL_MM * density
    alpha = found.alpha * np.clip(np.minimum(after, edge) - rows + 0.5, 0, 1)
    alpha = cv2.GaussianBlur(alpha.astype(np.float32), (0, 0), max(0.5, 0.2 * density))
    alpha = np.minimum(alpha, found.alpha)
    edge_y = float(np.median(y[np.minimum(after[near], len(y) - 1)]))
    return replace(found, alpha=np.asarray(alpha, np.float32), edge_y_mm=edge_y)
