"""How the head and the body carry the picture: small rigid motions that end in the background."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.motion import HeadPose
from lipsmith.engines.rig.basis import smoothstep
from lipsmith.engines.rig.field import HAIR_BEHIND_EARS_MM, FaceField, even_rect
from lipsmith.engines.rig.geometry import CHIN, FACE_OVAL, HeadFrame
from lipsmith.engines.rig.layers import FaceGrid, Rect
from lipsmith.engines.rig.surroundings import straight_lines_mm
from lipsmith.engines.rig.warp import cover

_STEP_MM = 5.0
_MAX_NODES = 12_000
_FADE_MM = 55.0  # the background comes to rest this far from the person
_HALO_MM = 4.0  # loose hair around the matte moves with the head
_LINES_MM, _ROLL_BEFORE_LINES = (60.0, 250.0), 0.5  # straight ones are seen to bend
_PIVOT_BELOW_CHIN_MM, _PIVOT_BEHIND_EARS_MM = 45.0, 15.0


class Motion(IntEnum):
    """The columns of the head field."""

    YAW = 0
    PITCH = 1
    ROLL = 2
    X = 3
    Y = 4
    BODY_X = 5
    BODY_Y = 6
    BODY_ROLL = 7
    BREATH = 8


@dataclass(frozen=True, slots=True)
class BodyPose:
    """How far the shoulders follow the head: x_mm, y_mm translation, roll_rad clockwise."""

    x_mm: float = 0.0
    y_mm: float = 0.0
    roll_rad: float = 0.0


@dataclass(frozen=True, slots=True)
class HeadField:
    """What head and body motion does to the picture, in grid steps, on the nodes of `grid`.

    rect: the picture rectangle that can move. columns: (9, rows, columns, 2) float32.
    at_mouth: (9, 2) float32 px, the same at the middle of the mouth. roll_share: 0.5..1 of a roll
    that the background can follow.
    """

    rect: Rect
    grid: FaceGrid
    columns: NDArray[np.float32]
    at_mouth: NDArray[np.float32]
    roll_share: float


def motion_values(head: HeadPose, body: BodyPose, roll_share: float = 1.0) -> NDArray[np.float32]:
    """(9,) float32 amounts of the motions. roll_share: see `HeadField`."""
    return np.array(
        [
            head.yaw_rad, head.pitch_rad, roll_share * head.roll_rad, head.x_mm, head.y_mm,
            body.x_mm, body.y_mm, body.roll_rad, head.breath,
        ],
        np.float32,
    )  # fmt: skip


def solve_head(
    luma: NDArray[np.uint8],
    landmarks: NDArray[np.float64],
    head: HeadFrame,
    face: FaceField,
    matte: NDArray[np.uint8],
) -> HeadField:
    """Build the field from a picture's (H, W) luma and matte and (478, 3) landmarks in px."""
    height, width = matte.shape
    s = head.px_per_mm
    corner_y, corner_x = -270.0, -230.0
    reach = np.array([[x, y] for x in (corner_x, -corner_x) for y in (corner_y, 330.0)])
    across, down = _unit(head.rotation[:2, 0]), _unit(head.rotation[:2, 1])
    corners = head.origin[:2] + s * (reach[:, :1] * across + reach[:, 1:] * down)
    low, high = corners.min(0), corners.max(0)
    rect = even_rect(low[0], low[1], high[0], high[1], width, height)
    step = 2 * max(1, round(0.5 * _STEP_MM * s))
    while rect.width * rect.height / step**2 > _MAX_NODES:
        step += 2
    weight = _person(landmarks, head, matte, cover(rect, step))
    rect = _shrink(rect, face.rect, weight, step)
    grid = cover(rect, step)
    weight = _person(landmarks, head, matte, grid)
    x, y = grid.coordinates()

    chin = landmarks[CHIN]
    below = ((x - chin[0]) * down[0] + (y - chin[1]) * down[1]) / s
    beside = ((x - chin[0]) * across[0] + (y - chin[1]) * across[1]) / s
    on_head = (1.0 - smoothstep(-8.0, 75.0, below)) * weight
    on_body = smoothstep(-8.0, 75.0, below) * (1.0 - smoothstep(160.0, 300.0, below)) * weight

    ear_depth = face.hair_depth_px - HAIR_BEHIND_EARS_MM * s
    pivot_xy = chin[:2] + down * _PIVOT_BELOW_CHIN_MM * s
    arm = np.stack(
        [
            x - pivot_xy[0],
            y - pivot_xy[1],
            _depth(face, grid) - (ear_depth + _PIVOT_BEHIND_EARS_MM * s),
        ],
        -1,
    )
    ex, ey, ez = head.rotation.T
    columns = np.zeros((len(Motion), grid.rows, grid.columns, 2))
    for motion, turn in ((Motion.YAW, -ey), (Motion.PITCH, ex), (Motion.ROLL, ez)):
        columns[motion] = np.cross(turn, arm)[..., :2] * on_head[..., None]
    columns[Motion.X] = across * s * on_head[..., None]
    columns[Motion.Y] = down * s * on_head[..., None]
    columns[Motion.BODY_X] = across * s * on_body[..., None]
    columns[Motion.BODY_Y] = down * s * on_body[..., None]
    columns[Motion.BODY_ROLL] = (
        np.stack([-(below - 200.0), beside], -1) @ np.stack([across, down]) * s * on_body[..., None]
    )
    rise = smoothstep(15.0, 100.0, below) * (1.0 - smoothstep(160.0, 300.0, below)) * weight
    spread = 0.3 * np.sign(beside) * smoothstep(0.0, 90.0, np.abs(beside))
    columns[Motion.BREATH] = 1.2 * s * rise[..., None] * (spread[..., None] * across - down)
    fx, fy = (head.origin[0] - grid.left) / step, (head.origin[1] - grid.top) / step
    j, i = int(np.clip(fy, 0, grid.rows - 2)), int(np.clip(fx, 0, grid.columns - 2))
    tx, ty = fx - i, fy - j
    centre = (
        columns[:, j, i] * (1 - tx) * (1 - ty) + columns[:, j, i + 1] * tx * (1 - ty)
        + columns[:, j + 1, i] * (1 - tx) * ty + columns[:, j + 1, i + 1] * tx * ty
    )  # fmt: skip
    lines = smoothstep(*_LINES_MM, np.asarray(straight_lines_mm(luma, head, matte)))
    return HeadField(
        rect=rect,
        grid=grid,
        columns=(columns / step).astype(np.float32),
        at_mouth=np.asarray(centre, np.float32),
        roll_share=1.0 - (1.0 - _ROLL_BEFORE_LINES) * float(lines),
    )


