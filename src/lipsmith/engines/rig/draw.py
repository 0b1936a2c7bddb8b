"""One frame from a prepared rig and a pose.

The frame is the picture with one rectangle of it warped: by the head's grid, and within the face
by the face's finer one. Around the lip line, where the face is torn, layers are drawn over it.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image
from lipsmith.core.motion import MouthPose, Pose
from lipsmith.engines.rig.controls import control_values, moves_mouth
from lipsmith.engines.rig.head import BodyPose, motion_values
from lipsmith.engines.rig.layers import FaceGrid, Rect
from lipsmith.engines.rig.mouth import MouthWarp, draw_lips, warp_mouth
from lipsmith.engines.rig.prepare import Rig
from lipsmith.engines.rig.warp import (
    Canvas,
    Field,
    Layer,
    combine,
    fetch,
    invert,
    keep_inside,
    node_identity,
    nodes_of,
    resample,
    upsample,
)

_INVISIBLE_GAIN = 0.004
_INVERSION_STEPS, _HEAD_INVERSION_STEPS = 5, 2


def draw(rig: Rig, pose: Pose, body: BodyPose, canvas: Canvas) -> Nv12Image:
    """Draw a pose. Equal arguments give equal frames, whatever was on the canvas before."""
    picture = rig.source.picture
    frame = Nv12Image(picture.luma.copy(), picture.chroma.copy())
    controls = control_values(pose, rig.lips.is_open, rig.smile)
    motions = motion_values(pose.head, body, rig.motion.roll_share)
    patches = rig.eyes.textures(pose.eyes)
    if not patches and not controls.any() and not motions.any():
        return frame
    canvas.show(patches)
    _draw(rig, pose.mouth, controls, motions, canvas, frame)
    return frame


def _draw(
    rig: Rig,
    pose: MouthPose,
    controls: NDArray[np.float32],
    motions: NDArray[np.float32],
    canvas: Canvas,
    frame: Nv12Image,
) -> None:
    coarse, face, mouth = rig.motion, rig.face, rig.mouth
    head_back = invert(combine(motions, coarse.columns), _HEAD_INVERSION_STEPS)
    face_back = invert(combine(controls, face.columns), _INVERSION_STEPS)
    at = _before_head(rig, head_back, face.grid)
    back = _back(face.grid, at - fetch(face_back, at))
    areas = [face.rect]
    warp = warp_mouth(rig, controls) if moves_mouth(controls) else None
    if warp is not None:
        at = _before_head(rig, head_back, mouth.grid)
        mouth_back = _mouth_back(rig, warp, at, back)
        _copy_into(mouth.grid, mouth_back, mouth.rect, face.grid, back)
        canvas.render_finely(_inside(rig, Layer(mouth.rect, mouth.grid, mouth_back)), frame)
        areas = _around(face.rect, mouth.rect)
    if motions.any():
        around = Layer(coarse.rect, coarse.grid, head_back * np.float32(coarse.grid.step))
        canvas.render(_inside(rig, around), _around(coarse.rect, face.rect), frame)
    layer = _inside(rig, Layer(face.rect, face.grid, back))
    canvas.render(layer, areas, frame)
    canvas.render_patches(layer, frame)
    if warp is not None:
        draw_lips(rig, pose, motions, warp, at, canvas, frame)
        _shade(rig, pose, back, frame)


def _back(grid: FaceGrid, at: Field) -> Field:
    """Grid steps that the nodes ask -> how far off that is, px."""
    return (node_identity(grid.rows, grid.columns) - at) * np.float32(grid.step)


def _before_head(rig: Rig, head_back: Field, grid: FaceGrid) -> Field:
    """Where the nodes of `grid` lie before the head moves, in its steps."""
    coarse = rig.motion.grid
    identity = node_identity(grid.rows, grid.columns)
    back = fetch(head_back, nodes_of(grid, coarse))
    return np.asarray(identity - back * np.float32(coarse.step / grid.step), np.float32)


def _mouth_back(rig: Rig, warp: MouthWarp, at: Field, face_back: Field) -> Field:
    """How far off the mouth's nodes come from, px; nodes that left its grid ask the face's."""
    grid = rig.mouth.grid
    own = _back(grid, at - fetch(warp.whole, at))
    inside = cv2.inRange(at, (0, 0), (grid.columns - 1, grid.rows - 1))
    if cv2.countNonZero(inside) == inside.size:
        return own
    around = resample(rig.face.grid, face_back, grid)
    return np.asarray(cv2.copyTo(own, inside, around), np.float32)


def _copy_into(fine: FaceGrid, values: Field, rect: Rect, coarse: FaceGrid, into: Field) -> None:
    """Overwrite a coarse grid's values by a finer grid's, inside `rect`."""
    left, top = (math.ceil(v) for v in _steps(coarse, rect.left, rect.top))
    right, bottom = (math.floor(v) + 1 for v in _steps(coarse, rect.right - 1, rect.bottom - 1))
    block = np.s_[top:bottom, left:right]
    into[block] = resample(fine, values, coarse)[block]


def _steps(grid: FaceGrid, x: float, y: float) -> tuple[float, float]:
    return (x - grid.left) / grid.step, (y - grid.top) / grid.step


def _inside(rig: Rig, layer: Layer) -> Layer:
    """The layer kept inside the picture."""
    picture = rig.source.picture
    return replace(layer, back=keep_inside(layer.grid, layer.back, picture.width, picture.height))


def _around(outer: Rect, inner: Rect) -> list[Rect]:
    """`outer` without `inner`, as rectangles."""
    rects = [
        Rect(outer.left, outer.top, outer.width, inner.top - outer.top),
        Rect(outer.left, inner.bottom, outer.width, outer.bottom - inner.bottom),
        Rect(outer.left, inner.top, inner.left - outer.left, inner.height),
        Rect(inner.right, inner.top, outer.right - inner.right, inner.height),
    ]
    return [r for r in rects if r.width > 0 and r.height > 0]


def _shade(rig: Rig, pose: MouthPose, face_back: Field, frame: Nv12Image) -> None:
    """Multiply the face's luma by the shading of its folds."""
    grid, rect = rig.shading.grid, rig.face.rect
    back = resample(rig.face.grid, face_back, grid)
    identity = node_identity(grid.rows, grid.columns)
    at = np.asarray(cv2.scaleAdd(back, -1.0 / grid.step, identity), np.float32)
    gain = fetch(rig.shading.gain(pose), at)
    seen = cv2.bitwise_not(cv2.inRange(gain, 1 - _INVISIBLE_GAIN, 1 + _INVISIBLE_GAIN))
    column, row, columns, rows = cv2.boundingRect(seen)
    if not columns:
        return
    step = int(grid.step)
    middle_x, middle_y = round(grid.left + 0.5), round(grid.top + 0.5)
    left, right = (middle_x + step * at for at in (column - 1, column + columns))
    top, bottom = (middle_y + step * at for at in (row - 1, row + rows))
    left, right = (
        max(rect.left, middle_x, left),
        min(rect.right, right, middle_x + step * (grid.columns - 1)),
    )
    top, bottom = (
        max(rect.top, middle_y, top),
        min(rect.bottom, bottom, middle_y + step * (grid.rows - 1)),
    )
    part = frame.luma[top:bottom, left:right]
    full = upsample(grid, gain, Rect(left, top, right - left, bottom - top))
    cv2.multiply(part, full, dst=part, dtype=cv2.CV_8U)
