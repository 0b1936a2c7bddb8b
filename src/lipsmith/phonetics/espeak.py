"""espeak-ng in a child process: text to samples and timed events."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipsmith.child import ChildProcess
from lipsmith.errors import RenderError

_SCRIPT = Path(__file__).with_name("espeak_child.py")
_EVENT = struct.Struct("<iii8s")
_LONGEST_DATA_PATH_BYTES = 150
"""espeak-ng 1.52 fails from 160 bytes on."""


class EventKind(IntEnum):
    """The events that are used here; the values are espeak_EVENT_TYPE of speak_lib.h."""

    WORD = 1
    SENTENCE = 2
    END = 5
    PHONEME = 7


@dataclass(frozen=True, slots=True)
class EspeakEvent:
    """Something that starts at `sample` of the text being spoken.

    kind: an `EventKind` or another value of espeak_EVENT_TYPE. position: 0-based character of the
    text. phoneme: espeak's IPA, as it comes, cut after 8 bytes; "" is a pause.
    """

    kind: int
    sample: int
    position: int
    phoneme: str


@dataclass(frozen=True, slots=True)
class EspeakVoice:
    """A voice file.

    identifier: what espeak-ng is asked for. languages: its codes; priorities: of each code among
    the voices that share it, the smallest number is the best.
    """

    identifier: str
    name: str
    gender: str
    languages: tuple[str, ...]
    priorities: tuple[int, ...]


class EspeakProcess(ChildProcess):
    """A running espeak-ng. The same calls in the same order give the same samples.

    data: the folder of its voices.

    Raises:
        RenderError: espeak-ng is not installed or died.
    """

    def __init__(self) -> None:
        library, data, clean_up = _installed()
        super().__init__(_SCRIPT, [library, data], "espeak-ng", clean_up)
        self.data = Path(data)
        self.rate_hz = int(struct.unpack("<i", self.expect(b"R"))[0])

    def voices(self) -> list[EspeakVoice]:
        """Every voice, then every variant; the latter have the language "variant"."""
        self.send(b"L")
        voices = []
        for line in self.expect(b"L").decode("utf-8", "replace").split("\n"):
            identifier, name, gender, languages = line.split("\t")
            gender = {"1": "male", "2": "female"}.get(gender, "")
            codes = [code.rpartition(":") for code in languages.split()]
            voices.append(
                EspeakVoice(
                    identifier,
                    name,
                    gender,
                    languages=tuple(code for code, _, _ in codes),
                    priorities=tuple(int(priority) for _, _, priority in codes),
                )
            )
        return voices

    def use(self, identifier: str, rate_wpm: int | None = None, pitch: int | None = None) -> bool:
        """Speak with this voice from here on; False when there is none. pitch: 0..99."""
        self.send(b"V", identifier.encode())
        if self.receive()[0] != b"O":
            return False
        values = (-1 if value is None else value for value in (rate_wpm, pitch))
        self.send(b"P", struct.pack("<ii", *values))
        self.expect(b"O")
        return True

    def speak(
        self, text: str, *, ssml: bool = False
    ) -> Iterator[NDArray[np.int16] | list[EspeakEvent]]:
        """Samples and events as they are made; an event comes before the sound it is in.

        The text must be spoken to its end before anything else is asked of this process.
        ssml: it is a <speak> element, and may have phoneme names of espeak-ng in [[ ]].
        """
        self.send(b"M" if ssml else b"T", text.encode("utf-8", "replace"))
        while True:
            kind, payload = self.receive()
            if kind == b"A":
                yield np.frombuffer(payload, dtype="<i2").astype(np.int16, copy=False)
            elif kind == b"E":
                yield [
                    EspeakEvent(what, sample, position - 1, _ipa(name))
                    for what, sample, position, name in _EVENT.iter_unpack(payload)
                ]
            elif kind == b"D":
                return
            else:
                raise RenderError(f"espeak-ng failed: {payload.decode('utf-8', 'replace')}")


def _installed() -> tuple[str, str, Callable[[], None] | None]:
    """Paths of the library and its data, and what to do when they are not used any more."""
    try:
        import espeakng_loader

        library = espeakng_loader.get_library_path()
        data = espeakng_loader.get_data_path()
    except (ImportError, RuntimeError) as error:
        raise RenderError(f"espeak-ng is not installed ({error}): pip install lipsmith") from error
    if len(os.fsencode(data)) <= _LONGEST_DATA_PATH_BYTES:
        return library, data, None
    folder = tempfile.mkdtemp(prefix="espeak-")
    link = Path(folder, "data")
    try:
        link.symlink_to(data, target_is_directory=True)
    except OSError:  # Windows without the right to make links
        shutil.copytree(data, link)
    return library, str(link), lambda: shutil.rmtree(folder, ignore_errors=True)


def _ipa(name: bytes) -> str:
    """A name of up to 8 bytes, which may end in the middle of a character."""
    return name.rstrip(b"\0").decode("utf-8", "ignore")
