"""The box of the face that was given, instead of looking for one."""

from __future__ import annotations

from lipsmith.core.image import Picture
from lipsmith.core.portrait import Box
from lipsmith.core.request import RenderRequest
from lipsmith.errors import OptionError

_MIN_PX = 24


def given_box(request: RenderRequest, opening: Picture) -> Box | None:
    """The box, in px of the source as it is turned, cropped and shrunk; None where none is given.

    opening: its first picture.

    Raises:
        OptionError: it is no rectangle, not inside the picture, or there are several faces.
    """
    edges = request.engine_options.crop.box
    if edges is None:
        return None
    left, top, right, bottom = edges
    if not (0 <= left < right <= opening.width and 0 <= top < bottom <= opening.height):
        raise OptionError(
            f"the face box {left} {top} {right} {bottom} (left, top, right, bottom) is not inside "
            f"the picture of {opening.width}x{opening.height}"
        )
    if min(right - left, bottom - top) < _MIN_PX:
        raise OptionError(f"the face box has to be at least {_MIN_PX} px wide and high")
    if any(speaker.face is not None for speaker in request.speakers):
        raise OptionError("a face box is of one face, and several speakers have their own here")
    return Box(*(float(edge) for edge in edges))


def chooses(request: RenderRequest) -> bool:
    """Whether the face in the box is meant; else it is the one that was asked for."""
    return request.engine_options.crop.box is not None and request.face is None
