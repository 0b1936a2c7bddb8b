"""Recordings of people whose words are known, aligned with what they say, and of music.

Telephone prompts and music on hold of Asterisk (CC BY-SA 3.0), as Debian packages them.
"""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soxr
from examples import FRAME, RATE_HZ, Example, frame_visemes
from numpy.typing import NDArray
from pocketsphinx import Decoder

from lipsmith.core.speech import Phone
from lipsmith.phonetics.arpabet import from_ipa
from lipsmith.phonetics.espeak import EspeakProcess
from lipsmith.phonetics.pronunciation import PronouncedWord, Pronouncer

_BRACKETS = re.compile(r"[\[(].*?[\])]")
_TRIES: tuple[dict[str, float | str], ...] = ({}, {"cmn": "batch"})
_WINDOW_LAG = 125
"""Samples; see `lipsmith.articulation.recognition.sphinx`."""

_LONGEST_PHONE_S = 0.6
_USUAL_PHONE_S = (0.045, 0.16)
_AUDIBLE_DB = 35.0
_AUDIBLE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Prompts:
    """language: of the list of texts. folder: with the sounds. voice: espeak-ng's."""

    language: str
    folder: str
    voice: str


PROMPTS = {
    "asterisk/en-allison": Prompts("en", "en_US_f_Allison", "en-us"),
    "asterisk/es-allison": Prompts("es", "es_MX_f_Allison", "es-419"),
    "asterisk/fr-june": Prompts("fr", "fr_CA_f_June", "fr"),
    "asterisk/it-carlo": Prompts("it", "it_IT_m_Carlo", "it"),
    "asterisk/ru-ivrvoice": Prompts("ru", "ru_RU_f_IvrvoiceRU", "ru"),
}

MUSIC = ("macroform-cold_day", "macroform-robot_dity", "macroform-the_simplicity")
"""The other two pieces of the package are left for testing."""


def prompts(name: str, root: Path, seconds: float) -> Iterator[Example]:
    """root: where the packages are unpacked; "/" when they are installed."""
    about = PROMPTS[name]
    listing = f"usr/share/doc/asterisk-core-sounds-{about.language}"
    with gzip.open(root / listing / f"core-sounds-{about.language}.txt.gz", "rt") as file:
        lines = [line.partition(":") for line in file if ":" in line and line[0] != ";"]
    sounds = root / "usr/share/asterisk/sounds" / about.folder
    pairs = [(sounds / f"{stem.strip()}.g722", text) for stem, _, text in lines]
    yield from _aligned(name, about.language, about.voice, pairs, seconds)


def music(root: Path) -> NDArray[np.int16]:
    """(n,) at 16 kHz. root: as for `prompts`."""
    paths = [root / "usr/share/asterisk/moh" / f"{name}.g722" for name in MUSIC]
    return np.concatenate([_read(path) for path in paths])


def _aligned(
    name: str, language: str, voice: str, pairs: list[tuple[Path, str]], seconds: float
) -> Iterator[Example]:
    pairs = sorted((path, text) for path, text in pairs if path.exists())
    random.Random(0).shuffle(pairs)
    with Pronouncer(EspeakProcess(), voice) as pronouncer:
        for path, text in pairs:
            text = " ".join(_BRACKETS.sub(" ", text).split())
            if seconds <= 0:
                return
            if len(text) < 6:
                continue
            samples = _read(path)
            if not 8000 < len(samples) < 15 * RATE_HZ:
                continue
            phones = _align(samples, pronouncer.words(text))
            if not _plausible(phones, samples):
                continue
            seconds -= len(samples) / RATE_HZ
            yield Example(name, language, samples, frame_visemes(phones, len(samples) // FRAME))


def _align(samples: NDArray[np.int16], words: list[PronouncedWord]) -> list[Phone]:
    """The phones of the words, each borne by the English phones that sound most like it."""
    spelled = [[(p.symbol, from_ipa(p.symbol)) for p in word.phones] for word in words]
    spelled = [[phone for phone in phones if phone[1]] for phones in spelled]
    spelled = [phones for phones in spelled if phones]
    for settings in _TRIES:
        decoder = Decoder(lm=None, loglevel="FATAL", samprate=RATE_HZ, **settings)
        for index, phones in enumerate(spelled):
            names = " ".join(name for _, names in phones for name in names)
            decoder.add_word(f"zz{index}", names, True)
        try:
            decoder.set_align_text(" ".join(f"zz{index}" for index in range(len(spelled))))
            _decode(decoder, samples)
            decoder.set_alignment()
            _decode(decoder, samples)
            found = [
                [(phone.start, phone.start + phone.duration) for phone in word]
                for word in decoder.get_alignment()
                if word.name.startswith("zz")
            ]
        except (RuntimeError, TypeError):
            continue
        if [len(times) for times in found] != [sum(len(n) for _, n in w) for w in spelled]:
            continue
        return _joined(spelled, found)
    return []


def _decode(decoder: Decoder, samples: NDArray[np.int16]) -> None:
    decoder.start_utt()
    late = np.concatenate([np.zeros(_WINDOW_LAG, np.int16), samples])
    decoder.process_raw(late.tobytes(), full_utt=True)
    decoder.end_utt()


def _joined(
    spelled: list[list[tuple[str, Sequence[str]]]], found: list[list[tuple[int, int]]]
) -> list[Phone]:
    phones = []
    for word, times in zip(spelled, found, strict=True):
        for symbol, names in word:
            start, end = times[0][0], times[len(names) - 1][1]
            del times[: len(names)]
            phones.append(Phone(symbol, start * FRAME, end * FRAME))
    return phones


def _plausible(phones: list[Phone], samples: NDArray[np.int16]) -> bool:
    """Whether the words seem to be those that are said: nothing drawn out, nothing in silence."""
    if len(phones) < 4:
        return False
    lengths = np.array([phone.end - phone.start for phone in phones]) / RATE_HZ
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float32)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1)
    audible = levels > np.percentile(levels, 95) - _AUDIBLE_DB
    said = frame_visemes(phones, len(levels)) > 0
    return bool(
        lengths.max() < _LONGEST_PHONE_S
        and _USUAL_PHONE_S[0] < lengths.mean() < _USUAL_PHONE_S[1]
        and audible[said].mean() > _AUDIBLE_SHARE
        and said[audible].mean() > _AUDIBLE_SHARE
    )


def _read(path: Path) -> NDArray[np.int16]:
    """(n,) at 16 kHz."""
    with av.open(str(path), format="g722") as container:
        stream = container.streams.audio[0]
        frames = [frame.to_ndarray().astype(np.float32) for frame in container.decode(stream)]
        rate_hz = stream.rate
    if not frames:
        return np.zeros(0, np.int16)
    mono = np.concatenate(frames, axis=1).mean(axis=0)
    mono = soxr.resample(mono, rate_hz, RATE_HZ) if rate_hz != RATE_HZ else mono
    return np.clip(mono, -32768, 32767).astype(np.int16)
