"""At which size is drawn, and which size the video has: upscaling makes them differ."""

from __future__ import annotations

from dataclasses import dataclass

from lipsmith.core.request import Fit, RenderRequest, Size
from lipsmith.media.limits import MAX_VIDEO_SIDE_PX, MIN_VIDEO_SIDE_PX
from lipsmith.media.options import parse_size

_FACTOR = 2
"""By which is upscaled when no size is asked for."""
_STRETCH = 1.3
"""A network's frames may be resampled by as much more; beyond that one of a larger factor runs."""
_FACTORS = (2, 4)


@dataclass(frozen=True, slots=True)
class VideoSizes:
    """drawn: what engines make. made: what the video has."""

    drawn: Size
    made: Size

    @property
    def factor(self) -> int:
        """By which a network has to enlarge."""
        grow = max(self.made.width / self.drawn.width, self.made.height / self.drawn.height)
        if grow <= 1:
            return 1
        return next((each for each in _FACTORS if grow <= each * _STRETCH), _FACTORS[-1])


def plan_sizes(request: RenderRequest, width_px: int, height_px: int) -> VideoSizes:
    """The sizes for a picture or a video of width_px x height_px.

    Raises:
        OptionError: see `parse_size`.
    """
    made = parse_size(request.size, width_px=width_px, height_px=height_px)
    if request.finishing.upscale is None:
        return VideoSizes(made, made)
    factor = request.finishing.upscale_factor or _FACTOR
    if request.size is None:
        return VideoSizes(made, _enlarged(made, factor))
    grows = made.width / width_px, made.height / height_px
    grow = min(grows) if request.fit is Fit.PAD else max(grows)
    return VideoSizes(_shrunk(made, max(1.0, grow)), made)


def _enlarged(size: Size, factor: int) -> Size:
    """`factor` times the size, or as much as a video may have."""
    scale = min(factor, MAX_VIDEO_SIDE_PX / max(size.width, size.height))
    return Size(*(int(side * scale) // 2 * 2 for side in (size.width, size.height)))


def _shrunk(size: Size, by: float) -> Size:
    sides = (max(MIN_VIDEO_SIDE_PX, round(side / by / 2) * 2) for side in (size.width, size.height))
    return Size(*sides)
