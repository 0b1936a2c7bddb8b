"""The lips and what is between them, as layers in a band around the lip line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image
from lipsmith.core.motion import MouthPose
from lipsmith.engines.rig.controls import Control
from lipsmith.engines.rig.field import MouthField
from lipsmith.engines.rig.head import Motion
from lipsmith.engines.rig.layers import Lips, Rect
from lipsmith.engines.rig.lips import LipAxis
from lipsmith.engines.rig.prepare import Rig
from lipsmith.engines.rig.warp import (
    Canvas,
    Field,
    combine,
    crop_grid,
    fetch,
    invert,
    to_picture,
    upsample,
)
from lipsmith.media.colour import rgb_to_nv12

_SEAM_OVERLAP_PX = 0.6  # else the seam of closed lips darkens
_APART_PX = 1.2
_BAND_MM = 2.5
_VISIBLE = 0.02
_UPPER_STEPS, _LOWER_STEPS = 8, 12  # of inversion; the lower lip moves farther
_PARTS = np.isin(
    np.arange(len(Control)),
    [Control.UPPER_RAISE, Control.LOWER_DROP, Control.ROUND_RAISE, Control.ROUND_DROP],
)
_SEALED_SHARE = 0.07  # of a lip's length, at each corner


@dataclass(frozen=True, slots=True)
class MouthWarp:
    """The mouth's displacement back to the source, the head being at rest.

    whole, upper, lower: in grid steps on the mouth's grid; `whole` follows the upper lip above its
    edge and the lower lip elsewhere. edges: where the lips' inner edges go.
    """

    whole: Field
    upper: Field
    lower: Field
    edges: Lips


def warp_mouth(rig: Rig, controls: NDArray[np.float32]) -> MouthWarp:
    """Invert the sum of the controls' fields."""
    field = rig.mouth
    upper_field, lower_field = combine(controls, field.upper), combine(controls, field.lower)
    upper = invert(upper_field, _UPPER_STEPS)
    lower = invert(lower_field, _LOWER_STEPS)
    edges = _move_edges(rig.lips, field, controls)
    axis = LipAxis.of(edges)
    u, v = axis.coordinates(*field.grid.coordinates())
    above = axis.height_above(edges.upper, u, v) > 0
    return MouthWarp(np.where(above[..., None], upper, lower), upper, lower, edges)


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
    margin = max(_BAND_MM * rig.head.px_per_mm, 1.5 * grid.step + 2)
    band = _clip(outline.min(0) - margin, outline.max(0) + margin, rect)
    if band.width <= 0 or band.height <= 0:
        return
    part, block = crop_grid(grid, band)
    at = at[block]
    layers = []
    for back in (warp.upper, warp.lower):
        source = upsample(part, to_picture(grid, at - fetch(back, at)), band)
        half = cv2.resize(source, (band.width // 2, band.height // 2), interpolation=cv2.INTER_AREA)
        layers.append((canvas.luma_at(source), canvas.chroma_at(np.asarray(half, np.float32))))
    upper, lower = _alphas(edges[0], edges[1], band)
    opening = (1 - upper) * (1 - lower)
    if opening.max() > _VISIBLE:
        rgb = _interior(rig, pose, rigid, upper, lower, band)
        image = rgb_to_nv12(np.clip(rgb + 0.5, 0, 255).astype(np.uint8))
        layers.append((image.luma, image.chroma))
        shares = [upper, (1 - upper) * lower, opening]
    else:
        shares = [upper, 1 - upper]
    _blend(layers, shares, band, frame)


def _move_edges(lips: Lips, field: MouthField, controls: NDArray[np.float32]) -> Lips:
    """The lips' edges, which meet unless a control parts them, however the field bends them."""
    parting = np.where(_PARTS, controls, np.float32(0))
    upper, lower = (
        edge + np.tensordot(controls - parting, columns, 1)
        for edge, columns in ((lips.upper, field.upper_edge), (lips.lower, field.lower_edge))
    )
    meeting = 0.5 * (upper + lower)
    return _sealed(
        meeting + np.tensordot(parting, field.upper_edge, 1),
        meeting + np.tensordot(parting, field.lower_edge, 1),
        lips.line_y_mm,
    )


def _sealed(upper: NDArray[np.float64], lower: NDArray[np.float64], line_y_mm: float) -> Lips:
    """Edges (n, 2) that meet at the corners."""
    n = len(upper)
    to_end = np.minimum(np.arange(n), np.arange(n)[::-1])
    share = 0.5 * np.clip(1.0 - to_end / (_SEALED_SHARE * n), 0.0, 1.0)[:, None] ** 2
    gap = lower - upper
    return Lips(upper + share * gap, lower - share * gap, True, line_y_mm)


def _alphas(
    upper_edge: NDArray[np.float64], lower_edge: NDArray[np.float64], band: Rect
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far each pixel of `band` belongs to the upper and to the lower lip, by their edges."""
    axis = LipAxis.of(Lips(upper_edge, lower_edge, True, 0.0))
    x = np.arange(band.left, band.right, dtype=np.float64)[None]
    y = np.arange(band.top, band.bottom, dtype=np.float64)[:, None]
    u, v = (c.astype(np.float32) for c in axis.coordinates(x, y))
    # the edges are curves over u; a table of them is read much faster than np.interp
    steps = 2 * math.ceil(axis.length) + 1
    table_u = np.linspace(0.0, axis.length, steps)
    origin = np.zeros(steps)
    at = cv2.merge([u * np.float32((steps - 1) / axis.length), np.zeros_like(u)])
    lines = [
        axis.height_above(edge, table_u, origin).astype(np.float32)
        for edge in (upper_edge, lower_edge)
    ]
    # v at u = 0 .. length; what touches overlaps, what is apart does not
    gap = lines[1] - lines[0]
    overlap = np.float32(_SEAM_OVERLAP_PX) * np.clip(1 - gap / np.float32(_APART_PX), 0, 1)
    alphas = []
    for line, sign in zip(lines, (np.float32(1.0), np.float32(-1.0)), strict=True):
        table = (sign * line + overlap)[None] + np.float32(0.5)
        height = fetch(table, np.asarray(at, np.float32)) - sign * v
        alphas.append(np.clip(height, 0, 1))
    return alphas[0], alphas[1]


def _blend(
    layers: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]],
    shares: list[NDArray[np.float32]],
    band: Rect,
    frame: Nv12Image,
) -> None:
    luma = np.full((band.height, band.width), 0.5, np.float32)
    chroma = np.full((band.height // 2, band.width // 2, 2), 0.5, np.float32)
    half_size = (band.width // 2, band.height // 2)
    for (layer_luma, layer_chroma), share in zip(layers, shares, strict=True):
        luma += layer_luma * share
        half = cv2.resize(share, half_size, interpolation=cv2.INTER_AREA)
        chroma += layer_chroma * half[..., None]
    frame.luma[band.top : band.bottom, band.left : band.right] = luma
    frame.chroma[band.top // 2 : band.bottom // 2, band.left // 2 : band.right // 2] = chroma


def _interior(
    rig: Rig,
    pose: MouthPose,
    rigid: NDArray[np.float64],
    upper: NDArray[np.float32],
    lower: NDArray[np.float32],
    band: Rect,
) -> NDArray[np.float32]:
    rect = rig.mouth.rect
    top, left = band.top - rect.top, band.left - rect.left
    bottom, right = top + band.height, left + band.width
    around = (top, rect.height - bottom, left, rect.width - right)
    whole_upper, whole_lower = (
        np.asarray(cv2.copyMakeBorder(alpha, *around, cv2.BORDER_REPLICATE), np.float32)
        for alpha in (upper, lower)
    )
    shift = np.array([rect.left, rect.top], np.float64)
    local = rigid.copy()
    local[:, 2] += rigid[:, :2] @ shift - shift
    return rig.interior.draw(pose, local, whole_upper, whole_lower, (top, bottom, left, right))


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
