"""Reads models back, as a viewer does."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES: dict[int, Any] = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Glb:
    """json: the description. Everything else is asked for by a mesh's name."""

    def __init__(self, data: bytes) -> None:
        magic, version, length = struct.unpack_from("<4sII", data)
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON" and size % 4 == 0
        self.json = json.loads(data[20 : 20 + size])
        binary, kind = struct.unpack_from("<I4s", data, 20 + size)
        assert kind == b"BIN\0" and binary % 4 == 0 and 28 + size + binary == length
        self._binary = data[28 + size :]

    @property
    def meshes(self) -> list[str]:
        return [mesh["name"] for mesh in self.json["meshes"]]

    def names(self, mesh: str) -> list[str]:
        found: list[str] = self._mesh(mesh)["extras"]["targetNames"]
        return found

    def moves(self, mesh: str) -> bool:
        return "targets" in self._mesh(mesh)["primitives"][0]

    def positions(self, mesh: str, **weights: float) -> NDArray[np.float64]:
        """(n, 3) m, with the targets at these weights."""
        primitive = self._mesh(mesh)["primitives"][0]
        placed = self.values(primitive["attributes"]["POSITION"])
        for name, weight in weights.items():
            target = primitive["targets"][self.names(mesh).index(name)]
            placed = placed + weight * self.values(target["POSITION"])
        return placed

    def attribute(self, mesh: str, name: str) -> NDArray[np.float64]:
        return self.values(self._mesh(mesh)["primitives"][0]["attributes"][name])

    def values(self, index: int) -> NDArray[np.float64]:
        """(n, width) of an accessor."""
        accessor = self.json["accessors"][index]
        width = _WIDTHS[accessor["type"]]
        values = np.zeros((accessor["count"], width))
        if "bufferView" in accessor:
            kind = _TYPES[accessor["componentType"]]
            values = self._read(accessor["bufferView"], kind).reshape(-1, width).astype(float)
        if "sparse" in accessor:
            sparse = accessor["sparse"]
            kind = _TYPES[sparse["indices"]["componentType"]]
            at = self._read(sparse["indices"]["bufferView"], kind)
            values[at] = self._read(sparse["values"]["bufferView"], np.float32).reshape(-1, width)
        return values

    def node(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(n for n in self.json["nodes"] if n["name"] == name)
        return found

    def _mesh(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(m for m in self.json["meshes"] if m["name"] == name)
        return found

    def _read(self, index: int, kind: Any) -> NDArray[Any]:
        view = self.json["bufferViews"][index]
        start = view["byteOffset"]
        return np.frombuffer(self._binary[start : start + view["byteLength"]], kind)
