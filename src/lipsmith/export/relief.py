"""How far from the viewer each part of the picture is.

The face is as deep as its landmarks; hair, neck and shoulders are a smooth hull that is round at
the person's outline; the background is a plane behind them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.basis import smoothstep
from lipsmith.engines.rig.geometry import (
    CHIN,
    FACE_OVAL,
    LEFT_CHEEK_EDGE,
    RIGHT_CHEEK_EDGE,
    HeadFrame,
)
from lipsmith.export.face_mesh import FaceMesh
from lipsmith.export.spread import Plate, Pulls

Array = NDArray[np.float64]

_BEHIND_HAIR_MM = 60.0
"""From the deepest of the person to the background."""
_HAIR_BEHIND_EARS_MM = 20.0
_OVAL_STEP_MM, _SIDES_MM = 12.0, 75.0
_BODY_EDGE_MM, _BODY_ROUND_MM, _BODY_BULGE_MM = 100.0, 90.0, 75.0
_NECK_MM, _NECK_AT_MM, _NECK_REACH_MM = 35.0, 22.0, 32.0
_FREE_MM = (4.0, 22.0)  # beside the face, where the hull does not hold yet
_HOLD, _TENSION, _LANDMARK_WEIGHT = 0.02, 0.02, 0.6
_SKIN = 468  # landmarks; the irises follow
_PERSON = 96  # of 255 in the matte
_STEP_MM = 2.0


def face_depth_mm(
    mesh: FaceMesh, landmarks: Array, head: HeadFrame, matte: NDArray[np.uint8]
) -> Array:
    """(n,) mm behind the middle of the mouth, of each vertex of the mesh.

    landmarks: (478, 3) px. matte: (H, W) uint8, see `Portrait`.
    """
    scale = head.px_per_mm
    places = landmarks[:_SKIN]
    net = mesh.points / scale
    pulls = Pulls.inside(places[:, :2] / scale, net, mesh.triangles, _LANDMARK_WEIGHT)
    hull = _hull_mm(mesh.points, landmarks, head, matte)
    outside = outside_face_mm(mesh.points, landmarks, scale)
    rest = _HOLD * smoothstep(*_FREE_MM, outside)
    plate = Plate(net, mesh.triangles, pulls, rest, _TENSION)
    depth = plate.bend((places[:, 2:] - head.origin[2]) / scale, hull[:, None])[:, 0]
    share = smoothstep(_FREE_MM[1], 2.0 * _FREE_MM[1], outside)
    depth = depth + (hull - depth) * share
    for upper, lower in [
        (mesh.upper_lip, mesh.lower_lip),
        *((e.fold, e.lashes) for e in mesh.eyes),
    ]:
        depth[upper] = depth[lower] = 0.5 * (depth[upper] + depth[lower])
    return np.asarray(depth)


def background_depth_mm(landmarks: Array, head: HeadFrame) -> float:
    """mm behind the middle of the mouth."""
    return _ears_mm(landmarks, head) + _HAIR_BEHIND_EARS_MM + _BEHIND_HAIR_MM


def _ears_mm(landmarks: Array, head: HeadFrame) -> float:
    depth = landmarks[[RIGHT_CHEEK_EDGE, LEFT_CHEEK_EDGE], 2].mean() - head.origin[2]
    return float(np.clip(depth / head.px_per_mm, 40.0, 110.0))


def person_px(landmarks: Array, matte: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) 0..255: the matte, with all of the face in it."""
    filled = matte.copy()
    hull = cv2.convexHull(landmarks[list(FACE_OVAL), :2].astype(np.float32))
    cv2.fillConvexPoly(filled, hull.round().astype(np.int32), 255)
    return np.asarray(filled, np.uint8)


def outside_face_mm(points: Array, landmarks: Array, scale: float) -> Array:
    outline = cv2.convexHull(landmarks[list(FACE_OVAL), :2].astype(np.float32))
    away = [-cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in points]
    return np.asarray(away) / scale


def _hull_mm(points: Array, landmarks: Array, head: HeadFrame, matte: NDArray[np.uint8]) -> Array:
    """Depth of hair and body: round towards the person's outline, but not at the picture's edge."""
    scale = head.px_per_mm
    person = (person_px(landmarks, matte) > _PERSON).astype(np.uint8)
    step = max(1.0, _STEP_MM * scale)
    size = (max(2, round(person.shape[1] / step)), max(2, round(person.shape[0] / step)))
    small = cv2.resize(person * 255, size, interpolation=cv2.INTER_AREA)
    solid = np.asarray(small > 127, np.uint8)
    inside = cv2.distanceTransform(solid, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    inside = cv2.GaussianBlur(inside * np.float32(person.shape[1] / size[0] / scale), (0, 0), 1.5)
    at = (points + 0.5) * [size[0] / person.shape[1], size[1] / person.shape[0]] - 0.5
    to_outline = cv2.remap(
        inside, at[None, :, 0].astype(np.float32), at[None, :, 1].astype(np.float32),
        cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )[0].astype(np.float64)  # fmt: skip

    down = head.rotation[:2, 1] / np.linalg.norm(head.rotation[:2, 1])
    below = ((points - landmarks[CHIN, :2]) @ down) / scale
    edge = _ears_mm(landmarks, head) + _HAIR_BEHIND_EARS_MM
    from_face = outside_face_mm(points, landmarks, scale)
    share = np.maximum(from_face, 0.0) / np.maximum(from_face + to_outline, 1e-3)
    hair = edge + (_beside_face_mm(points, landmarks, head) - edge) * _round(1.0 - share)
    body = _BODY_EDGE_MM - _BODY_BULGE_MM * _round(to_outline / _BODY_ROUND_MM)
    body = body + _NECK_MM * np.exp(-(((below - _NECK_AT_MM) / _NECK_REACH_MM) ** 2))
    # long hair beside the neck hangs from the head
    on_body = smoothstep(-10.0, 45.0, below)
    return np.asarray(hair + (body - hair) * on_body)


def _beside_face_mm(points: Array, landmarks: Array, head: HeadFrame) -> Array:
    """Depth of the face's outline near each point; ears and hair lie a little before its sides."""
    oval = landmarks[list(FACE_OVAL)]
    away = np.linalg.norm(points[:, None] - oval[None, :, :2], axis=2) / head.px_per_mm
    weight = 1.0 / (away + _OVAL_STEP_MM) ** 3
    depth = np.minimum((oval[:, 2] - head.origin[2]) / head.px_per_mm, _SIDES_MM)
    return np.asarray(weight @ depth / weight.sum(1))


def _round(t: Array) -> Array:
    """0 to 1, level at 1; not upright at 0, where vertices would tell its steps."""
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(t * (2.0 - t))
