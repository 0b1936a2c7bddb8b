"""The process that recordings are recognised in.

pocketsphinx holds Python's lock while it works, so it would stop the pictures from being drawn.
Started by file path by `lipsmith.articulation.recogniser`, with its module search path:

    python -I -S recogniser_child.py SEARCH_PATH LANGUAGE

Messages are those of `lipsmith.child`:

    in   S samples                int16 mono at 16 kHz, one chunk
    out  P phones                 records of PHONE_RECORD
         X reason                 failed
"""

import os
import struct
import sys

PHONE_RECORD = "<iii4s"
"""first frame, frame behind the last (10 ms each), stress, ARPAbet or nothing for a pause."""


def main() -> None:
    out = os.dup(1)
    os.dup2(2, 1)
    sys.path[:0] = sys.argv[1].split(os.pathsep)
    from lipsmith.articulation.hearing import Listener

    listener = Listener(sys.argv[2])
    while True:
        header = _receive(5)
        payload = _receive(struct.unpack("<I", header[1:])[0])
        try:
            phones = listener.listen(payload)
        except Exception as error:
            _send(out, b"X", repr(error).encode())
            continue
        records = (
            struct.pack(PHONE_RECORD, p.start, p.end, p.stress, p.name.encode()) for p in phones
        )
        _send(out, b"P", b"".join(records))


def _receive(count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        more = os.read(0, count - len(data))
        if not more:
            os._exit(0)
        data += more
    return bytes(data)


def _send(out: int, kind: bytes, payload: bytes) -> None:
    message = memoryview(kind + struct.pack("<I", len(payload)) + payload)
    try:
        while message:
            message = message[os.write(out, message) :]
    except OSError:
        os._exit(0)


if __name__ == "__main__":
    main()
