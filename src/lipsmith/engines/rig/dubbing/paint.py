"""One frame of a video with another mouth in its face.

Two layers: the frame's own skin, with the mouth of the footage undone and the new jaw's drop put
in its place; over it, around the lips, the reference's, in the light of the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import Nv12Image, RgbImage
from lipsmith.core.motion import MouthPose, Pose
from lipsmith.core.portrait import Face
from lipsmith.engines.rig.basis import smoothstep
from lipsmith.engines.rig.controls import control_values
from lipsmith.engines.rig.draw import draw
from lipsmith.engines.rig.dubbing.matching import match
from lipsmith.engines.rig.dubbing.reference import Reference
from lipsmith.engines.rig.dubbing.sheet import Placement, place
from lipsmith.engines.rig.field import even_rect, even_step
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.head import BodyPose
from lipsmith.engines.rig.layers import FaceGrid, Rect
from lipsmith.engines.rig.warp import (
    Canvas,
    Field,
    combine,
    cover,
    fetch,
    invert,
    nodes_of,
    to_grid,
    upsample,
)
from lipsmith.media.colour import nv12_to_rgb

_STEP_MM, _MAX_NODES = 4.0, 9_000
_LEAST_PX = 8
_INVERSION_STEPS = 5
_REFERENCE_MM = (4.0, 13.0)
"""Beyond the lips: so far the reference alone is seen, and from there on the frame's own skin."""
_RING_MM = (2.0, 4.0, 13.0, 16.0)
"""Beyond the lips: the skin by which the two are lit alike comes in and goes out."""
_PULLED_MM, _PULLED_SHARE, _PULLED_MOST_MM = 6.0, 0.35, 12.0
"""Where the footage has pulled the skin farther, more of the reference is seen."""
_LIGHT_MM = 2.5
_SLACK_PX = 4


@dataclass(frozen=True, slots=True)
class Lent:
    """A reference in use.

    canvas: of its rig, for one worker. mouth: what it is to do. share: 0..1 of it in the frame.
    """

    reference: Reference
    canvas: Canvas
    mouth: MouthPose
    share: float = 1.0


def paint(lent: Sequence[Lent], frame: FootageFrame, face: Face) -> RgbImage:
    """The frame with another mouth in its face; all but the lower face keeps its bytes.

    lent: one reference, or two of which one gives way to the other; their shares add up to 1.
    """
    placements = [place(each.reference.sheet, face.landmarks) for each in lent]
    rect = _reach(placements, frame.pixels)
    if min(rect.width, rect.height) < _LEAST_PX:
        return frame.pixels
    px_per_mm = HeadFrame.of(face.landmarks).px_per_mm
    grid = cover(rect, even_step(_STEP_MM * px_per_mm, rect, _MAX_NODES))
    views = [
        _look_at(each, placed, grid, px_per_mm)
        for each, placed in zip(lent, placements, strict=True)
    ]
    off = sum(
        (view.off * np.float32(each.share) for each, view in zip(lent, views, strict=True)),
        np.zeros_like(views[0].off),
    )
    own = _own_skin(frame.pixels, rect, grid, off)
    joined = [
        _with_mouth(each, view, rect, own, frame.visible)
        for each, view in zip(lent, views, strict=True)
    ]
    patch = joined[0]
    if len(joined) > 1:
        mixed = cv2.addWeighted(patch, lent[0].share, joined[1], lent[1].share, 0)
        patch = np.asarray(mixed, np.uint8)
    return _put(frame, rect, patch)


def _reach(placements: Sequence[Placement], pixels: RgbImage) -> Rect:
    """All that may change."""
    nodes = np.concatenate([placed.nodes()[placed.sheet.window > 0] for placed in placements])
    low, high = nodes.min(0), nodes.max(0)
    return even_rect(low[0], low[1], high[0], high[1], pixels.shape[1], pixels.shape[0])


@dataclass(frozen=True, slots=True)
class _View:
    """What the nodes of a grid over the frame show.

    at: places on the reference's posed face, px of the reference. off: how far away in the
    footage their own skin is, px. beyond_mm: how far outside the lips, counted less where the
    footage has pulled the skin far. px_per_mm: of the frame.
    """

    grid: FaceGrid
    at: Field
    off: Field
    beyond_mm: NDArray[np.float64]
    px_per_mm: float


def _look_at(lent: Lent, placed: Placement, grid: FaceGrid, px_per_mm: float) -> _View:
    rig, sheet = lent.reference.rig, lent.reference.sheet
    at = placed.to_rest(nodes_of(grid))
    controls = control_values(Pose(lent.mouth), rig.lips.is_open, rig.smile)
    back = invert(combine(controls, rig.face.columns), _INVERSION_STEPS)
    posed = fetch(back, to_grid(rig.face.grid, at)) * np.float32(rig.face.grid.step)
    rest = np.asarray(at - posed, np.float32)
    beyond = fetch(sheet.beyond_mm, to_grid(sheet.grid, rest)).astype(np.float64)
    pulled_mm = float(np.abs(placed.pulled).max()) / px_per_mm
    beyond -= min(_PULLED_SHARE * max(pulled_mm - _PULLED_MM, 0.0), _PULLED_MOST_MM)
    return _View(grid, at, placed.in_footage(rest, at), beyond, px_per_mm)


