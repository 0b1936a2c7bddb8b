"""Which phones are said in a recording, and when."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.energy_phones import energy_phones
from lipsmith.articulation.phone_frames import HeardPhone, settle
from lipsmith.articulation.voice_activity import RATE_HZ, levels_db, speech_frames
from lipsmith.child import ChildProcess
from lipsmith.core.speech import Phone, Speech, SpeechChunk
from lipsmith.errors import RenderError
from lipsmith.phonetics.arpabet import to_ipa

_SCRIPT = Path(__file__).with_name("recogniser_child.py")
_PHONE = struct.Struct("<iii4s")
_FRAME_HZ = 100
_LARGEST_INPUT = 1 << 20
"""Bytes; more than a chunk of 30 s."""


def recognise(speech: Speech) -> Speech:
    """The same speech with `phones` filled in wherever they are None.

    The first chunk is taken from `speech` at once; from then on the next chunk is recognised, in
    another process, while the caller works on the last one. Recognition that fails is replaced by
    a guess from the loudness, with a warning.

    Raises:
        AudioError: the recording cannot be read.
    """
    recogniser = _Recogniser(speech)
    return replace(speech, chunks=recogniser.chunks())


class _Recogniser:
    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._source = iter(speech.chunks)
        self._child: ChildProcess | None = None
        self._failed = False
        self._heard = False
        self._next = self._request()

    def chunks(self) -> Iterator[SpeechChunk]:
        try:
            while self._next is not None:
                chunk = self._next
                phones = chunk.phones
                if phones is None:
                    phones = _to_phones(self._receive(chunk), chunk, self._speech)
                self._heard = self._heard or any(phone.symbol for phone in phones)
                self._next = self._request()
                yield replace(chunk, phones=phones)
            if not self._heard:
                self._speech.warnings.append(
                    "nobody speaks in the recording as far as can be heard; the mouth stays shut"
                )
        finally:
            if self._child is not None:
                self._child.close()

    def _request(self) -> SpeechChunk | None:
        """Take the next chunk and let the child begin with it."""
        chunk = next(self._source, None)
        if chunk is not None and chunk.phones is None and not self._failed:
            pcm = (_at_16_khz(chunk, self._speech.rate_hz) * 32767).astype("<i2")
            try:
                if self._child is None:
                    arguments = [_search_path(), self._speech.language]
                    self._child = ChildProcess(_SCRIPT, arguments, "the speech recogniser")
                    self._child.widen_input(_LARGEST_INPUT)
                self._child.send(b"S", pcm.tobytes())
            except RenderError as error:
                self._fail(error)
        return chunk

    def _receive(self, chunk: SpeechChunk) -> list[HeardPhone]:
        if self._child is not None and not self._failed:
            try:
                records = self._child.expect(b"P")
                return [
                    HeardPhone(name.rstrip(b"\0").decode(), start, end, stress)
                    for start, end, stress, name in _PHONE.iter_unpack(records)
                ]
            except RenderError as error:
                self._fail(error)
        samples = _at_16_khz(chunk, self._speech.rate_hz)
        spoken = speech_frames(samples, None)
        return settle(energy_phones(samples, spoken), spoken, levels_db(samples))

    def _fail(self, error: RenderError) -> None:
        self._failed = True
        self._speech.warnings.append(f"{error}; the mouth follows the loudness alone")


def _search_path() -> str:
    """Where this process finds its modules, for the child."""
    return os.pathsep.join(
        [str(_SCRIPT.parents[2]), *(path or str(Path.cwd()) for path in sys.path)]
    )


def _at_16_khz(chunk: SpeechChunk, rate_hz: int) -> NDArray[np.float32]:
    """(n,) mono."""
    mono = chunk.samples.mean(axis=1, dtype=np.float32)
    if rate_hz != RATE_HZ:
        import soxr

        mono = soxr.resample(mono, rate_hz, RATE_HZ)
    return np.asarray(np.clip(mono, -1, 1), np.float32)


def _to_phones(heard: list[HeardPhone], chunk: SpeechChunk, speech: Speech) -> tuple[Phone, ...]:
    """Frames to samples; the last phone ends with the chunk."""
    phones = []
    rate_hz = speech.rate_hz
    for index, phone in enumerate(heard):
        start = chunk.start + phone.start * rate_hz // _FRAME_HZ
        end = chunk.start + phone.end * rate_hz // _FRAME_HZ
        end = chunk.end if index == len(heard) - 1 else min(end, chunk.end)
        if end > start:
            phones.append(Phone(to_ipa(phone.name, speech.language), start, end, phone.stress))
    return tuple(phones)
