"""The skin: the torn net in its resting shape, and what every target does to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from lipsmith.engines.rig.basis import CONSTRAINED, LOWER_LIP, UPPER_LIP, smoothstep
from lipsmith.engines.rig.controls import Control, source_smile
from lipsmith.engines.rig.geometry import (
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    LOWER_INNER,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    UPPER_INNER,
    HeadFrame,
)
from lipsmith.engines.rig.layers import Lips
from lipsmith.engines.rig.lips import LipAxis
from lipsmith.export.arkit_offsets import ARKIT_NAMES, arkit_offsets, spatial_basis
from lipsmith.export.eye_openings import EyeOpening
from lipsmith.export.eyelids import LidMotion
from lipsmith.export.face_mesh import FaceMesh, Indices
from lipsmith.export.relief import outside_face_mm
from lipsmith.export.spread import Plate, Pulls
from lipsmith.export.targets import resting_controls, viseme_controls

Array = NDArray[np.float64]

_TENSION, _POINT, _EDGE = 0.009, 0.45, 300.0
_HELD, _STILL_MM = 0.14, (26.0, 46.0)
_FROM_EDGE_MM = 0.5
_PARTING = (Control.UPPER_RAISE, Control.LOWER_DROP, Control.ROUND_RAISE, Control.ROUND_DROP)
_PARTING_NAMES = (
    "jawOpen", "mouthClose", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft",
    "mouthUpperUpRight", "mouthFunnel", "noseSneerLeft", "noseSneerRight",
    "tongueOut",
)  # fmt: skip
_LIDS = frozenset(RIGHT_UPPER_LID + RIGHT_LOWER_LID + LEFT_UPPER_LID + LEFT_LOWER_LID)


@dataclass(frozen=True, slots=True)
class FaceMotion:
    """Offsets of the net's vertices, mm along the picture's x, y and z (away from the viewer).

    rest: (n, 3), from the picture to the mouth at rest. targets: (t, n, 3), from there, in the
    order of `target_names`.
    """

    rest: Array
    targets: Array


def move_face(
    mesh: FaceMesh,
    landmarks: Array,
    head: HeadFrame,
    lips: Lips,
    openings: tuple[EyeOpening, ...],
    lids: LidMotion,
) -> FaceMotion:
    """Spread what the targets do to the landmarks over the net."""
    q = head.to_mm(landmarks)
    smile = source_smile(q)
    points = _Points(mesh, landmarks, head, lips, openings)
    count = len(mesh.points)
    shapes = np.concatenate([spatial_basis(q), arkit_offsets(q, smile)])
    shapes = shapes @ head.rotation.T
    parting = [Control(i) in _PARTING for i in range(len(Control))]
    parting += [name in _PARTING_NAMES for name in ARKIT_NAMES]
    wanted = np.stack(
        [points.values(shape, apart) for shape, apart in zip(shapes, parting, strict=True)]
    )
    wanted[len(Control) :, points.lids] += lids.targets
    net = mesh.points / head.px_per_mm
    outside = outside_face_mm(mesh.points, landmarks, head.px_per_mm)
    rest = np.where(outside > _STILL_MM[0], _HELD, 0.0)
    plate = Plate(net, mesh.triangles, points.pulls, rest, _TENSION)
    flat = wanted.transpose(1, 0, 2).reshape(len(points.pulls.weights), -1)
    used = np.abs(flat).max(0) > 1e-9
    solved = np.zeros((count, flat.shape[1]))
    solved[:, used] = plate.bend(flat[:, used])
    solved *= 1.0 - smoothstep(*_STILL_MM, outside)[:, None]
    moved = solved.reshape(count, len(shapes), 3).transpose(1, 0, 2)
    moved[:, points.edge_vertices] = wanted[:, points.edges]

    controls, arkit = moved[: len(Control)], moved[len(Control) :]
    at_rest = np.tensordot(resting_controls(lips.is_open, smile), controls, 1)
    visemes = np.tensordot(viseme_controls(lips.is_open, smile), controls, 1)
    targets = [arkit, visemes]
    if lips.is_open:
        at_rest = _shut(mesh, head, at_rest)
        targets.append(-at_rest[None])
    return FaceMotion(at_rest, np.concatenate(targets))


def _shut(mesh: FaceMesh, head: HeadFrame, offsets: Array) -> Array:
    """The offsets, with the lips' edges brought together where they nearly meet."""
    upper, lower = mesh.upper_lip, mesh.lower_lip
    gap = np.zeros((len(upper), 3))
    gap[:, :2] = (mesh.points[lower] - mesh.points[upper]) / head.px_per_mm
    missing = offsets[lower] + gap - offsets[upper]
    shut = offsets.copy()
    shut[upper] += 0.5 * missing
    shut[lower] -= 0.5 * missing
    return shut


