"""Maps from frame pixels to source pixels, made on coarse grids, and the pixels they fetch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image
from lipsmith.engines.rig.layers import FaceGrid, Rect
from lipsmith.engines.rig.source import CHROMA_OVERSAMPLING, OVERSAMPLING, Source, Texture

Field = NDArray[np.float32]
"""(rows, columns, 2) float32: a vector on every node of a grid."""

_T = TypeVar("_T", np.uint8, np.float32)
_NO_MAP = cast("NDArray[np.float32]", None)  # one map holds both coordinates; cv2's stubs want two
_PATCH_MARGIN_PX = 24
_STRIP_PIXELS = 200_000  # a strip's map stays in the processor's cache
_BORDER_SLACK = 0.6
_NEAR_BORDER = 0.08
"""Displacements smaller than this share of the way to the border are safe as they are."""
_SHORT = 3  # iterations


@dataclass(frozen=True, slots=True)
class Layer:
    """A map that fills `rect`: a node of `grid` shows what is at its own place - back, px."""

    rect: Rect
    grid: FaceGrid
    back: Field


class Canvas:
    """What the frames of one worker take their pixels from: a source, with patches over it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._patches: Sequence[Texture] = ()
        self._framed: list[Texture] = []

    @staticmethod
    def of(source: Source) -> Canvas:
        return Canvas(source)

    def show(self, patches: Sequence[Texture]) -> None:
        """Put patches, which do not overlap, over the source, in place of those shown before."""
        if patches is not self._patches:
            whole = self._source.texture
            self._framed = [whole.framed(patch, _PATCH_MARGIN_PX) for patch in patches]
            self._patches = patches

    def render(self, layer: Layer, areas: Sequence[Rect], frame: Nv12Image) -> None:
        """Fill `areas` of `frame`, two by two pixels with the same displacement; no patches."""
        texture = self._source.texture
        nodes = nodes_of(layer.grid) - layer.back
        luma_px, chroma_px = _block_px(nodes, texture.rect), _chroma_px(nodes, texture.rect)
        luma_rows, pairs = frame.luma.view(np.uint16), frame.chroma.view(np.uint16)[..., 0]
        for area in areas:
            rows = max(64, _STRIP_PIXELS // area.width // 2 * 2)
            for top in range(area.top, area.bottom, rows):
                strip = Rect(area.left, top, area.width, min(rows, area.bottom - top))
                at = upsample(layer.grid, luma_px, strip, 2)
                blocks = _linear(self._source.blocks, at).view(np.uint16)
                columns = slice(strip.left // 2, strip.right // 2)
                halves = [
                    luma_rows[first : strip.bottom : 2, columns]
                    for first in (strip.top, strip.top + 1)
                ]
                cv2.split(blocks, halves)
                at = upsample(layer.grid, chroma_px, strip, 2)
                _nearest(texture.chroma, at, pairs[strip.top // 2 : strip.bottom // 2, columns])

    def render_finely(self, layer: Layer, frame: Nv12Image) -> None:
        """Fill the layer's rectangle, every pixel with a displacement of its own; no patches."""
        _render(self._source.texture, layer, layer.rect, frame)

    def render_patches(self, layer: Layer, frame: Nv12Image) -> None:
        """Draw what the layer's rectangle shows of the patches."""
        for patch, framed in zip(self._patches, self._framed, strict=True):
            block, _, _ = _block(layer.grid, framed.rect)
            (left, right), (top, bottom) = (
                (math.floor(axis.min()) // 2 * 2 - 2, math.ceil(axis.max()) // 2 * 2 + 2)
                for axis in cv2.split(layer.back[block])
            )
            rect, within = patch.rect, layer.rect
            left, top = max(within.left, rect.left + left), max(within.top, rect.top + top)
            right = min(within.right, rect.right + right)
            bottom = min(within.bottom, rect.bottom + bottom)
            if right > left and bottom > top:
                area = Rect(left, top, right - left, bottom - top)
                _render_within(framed, layer, area, frame)

    def sample(self, grid: FaceGrid, source: Field, area: Rect) -> Nv12Image:
        """The pixels of `area`; the nodes of `grid` show what is at `source`, px; no patches."""
        chroma = np.empty((area.height // 2, area.width // 2), np.uint16)
        texture = self._source.texture
        luma = _linear(texture.fine, upsample(grid, _luma_px(source, texture.rect), area))
        at = upsample(grid, _chroma_px(source, texture.rect), area, 2)
        _nearest(texture.chroma, at, chroma)
        return Nv12Image(luma, chroma[..., None].view(np.uint8))


def _render(texture: Texture, layer: Layer, area: Rect, frame: Nv12Image) -> None:
    nodes = nodes_of(layer.grid) - layer.back
    luma = frame.luma[area.top : area.bottom, area.left : area.right]
    _linear(texture.fine, upsample(layer.grid, _luma_px(nodes, texture.rect), area), luma)
    pairs = frame.chroma.view(np.uint16)[..., 0]
    half = pairs[area.top // 2 : area.bottom // 2, area.left // 2 : area.right // 2]
    at = upsample(layer.grid, _chroma_px(nodes, texture.rect), area, 2)
    _nearest(texture.chroma, at, half)


def _render_within(texture: Texture, layer: Layer, area: Rect, frame: Nv12Image) -> None:
    """As `_render`, where the layer asks for places inside the texture; nothing elsewhere."""
    nodes = nodes_of(layer.grid) - layer.back
    luma = frame.luma[area.top : area.bottom, area.left : area.right]
    at = upsample(layer.grid, _luma_px(nodes, texture.rect), area)
    cv2.copyTo(_linear(texture.fine, at), _within(at, texture.fine), luma)
    pairs = frame.chroma.view(np.uint16)[..., 0]
    half = pairs[area.top // 2 : area.bottom // 2, area.left // 2 : area.right // 2]
    at = upsample(layer.grid, _chroma_px(nodes, texture.rect), area, 2)
    chroma = np.empty_like(half)
    _nearest(texture.chroma, at, chroma)
    cv2.copyTo(chroma, _within(at, texture.chroma), half)


def _within(at: Field, image: NDArray[Any]) -> NDArray[np.uint8]:
    """255 where `at` is a place of the image."""
    rows, columns = image.shape[:2]
    return np.asarray(cv2.inRange(at, (0, 0), (columns - 1, rows - 1)), np.uint8)


def _linear(
    image: NDArray[np.uint8], at: Field, into: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    return cast(
        "NDArray[np.uint8]",
        cv2.remap(image, at, _NO_MAP, cv2.INTER_LINEAR, dst=into, borderMode=cv2.BORDER_REPLICATE),
    )


def _nearest(image: NDArray[np.uint16], at: Field, into: NDArray[np.uint16]) -> None:
    cv2.remap(image, at, _NO_MAP, cv2.INTER_NEAREST, dst=into, borderMode=cv2.BORDER_REPLICATE)


def _luma_px(at: Field, rect: Rect) -> Field:
    """Picture px -> px of the fine luma of a texture of `rect`."""
    return _scaled(at, OVERSAMPLING, -OVERSAMPLING * rect.left, -OVERSAMPLING * rect.top)


def _block_px(at: Field, rect: Rect) -> Field:
    """Middles of 2 x 2 pixels, picture px -> px of the blocks."""
    middle = 0.5 * OVERSAMPLING
    x, y = (-OVERSAMPLING * origin - middle for origin in (rect.left, rect.top))
    return _scaled(at, OVERSAMPLING, x, y)


def _chroma_px(at: Field, rect: Rect) -> Field:
    """Picture px -> px of the chroma of a texture of `rect`."""
    # a chroma sample sits in the middle of its four pixels
    scale = 0.5 * CHROMA_OVERSAMPLING
    middle = 0.5 * (CHROMA_OVERSAMPLING - 1) - 0.5 * scale
    return _scaled(at, scale, middle - scale * rect.left, middle - scale * rect.top)


def cover(rect: Rect, step: int) -> FaceGrid:
    """A grid whose nodes are cell centres over `rect`, with one more cell on every side.

    Cell centres are what `cv2.resize` interpolates between. step: even, in px.
    """
    return FaceGrid(
        left=rect.left - 0.5 * step - 0.5,
        top=rect.top - 0.5 * step - 0.5,
        step=float(step),
        columns=-(-rect.width // step) + 2,
        rows=-(-rect.height // step) + 2,
    )


def crop_grid(grid: FaceGrid, area: Rect) -> tuple[FaceGrid, tuple[slice, slice]]:
    """The part of a grid that interpolating to `area` needs, and its nodes."""
    block, _, _ = _block(grid, area)
    rows, columns = block
    part = FaceGrid(
        left=grid.left + columns.start * grid.step,
        top=grid.top + rows.start * grid.step,
        step=grid.step,
        columns=columns.stop - columns.start,
        rows=rows.stop - rows.start,
    )
    return part, block


def upsample(
    grid: FaceGrid, nodes: NDArray[np.float32], area: Rect, per_sample: int = 1
) -> NDArray[np.float32]:
    """Interpolate node values (rows, columns, ...) to the pixels of `area`, inside the grid.

    per_sample: 1; 2 interpolates to the middles of every four pixels.
    """
    step = int(grid.step) // per_sample
    block, x, y = _block(grid, area)
    part = nodes[block]
    full = cv2.resize(part, (part.shape[1] * step, part.shape[0] * step))
    left, top = x // per_sample, y // per_sample
    right, bottom = left + area.width // per_sample, top + area.height // per_sample
    return cast("NDArray[np.float32]", full[top:bottom, left:right])


@lru_cache(maxsize=512)
def _block(grid: FaceGrid, area: Rect) -> tuple[tuple[slice, slice], int, int]:
    """The nodes around `area`, and where `area` begins in their pixels."""
    step = int(grid.step)
    first_x, first_y = round(grid.left + 0.5 - 0.5 * step), round(grid.top + 0.5 - 0.5 * step)
    left = max(0, (area.left - first_x) // step - 1)
    top = max(0, (area.top - first_y) // step - 1)
    right = min(grid.columns, (area.right - 1 - first_x) // step + 2)
    bottom = min(grid.rows, (area.bottom - 1 - first_y) // step + 2)
    x, y = area.left - first_x - left * step, area.top - first_y - top * step
    return (slice(top, bottom), slice(left, right)), x, y


def combine(values: NDArray[np.float32], columns: NDArray[np.float32]) -> Field:
    """Sum of the columns (k, rows, columns, 2), each times its value."""
    total = np.zeros(columns.shape[1:], np.float32)
    for value, column in zip(values, columns, strict=True):
        if value:
            cv2.scaleAdd(column, float(value), total, dst=total)
    return total


def invert(field: Field, steps: int, rows: slice | None = None) -> Field:
    """v with v(x) = field(x - v(x)), in grid steps, by fixed-point iteration.

    Long iterations are begun on every second node. rows: invert these alone; the others keep the
    field as it is.
    """
    first, end, _ = (rows or slice(None)).indices(field.shape[0])
    identity = node_identity(*field.shape[:2])[first:end]
    value = field[first:end]
    if steps > _SHORT:
        half = np.ascontiguousarray(field[::2, ::2]) * np.float32(0.5)
        begun = invert(half, steps - _SHORT, slice(first // 2, end // 2 + 1)) * np.float32(2.0)
        value = fetch(begun, identity * np.float32(0.5))
        steps = _SHORT
    for _ in range(steps):
        value = fetch(field, identity - value)
    if end - first == field.shape[0]:
        return value
    whole = field.copy()
    whole[first:end] = value
    return whole


def fetch(image: NDArray[_T], at: Field) -> NDArray[_T]:
    """Bilinear values of `image` at its own pixel coordinates, the border held."""
    values = cv2.remap(image, at, _NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values, image.dtype)


@lru_cache(maxsize=32)
def node_identity(rows: int, columns: int) -> Field:
    """Each node's own column and row; shared, so not to be written to."""
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    identity = np.dstack([x, y])
    identity.setflags(write=False)
    return identity


@lru_cache(maxsize=64)
def nodes_of(grid: FaceGrid, steps_of: FaceGrid | None = None) -> Field:
    """The nodes of a grid in picture px, or in the steps of another one; not to be written to."""
    nodes = to_picture(grid, node_identity(grid.rows, grid.columns))
    if steps_of is not None:
        nodes = to_grid(steps_of, nodes)
    nodes.setflags(write=False)
    return nodes


def resample(grid: FaceGrid, back: Field, to: FaceGrid) -> Field:
    """Displacements on the nodes of `grid` interpolated to the nodes of another grid."""
    return back if grid == to else fetch(back, nodes_of(to, grid))


def to_picture(grid: FaceGrid, at: Field) -> Field:
    """Grid steps -> picture px."""
    return _scaled(at, grid.step, grid.left, grid.top)


def to_grid(grid: FaceGrid, at: Field) -> Field:
    """Picture px -> grid steps."""
    return _scaled(at, 1.0 / grid.step, -grid.left / grid.step, -grid.top / grid.step)


def _scaled(at: Field, scale: float, x: float, y: float) -> Field:
    """at * scale + (x, y)."""
    return cast(Field, cv2.scaleAdd(at, scale, _everywhere(at.shape[0], at.shape[1], x, y)))


@lru_cache(maxsize=64)
def _everywhere(rows: int, columns: int, x: float, y: float) -> Field:
    values = np.empty((rows, columns, 2), np.float32)
    values[...] = x, y
    values.setflags(write=False)
    return values


def keep_inside(grid: FaceGrid, back: Field, width: int, height: int) -> Field:
    """Bend a map so that it never fetches from outside a width x height picture.

    back: what is subtracted from the nodes, px. A pull across the border is spread over the pixels
    along it, and what is pushed out of the picture is left alone.
    """
    reach = cv2.norm(back, cv2.NORM_INF) / _NEAR_BORDER
    nodes = nodes_of(grid)
    result = back
    for axis, places, far in ((0, nodes[0, :, 0], width - 1), (1, nodes[:, 0, 1], height - 1)):
        if places[0] > reach and places[-1] < far - reach:
            continue
        if result is back:
            result = back.copy()
        first, end = (int(at) for at in np.searchsorted(places, (reach, far - reach)))
        for near in (slice(0, first), slice(max(first, end), len(places))):
            pull = result[:, near, 0] if axis == 0 else result[near, :, 1]
            at = places[near] if axis == 0 else places[near, None]
            room = np.where(pull > 0, at, np.float32(far) - at)
            room *= np.float32(_BORDER_SLACK)
            np.maximum(room, np.float32(1e-3), out=room)
            pull /= room
            np.tanh(pull, out=pull)
            pull *= room
    return result
