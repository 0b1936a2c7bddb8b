"""One eye taken apart into what a drawing elsewhere puts together again, whatever the gaze.

The lids are drawn over the ball: in each state of closing, picture = through * ball + over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.eye_shape import Floats
from lipsmith.engines.rig.gaze import Ball, BallLayers
from lipsmith.engines.rig.layers import Rect
from lipsmith.engines.rig.lids import STRETCHED_CLOSURE, Lids

_STATES = 20
_STILL = 0.004


@dataclass(frozen=True, slots=True)
class EyeLayers:
    """One eye; the maps have a value for every pixel of `rect`.

    side: "left" or "right", the viewer's. along, down: (2,) the eye's axes u and v in the picture.
    uv: (2,) of the rectangle's first pixel. uv_per_mm: (2, 2), gaze in mm -> px along the axes.
    opening_px, px_per_mm: see `EyeShape`. behind: the picture behind glasses and hair, or None
    where there are none. follow, rise: see `Lids.shares`. closures: (k,) states of closing.
    through, over: (k, h, w, 3) uint8, how much of the ball is seen and what is seen beside it.
    changes: (h, w) bool, where anything can differ from the picture.
    """

    side: str
    rect: Rect
    along: Floats
    down: Floats
    uv: Floats
    uv_per_mm: NDArray[np.float64]
    opening_px: float
    px_per_mm: float
    behind: RgbImage | None
    ball: BallLayers
    follow: Floats
    rise: Floats
    closures: Floats
    through: NDArray[np.uint8]
    over: NDArray[np.uint8]
    changes: NDArray[np.bool_]


def take_apart(lids: Lids, ball: Ball, uv_per_mm: NDArray[np.float64], side: str) -> EyeLayers:
    """Draw the lids over black and over white: what of the white is left is seen through them."""
    raster, shape = lids.raster, lids.raster.shape
    black = np.zeros_like(raster.source)
    white = np.full_like(raster.source, 255)
    closures = np.linspace(STRETCHED_CLOSURE[0], 1.0, _STATES, dtype=np.float32)
    # the first closure is the open eye
    states = [(black, white)]
    states += [(lids.close(black, c), lids.close(white, c)) for c in map(float, closures[1:])]
    over = np.stack([lids.behind_front(on_black) for on_black, _ in states])
    on_white = np.stack([lids.behind_front(on_white) for _, on_white in states])
    through = np.asarray(np.maximum(on_white, over) - over, np.uint8)
    layers = ball.layers()
    follow, rise = lids.shares()
    changes = (layers.opening > _STILL) | (np.abs(follow) > _STILL) | (np.abs(rise) > _STILL)
    changes |= ((through < 254) | (over > 1)).any((0, 3))
    rect, part = _part(raster.rect, changes)
    return EyeLayers(
        side=side,
        rect=rect,
        along=shape.along,
        down=shape.down,
        uv=np.array([raster.u[part][0, 0], raster.v[part][0, 0]], np.float32),
        uv_per_mm=uv_per_mm,
        opening_px=shape.opening_px,
        px_per_mm=shape.px_per_mm,
        behind=raster.source[part] if lids.is_behind_front else None,
        ball=replace(
            layers,
            colour=layers.colour[part],
            highlights=layers.highlights[part],
            shade=layers.shade[part],
            opening=layers.opening[part],
        ),
        follow=follow[part],
        rise=rise[part],
        closures=closures,
        through=through[:, *part],
        over=over[:, *part],
        changes=changes[part],
    )


def _part(rect: Rect, changes: NDArray[np.bool_]) -> tuple[Rect, tuple[slice, slice]]:
    """The even part of a rectangle where anything can change."""
    rows, columns = np.flatnonzero(changes.any(1)), np.flatnonzero(changes.any(0))
    top, left = (int(at[0]) // 2 * 2 for at in (rows, columns))
    bottom, right = ((int(at[-1]) + 2) // 2 * 2 for at in (rows, columns))
    part = Rect(rect.left + left, rect.top + top, right - left, bottom - top)
    return part, (slice(top, bottom), slice(left, right))
