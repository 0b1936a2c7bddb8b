"""A picture's face for programs that draw it themselves."""

from __future__ import annotations

from lipsmith.core.image import Picture
from lipsmith.core.portrait import Portrait
from lipsmith.core.request import Size
from lipsmith.engines.rig.portable import pack
from lipsmith.engines.rig.prepare import prepare
from lipsmith.faces.portrait import find_faces, make_portrait
from lipsmith.media.limits import MAX_VIDEO_SIDE_PX, MIN_VIDEO_SIDE_PX

_FACE_PX = 100.0
"""Height of a face that is not made smaller."""


def portable_rig(picture: Picture, face: int, side_px: int) -> bytes:
    """The file from which the studio draws, see `lipsmith.engines.rig.portable`.

    face: its number, see `find_faces`. side_px: the longest side of what is drawn.

    Raises:
        FaceError: there is no such face, or it cannot be animated.
    """
    return pack(prepare(_portrait(picture, face, side_px)), side_px)


def face_model(picture: Picture, face: int, side_px: int) -> bytes:
    """The face as binary glTF, see `lipsmith.export.model`; arguments as of `portable_rig`.

    Raises:
        FaceError: there is no such face, or it cannot be animated.
    """
    from lipsmith.export.model import to_glb

    return to_glb(_portrait(picture, face, side_px), side=side_px)


def _portrait(picture: Picture, face: int, side_px: int) -> Portrait:
    """The face in a smaller picture, but never so small that it cannot move well."""
    scale = min(1.0, side_px / max(picture.width, picture.height))
    if scale < 1.0:
        for found in find_faces(picture)[face : face + 1]:
            scale = min(1.0, max(scale, _FACE_PX / found.box.height))
    scale = min(scale, MAX_VIDEO_SIDE_PX / max(picture.width, picture.height))
    width, height = (
        max(MIN_VIDEO_SIDE_PX, round(side * scale / 2) * 2)
        for side in (picture.width, picture.height)
    )
    return make_portrait(picture, face=face, size=Size(width, height))
