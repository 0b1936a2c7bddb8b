"""The lips and what is between them, as layers in a band around the lip line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image, RgbImage
from lipsmith.core.motion import MouthPose
from lipsmith.engines.rig.basis import smoothstep
from lipsmith.engines.rig.controls import Control
from lipsmith.engines.rig.field import MouthField
from lipsmith.engines.rig.head import Motion
from lipsmith.engines.rig.layers import FaceGrid, Lips, Rect
from lipsmith.engines.rig.lips import LipAxis
from lipsmith.engines.rig.prepare import Rig
from lipsmith.engines.rig.warp import (
    Canvas,
    Field,
    combine,
    crop_grid,
    fetch,
    invert,
    keep_inside,
    nodes_of,
    to_picture,
)
from lipsmith.media.colour import rgb_to_nv12

_SEAM_OVERLAP = 0.6  # of an edge's breadth; else the seam of closed lips darkens
_APART = 1.2
_BAND_MM = 2.5
_VISIBLE = 0.02
_INVERSION_STEPS = 7
_PARTS = np.isin(
    np.arange(len(Control)),
    [Control.UPPER_RAISE, Control.LOWER_DROP, Control.ROUND_RAISE, Control.ROUND_DROP],
)
_SEALED_SHARE = 0.09  # of a lip's length, at each corner


@dataclass(frozen=True, slots=True)
class MouthWarp:
    """The mouth's displacement back to the source, the head being at rest.

    whole, upper, lower: in grid steps on the mouth's grid; `upper` holds above and around the
    lips' edges, `lower` below and around them. `whole` is `upper` above the upper lip's edge and
    `lower` elsewhere. edges: where the lips' inner edges go.
    """

    whole: Field
    upper: Field
    lower: Field
    edges: Lips


def warp_mouth(rig: Rig, controls: NDArray[np.float32]) -> MouthWarp:
    """Invert the sum of the controls' fields."""
    field, grid = rig.mouth, rig.mouth.grid
    edges = _move_edges(rig.lips, field, controls)
    y = (np.concatenate([edges.upper[:, 1], edges.lower[:, 1]]) - grid.top) / grid.step
    margin = 2 * _margin(rig) / grid.step + 1
    first, end = max(0, int(y.min() - margin)), max(0, math.ceil(y.max() + margin))
    upper = invert(combine(controls, field.upper), _INVERSION_STEPS, slice(None, end))
    lower = invert(combine(controls, field.lower), _INVERSION_STEPS, slice(first, None))
    above = _above_upper(grid, edges)
    whole = np.asarray(cv2.copyTo(upper, above, lower.copy()), np.float32)
    return MouthWarp(whole, upper, lower, edges)


