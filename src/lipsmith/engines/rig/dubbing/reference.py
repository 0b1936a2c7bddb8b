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
    box, margin_x, margin_y = face.box, _AROUND * face.box.width, _AROUND * face.box.height
    rect = even_rect(
        box.left - margin_x, box.top - margin_y, box.right + margin_x, box.bottom + margin_y,
        width, height,
    )  # fmt: skip
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
