"""The process that espeak-ng runs in; started by file path, imports nothing of ours.

espeak-ng keeps global state, cannot be interrupted, and is under another licence (GPL-3), so it
lives in a process of its own, which `lipsmith.phonetics.espeak` starts, reads and kills.

    python -I -S espeak_child.py LIBRARY DATA

Messages in both directions are one letter, the payload's length as a little-endian uint32, and
the payload.

    in   L                        list voices
         V identifier             use this voice
         P rate i32, pitch i32    words a minute, 0..99; negative leaves the voice's own
         T text                   speak
         M text                   speak SSML, with espeak's phoneme names in [[ ]]
    out  R rate i32               ready: samples a second
         L lines                  identifier, name, gender, languages, between tabs;
                                  a language is code:priority, small numbers are better
         O                        the voice or the parameters were taken
         A samples                int16 mono
         E events                 records of EVENT_RECORD
         D                        the text is spoken
         X reason                 failed
"""

import ctypes as c
import os
import struct
import sys

EVENT_RECORD = "<iii8s"
"""type (see espeak_EVENT_TYPE in speak_lib.h), sample, character position, IPA in UTF-8."""

SYNCHRONOUS = 2
BUFFER_MS = 100
PHONEME_EVENTS, PHONEME_IPA, DO_NOT_EXIT = 1, 2, 0x8000
CHARS_UTF8, SSML, PHONEME_NAMES = 1, 0x10, 0x100
RATE, PITCH = 1, 3
PHONEME = 7


class EventId(c.Union):
    _fields_ = [("number", c.c_int), ("name", c.c_char_p), ("string", c.c_char * 8)]


class Event(c.Structure):
    _fields_ = [
        ("type", c.c_int),
        ("unique_identifier", c.c_uint),
        ("text_position", c.c_int),
        ("length", c.c_int),
        ("audio_position", c.c_int),
        ("sample", c.c_int),
        ("user_data", c.c_void_p),
        ("id", EventId),
    ]


class Voice(c.Structure):
    _fields_ = [
        ("name", c.c_char_p),
        ("languages", c.c_void_p),
        ("identifier", c.c_char_p),
        ("gender", c.c_ubyte),
        ("age", c.c_ubyte),
        ("variant", c.c_ubyte),
        ("reserved", c.c_ubyte),
        ("score", c.c_int),
        ("spare", c.c_void_p),
    ]


Callback = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(Event))

# Whatever the library prints must not get between the messages.
_out = os.dup(1)
os.dup2(2, 1)


def send(kind: bytes, payload: bytes = b"") -> None:
    message = memoryview(kind + struct.pack("<I", len(payload)) + payload)
    try:
        while message:
            message = message[os.write(_out, message) :]
    except OSError:
        os._exit(0)


def receive(count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = os.read(0, count - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def on_sound(samples: "c._Pointer[c.c_short]", count: int, events: "c._Pointer[Event]") -> int:
    records = []
    index = 0
    while events[index].type:
        event = events[index]
        name = event.id.string if event.type == PHONEME else b""
        records.append(
            struct.pack(EVENT_RECORD, event.type, event.sample, event.text_position, name)
        )
        index += 1
    if records:
        send(b"E", b"".join(records))
    if samples and count > 0:
        send(b"A", c.string_at(samples, 2 * count))
    return 0


def language_codes(pointer: int) -> list[bytes]:
    """A voice's codes, best first: (priority, NUL-terminated code)..., closed by a zero byte."""
    codes = []
    while pointer and (priority := c.string_at(pointer, 1)) != b"\0":
        code = c.string_at(pointer + 1)
        codes.append(b"%s:%d" % (code, priority[0]))
        pointer += len(code) + 2
    return codes


def list_voices(library: c.CDLL, wanted: Voice | None) -> list[bytes]:
    voices = library.espeak_ListVoices(wanted)
    lines = []
    index = 0
    while voices[index]:
        voice = voices[index].contents
        gender = b"%d" % voice.gender
        codes = b" ".join(language_codes(voice.languages))
        lines.append(b"\t".join((voice.identifier, voice.name, gender, codes)))
        index += 1
    return lines


def main() -> None:
    library_path, data_path = sys.argv[1:3]
    library = c.CDLL(library_path)
    library.espeak_ListVoices.restype = c.POINTER(c.POINTER(Voice))
    library.espeak_ListVoices.argtypes = [c.POINTER(Voice)]
    library.espeak_SetVoiceByName.argtypes = [c.c_char_p]
    library.espeak_Synth.argtypes = [
        c.c_char_p,
        c.c_size_t,
        c.c_uint,
        c.c_int,
        c.c_uint,
        c.c_uint,
        c.c_void_p,
        c.c_void_p,
    ]
    options = PHONEME_EVENTS | PHONEME_IPA | DO_NOT_EXIT
    rate = library.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, os.fsencode(data_path), options)
    if rate <= 0:
        send(b"X", b"espeak-ng cannot read its data")
        return
    callback = Callback(on_sound)
    library.espeak_SetSynthCallback(callback)
    send(b"R", struct.pack("<i", rate))
    while True:
        header = receive(5)
        payload = receive(struct.unpack("<I", header[1:])[0])
        kind = header[:1]
        if kind == b"L":
            variants = Voice(languages=c.cast(c.c_char_p(b"variant"), c.c_void_p))
            send(b"L", b"\n".join(list_voices(library, None) + list_voices(library, variants)))
        elif kind == b"V":
            failed = library.espeak_SetVoiceByName(payload)
            send(b"X" if failed else b"O", b"no such voice" if failed else b"")
        elif kind == b"P":
            for parameter, value in zip((RATE, PITCH), struct.unpack("<ii", payload), strict=True):
                if value >= 0:
                    library.espeak_SetParameter(parameter, value, 0)
            send(b"O")
        elif kind in (b"T", b"M"):
            flags = CHARS_UTF8 if kind == b"T" else CHARS_UTF8 | SSML | PHONEME_NAMES
            text = payload + b"\0"
            library.espeak_ng_SetRandSeed(c.c_long(1))  # it starts from the time otherwise
            failed = library.espeak_Synth(text, len(text), 0, 1, 0, flags, None, None)
            failed = library.espeak_Synchronize() or failed
            send(b"X" if failed else b"D", b"espeak-ng failed" if failed else b"")


main()
