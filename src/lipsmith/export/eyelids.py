"""How lids and eyes move: the margins over the ball, the iris on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.basis import smoothstep
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.lids import LOWER_LID_SHARE
from lipsmith.export.arkit_offsets import ARKIT_NAMES
from lipsmith.export.eye_openings import EyeOpening
from lipsmith.export.face_mesh import EyeEdges, FaceMesh, Indices

Array = NDArray[np.float64]

LOOK_MM = 6.0
"""Shift of an iris that turns by 30 degrees."""
_BALL_RADIUS_MM = 16.0
LID_MM = 1.0
"""Thickness of a lid: how far it stays before the ball."""
FOLD_FOLLOWS = 0.10  # share of a blink that the skin above the lashes comes down
_UPPER_FOLLOWS, _LOWER_FOLLOWS = 0.4, 0.15  # share of the iris' movement up and down
_OVERLAP_MM = 0.6  # of shut lids
SOON = 0.15
"""Exponent by which a shut lid lies on the ball nearly up to its corners."""
_WIDE_MM, _SQUINT_MM, _CHEEK_MM = 2.2, 1.8, 0.5


@dataclass(frozen=True, slots=True)
class EyeBall:
    """A cap of the ball behind an opening, in the eye's axes.

    depth = at + along * (u - u0) + down * (v - v0) + ((u - u0)^2 + (v - v0)^2) / 2R, in mm behind
    the middle of the mouth, u and v in mm.
    """

    centre: Array
    plane: Array

    def depth_mm(self, uv_mm: Array) -> Array:
        d = uv_mm - self.centre
        return np.asarray(
            self.plane[0] + d @ self.plane[1:] + (d**2).sum(-1) / (2 * _BALL_RADIUS_MM)
        )


@dataclass(frozen=True, slots=True)
class LidMotion:
    """targets: (52, k, 3) mm along the picture's axes: ARKit's shapes, at the lids' vertices, which
    are those of one eye after the other in the order of their numbers. balls: of each eye.
    """

    targets: Array
    balls: tuple[EyeBall, ...]


def move_lids(
    mesh: FaceMesh, openings: tuple[EyeOpening, ...], head: HeadFrame, depth_mm: Array
) -> LidMotion:
    """depth_mm: (n,) of the mesh's vertices."""
    balls, parts = [], [np.zeros((len(ARKIT_NAMES), 0, 3))]
    for eye, edges in zip(openings, mesh.eyes, strict=True):
        lids = _Lids(mesh, eye, edges, head, depth_mm)
        balls.append(lids.ball)
        parts.append(lids.targets())
    return LidMotion(np.concatenate(parts, 1), tuple(balls))


def uv_mm(eye: EyeOpening, head: HeadFrame, px: Array) -> Array:
    """(n, 2) mm in the eye's axes."""
    u, v = eye.shape.to_uv(px[:, 0].astype(np.float32), px[:, 1].astype(np.float32))
    return np.stack([u, v], 1).astype(np.float64) / head.px_per_mm


def from_uv(eye: EyeOpening, head: HeadFrame, uv: Array) -> Array:
    """(n, 2) px from mm in the eye's axes."""
    u, v = (uv * head.px_per_mm).T.astype(np.float32)
    return np.stack(eye.shape.to_xy(u, v), 1).astype(np.float64)


def travel_mm(eye: EyeOpening, head: HeadFrame, u_mm: Array) -> Array:
    """How far the upper lid's margin comes down to shut the eye, at u."""
    u = (u_mm * head.px_per_mm).astype(np.float32)
    shape = eye.shape
    gap = np.maximum(shape.at(shape.lower, u) - shape.at(shape.upper, u), 0.0)
    travel = (1 - LOWER_LID_SHARE) * gap / head.px_per_mm
    return np.asarray(travel + np.minimum(_OVERLAP_MM, 0.2 * travel), np.float64)


