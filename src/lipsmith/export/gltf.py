"""A small writer of binary glTF 2.0: one buffer, pictures inside, morph targets kept sparse.

Format: Khronos Group, glTF 2.0 Specification, https://registry.khronos.org/glTF/specs/2.0/.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Json = dict[str, Any]
Floats = NDArray[np.float32]

_BYTE_CODES = {"uint8": 5121, "uint16": 5123, "uint32": 5125, "float32": 5126}
_KINDS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_VERTICES, _ELEMENTS = 34962, 34963
_LINEAR, _LINEAR_MIPMAPS, _CLAMP, _MIRROR = 9729, 9987, 33071, 33648
_JSON_CHUNK, _BINARY_CHUNK = b"JSON", b"BIN\0"

Alpha = Literal["OPAQUE", "BLEND"]


class GltfWriter:
    """Collects the parts of a file; each method returns the index by which parts refer to it."""

    def __init__(self, generator: str) -> None:
        self._json: Json = {"asset": {"version": "2.0", "generator": generator}}
        self._binary = bytearray()
        self._zeros: dict[int, int] = {}

    def add(self, kind: str, value: Json) -> int:
        """Append to one of the file's lists: "nodes", "meshes", "cameras", "skins", ..."""
        self._json.setdefault(kind, []).append(value)
        return len(self._json[kind]) - 1

    def texture(self, picture: bytes, mime: str, name: str, *, mirrored: bool = False) -> int:
        """A PNG or JPEG, which beyond its edges is clamped or mirrored."""
        view = self._view(picture)
        image = self.add("images", {"bufferView": view, "mimeType": mime, "name": name})
        if "samplers" not in self._json:
            for wrap in (_CLAMP, _MIRROR):
                how = {"magFilter": _LINEAR, "minFilter": _LINEAR_MIPMAPS}
                self.add("samplers", {**how, "wrapS": wrap, "wrapT": wrap})
        return self.add("textures", {"source": image, "sampler": int(mirrored), "name": name})

    def material(
        self, name: str, texture: int | None, alpha: Alpha = "OPAQUE", *, two_sided: bool = False
    ) -> int:
        """A colour that needs no lamp, since a photograph has its light in it."""
        colour: Json = {"metallicFactor": 0.0, "roughnessFactor": 1.0}
        if texture is not None:
            colour["baseColorTexture"] = {"index": texture}
        value: Json = {
            "name": name,
            "pbrMetallicRoughness": colour,
            "extensions": {"KHR_materials_unlit": {}},
        }
        if alpha != "OPAQUE":
            value["alphaMode"] = alpha
        if two_sided:
            value["doubleSided"] = True
        self._json["extensionsUsed"] = ["KHR_materials_unlit"]
        return self.add("materials", value)

    def indices(self, triangles: NDArray[np.integer]) -> int:
        """(n, 3) vertex numbers."""
        kind = np.uint16 if triangles.max(initial=0) < 65535 else np.uint32
        return self._accessor(triangles.astype(kind).reshape(-1, 1), _ELEMENTS)

    def attribute(
        self, values: NDArray[np.generic], *, bounds: bool = False, normalized: bool = False
    ) -> int:
        """(n, 2), (n, 3) or (n, 4) float32, uint8 or uint16 values of the vertices.

        bounds: say the least and the greatest, as positions must. normalized: whole numbers
        stand for 0..1.
        """
        return self._accessor(values, _VERTICES, bounds, normalized)

    def matrices(self, values: Floats) -> int:
        """(n, 4, 4) float32, row by row; the file has them column by column."""
        return self._accessor(values.transpose(0, 2, 1).reshape(-1, 16), None)

    def sparse(self, values: Floats, least: float) -> int:
        """(n, 3) offsets, of which only those with a component of at least `least` are written."""
        count = len(values)
        moved = np.flatnonzero(np.abs(values).max(1, initial=0.0) >= least)
        if not len(moved):
            return self._all_zero(count)
        kind = np.uint16 if count < 65535 else np.uint32
        kept = values[moved].astype(np.float32)
        still = np.zeros((int(len(moved) < count), 3), np.float32)
        bounds = np.concatenate([kept, still])
        accessor: Json = {
            "componentType": _BYTE_CODES["float32"],
            "count": count,
            "type": "VEC3",
            "min": bounds.min(0).tolist(),
            "max": bounds.max(0).tolist(),
            "sparse": {
                "count": len(moved),
                "indices": {
                    "bufferView": self._view(moved.astype(kind).tobytes()),
                    "componentType": _BYTE_CODES[np.dtype(kind).name],
                },
                "values": {"bufferView": self._view(kept.tobytes())},
            },
        }
        return self.add("accessors", accessor)

    def finish(self, scene: str, nodes: list[int]) -> bytes:
        """The whole file, with one scene of the root `nodes`."""
        self.add("scenes", {"name": scene, "nodes": nodes})
        self._json["scene"] = 0
        self._json["buffers"] = [{"byteLength": len(self._binary)}]
        text = json.dumps(self._json, separators=(",", ":"), ensure_ascii=False).encode()
        chunks = [
            struct.pack("<I4s", len(padded), name) + padded
            for name, padded in (
                (_JSON_CHUNK, text + b" " * (-len(text) % 4)),
                (_BINARY_CHUNK, bytes(self._binary) + b"\0" * (-len(self._binary) % 4)),
            )
        ]
        return struct.pack("<4sII", b"glTF", 2, 12 + sum(map(len, chunks))) + b"".join(chunks)

    def _all_zero(self, count: int) -> int:
        if count not in self._zeros:
            self._zeros[count] = self.add(
                "accessors",
                {
                    "componentType": _BYTE_CODES["float32"],
                    "count": count,
                    "type": "VEC3",
                    "min": [0.0] * 3,
                    "max": [0.0] * 3,
                },
            )
        return self._zeros[count]

    def _accessor(
        self,
        values: NDArray[np.generic],
        target: int | None,
        bounds: bool = False,
        normalized: bool = False,
    ) -> int:
        accessor: Json = {
            "bufferView": self._view(np.ascontiguousarray(values).tobytes(), target),
            "componentType": _BYTE_CODES[values.dtype.name],
            "count": len(values),
            "type": _KINDS[values.shape[1]],
        }
        if bounds:
            numbers = values.astype(np.float64)
            accessor |= {"min": numbers.min(0).tolist(), "max": numbers.max(0).tolist()}
        if normalized:
            accessor["normalized"] = True
        return self.add("accessors", accessor)

    def _view(self, data: bytes, target: int | None = None) -> int:
        self._binary += b"\0" * (-len(self._binary) % 4)
        view: Json = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self._binary += data
        return self.add("bufferViews", view)
