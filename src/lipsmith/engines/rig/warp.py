"""Maps from frame pixels to source pixels, made on coarse grids, and the pixels they fetch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image
from lipsmith.engines.rig.layers import FaceGrid, Patch, Rect
from lipsmith.engines.rig.source import OVERSAMPLING, Source, double
from lipsmith.media.colour import rgb_to_nv12

Field = NDArray[np.float32]
"""(rows, columns, 2) float32: a vector on every node of a grid."""

_T = TypeVar("_T", np.uint8, np.float32)
_NO_MAP = cast("NDArray[np.float32]", None)  # one map holds both coordinates; cv2's stubs want two
_STRIP_PIXELS = 200_000  # a strip's map stays in the processor's cache
_BORDER_SLACK = 0.6
_SHORT = 6  # iterations


@dataclass(frozen=True, slots=True)
class Canvas:
    """A worker's copy of the part of the source that moves, which takes patches.

    fine: (2h, 2w) uint8 luma at twice the resolution of `rect`. cb, cr: (h/2, w/2) uint8.
    """

    rect: Rect
    fine: NDArray[np.uint8]
    cb: NDArray[np.uint8]
    cr: NDArray[np.uint8]

    @staticmethod
    def of(source: Source) -> Canvas:
        return Canvas(source.rect, source.fine.copy(), source.cb.copy(), source.cr.copy())

    def paste(self, patch: Patch) -> None:
        """Put pixels over the source."""
        image = rgb_to_nv12(patch.pixels)
        fine, half = self._blocks(patch.rect)
        self.fine[fine] = double(image.luma)
        self.cb[half] = image.chroma[..., 0]
        self.cr[half] = image.chroma[..., 1]

    def restore(self, source: Source, rect: Rect) -> None:
        """Undo a `paste` into `rect`."""
        fine, half = self._blocks(rect)
        self.fine[fine] = source.fine[fine]
        self.cb[half] = source.cb[half]
        self.cr[half] = source.cr[half]

    def luma_at(self, at: Field) -> NDArray[np.uint8]:
        """Luma at picture points (rows, columns, 2) px."""
        origin = np.array([self.rect.left, self.rect.top], np.float32)
        return fetch(self.fine, (at - origin) * np.float32(OVERSAMPLING))

    def chroma_at(self, at: Field) -> NDArray[np.uint8]:
        """(rows, columns, 2) Cb and Cr at picture points (rows, columns, 2) px."""
        half = self._halved(at)
        return np.asarray(cv2.merge([fetch(self.cb, half), fetch(self.cr, half)]), np.uint8)

    def _halved(self, at: Field) -> Field:
        # a chroma sample sits in the middle of its four pixels
        origin = np.array([self.rect.left + 0.5, self.rect.top + 0.5], np.float32)
        return np.asarray((at - origin) * np.float32(0.5), np.float32)

    def _blocks(self, rect: Rect) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        x, y = rect.left - self.rect.left, rect.top - self.rect.top
        return (
            np.s_[2 * y : 2 * (y + rect.height), 2 * x : 2 * (x + rect.width)],
            np.s_[y // 2 : (y + rect.height) // 2, x // 2 : (x + rect.width) // 2],
        )

    def render(self, grid: FaceGrid, source: Field, areas: list[Rect], frame: Nv12Image) -> None:
        """Fill `areas` of `frame`; source: where the nodes of `grid` come from, picture px."""
        origin = np.array([self.rect.left, self.rect.top], np.float32)
        fine = (source - origin) * np.float32(OVERSAMPLING)
        half = self._halved(source)
        for area in areas:
            rows = max(64, _STRIP_PIXELS // area.width // 2 * 2)
            for top in range(area.top, area.bottom, rows):
                height = min(rows, area.bottom - top)
                self._render_strip(
                    grid, fine, half, Rect(area.left, top, area.width, height), frame
                )

    def _render_strip(
        self, grid: FaceGrid, fine: Field, half: Field, strip: Rect, frame: Nv12Image
    ) -> None:
        luma = frame.luma[strip.top : strip.bottom, strip.left : strip.right]
        _fetch_into(luma, self.fine, upsample(grid, fine, strip))
        at = upsample_half(grid, half, strip)
        chroma = frame.chroma[
            strip.top // 2 : strip.bottom // 2, strip.left // 2 : strip.right // 2
        ]
        cv2.merge([fetch(self.cb, at), fetch(self.cr, at)], dst=chroma)


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


def upsample(grid: FaceGrid, nodes: NDArray[np.float32], area: Rect) -> NDArray[np.float32]:
    """Interpolate node values (rows, columns, ...) to the pixels of `area`, inside the grid."""
    step = int(grid.step)
    block, x, y = _block(grid, area)
    part = nodes[block]
    full = cv2.resize(part, (part.shape[1] * step, part.shape[0] * step))
    return np.asarray(full[y : y + area.height, x : x + area.width], np.float32)


def upsample_half(grid: FaceGrid, nodes: NDArray[np.float32], area: Rect) -> NDArray[np.float32]:
    """The same at the chroma samples of `area`."""
    half = int(grid.step) // 2
    block, x, y = _block(grid, area)
    part = nodes[block]
    full = cv2.resize(part, (part.shape[1] * half, part.shape[0] * half))
    x, y = x // 2, y // 2
    return np.asarray(full[y : y + area.height // 2, x : x + area.width // 2], np.float32)


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


def invert(field: Field, steps: int) -> Field:
    """v with v(x) = field(x - v(x)), in grid steps, by fixed-point iteration.

    Long iterations are begun on every second node.
    """
    value = field
    if steps > _SHORT:
        half = np.ascontiguousarray(field[::2, ::2]) * np.float32(0.5)
        begun = invert(half, steps - _SHORT) * np.float32(2.0)
        value = fetch(begun, node_identity(*field.shape[:2]) * np.float32(0.5))
        steps = _SHORT
    identity = node_identity(*field.shape[:2])
    for _ in range(steps):
        value = fetch(field, identity - value)
    return value


def fetch(image: NDArray[_T], at: Field) -> NDArray[_T]:
    """Bilinear values of `image` at its own pixel coordinates, the border held."""
    values = cv2.remap(image, at, _NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values, image.dtype)


def _fetch_into(target: NDArray[np.uint8], image: NDArray[np.uint8], at: Field) -> None:
    cv2.remap(image, at, _NO_MAP, cv2.INTER_LINEAR, dst=target, borderMode=cv2.BORDER_REPLICATE)


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


def resample(grid: FaceGrid, source: Field, to: FaceGrid) -> Field:
    """A map on the nodes of `grid`, picture px, interpolated to the nodes of another grid.

    What is interpolated is the displacement: cv2.remap rounds positions to 1/32 of a step, which
    would show in the coordinates themselves.
    """
    shift = fetch(source - nodes_of(grid), nodes_of(to, grid))
    return np.asarray(nodes_of(to) + shift, np.float32)


def to_picture(grid: FaceGrid, at: Field) -> Field:
    """Grid steps -> picture px."""
    origin = np.array([grid.left, grid.top], np.float32)
    return np.asarray(at * np.float32(grid.step) + origin, np.float32)


def to_grid(grid: FaceGrid, at: Field) -> Field:
    """Picture px -> grid steps."""
    scale = np.float32(1.0 / grid.step)
    origin = np.array([grid.left, grid.top], np.float32) * scale
    return np.asarray(at * scale - origin, np.float32)


def keep_inside(nodes: Field, source: Field, width: int, height: int) -> Field:
    """Bend a map so that it never fetches from outside a width x height picture.

    nodes, source: picture px. A pull across the border is spread over the pixels along it, and
    what is pushed out of the picture is left alone.
    """
    far = np.array([width - 1, height - 1], np.float32)
    back = nodes - source
    room = np.where(back > 0, nodes, far - nodes)
    room = np.maximum(room * np.float32(_BORDER_SLACK), np.float32(1e-3))
    return np.asarray(nodes - room * np.tanh(back / room), np.float32)
