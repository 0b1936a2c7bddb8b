"""The process that recordings are recognised in.

pocketsphinx holds Python's lock while it works, so it would stop the pictures from being drawn.
Started by file path by `lipsmith.articulation.recognition.recogniser`, with its module search path:

    python -I -S recogniser_child.py SEARCH_PATH LANGUAGE

Messages are those of `lipsmith.child`; all but the samples are JSON:

    in   W [[text, [[IPA, stress], ...]], ...]    words of a script, behind those sent before
         T [[text, [[IPA, stress], ...]], ...]    the words of the next chunk, all of them
         S samples                                int16 mono at 16 kHz, one chunk
    out  P [phones, words, waiting, spoken, fitted, foreign]
                                                  phones: [IPA, first frame, frame behind, stress]
                                                  words: [text, first frame, frame behind]
                                                  waiting: words of the script still to come
                                                  spoken: frames; of these, fitted: with words of
                                                  the script, foreign: without sense as English
         X reason                                 failed; the answer to S, too
"""

import json
import os
import struct
import sys


def main() -> None:
    out = os.dup(1)
    os.dup2(2, 1)
    sys.path[:0] = sys.argv[1].split(os.pathsep)
    from lipsmith.articulation.recognition.hearing import Listener
    from lipsmith.articulation.recognition.word_alignment import ScriptWord

    listener = Listener(sys.argv[2])
    while True:
        header = _receive(5)
        payload = _receive(struct.unpack("<I", header[1:])[0])
        if header[:1] in (b"W", b"T"):
            words = [
                ScriptWord(text, tuple((symbol, stress) for symbol, stress in phones))
                for text, phones in json.loads(payload)
            ]
            listener.expect(words, all_in_next=header[:1] == b"T")
            continue
        try:
            heard = listener.listen(payload)
        except Exception as error:
            _send(out, b"X", repr(error).encode())
            continue
        answer = [
            [[p.symbol, p.start, p.end, p.stress] for p in heard.phones],
            [[word.text, word.start, word.end] for word in heard.words],
            heard.waiting,
            heard.spoken_frames,
            heard.fitted_frames,
            heard.foreign_frames,
        ]
        _send(out, b"P", json.dumps(answer).encode())


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
