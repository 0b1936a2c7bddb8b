"""The nodes of the file: skin on two joints, what rides on the head, the wall, the camera."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.basis import smoothstep
from lipsmith.engines.rig.geometry import (
    CHIN,
    LEFT_CHEEK_EDGE,
    RIGHT_CHEEK_EDGE,
    HeadFrame,
)
from lipsmith.export.gltf import GltfWriter, Json
from lipsmith.export.part import Part
from lipsmith.export.space import Space

Array = NDArray[np.float64]

_LEAST_MM = 0.03
"""Vertices that a target moves by less are not in it."""
_NECK_MM = (-8.0, 75.0)  # below the chin: where the head ends, and where the body begins
_PIVOT_BELOW_CHIN_MM, _PIVOT_BEHIND_EARS_MM = 45.0, 15.0


def head_share(points: Array, landmarks: Array, head: HeadFrame) -> Array:
    """(n,) 0..1 of vertices (n, 2) px that goes with the head and not with the body."""
    return np.asarray(1.0 - smoothstep(*_NECK_MM, _below_chin_mm(points, landmarks, head)))


def write_scene(
    file: GltfWriter,
    parts: list[Part],
    materials: dict[str, int],
    names: tuple[str, ...],
    landmarks: Array,
    space: Space,
    title: str,
) -> bytes:
    """The whole file. names: of the morph targets, the same for every part that has some."""
    pivot = _pivot(landmarks, space)
    skin = [part for part in parts if part.head_share is not None]
    riding = [part for part in parts if part.head_share is None and part.targets is not None]
    still = [part for part in parts if part.targets is None]

    def nodes(chosen: list[Part], **more: Any) -> list[int]:
        return [
            file.add(
                "nodes",
                {"name": part.name, "mesh": _mesh(file, part, materials, names), **more},
            )
            for part in chosen
            if len(part.triangles)
        ]

    skinned = nodes(skin, skin=0)
    back = (-pivot).tolist()
    head = file.add(
        "nodes",
        {
            "name": "Head",
            "translation": pivot.tolist(),
            "children": nodes(riding, translation=back),
        },
    )
    body = file.add("nodes", {"name": "Body"})
    root = file.add("nodes", {"name": "Portrait", "children": [head, body, *nodes(still)]})
    binds = np.stack([np.eye(4), np.eye(4)]).astype(np.float32)
    binds[0, :3, 3] = -pivot
    file.add(
        "skins",
        {
            "name": "Portrait",
            "joints": [head, body],
            "skeleton": root,
            "inverseBindMatrices": file.matrices(binds),
        },
    )
    return file.finish(title, [root, *skinned, _camera(file, space)])


def _mesh(file: GltfWriter, part: Part, materials: dict[str, int], names: tuple[str, ...]) -> int:
    attributes: Json = {
        "POSITION": file.attribute(part.positions.astype(np.float32), bounds=True),
        "TEXCOORD_0": file.attribute(part.uv.astype(np.float32)),
    }
    if part.head_share is not None:
        share = part.head_share.astype(np.float32)
        nothing = np.zeros_like(share)
        weights = np.stack([share, np.float32(1) - share, nothing, nothing], 1)
        joints = (weights > 0) * np.array([0, 1, 0, 0])
        attributes["JOINTS_0"] = file.attribute(joints.astype(np.uint8))
        attributes["WEIGHTS_0"] = file.attribute(weights)
    primitive: Json = {
        "attributes": attributes,
        "indices": file.indices(part.triangles),
        "material": materials[part.material],
    }
    mesh: Json = {"name": part.name, "primitives": [primitive]}
    if part.targets is not None:
        primitive["targets"] = [
            {"POSITION": file.sparse(target.astype(np.float32), _LEAST_MM / 1000)}
            for target in part.targets
        ]
        mesh["weights"] = [0.0] * len(names)
        mesh["extras"] = {"targetNames": list(names)}
    return file.add("meshes", mesh)


def _camera(file: GltfWriter, space: Space) -> int:
    """The node of the camera that sees the picture."""
    lens = {
        "yfov": space.camera_yfov_rad,
        "aspectRatio": space.width_px / space.height_px,
        "znear": 0.05,
        "zfar": 20.0,
    }
    camera = file.add("cameras", {"name": "Front", "type": "perspective", "perspective": lens})
    at = space.camera_m.tolist()
    return file.add("nodes", {"name": "Front", "camera": camera, "translation": at})


def _pivot(landmarks: Array, space: Space) -> Array:
    """(3,) m about which the head turns: where the spine meets it."""
    head = space.head
    down = head.rotation[:2, 1] / np.linalg.norm(head.rotation[:2, 1])
    px = landmarks[CHIN, :2] + down * _PIVOT_BELOW_CHIN_MM * head.px_per_mm
    ears = landmarks[[RIGHT_CHEEK_EDGE, LEFT_CHEEK_EDGE], 2].mean() - head.origin[2]
    depth = ears / head.px_per_mm + _PIVOT_BEHIND_EARS_MM
    return np.asarray(space.points(px[None], np.array([depth]))[0])


def _below_chin_mm(points: Array, landmarks: Array, head: HeadFrame) -> Array:
    down = head.rotation[:2, 1] / np.linalg.norm(head.rotation[:2, 1])
    return np.asarray((points - landmarks[CHIN, :2]) @ down / head.px_per_mm)