class _Points:
    """What pulls the net: landmarks, the lips' inner edges, the lids' edges."""

    def __init__(
        self,
        mesh: FaceMesh,
        landmarks: Array,
        head: HeadFrame,
        lips: Lips,
        openings: tuple[EyeOpening, ...],
    ) -> None:
        drop = set(UPPER_INNER) | set(LOWER_INNER) | (_LIDS if openings else set())
        self._ids = np.array([i for i in CONSTRAINED if i not in drop])
        places = _on_own_side(landmarks[self._ids, :2], self._ids, lips, head.px_per_mm)
        scale = head.px_per_mm
        count = len(mesh.points)
        self._upper, self._lower = mesh.upper_lip, mesh.lower_lip[1:-1]
        lid_vertices = [
            np.unique(np.concatenate([eye.upper, eye.lower, eye.fold, eye.lashes]))
            for eye in mesh.eyes
        ]
        self._lid_vertices = np.concatenate([np.zeros(0, np.intp), *lid_vertices])
        edges = np.concatenate([self._upper, self._lower, self._lid_vertices])
        self.edge_vertices: Indices = edges
        self.pulls = Pulls.together(
            Pulls.inside(places / scale, mesh.points / scale, mesh.triangles, _POINT),
            Pulls.at_vertices(edges, _EDGE, count),
        )
        n = len(self._ids)
        self.edges = slice(n, n + len(edges))
        self.lids = slice(n + len(self._upper) + len(self._lower), n + len(edges))
        self._axis = (head.rotation[:2, 0] / np.linalg.norm(head.rotation[:2, 0])) / scale
        self._at = mesh.points @ self._axis
        self._landmarks_at = landmarks[:, :2] @ self._axis

    def values(self, shape: Array, parting: bool) -> Array:
        """(k, 3) what pulls to where, from (478, 3) offsets of the landmarks."""
        ends = np.stack([0.5 * (shape[78] + shape[61]), 0.5 * (shape[308] + shape[291])])
        upper = self._along(shape, UPPER_INNER, self._upper, ends)
        lower = self._along(shape, LOWER_INNER, self._upper, ends)
        if not parting:
            upper = lower = 0.5 * (upper + lower)
        still = np.zeros((len(self._lid_vertices), 3))
        return np.concatenate([shape[self._ids], upper, lower[1:-1], still])

    def _along(self, shape: Array, ring: tuple[int, ...], line: Indices, ends: Array) -> Array:
        """Values at the vertices of a lip's edge, from those of its landmarks."""
        at = self._at[line]
        inner = list(ring[1:-1])
        knots = np.concatenate([at[:1], self._landmarks_at[inner], at[-1:]])
        order = np.maximum.accumulate(knots)
        order = order + np.arange(len(order)) * 1e-6
        values = np.concatenate([ends[:1], shape[inner], ends[1:]])
        return np.asarray(PchipInterpolator(order, values)(np.clip(at, order[0], order[-1])))


def _on_own_side(places: Array, ids: NDArray[np.intp], lips: Lips, scale: float) -> Array:
    """The places of landmarks, those of a lip moved onto it where the picture's edge is beyond."""
    axis = LipAxis.of(lips)
    u, v = axis.coordinates(places[:, 0], places[:, 1])
    down = np.array([-axis.along[1], axis.along[0]])
    within = (u > 0) & (u < axis.length)
    above = axis.height_above(lips.upper, u, v)
    below = -axis.height_above(lips.lower, u, v)
    least = _FROM_EDGE_MM * scale
    upper = np.isin(ids, list(UPPER_LIP)) & within
    lower = np.isin(ids, list(LOWER_LIP)) & within
    shift = np.where(lower, np.maximum(least - below, 0.0), 0.0)
    shift -= np.where(upper, np.maximum(least - above, 0.0), 0.0)
    return np.asarray(places + shift[:, None] * down)
