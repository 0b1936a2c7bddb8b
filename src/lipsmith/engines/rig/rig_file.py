"""The bytes of a rig file: eight of the header's length, a JSON header, then buffers.

The length is a little-endian integer. The header tells where in the rest of the file each buffer
begins and ends. Buffers begin at multiples of eight bytes of the file.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Entry: TypeAlias = dict[str, Any]
"""What the header says of one buffer."""

FORMAT, VERSION = "lipsmith-rig", 1
"""VERSION grows with every change of what the file holds: browsers and caches keep old ones."""

_ALIGNMENT = 8
_ZLIB_LEVEL = 3


class RigFile:
    """A file in the making: each method adds a buffer and returns what the header says of it."""

    def __init__(self) -> None:
        self._buffers: list[bytes] = []
        self._size = 0

    def floats(self, values: NDArray[np.floating[Any]]) -> Entry:
        """Numbers as float32."""
        data = np.ascontiguousarray(values, "<f4").tobytes()
        return {"dtype": "float32", "shape": list(values.shape), **self._add(data)}

    def scaled(self, columns: NDArray[np.float32], dtype: str = "int16", stride: int = 2) -> Entry:
        """Columns (k, ...) as int8 or int16 that stand for themselves times one scale a column.

        Within a column each number is stored as its difference from the one `stride` before it;
        the low bytes of all come first, then the high ones, deflated (zlib, RFC 1950).
        """
        flat = columns.reshape(len(columns), -1)
        peaks = np.abs(flat).max(1)
        scales = np.where(peaks > 0, peaks, 1.0) / float(np.iinfo(dtype).max)
        steps = np.rint(flat / scales[:, None]).astype(np.dtype(dtype).newbyteorder("<"))
        # what does not fit into the type comes back when it is added up in it
        steps[:, stride:] -= steps[:, :-stride].copy()
        planes = steps.reshape(-1, 1).view(np.uint8).T.tobytes()
        return {
            "dtype": dtype,
            "shape": list(columns.shape),
            "scale": [float(each) for each in scales],
            "stride": stride,
            **self._add(zlib.compress(planes, _ZLIB_LEVEL)),
        }

    def photo(self, pixels: NDArray[np.uint8], quality: int) -> Entry:
        """(h, w, 3 or 4) uint8 as WebP, nearly as it is; colours without alpha are kept."""
        return self._image(pixels, "WEBP", quality=quality, method=1, exact=True)

    def maps(self, values: NDArray[np.uint8]) -> Entry:
        """(h, w, 3) uint8 as PNG, exactly as it is."""
        return self._image(values, "PNG", compress_level=4)

    def finish(self, header: dict[str, Any]) -> bytes:
        """The file. header: JSON values, with the entries where they belong."""
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % _ALIGNMENT)
        return b"".join([struct.pack("<Q", len(text)), text, *self._buffers])

    def _image(self, pixels: NDArray[np.uint8], kind: str, **options: Any) -> Entry:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, kind, **options)
        height, width = pixels.shape[:2]
        found = self._add(file.getvalue())
        return {"type": f"image/{kind.lower()}", "width": width, "height": height, **found}

    def _add(self, data: bytes) -> Entry:
        begin, end = self._size, self._size + len(data)
        padding = b"\0" * (-len(data) % _ALIGNMENT)
        self._buffers += [data, padding]
        self._size = end + len(padding)
        return {"begin": begin, "end": end}
