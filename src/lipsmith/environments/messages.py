"""What the payloads of messages between Lipsmith and an engine's process hold.

Needs nothing but the standard library, because both sides use it. A payload is the length of its
head as a little-endian uint32, the head (JSON), and the bytes of all arrays:

    {"id": call, "values": {name: JSON value}, "arrays": [[name, "float32" | "uint8", shape]]}

Messages are those of `lipsmith.child`; PROTOCOL changes when their meaning does:

    to the engine    C call        its method's name and arguments begin a call
                     I input       the next of the inputs that were wanted
                     E end         there are no more inputs
                     X stop        nothing of the call is wanted any more
    from the engine  R ready       the PROTOCOL that it speaks; comes first
                     V value       one of the call's results
                     D done        there are no more results
                     W want        the next of the call's inputs is needed
                     P progress    fraction 0..1 or null, and what is being done
                     F failed      kind, message and traceback
                     H heartbeat   once a second, whatever else happens
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

PROTOCOL = 1
CALL, INPUT, END, STOP = b"C", b"I", b"E", b"X"
READY, VALUE, DONE, WANT, PROGRESS, FAILED, HEARTBEAT = b"R", b"V", b"D", b"W", b"P", b"F", b"H"

Values = dict[str, Any]
"""JSON values and arrays by name. Arrays are anything with a buffer of float32 or uint8."""

_TYPE_NAMES = {"f": "float32", "B": "uint8"}
_FORMATS = {name: code for code, name in _TYPE_NAMES.items()}
_ITEM_BYTES = {"float32": 4, "uint8": 1}


def encode(call: int, values: Mapping[str, Any] | None = None) -> bytes:
    """The payload that carries `values`.

    Raises:
        TypeError: an array of another type, or a value that JSON does not know.
    """
    plain: Values = {}
    arrays = []
    parts = []
    for name, value in (values or {}).items():
        if value is None or isinstance(value, str | int | float | list | tuple | dict):
            plain[name] = value
            continue
        view = memoryview(value)
        if view.format not in _TYPE_NAMES:
            raise TypeError(f"{name} is an array of {view.format!r}, not of float32 or uint8")
        arrays.append([name, _TYPE_NAMES[view.format], view.shape])
        parts.append(view.tobytes())
    head = json.dumps({"id": call, "values": plain, "arrays": arrays}).encode()
    return b"".join((struct.pack("<I", len(head)), head, *parts))


def decode(payload: bytes) -> tuple[int, Values]:
    """The call and its values; arrays come as memoryviews of their shape.

    Raises:
        ValueError: this is no such payload.
    """
    try:
        (size,) = struct.unpack_from("<I", payload)
        head = json.loads(payload[4 : 4 + size])
        values: Values = dict(head["values"])
        rest = memoryview(payload)[4 + size :]
        for name, kind, shape in head["arrays"]:
            count = math.prod(shape) * _ITEM_BYTES[kind]
            if len(rest) < count:
                raise ValueError(f"{name} is cut short")
            values[name] = _shaped(rest[:count], kind, shape)
            rest = rest[count:]
        return int(head["id"]), values
    except (struct.error, KeyError, TypeError) as error:
        raise ValueError(f"not a message of an engine: {error!r}") from error


def _shaped(data: memoryview, kind: str, shape: list[int]) -> memoryview:
    code: Any = _FORMATS[kind]
    if not data or not shape:  # memoryviews have no empty shapes
        return data.cast(code)
    return data.cast(code, shape)
