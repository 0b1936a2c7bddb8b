"""Recordings of people that come with the times of their phones."""

from __future__ import annotations

import random
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from examples import FRAME, RATE_HZ, Example, frame_visemes

from lipsmith.core.speech import Phone

_LONGEST_S = 4.0
"""Behind this much, a recording is cut in the next pause."""

_LEAST_PAUSE_S = 0.15
_RUSSIAN = {
    "aa": "a", "a": "ɐ", "ee": "ɛ", "e": "e", "ii": "i", "i": "ɪ", "oo": "o", "uu": "u", "u": "u",
    "ur": "ʊ", "yy": "ɨ", "y": "ɨ", "ae": "ɪ", "ay": "ə", "c": "ts", "ch": "tɕ", "sch": "ɕ",
    "sh": "ʂ", "zh": "ʐ", "h": "x", "hh": "xʲ", "g": "ɡ", "gg": "ɡʲ", "pau": "",
}  # fmt: skip
"""Doubled letters of consonants are palatalised."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """folder: with wav/NAME.wav and lab/NAME.lab, as festival builds voices from them."""

    language: str
    folder: str
    phones: dict[str, str]


CORPORA = {
    "festvox/ru-nsh": Corpus(
        "ru", "usr/share/festival/voices/russian/msu_ru_nsh_clunits", _RUSSIAN
    ),
}


def corpus(name: str, seconds: float, root: Path = Path("/")) -> Iterator[Example]:
    """root: where the packages of Debian are installed or unpacked."""
    about = CORPORA[name]
    folder = root / about.folder
    paths = sorted(folder.glob("lab/*.lab"))
    random.Random(0).shuffle(paths)
    for path in paths:
        if seconds <= 0:
            return
        with wave.open(str(folder / "wav" / f"{path.stem}.wav")) as file:
            if (file.getframerate(), file.getnchannels()) != (RATE_HZ, 1):
                raise SystemExit(f"{path.stem}.wav is not mono at 16 kHz")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
        visemes = frame_visemes(_phones(path, about.phones), len(samples) // FRAME)
        for start, end in _pieces(visemes):
            sound = samples[start * FRAME : end * FRAME]
            seconds -= len(sound) / RATE_HZ
            yield Example(name, about.language, sound, visemes[start:end])


def _phones(path: Path, names: dict[str, str]) -> list[Phone]:
    """Phones in samples; a label tells where its phone ends."""
    phones: list[Phone] = []
    start = 0
    for row in path.read_text("utf-8").splitlines():
        columns = row.split()
        if len(columns) != 3:
            continue
        end = round(float(columns[0]) * RATE_HZ)
        symbol = names.get(columns[2])
        if symbol is None:
            letter = columns[2]
            symbol = f"{letter[0]}ʲ" if letter[:1] == letter[1:2] else letter
        if end > start:
            phones.append(Phone(symbol, start, end))
            start = end
    return phones


def _pieces(visemes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Stretches of frames that begin and end in pauses."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], visemes == 0, [0]]).astype(int)))
    first = 0
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        middle = (start + end) // 2
        if end - start < _LEAST_PAUSE_S * 100 or middle - first < _LONGEST_S * 100:
            continue
        if visemes[first:middle].any():
            yield first, middle
        first = middle
    if visemes[first:].any():
        yield first, len(visemes)