def _unit(v: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(v / np.linalg.norm(v))


def _on_grid(image: NDArray[np.float32], grid: FaceGrid) -> NDArray[np.float32]:
    """A picture-sized image at the grid's nodes, averaged over about a step."""
    size = max(1, int(grid.step))
    smooth = cv2.blur(image, (size, size), borderType=cv2.BORDER_REPLICATE)
    x, y = grid.coordinates()
    return np.asarray(
        cv2.remap(
            smooth, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )  # fmt: skip


def _person(
    landmarks: NDArray[np.float64], head: HeadFrame, matte: NDArray[np.uint8], grid: FaceGrid
) -> NDArray[np.float64]:
    """(rows, columns) 0..1: 1 on the person near the head, smoothly 0 in the background."""
    s = head.px_per_mm
    x, y = grid.coordinates()
    person = _on_grid(matte.astype(np.float32), grid) > 40.0
    hull = cv2.convexHull(landmarks[list(FACE_OVAL), :2].astype(np.float32))
    nodes = ((hull.reshape(-1, 2) - [grid.left, grid.top]) / grid.step).round().astype(np.int32)
    filled = person.astype(np.uint8)
    cv2.fillConvexPoly(filled, nodes, 1)
    from_head = np.hypot(x - head.origin[0], y - head.origin[1] + 0.0) / s
    filled[from_head > 420.0] = 0
    distance = cv2.distanceTransform(1 - filled, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) * grid.step / s
    weight = 1.0 - smoothstep(_HALO_MM, _HALO_MM + _FADE_MM, distance.astype(np.float64))
    points = head.to_mm(np.stack([x, y, np.full_like(x, head.origin[2])], -1).reshape(-1, 3))
    px, py = points[:, 0].reshape(x.shape), points[:, 1].reshape(x.shape)
    weight *= 1.0 - smoothstep(150.0, 225.0, np.abs(px))
    weight *= (1.0 - smoothstep(190.0, 265.0, -py)) * (1.0 - smoothstep(240.0, 325.0, py))
    return np.asarray(cv2.GaussianBlur(weight, (0, 0), 1.0))


def _shrink(rect: Rect, face: Rect, weight: NDArray[np.float64], step: int) -> Rect:
    """The part of `rect` where the nodes of its grid have weight, and all of `face`."""
    rows, columns = np.flatnonzero((weight > 1e-4).any(1)), np.flatnonzero((weight > 1e-4).any(0))
    return even_rect(
        min(face.left, max(rect.left, rect.left + (columns[0] - 2) * step)),
        min(face.top, max(rect.top, rect.top + (rows[0] - 2) * step)),
        max(face.right, min(rect.right, rect.left + (columns[-1] + 2) * step)),
        max(face.bottom, min(rect.bottom, rect.top + (rows[-1] + 2) * step)),
        1 << 30, 1 << 30,
    )  # fmt: skip


def _depth(face: FaceField, grid: FaceGrid) -> NDArray[np.float64]:
    """Depth in px at the nodes: the face's own inside its grid, the hair's outside."""
    x, y = grid.coordinates()
    at_x = ((x - face.grid.left) / face.grid.step).astype(np.float32)
    at_y = ((y - face.grid.top) / face.grid.step).astype(np.float32)
    smooth = cv2.blur(face.depth, (3, 3))
    depth = cv2.remap(
        smooth, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
        borderValue=face.hair_depth_px,
    )  # fmt: skip
    return np.asarray(cv2.GaussianBlur(depth, (0, 0), 1.0), np.float64)