def draw_lips(
    rig: Rig,
    pose: MouthPose,
    motions: NDArray[np.float32],
    warp: MouthWarp,
    at: Field,
    canvas: Canvas,
    frame: Nv12Image,
) -> None:
    """Draw over `frame`; at: where the mouth's nodes lie before the head moves, in grid steps."""
    grid, rect = rig.mouth.grid, rig.mouth.rect
    rigid = _head_motion(rig, motions)
    edges = [edge @ rigid[:, :2].T + rigid[:, 2] for edge in (warp.edges.upper, warp.edges.lower)]
    outline = np.concatenate(edges)
    margin = _margin(rig)
    band = _clip(outline.min(0) - margin, outline.max(0) + margin, rect)
    if band.width <= 0 or band.height <= 0:
        return
    part, block = crop_grid(grid, band)
    at = at[block]
    picture = rig.source.picture
    above, below = (
        canvas.sample(part, _inside(part, to_picture(grid, at - fetch(back, at)), picture), band)
        for back in (warp.upper, warp.lower)
    )
    upper, lower = _alphas(Lips(edges[0], edges[1], True, 0.0), band, rig.interior.edge_px)
    under = 1 - upper
    opening = under * (1 - lower)
    hole = _hole(opening)
    if hole is None:
        _mix(above, below, upper, under)
    else:
        _mix(above, below, upper, under * lower)
        rows, columns = hole
        seen = upper[rows, columns], lower[rows, columns]
        corner = band.left + columns.start, band.top + rows.start
        inside = rgb_to_nv12(_interior(rig, pose, rigid, *seen, corner))
        lips = Nv12Image(above.luma[rows, columns], above.chroma[_half(rows), _half(columns)])
        share = np.ascontiguousarray(opening[rows, columns])
        _mix(lips, inside, 1 - share, share)
    frame.luma[band.top : band.bottom, band.left : band.right] = above.luma
    frame.chroma[band.top // 2 : band.bottom // 2, band.left // 2 : band.right // 2] = above.chroma


def _inside(grid: FaceGrid, at: Field, picture: Nv12Image) -> Field:
    """Places of the picture for the nodes of a grid, kept inside it as those of the skin are."""
    nodes = nodes_of(grid)
    return nodes - keep_inside(grid, nodes - at, picture.width, picture.height)


def _margin(rig: Rig) -> float:
    """How far around the lips' edges layers are drawn, px."""
    return max(_BAND_MM * rig.head.px_per_mm, 1.5 * rig.mouth.grid.step + 2)


def _above_upper(grid: FaceGrid, edges: Lips) -> NDArray[np.uint8]:
    """(rows, columns) uint8: 1 where a node lies above the upper lip's edge."""
    axis = LipAxis.of(edges)
    x = np.arange(grid.columns, dtype=np.float64)[None] * grid.step + grid.left
    y = np.arange(grid.rows, dtype=np.float64)[:, None] * grid.step + grid.top
    u, v = axis.coordinates(x, y)
    last = math.ceil(axis.length)
    line = axis.heights(edges, np.linspace(0.0, axis.length, last + 1))[0]
    at = np.clip(u * (last / max(axis.length, 1e-6)) + 0.5, 0, last)
    return np.asarray(v < line[at.astype(np.intp)], np.uint8)


def _move_edges(lips: Lips, field: MouthField, controls: NDArray[np.float32]) -> Lips:
    """The lips' edges, which meet unless a control parts them, however the field bends them."""
    parting = np.where(_PARTS, controls, np.float32(0))
    columns = field.edges.reshape(len(controls), -1)
    together = ((controls - parting) @ columns).reshape(field.edges.shape[1:])
    apart = (parting @ columns).reshape(together.shape)
    meeting = 0.5 * (lips.upper + together[0] + lips.lower + together[1])
    return _sealed(meeting + apart[0], meeting + apart[1], lips.line_y_mm)


def _sealed(upper: NDArray[np.float64], lower: NDArray[np.float64], line_y_mm: float) -> Lips:
    """Edges (n, 2) that meet at the corners."""
    pull = _corner_shares(len(upper)) * (lower - upper)
    return Lips(upper + pull, lower - pull, True, line_y_mm)


@lru_cache(maxsize=4)
def _corner_shares(n: int) -> NDArray[np.float64]:
    """(n, 1): the share of the gap by which each edge is drawn together."""
    to_end = np.minimum(np.arange(n), np.arange(n)[::-1])
    return np.asarray(0.5 - 0.5 * smoothstep(0.0, _SEALED_SHARE * n, to_end)[:, None])


def _alphas(
    edges: Lips, band: Rect, edge_px: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far each pixel of `band` belongs to the upper and to the lower lip, by their edges.

    edge_px: breadth of the edges' transition.
    """
    axis = LipAxis.of(edges)
    # the edges are curves over u; a table of them is read much faster than np.interp
    last = 2 * math.ceil(axis.length)
    lines = axis.heights(edges, np.linspace(0.0, axis.length, last + 1))
    # v at u = 0 .. length, in breadths; what touches overlaps, what is apart does not
    lines /= np.float32(edge_px)
    gap = lines[1] - lines[0]
    overlap = np.float32(_SEAM_OVERLAP) * np.clip(1 - gap / np.float32(_APART), 0, 1)
    half = overlap + np.float32(0.5)
    table = np.stack([lines[0] + half, half - lines[1]], -1)[None]
    x0, y0 = band.left - axis.corner[0], band.top - axis.corner[1]
    ax, ay = axis.along
    to_table = np.array([[ax, ay, ax * x0 + ay * y0], [0, 0, 0]]) * (last / max(axis.length, 1e-6))
    read = cv2.warpAffine(
        table, to_table, (band.width, band.height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    upper, lower = cv2.split(read)
    x = np.arange(band.width, dtype=np.float32) + np.float32(x0)
    y = np.arange(band.height, dtype=np.float32)[:, None] + np.float32(y0)
    v = np.float32(ax / edge_px) * y - np.float32(ay / edge_px) * x
    return np.clip(upper - v, 0, 1), np.clip(lower + v, 0, 1)


def _hole(opening: NDArray[np.float32]) -> tuple[slice, slice] | None:
    """The rows and columns, from even to even, where one sees between the lips."""
    left, top, width, height = cv2.boundingRect(cv2.inRange(opening, _VISIBLE, 2.0))
    if not width:
        return None
    right, bottom = left + width, top + height
    return (
        slice(top // 2 * 2, -(-bottom // 2) * 2),
        slice(left // 2 * 2, -(-right // 2) * 2),
    )


def _half(pixels: slice) -> slice:
    return slice(pixels.start // 2, pixels.stop // 2)


def _mix(
    image: Nv12Image, other: Nv12Image, share: NDArray[np.float32], rest: NDArray[np.float32]
) -> None:
    """Mix another image into `image`, in proportion of (h, w) `share` and `rest` of the other."""
    half = (share.shape[1] // 2, share.shape[0] // 2)
    image.luma[...] = cv2.blendLinear(image.luma, other.luma, share, rest)
    share, rest = (
        np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32)
        for weight in (share, rest)
    )
    image.chroma[...] = cv2.blendLinear(image.chroma, other.chroma, share, rest)


def _interior(
    rig: Rig,
    pose: MouthPose,
    rigid: NDArray[np.float64],
    upper: NDArray[np.float32],
    lower: NDArray[np.float32],
    corner: tuple[int, int],
) -> RgbImage:
    """What the lips leave open of the part of the frame that begins at `corner`, px."""
    rect = rig.mouth.rect
    shift = np.array([rect.left, rect.top], np.float64)
    local = rigid.copy()
    local[:, 2] += rigid[:, :2] @ shift - shift
    corner = corner[0] - rect.left, corner[1] - rect.top
    return rig.interior.draw(pose, local, upper, lower, corner)


def _head_motion(rig: Rig, motions: NDArray[np.float32]) -> NDArray[np.float64]:
    """(2, 3): the head's rigid motion at the mouth, source px -> frame px."""
    roll = float(motions[Motion.ROLL])
    turn = np.array([[1.0, -roll], [roll, 1.0]])
    origin = rig.head.origin[:2]
    to = origin + (motions[:, None] * rig.motion.at_mouth).sum(0)
    return np.column_stack([turn, to - turn @ origin])


def _clip(low: NDArray[np.float64], high: NDArray[np.float64], inside: Rect) -> Rect:
    """The even rectangle around low..high, cut to `inside`."""
    left, top = (np.floor(low / 2) * 2).astype(int)
    right, bottom = (np.ceil(high / 2) * 2).astype(int)
    left, top = max(inside.left, int(left)), max(inside.top, int(top))
    right, bottom = min(inside.right, int(right)), min(inside.bottom, int(bottom))
    return Rect(left, top, right - left, bottom - top)