class _Lids:
    def __init__(
        self, mesh: FaceMesh, eye: EyeOpening, edges: EyeEdges, head: HeadFrame, depth: Array
    ) -> None:
        self.eye, self.edges, self.head = eye, edges, head
        self.ids: Indices = np.unique(
            np.concatenate([edges.upper, edges.lower, edges.fold, edges.lashes])
        )
        self.uv = uv_mm(eye, head, mesh.points[self.ids])
        self.depth = depth[self.ids]
        self.is_upper = np.isin(self.ids, np.concatenate([edges.upper[1:-1], edges.lashes[1:-1]]))
        self.is_fold = np.isin(self.ids, edges.fold[1:-1])
        self.is_lower = np.isin(self.ids, edges.lower[1:-1])
        self.travel = travel_mm(eye, head, self.uv[:, 0])
        self.opening = float(self.travel.max()) / (1 - LOWER_LID_SHARE)
        self.arc = self.travel / max(float(self.travel.max()), 1e-6)
        margin = np.isin(self.ids, np.concatenate([edges.upper, edges.lower]))
        self.ball = _fit_ball(self.uv[margin], self.depth[margin])

    def targets(self) -> Array:
        side = "Left" if self.eye.is_left else "Right"
        out = np.zeros((len(ARKIT_NAMES), len(self.ids), 3))
        for name, offsets in (
            ("eyeBlink", self._blink()),
            ("eyeWide", self._lift(-min(_WIDE_MM, 0.35 * self.opening), 0.5)),
            ("eyeSquint", self._lift(0.12 * self.opening, -_SQUINT_MM)),
            ("eyeLookDown", self._lift(_UPPER_FOLLOWS * LOOK_MM, _LOWER_FOLLOWS * LOOK_MM)),
            ("eyeLookUp", self._lift(-0.6 * _UPPER_FOLLOWS * LOOK_MM, -_LOWER_FOLLOWS * LOOK_MM)),
            ("cheekSquint", self._lift(0.0, -_CHEEK_MM)),
            ("mouthSmile", self._lift(0.0, -_CHEEK_MM)),
        ):
            out[ARKIT_NAMES.index(f"{name}{side}")] = offsets
        return out

    def _blink(self) -> Array:
        down = np.where(self.is_upper, self.travel, 0.0)
        down = np.where(self.is_fold, FOLD_FOLLOWS * self.travel, down)
        lower = LOWER_LID_SHARE / (1 - LOWER_LID_SHARE) * self.travel
        down = np.where(self.is_lower, -lower, down)
        offsets = self._offsets(down)
        there = self.uv + np.stack([np.zeros_like(down), down], 1)
        before_ball = self.ball.depth_mm(there) - LID_MM
        away = before_ball - self.depth
        offsets[:, 2] = np.where(self.is_upper, away * self.arc**SOON, 0.0)
        return offsets

    def _lift(self, upper_mm: float, lower_mm: float) -> Array:
        """Margins moved down by so much at their middles."""
        down = np.where(self.is_upper, upper_mm * self.arc, 0.0)
        down = np.where(self.is_fold, 0.5 * max(upper_mm, 0.0) * self.arc, down)
        if upper_mm < 0:  # the lid slips in under the fold
            down = np.where(self.is_fold, 0.45 * upper_mm * self.arc, down)
        down = np.where(self.is_lower, lower_mm * self.arc, down)
        offsets = self._offsets(down)
        if upper_mm < 0:
            offsets[:, 2] = np.where(self.is_upper, 0.5 * self.arc, 0.0)
        return offsets

    def _offsets(self, down_mm: Array) -> Array:
        along = self.eye.shape.down.astype(np.float64)
        return np.concatenate([down_mm[:, None] * along, np.zeros((len(down_mm), 1))], 1)


def _fit_ball(uv: Array, depth: Array) -> EyeBall:
    """The cap that lies behind all of the margins (k, 2), (k,) mm."""
    centre = 0.5 * (uv.min(0) + uv.max(0))
    d = uv - centre
    round_part = (d**2).sum(1) / (2 * _BALL_RADIUS_MM)
    design = np.column_stack([np.ones(len(d)), d])
    plane = np.linalg.lstsq(design, depth - round_part, rcond=None)[0]
    before = design @ plane + round_part - depth
    plane[0] += LID_MM - float(np.quantile(before, 0.1))
    return EyeBall(centre, plane)


def fold_share(t: Array) -> Array:
    """0..1 how much a lid's unfolding skin, `t` of the way from its fold, lies on the ball."""
    return smoothstep(0.0, 0.6, t)
