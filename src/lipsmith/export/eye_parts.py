"""The eyeballs behind the openings, and the skin that a shutting lid unfolds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.export.arkit_offsets import ARKIT_NAMES
from lipsmith.export.eye_openings import EyeOpening
from lipsmith.export.eyelids import (
    FOLD_FOLLOWS,
    LID_MM,
    LOOK_MM,
    SOON,
    EyeBall,
    fold_share,
    from_uv,
    travel_mm,
    uv_mm,
)
from lipsmith.export.face_mesh import EyeEdges, FaceMesh
from lipsmith.export.part import Part, strip
from lipsmith.export.space import Space

Array = NDArray[np.float64]

_BESIDE_MM, _ABOVE_MM, _BELOW_MM = 4.0, 9.0, 8.0
"""How far the ball goes on behind the lids."""
_STEP_MM = 1.3
_RIGID = 1.12
"""Radii of an iris that move as a whole."""
_LID_ROWS = 9


def ball_reach_mm(eye: EyeOpening, head: HeadFrame) -> tuple[Array, Array]:
    """The corners (2,) and (2,) in the eye's axes of what is shown of a ball, mm."""
    outline = uv_mm(eye, head, np.concatenate([eye.upper, eye.lower]))
    low = outline.min(0) - np.array([_BESIDE_MM, _ABOVE_MM])
    return low, outline.max(0) + np.array([_BESIDE_MM, _BELOW_MM])


def ball_part(eye: EyeOpening, ball: EyeBall, space: Space, target_count: int) -> Part:
    """A cap of the ball, whose iris slides over it."""
    head = space.head
    low, high = ball_reach_mm(eye, head)
    columns, rows = (max(4, int(np.ceil(size / _STEP_MM)) + 1) for size in high - low)
    grid = np.meshgrid(np.linspace(low[0], high[0], columns), np.linspace(low[1], high[1], rows))
    uv = np.stack([axis.ravel() for axis in grid], 1)
    depth = ball.depth_mm(uv)
    here = space.points(from_uv(eye, head, uv), depth)
    side = "Left" if eye.is_left else "Right"
    # the person's left eye looks outwards to the viewer's right
    outwards = 1.0 if eye.is_left else -1.0
    targets = np.zeros((target_count, len(uv), 3))
    for name, way in (
        ("eyeLookOut", (outwards, 0.0)), ("eyeLookIn", (-outwards, 0.0)),
        ("eyeLookUp", (0.0, -1.0)), ("eyeLookDown", (0.0, 1.0)),
    ):  # fmt: skip
        moved = uv + _shift(eye, head, uv, np.array(way) * LOOK_MM)
        there = space.points(from_uv(eye, head, moved), ball.depth_mm(moved))
        targets[ARKIT_NAMES.index(f"{name}{side}")] = there - here
    return Part(
        f"Eye{side}", f"Eye{side}", here, (uv - low) / (high - low), strip(rows, columns), targets
    )


def _shift(eye: EyeOpening, head: HeadFrame, uv: Array, wished_mm: Array) -> Array:
    """The iris moves as a whole; beyond it the movement fades towards the corners."""
    scale = head.px_per_mm
    iris = eye.iris
    centre = np.array([iris.u, iris.v]) / scale
    radius = iris.radius / scale
    across = max(radius * iris.aspect, 0.5)
    ends = uv_mm(eye, head, eye.upper[[0, -1]])[:, 0]
    room = max(centre[0] - ends[0], 0.0), max(ends[1] - centre[0], 0.0)
    end = np.where(uv[:, 0] < centre[0], *(max(r + _BESIDE_MM, 1.6 * across) for r in room))
    ratio = np.hypot((uv[:, 0] - centre[0]) / across, (uv[:, 1] - centre[1]) / radius)
    fade = np.clip((ratio - _RIGID) / np.maximum(end / across - _RIGID, 0.4), 0.0, 1.0)
    wished = float(wished_mm[0])
    least = room[0] if wished < 0 else room[1]
    limit = max(0.8 * (least + _BESIDE_MM - _RIGID * across), 0.0)
    shift = np.array([np.clip(wished, -limit, limit), wished_mm[1]])
    return np.asarray(shift * (1.0 - fade)[:, None])


def lid_part(
    mesh: FaceMesh,
    eye: EyeOpening,
    edges: EyeEdges,
    ball: EyeBall,
    depth_mm: Array,
    skin: NDArray[np.float64],
    space: Space,
) -> Part:
    """Rows of skin that lie on each other along the fold, and unroll as the lid comes down.

    skin: (t, n, 3) mm, what the targets do to the vertices of the net.
    """
    head = space.head
    fold = uv_mm(eye, head, mesh.points[edges.fold])
    depth = depth_mm[edges.fold]
    share = np.linspace(0.0, 1.0, _LID_ROWS)
    rest = np.tile(mesh.points[edges.fold], (_LID_ROWS, 1))
    rest_depth = np.tile(depth, _LID_ROWS)
    travel = travel_mm(eye, head, fold[:, 0])
    first, last = skin[:, edges.fold], skin[:, edges.lashes]
    moves = first[:, None] + (last - first)[:, None] * share[:, None, None]
    side = "Left" if eye.is_left else "Right"
    blink = ARKIT_NAMES.index(f"eyeBlink{side}")
    down = travel * (FOLD_FOLLOWS + (1.0 - FOLD_FOLLOWS) * share[:, None])
    places = fold + np.stack([np.zeros_like(down), down], -1)
    on_ball = ball.depth_mm(places) - LID_MM - depth
    arc = (travel / max(float(travel.max()), 1e-6)) ** SOON
    straight = moves[blink, :, :, 2]
    rolled = (
        straight + (np.minimum(on_ball * arc, straight) - straight) * fold_share(share)[:, None]
    )
    moves[blink, :-1, :, 2] = rolled[:-1]
    offsets = moves.reshape(len(skin), -1, 3)
    across = np.linspace(0.0, 1.0, len(fold))
    uv = np.stack(np.meshgrid(across, share), -1).reshape(-1, 2)
    return Part(
        f"Lid{side}", f"Lid{side}", space.points(rest, rest_depth), uv,
        strip(_LID_ROWS, len(fold)), space.picture_offsets(offsets, rest_depth),
    )  # fmt: skip
