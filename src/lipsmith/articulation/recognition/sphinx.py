"""Phones by pocketsphinx, whose English model comes with its package.

English is decoded to words, whose pronunciations are then aligned; in other languages the nearest
English phones are found without words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pocketsphinx import Decoder

FRAME_HZ = 100
_WORD_SEARCH: dict[str, float | bool] = {"maxhmmpf": 3000, "maxwpf": 10, "fwdflat": False}
"""Narrower than the defaults and without a second search: less than half the time, the same phones
in 98 % of the frames."""

_PHONE_SEARCH = {"lw": 1.0, "beam": 1e-20, "pbeam": 1e-20}
RETRIES: tuple[dict[str, float | str], ...] = (
    {"cmn": "batch"},
    {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60, "maxhmmpf": -1},
)
"""Alignment sometimes finds no path; these settings find one."""

PADDING_FRAMES = 30
WINDOW_LAG = 125
"""Samples. Frames of 10 ms look at 25.6 ms of sound, so that a border between two of them lies
7.8 ms later in the sound than their numbers say."""


@dataclass(frozen=True, slots=True)
class TimedName:
    """An ARPAbet phone, "" for silence and noise, in frames of 10 ms.

    symbol, stress: as in `core.Phone`, when the words that are said are known; else None.
    """

    name: str
    start: int
    end: int
    symbol: str | None = None
    stress: int | None = None


@dataclass(frozen=True, slots=True)
class DecodedWord:
    """A word in small letters that was understood, "" for none, and its phones."""

    text: str
    phones: tuple[TimedName, ...]


class PhoneFinder:
    """Finds the phones of one utterance after the other.

    Raises:
        ImportError, RuntimeError: pocketsphinx or its model cannot be loaded.
    """

    def __init__(self, english: bool) -> None:
        self._english = english
        self._decoder = make_decoder(**_WORD_SEARCH) if english else _phone_decoder()

    def find(self, samples: NDArray[np.int16]) -> list[TimedName] | None:
        """The phones in (n,) samples at 16 kHz, None when nothing was understood."""
        if self._english:
            words = self.find_words(samples)
            return None if words is None else [phone for word in words for phone in word.phones]
        samples = np.concatenate([np.zeros(WINDOW_LAG, np.int16), samples])
        return _segments(self._decoder, samples)

    def find_words(self, samples: NDArray[np.int16]) -> list[DecodedWord] | None:
        """As `find`, by the English words that they make up; silence and noise are "" words."""
        samples = np.concatenate([np.zeros(WINDOW_LAG, np.int16), samples])
        found = _decode_and_align(self._decoder, samples)
        return None if found is None else [_decoded(name, phones) for name, phones in found]


def _decoded(name: str, phones: list[TimedName]) -> DecodedWord:
    text = name.partition("(")[0] if name[:1].isalpha() else ""
    if text == "i" or text.startswith("i'"):
        text = "I" + text[1:]
    return DecodedWord(text, tuple(phones))


_NamedPhones = list[tuple[str, list[TimedName]]]
"""Each word's name in the decoder's dictionary, and its phones."""


def _decode_and_align(decoder: Decoder, samples: NDArray[np.int16]) -> _NamedPhones | None:
    decoder.activate_search()
    words = [name.partition("(")[0] for name, _, _ in decode(decoder, samples)]
    if not any(word[:1].isalpha() for word in words):
        return None
    try:
        return align_decoded(decoder, samples)
    except RuntimeError:
        said = " ".join(word for word in words if word[:1].isalpha())
    for settings in RETRIES:
        for padding in (0, PADDING_FRAMES):
            longer = padded(samples, padding)
            retry = make_decoder(lm=None, bestpath=False, **settings)
            try:
                retry.set_align_text(said)
                decode(retry, longer)
                frames = len(samples) // 160
                aligned = align_decoded(retry, longer)
                return [(name, shift(phones, padding, frames)) for name, phones in aligned]
            except RuntimeError:
                continue
    return None


def align_decoded(decoder: Decoder, samples: NDArray[np.int16]) -> _NamedPhones:
    """Words with the phone times of what was decoded last in the same samples.

    Raises:
        RuntimeError: no path was found.
    """
    decoder.set_alignment()
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    return [
        (
            word.name,
            [TimedName(_plain(p.name), p.start, p.start + p.duration) for p in word],
        )
        for word in decoder.get_alignment()
    ]


def padded(samples: NDArray[np.int16], frames: int) -> NDArray[np.int16]:
    """With so many frames of faint noise on both sides."""
    noise = np.random.default_rng(0).normal(0, 4, frames * 160).astype(np.int16)
    return np.concatenate([noise, samples, noise])


def _segments(decoder: Decoder, samples: NDArray[np.int16]) -> list[TimedName] | None:
    found = [TimedName(_plain(name), start, end) for name, start, end in decode(decoder, samples)]
    return found or None


def decode(decoder: Decoder, samples: NDArray[np.int16]) -> list[tuple[str, int, int]]:
    """What the decoder's search finds: names, first frames and frames behind the last."""
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    return [(s.word, s.start_frame, s.end_frame + 1) for s in decoder.seg()]


def make_decoder(**settings: float | str | None) -> Decoder:
    """A decoder with the English model."""
    from pocketsphinx import Decoder

    return Decoder(loglevel="FATAL", samprate=16000, **settings)


def _phone_decoder() -> Decoder:
    from pocketsphinx import get_model_path

    phones = Path(get_model_path("en-us"), "en-us-phone.lm.bin")
    return make_decoder(lm=None, dict=None, allphone=str(phones), **_PHONE_SEARCH)


def _plain(name: str) -> str:
    return name if name.isalpha() and name != "SIL" else ""


def shift(phones: list[TimedName], frames: int, count: int) -> list[TimedName]:
    moved = (
        replace(p, start=max(0, p.start - frames), end=min(count, p.end - frames)) for p in phones
    )
    return [phone for phone in moved if phone.end > phone.start]
