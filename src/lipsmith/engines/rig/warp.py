"""Maps from frame pixels to source pixels, made on coarse grids, and the pixels they fetch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image
from lipsmith.engines.rig.layers import FaceGrid, Rect
from lipsmith.engines.rig.source import CHROMA_OVERSAMPLING, OVERSAMPLING, FinePatch, Source

Field = NDArray[np.float32]
"""(rows, columns, 2) float32: a vector on every node of a grid."""

_T = TypeVar("_T", np.uint8, np.float32)
_NO_MAP = cast("NDArray[np.float32]", None)  # one map holds both coordinates; cv2's stubs want two
_STRIP_PIXELS = 200_000  # a strip's map stays in the processor's cache
_BORDER_SLACK = 0.6
_SHORT = 3  # iterations


@dataclass(frozen=True, slots=True)
class Layer:
    """A map that fills `rect`: a node of `grid` shows what is at its own place - back, px."""

    rect: Rect
    grid: FaceGrid
    back: Field


class Canvas:
    """A worker's copy of the part of the source that moves, which takes patches."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._fine, self._chroma = source.fine.copy(), source.chroma.copy()
        self._shown: Sequence[FinePatch] = ()

    @staticmethod
    def of(source: Source) -> Canvas:
        return Canvas(source)

    def show(self, patches: Sequence[FinePatch]) -> None:
        """Put patches, which do not overlap, over the source, in place of those shown before."""
        if patches is self._shown:
            return
        for patch in self._shown:
            fine, chroma = self._blocks(patch.rect)
            self._fine[fine] = self._source.fine[fine]
            self._chroma[chroma] = self._source.chroma[chroma]
        for patch in patches:
            fine, chroma = self._blocks(patch.rect)
            self._fine[fine] = patch.fine
            self._chroma[chroma] = patch.chroma
        self._shown = patches

    def sample(
        self, grid: FaceGrid, source: Field, area: Rect
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Luma (h, w) and chroma (h/2, w/2, 2) of `area`, whose nodes show `source`, px."""
        luma = np.empty((area.height, area.width), np.uint8)
        chroma = np.empty((area.height // 2, area.width // 2), np.uint16)
        fine, pairs = self._luma_px(source), self._chroma_px(source)
        self._fetch(upsample(grid, fine, area), upsample(grid, pairs, area, 2), luma, chroma)
        return luma, chroma[..., None].view(np.uint8)

    def render(self, layers: list[Layer], areas: list[Rect], frame: Nv12Image) -> None:
        """Fill `areas` of `frame` by the first layer, and on top of it the later ones' rectangles.

        Those rectangles lie inside the areas, or outside all of them.
        """
        pairs = frame.chroma.view(np.uint16)[..., 0]
        sources = [nodes_of(layer.grid) - layer.back for layer in layers]
        fine = [self._luma_px(source) for source in sources]
        half = [self._chroma_px(source) for source in sources]
        for area in areas:
            rows = max(64, _STRIP_PIXELS // area.width // 2 * 2)
            for top in range(area.top, area.bottom, rows):
                strip = Rect(area.left, top, area.width, min(rows, area.bottom - top))
                self._fetch(
                    _stacked(layers, fine, strip, 1),
                    _stacked(layers, half, strip, 2),
                    frame.luma[strip.top : strip.bottom, strip.left : strip.right],
                    pairs[strip.top // 2 : strip.bottom // 2, strip.left // 2 : strip.right // 2],
                )

    def _fetch(
        self, at: Field, chroma_at: Field, luma: NDArray[np.uint8], chroma: NDArray[np.uint16]
    ) -> None:
        cv2.remap(
            self._fine, at, _NO_MAP, cv2.INTER_LINEAR, dst=luma, borderMode=cv2.BORDER_REPLICATE
        )
        cv2.remap(
            self._chroma, chroma_at, _NO_MAP, cv2.INTER_NEAREST, dst=chroma,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip

    def _luma_px(self, at: Field) -> Field:
        scale, rect = OVERSAMPLING, self._source.rect
        return _scaled(at, scale, -scale * rect.left, -scale * rect.top)

    def _chroma_px(self, at: Field) -> Field:
        # a chroma sample sits in the middle of its four pixels
        scale, rect = 0.5 * CHROMA_OVERSAMPLING, self._source.rect
        middle = (CHROMA_OVERSAMPLING - 1) / 2 - 0.5 * scale
        return _scaled(at, scale, middle - scale * rect.left, middle - scale * rect.top)

    def _blocks(self, rect: Rect) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        left, top = rect.left - self._source.rect.left, rect.top - self._source.rect.top
        luma, chroma = (
            np.s_[
                top * scale // 2 : (top + rect.height) * scale // 2,
                left * scale // 2 : (left + rect.width) * scale // 2,
            ]
            for scale in (2 * OVERSAMPLING, CHROMA_OVERSAMPLING)
        )
        return luma, chroma


def _stacked(layers: list[Layer], nodes: list[Field], strip: Rect, per_sample: int) -> Field:
    """The layers' maps in a strip, one over the other, a sample for `per_sample` px each way."""
    stacked = upsample(layers[0].grid, nodes[0], strip, per_sample)
    for layer, values in zip(layers[1:], nodes[1:], strict=True):
        rect = layer.rect
        top, bottom = max(rect.top, strip.top), min(rect.bottom, strip.bottom)
        if top >= bottom:
            continue
        part = Rect(rect.left, top, rect.width, bottom - top)
        x, y = (rect.left - strip.left) // per_sample, (top - strip.top) // per_sample
        fine = upsample(layer.grid, values, part, per_sample)
        stacked[y : y + fine.shape[0], x : x + fine.shape[1]] = fine
    return stacked


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


def keep_inside(nodes: Field, back: Field, width: int, height: int) -> Field:
    """Bend a map so that it never fetches from outside a width x height picture.

    nodes: picture px. back: what is subtracted from them. A pull across the border is spread over
    the pixels along it, and what is pushed out of the picture is left alone.
    """
    far = np.array([width - 1, height - 1], np.float32)
    room = np.where(back > 0, nodes, far - nodes)
    room = np.maximum(room * np.float32(_BORDER_SLACK), np.float32(1e-3))
    return np.asarray(room * np.tanh(back / room), np.float32)
