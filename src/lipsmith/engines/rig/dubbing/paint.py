"""One frame of a video with another mouth in its face."""

from __future__ import annotations

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
from lipsmith.engines.rig.dubbing.light import light_gain
from lipsmith.engines.rig.dubbing.reference import Reference
from lipsmith.engines.rig.dubbing.sheet import place
from lipsmith.engines.rig.field import even_rect, even_step
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

_STEP_MM, _MAX_NODES = 4.0, 9000
_INVERSION_STEPS = 5
_MOUTH_MM = (4.0, 13.0)  # beyond the lips: the reference alone, the frame's own skin alone
_RING_MM = (2.0, 4.0, 13.0, 16.0)
_LIGHT_MM = 3.0
_SLACK_PX = 4


def paint(
    reference: Reference, frame: FootageFrame, face: Face, mouth: MouthPose, canvas: Canvas
) -> RgbImage:
    """The frame with `mouth` in its face; all but the lower face is the frame's, bit by bit."""
    rig, sheet = reference.rig, reference.sheet
    height, width = frame.pixels.shape[:2]
    placed = place(sheet, face.landmarks)
    nodes = placed.nodes()[sheet.window > 0]
    rect = even_rect(*nodes.min(0), *nodes.max(0), width, height)
    if min(rect.width, rect.height) < 8:
        return frame.pixels
    step_px = _STEP_MM * rig.head.px_per_mm * placed.scale
    grid = cover(rect, even_step(step_px, rect, _MAX_NODES))
    at = placed.to_rest(nodes_of(grid))
    controls = control_values(Pose(mouth), rig.lips.is_open, rig.smile)
    back = invert(combine(controls, rig.face.columns), _INVERSION_STEPS)
    at_face = to_grid(rig.face.grid, at)
    rest = at - fetch(back, at_face) * np.float32(rig.face.grid.step)
    own = _own_skin(frame.pixels, rect, grid, placed.in_footage(rest, at))
    beyond = fetch(sheet.beyond_mm, to_grid(sheet.grid, rest))
    inner = _where(grid, beyond < _RING_MM[3], rect)
    if inner is None:
        return _put(frame, rect, own)
    mask = 1 - smoothstep(*_MOUTH_MM, beyond)
    ring = smoothstep(*_RING_MM[:2], beyond) * (1 - smoothstep(*_RING_MM[2:], beyond))
    drawn = draw(rig, Pose(mouth), BodyPose(), canvas)
    other = _mouth_skin(drawn, upsample(grid, at, inner))
    share = upsample(grid, mask.astype(np.float32), inner)
    around = upsample(grid, ring.astype(np.float32), inner)
    inside = np.s_[
        inner.top - rect.top : inner.bottom - rect.top,
        inner.left - rect.left : inner.right - rect.left,
    ]
    cell = max(2, round(_LIGHT_MM * rig.head.px_per_mm * placed.scale))
    lit = other * light_gain(own[inside], other, around, cell)
    mixed = own[inside] + (lit - own[inside]) * share[..., None]
    own[inside] = np.clip(mixed + 0.5, 0, 255)
    return _put(frame, rect, own)


def _own_skin(pixels: RgbImage, rect: Rect, grid: FaceGrid, off: Field) -> NDArray[np.uint8]:
    """The frame's own pixels over `rect`, each from `off` px away."""
    shift = upsample(grid, off, rect)
    x = np.arange(rect.left, rect.right, dtype=np.float32)
    y = np.arange(rect.top, rect.bottom, dtype=np.float32)
    shift[..., 0] += x[None]
    shift[..., 1] += y[:, None]
    return _sample(pixels, shift)


def _mouth_skin(drawn: Nv12Image, at: Field) -> NDArray[np.uint8]:
    height, width = drawn.luma.shape
    low, high = at.min((0, 1)) - _SLACK_PX, at.max((0, 1)) + _SLACK_PX
    part = even_rect(float(low[0]), float(low[1]), float(high[0]), float(high[1]), width, height)
    half = np.s_[part.top // 2 : part.bottom // 2, part.left // 2 : part.right // 2]
    luma = drawn.luma[part.top : part.bottom, part.left : part.right]
    rgb = nv12_to_rgb(
        Nv12Image(np.ascontiguousarray(luma), np.ascontiguousarray(drawn.chroma[half]))
    )
    return _sample(rgb, at - np.array([part.left, part.top], np.float32))


def _sample(image: NDArray[np.uint8], at: Field) -> NDArray[np.uint8]:
    x, y = cv2.split(at)
    return np.asarray(
        cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _where(grid: FaceGrid, nodes: NDArray[np.bool_], inside: Rect) -> Rect | None:
    """The rectangle around the true nodes, cut to another one; None where that is empty."""
    rows, columns = np.flatnonzero(nodes.any(1)), np.flatnonzero(nodes.any(0))
    if not len(rows):
        return None
    left, right = (grid.left + columns[i] * grid.step for i in (0, -1))
    top, bottom = (grid.top + rows[i] * grid.step for i in (0, -1))
    left, top = max(left, inside.left), max(top, inside.top)
    rect = even_rect(left, top, right, bottom, inside.right, inside.bottom)
    return rect if rect.width > 1 and rect.height > 1 else None


def _put(frame: FootageFrame, rect: Rect, patch: NDArray[np.uint8]) -> RgbImage:
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
