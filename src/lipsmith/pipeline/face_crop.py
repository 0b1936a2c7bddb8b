"""A request for the head alone, out of a larger picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lipsmith.core.request import RenderRequest
from lipsmith.errors import OptionError

_HAIR = 0.25
"""Of the height of a face's box: how far above it the middle of the head is."""


def crop_around_face(request: RenderRequest, side: float) -> RenderRequest:
    """The request with all but a square around the largest face cut off; without a face, itself.

    side: of the square, by the longer side of the face's box.

    Raises:
        PictureError: the picture cannot be read.
        OptionError: it is a video.
    """
    from lipsmith.faces import find_faces
    from lipsmith.media.footage import is_video
    from lipsmith.media.pictures import picture_from_array, read_picture

    if not isinstance(request.picture, Path):
        picture = picture_from_array(request.picture)
    elif is_video(request.picture):
        raise OptionError(f"{request.picture} is a video; only pictures are cropped to the face")
    else:
        picture = read_picture(request.picture)
    faces = find_faces(picture)
    if not faces:
        return request  # which the render refuses with its reason
    box = faces[0].box
    side_px = min(round(side * max(box.width, box.height)), picture.width, picture.height)
    middle_x = (box.left + box.right) / 2
    middle_y = (box.top + box.bottom) / 2 - _HAIR * box.height
    left = min(max(0, round(middle_x - side_px / 2)), picture.width - side_px)
    top = min(max(0, round(middle_y - side_px / 2)), picture.height - side_px)
    crop = (left, top, left + side_px, top + side_px)
    return replace(request, source=replace(request.source, crop=crop))