def _own_skin(pixels: RgbImage, rect: Rect, grid: FaceGrid, off: Field) -> RgbImage:
    """The frame's own pixels over `rect`, each from `off` away."""
    at = upsample(grid, off, rect)
    at[..., 0] += np.arange(rect.left, rect.right, dtype=np.float32)
    at[..., 1] += np.arange(rect.top, rect.bottom, dtype=np.float32)[:, None]
    return _sample(pixels, at)


def _with_mouth(
    lent: Lent,
    view: _View,
    rect: Rect,
    own: RgbImage,
    visible: NDArray[np.uint8] | None,
) -> RgbImage:
    """`own`, the skin over `rect`, with the posed reference around the lips."""
    inner = _around(view, view.beyond_mm < _RING_MM[-1], rect)
    if inner is None:
        return own
    drawn = draw(lent.reference.rig, Pose(lent.mouth), BodyPose(), lent.canvas)
    rows = slice(inner.top - rect.top, inner.bottom - rect.top)
    columns = slice(inner.left - rect.left, inner.right - rect.left)
    other = _sample_mouth(view, inner, drawn)
    if other is None:
        return own
    patch = own.copy()
    patch[rows, columns] = _join(view, inner, own[rows, columns], other, visible)
    return patch


def _sample_mouth(view: _View, inner: Rect, drawn: Nv12Image) -> RgbImage | None:
    """The posed reference over `inner`; None where that shows nothing of it."""
    height, width = drawn.luma.shape
    at = upsample(view.grid, view.at, inner)
    edges = np.concatenate([at[0], at[-1], at[:, 0], at[:, -1]])
    low, high = edges.min(0) - _SLACK_PX, edges.max(0) + _SLACK_PX
    part = even_rect(low[0], low[1], high[0], high[1], width, height)
    if part.width <= 0 or part.height <= 0:
        return None
    half = np.s_[part.top // 2 : part.bottom // 2, part.left // 2 : part.right // 2]
    luma = drawn.luma[part.top : part.bottom, part.left : part.right]
    rgb = nv12_to_rgb(Nv12Image(luma, drawn.chroma[half]))
    return _sample(rgb, at - np.array([part.left, part.top], np.float32))


def _join(
    view: _View, inner: Rect, own: RgbImage, other: RgbImage, visible: NDArray[np.uint8] | None
) -> RgbImage:
    """`other` over `own` around the lips, both over `inner`."""
    beyond = view.beyond_mm
    ring = smoothstep(*_RING_MM[:2], beyond) * (1 - smoothstep(*_RING_MM[2:], beyond))
    share = 1 - smoothstep(*_REFERENCE_MM, beyond)
    near = 1 - smoothstep(*_RING_MM[2:], beyond)
    maps = upsample(view.grid, np.dstack([share, ring, near]).astype(np.float32), inner)
    seen = maps[..., 1]
    if visible is not None:
        part = visible[inner.top : inner.bottom, inner.left : inner.right]
        seen = np.asarray(seen * (part / np.float32(255)), np.float32)
    matched = match(own, other, seen, max(2, round(_LIGHT_MM * view.px_per_mm)))
    over = np.maximum(maps[..., 0], matched.alien * maps[..., 2])[..., None]
    mixed = own + (matched.colour - own) * over
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _sample(image: RgbImage, at: Field) -> RgbImage:
    x, y = cv2.split(at)
    return np.asarray(
        cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _around(view: _View, nodes: NDArray[np.bool_], rect: Rect) -> Rect | None:
    """The part of `rect` around the true nodes; None where that is empty."""
    rows, columns = np.flatnonzero(nodes.any(1)), np.flatnonzero(nodes.any(0))
    if not len(rows):
        return None
    grid = view.grid
    left = max(grid.left + columns[0] * grid.step, rect.left)
    top = max(grid.top + rows[0] * grid.step, rect.top)
    right, bottom = grid.left + columns[-1] * grid.step, grid.top + rows[-1] * grid.step
    found = even_rect(left, top, right, bottom, rect.right, rect.bottom)
    return found if min(found.width, found.height) >= _LEAST_PX else None


def _put(frame: FootageFrame, rect: Rect, patch: RgbImage) -> RgbImage:
    """The frame with the patch in it, behind whatever covers the face."""
    part = np.s_[rect.top : rect.bottom, rect.left : rect.right]
    pixels = frame.pixels.copy()
    if frame.visible is None:
        pixels[part] = patch
        return pixels
    share = frame.visible[part][..., None].astype(np.float32) / 255
    before = pixels[part].astype(np.float32)
    pixels[part] = before + (patch - before) * share + 0.5
    return pixels
