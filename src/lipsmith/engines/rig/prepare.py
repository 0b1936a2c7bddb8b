"""Everything about a portrait that does not change from frame to frame."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.controls import source_smile
from lipsmith.engines.rig.eyes import Eyes, prepare_eyes
from lipsmith.engines.rig.field import (
    FaceField,
    MouthField,
    even_rect,
    even_step,
    solve_face,
    solve_mouth,
)
from lipsmith.engines.rig.geometry import LOWER_OUTER, UPPER_OUTER, HeadFrame
from lipsmith.engines.rig.head import HeadField, solve_head
from lipsmith.engines.rig.interior import Interior, prepare_interior
from lipsmith.engines.rig.layers import Lips, Rect
from lipsmith.engines.rig.lip_skin import lips_alone
from lipsmith.engines.rig.lips import find_lips
from lipsmith.engines.rig.shading import Shading, prepare_shading
from lipsmith.engines.rig.source import Source, paste, prepare_source
from lipsmith.engines.rig.warp import cover
from lipsmith.errors import FaceError
from lipsmith.media.colour import rgb_to_nv12

_MIN_FACE_PX = 32.0
_MIN_MOUTH_PX = 8
_LEAST_OF_LIPS = 0.25  # that must be in the picture
_MAX_YAW_DEG = 55.0
_SHADING_STEP_MM, _MAX_SHADING_NODES = 2.0, 14_000


@dataclass(frozen=True, slots=True)
class Rig:
    """A portrait that can be posed.

    smile: the source's own, in units of the smile control.
    """

    source: Source
    head: HeadFrame
    lips: Lips
    smile: float
    face: FaceField
    motion: HeadField
    mouth: MouthField
    interior: Interior
    shading: Shading
    eyes: Eyes


def prepare(portrait: Portrait) -> Rig:
    """Measure a portrait and build its fields and layers.

    Raises:
        FaceError: the face is too small, turned too far away, or its mouth is not in the picture.
    """
    check_portrait(portrait)
    # What the fields do not need is made beside them.
    with ThreadPoolExecutor(1, "rig-prepare") as beside:
        return _prepare(portrait, beside)


def _prepare(portrait: Portrait, beside: ThreadPoolExecutor) -> Rig:
    pixels, landmarks = portrait.pixels, portrait.face.landmarks
    head = HeadFrame.of(landmarks)
    eyes = beside.submit(prepare_eyes, pixels, landmarks, head)
    picture = rgb_to_nv12(pixels)
    lips = find_lips(picture.luma, landmarks, head)
    face = solve_face(landmarks, head, lips, portrait.width, portrait.height)
    mouth = _mouth_rect(head, face.rect)
    if min(mouth.width, mouth.height) < _MIN_MOUTH_PX:
        raise _no_mouth(portrait)
    interior = beside.submit(prepare_interior, pixels, landmarks, head, lips, mouth)
    step = even_step(_SHADING_STEP_MM * head.px_per_mm, face.rect, _MAX_SHADING_NODES)
    shading_grid = cover(face.rect, step)
    shading = beside.submit(prepare_shading, pixels, landmarks, head, shading_grid)
    motion = solve_head(picture.luma, landmarks, head, face, portrait.matte)
    if lips.is_open:
        paste(lips_alone(pixels, landmarks, head, lips), picture)
    return Rig(
        source=prepare_source(picture, motion.rect),
        head=head,
        lips=lips,
        smile=source_smile(head.to_mm(landmarks)),
        face=face,
        motion=motion,
        mouth=solve_mouth(landmarks, head, lips, face, mouth),
        interior=interior.result(),
        shading=shading.result(),
        eyes=eyes.result(),
    )


def check_portrait(portrait: Portrait) -> None:
    """Make sure that a portrait can be posed, before work starts.

    Raises:
        FaceError: the face is too small, turned too far away, or its mouth is not in the picture.
    """
    face = portrait.face
    size = max(face.box.width, face.box.height)
    if size < _MIN_FACE_PX:
        raise FaceError(
            f"{portrait.name}: the face is only {size:.0f} pixels high; "
            f"use a picture in which it has at least {_MIN_FACE_PX:.0f}"
        )
    if abs(face.yaw_deg) > _MAX_YAW_DEG:
        raise FaceError(
            f"{portrait.name}: the face is turned {abs(face.yaw_deg):.0f} degrees to the side; "
            "use a picture in which both eyes are seen"
        )

    lips = face.landmarks[list(UPPER_OUTER + LOWER_OUTER), :2]
    inside = ((lips >= 0) & (lips < (portrait.width, portrait.height))).all(1)
    if inside.mean() < _LEAST_OF_LIPS:
        raise _no_mouth(portrait)


def _no_mouth(portrait: Portrait) -> FaceError:
    return FaceError(
        f"{portrait.name}: the mouth is cut off by the picture's edge; "
        "use a picture that shows the whole mouth"
    )


def _mouth_rect(head: HeadFrame, face: Rect) -> Rect:
    """Where the mouth can open, however the head turns; inside the face's rectangle."""
    s = head.px_per_mm
    corners = np.array([[x, y] for x in (-46.0, 46.0) for y in (-26.0, 42.0)])
    along, down = head.rotation[:2, 0], head.rotation[:2, 1]
    along, down = along / np.linalg.norm(along), down / np.linalg.norm(down)
    px = head.origin[:2] + s * (corners[:, :1] * along + corners[:, 1:] * down)
    (left, top), (right, bottom) = px.min(0), px.max(0)
    left, top = max(left, face.left), max(top, face.top)
    return even_rect(left, top, right, bottom, face.right, face.bottom)
