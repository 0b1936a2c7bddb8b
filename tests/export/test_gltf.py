"""The writer of binary glTF."""

from __future__ import annotations

import numpy as np
from glb import Glb

from lipsmith.export.gltf import GltfWriter


def test_what_is_written_is_read_back() -> None:
    file = GltfWriter("a test")
    odd = file.attribute(np.array([[1, 2, 3, 4]] * 3, np.uint8))
    points = np.array([[0.0, 1.5, -2.0], [3.0, 4.0, 5.0]], np.float32)
    placed = file.attribute(points, bounds=True)
    data = file.finish("a scene", [file.add("nodes", {"name": "é"})])
    glb = Glb(data)
    assert (glb.values(odd) == [1, 2, 3, 4]).all()
    assert (glb.values(placed) == points).all()
    assert glb.json["accessors"][placed]["min"] == [0.0, 1.5, -2.0]
    assert glb.json["accessors"][placed]["max"] == [3.0, 4.0, 5.0]
    assert glb.json["nodes"][0]["name"] == "é"
    assert glb.json["asset"] == {"version": "2.0", "generator": "a test"}


def test_targets_hold_only_what_moves() -> None:
    file = GltfWriter("a test")
    offsets = np.zeros((1000, 3), np.float32)
    offsets[[3, 700]] = [[0.25, 0, 0], [0, -0.5, 0]]
    offsets[5] = 1e-6
    moved = file.sparse(offsets, 1e-3)
    still, again = (file.sparse(np.zeros((1000, 3), np.float32), 1e-3) for _ in range(2))
    everywhere = file.sparse(np.ones((4, 3), np.float32), 1e-3)
    data = file.finish("", [file.add("nodes", {})])
    glb = Glb(data)
    expected = offsets.copy()
    expected[5] = 0
    assert (glb.values(moved) == expected).all()
    assert glb.json["accessors"][moved]["min"] == [0.0, -0.5, 0.0]
    assert glb.json["accessors"][everywhere]["min"] == [1.0, 1.0, 1.0]
    assert still == again and not glb.values(still).any()
    assert len(data) < 2500
