"""The frame of a scene that lends its mouth to all the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box, Face, Portrait
from lipsmith.engines.rig.dubbing.sheet import Sheet, prepare_sheet
from lipsmith.engines.rig.field import even_rect
from lipsmith.engines.rig.prepare import Rig, prepare

_AROUND = 0.6
"""Of the face's size, that is cut out with it on every side."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A prepared frame. pixels: what was cut out of it; rig and sheet are in px of that."""

    pixels: RgbImage
    rig: Rig
    sheet: Sheet


def prepare_reference(frame: FootageFrame, face: Face, name: str) -> Reference:
    """Prepare the face of a frame to be posed and carried onto other frames.

    Raises:
        FaceError: it is too small, turned too far away, or its mouth is not in the picture.
    """
    height, width = frame.pixels.shape[:2]
    # The box may be another detector's, which ends on the forehead.
    low, high = face.landmarks[:, :2].min(0), face.landmarks[:, :2].max(0)
    low, high = low - _AROUND * (high - low), high + _AROUND * (high - low)
    rect = even_rect(low[0], low[1], high[0], high[1], width, height)
    box = face.box
    shift = np.array([rect.left, rect.top, 0.0])
    moved = replace(
        face,
        landmarks=face.landmarks - shift,
        box=Box(
            box.left - rect.left, box.top - rect.top, box.right - rect.left, box.bottom - rect.top
        ),
    )
    pixels = np.ascontiguousarray(frame.pixels[rect.top : rect.bottom, rect.left : rect.right])
    everywhere = np.full(pixels.shape[:2], 255, np.uint8)
    rig = prepare(Portrait(pixels, moved, everywhere, name))
    return Reference(pixels, rig, prepare_sheet(moved.landmarks, rig.head, rect.width, rect.height))
