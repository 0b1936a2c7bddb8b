"""How well phones are found in recordings whose phones are known.

    python -m benchmarks.recognition FOLDER    recordings of your own
    python -m benchmarks.recognition           sentences said by flite and festival

FOLDER holds NAME.wav (of any kind that FFmpeg reads) with NAME.lab beside it, and NAME.txt where
the words are known too. A .lab has one phone a line: start and end in seconds, and its IPA or
ARPAbet ("", pau, sil, # or _ is a pause). A name that begins with a language and an underscore is
in that language: cs_dita.wav.
Speech of espeak-ng must not judge: its formants are far from a voice.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.known_speech import synthesise, why_not
from lipsmith.articulation.recognition.recogniser import WordsOf, recognise
from lipsmith.core.motion import Viseme
from lipsmith.core.speech import Phone
from lipsmith.errors import AudioError
from lipsmith.phonetics.arpabet import to_ipa
from lipsmith.phonetics.espeak import EspeakProcess
from lipsmith.phonetics.pronunciation import Pronouncer
from lipsmith.phonetics.visemes import timed_visemes
from lipsmith.speech.espeak.voices import choose
from lipsmith.speech.recording import read_recording
from lipsmith.speech.words.text import pieces

_FRAME_HZ = 100
_VISEMES = list(Viseme)
_OPENING = {
    Viseme.AA: 1.0, Viseme.E: 0.7, Viseme.OH: 0.7, Viseme.IH: 0.45, Viseme.OU: 0.35,
    Viseme.RR: 0.35, Viseme.KK: 0.4, Viseme.NN: 0.35, Viseme.DD: 0.3, Viseme.TH: 0.3,
    Viseme.CH: 0.3, Viseme.SS: 0.2, Viseme.FF: 0.1,
}  # fmt: skip
"""How far each opens the mouth, roughly, for the correlation."""

_NEAR_FRAMES = 5
_PAUSES = frozenset(["", "pau", "sil", "#", "_", "h#", "sp"])
_LIKE_ARPABET = {"AX": "AH", "IX": "IH", "AXR": "ER", "DX": "D", "NX": "N", "EL": "L", "EN": "N"}
_LIKE_IPA = {
    "c~": "tʃ", "d~": "ɟ", "t~": "c", "n~": "ɲ", "z~": "ʒ", "s~": "ʃ", "r~": "r", "r~*": "r",
    "dz~": "dʒ", "ch": "x", "tS": "tʃ", "dZ": "dʒ", "S": "ʃ", "J": "ɲ", "L": "ʎ", "ng": "ŋ",
    "E": "ɛ", "O": "ɔ", "@": "ø", "N": "ŋ", "g": "ɡ", "h:": "h",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """classes: (frames,) indices of visemes."""

    path: Path
    language: str
    text: str
    classes: NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Score:
    """frames: share of equal classes. hit, closures, false: times the lips close. opening:
    correlation. cpu: processor seconds a second of sound."""

    frames: float
    hit: int
    closures: int
    false: int
    opening: float
    cpu: float


def read_known(folder: Path) -> list[Known]:
    """Recordings with labels."""
    known = []
    for path in sorted(folder.glob("*.wav")):
        labels = path.with_suffix(".lab")
        if labels.exists():
            language = path.stem.partition("_")[0] if "_" in path.stem else "en"
            text = path.with_suffix(".txt")
            words = text.read_text(encoding="utf-8") if text.exists() else ""
            known.append(Known(path, language, words, _classes_of(labels, language)))
    return known


def _classes_of(labels: Path, language: str) -> NDArray[np.int_]:
    phones = []
    for line in labels.read_text(encoding="utf-8").splitlines():
        start, end, *name = line.split()
        first, last = (round(float(seconds) * 1000) for seconds in (start, end))
        if last > first:
            phones.append(Phone(_ipa(name[0] if name else "", language), first, last))
    return _classes(phones, 1000, -(-phones[-1].end // 10))


def _ipa(name: str, language: str) -> str:
    if name in _PAUSES:
        return ""
    if language == "en":
        upper = name.upper()
        ipa = to_ipa(_LIKE_ARPABET.get(upper, upper))
        return ipa or name
    plain = name.rstrip("1")
    return _LIKE_IPA.get(plain) or _LIKE_IPA.get(plain.rstrip(":")) or plain.replace(":", "ː")


def _classes(phones: Iterable[Phone], rate_hz: int, frames: int) -> NDArray[np.int_]:
    classes = np.zeros(frames, int)
    for timed in timed_visemes(phones):
        first, last = (round(s * _FRAME_HZ / rate_hz) for s in (timed.start, timed.end))
        classes[first:last] = _VISEMES.index(timed.viseme)
    return classes


def measure(known: Known, words_of: WordsOf | None, language: str) -> Score:
    """Recognise one recording, with its words where `words_of` is given."""
    speech = read_recording(known.path, language)
    texts = (piece.text for piece in pieces([known.text], 400))
    before = _cpu_s()
    chunks = list(recognise(speech, words_of=words_of, transcript=texts).chunks)
    phones = [phone for chunk in chunks for phone in chunk.phones or ()]
    cpu_s = _cpu_s() - before
    found = _classes(phones, speech.rate_hz, len(known.classes))
    hit, closures, false = _closures(known.classes, found)
    openings = [
        np.array([_OPENING.get(_VISEMES[c], 0.0) for c in x]) for x in (known.classes, found)
    ]
    smooth = [np.convolve(opening, np.ones(5) / 5, "same") for opening in openings]
    return Score(
        float(np.mean(known.classes == found)),
        hit,
        closures,
        false,
        float(np.corrcoef(*smooth)[0, 1]),
        cpu_s * speech.rate_hz / chunks[-1].end,
    )


def _closures(known: NDArray[np.int_], found: NDArray[np.int_]) -> tuple[int, int, int]:
    """Closed lips that were found, that there are, and that were made up."""
    closed = _VISEMES.index(Viseme.PP)
    here, there = known == closed, found == closed
    hit = sum(1 for a, b in _runs(here) if there[max(0, a - _NEAR_FRAMES) : b + _NEAR_FRAMES].any())
    made_up = [not here[max(0, a - _NEAR_FRAMES) : b + _NEAR_FRAMES].any() for a, b in _runs(there)]
    return hit, len(_runs(here)), sum(made_up)


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(mask.astype(int), prepend=0, append=0))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _cpu_s() -> float:
    usages = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="of .wav, .lab and .txt files")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as name:
        if folder is None:
            if reason := why_not():
                print(f"skipped: {reason}")
                return 0
            folder = Path(name)
            synthesise(folder)
        known = read_known(folder)
        if not known:
            print(f"{folder} has no .wav with a .lab beside it", file=sys.stderr)
            return 2
        print("recording     how                  frames  closures      false  opening  CPU s/s")
        for one in known:
            for how, score in _scored(one):
                print(
                    f"{one.path.stem:<13} {how:<20} {score.frames:6.2f}  "
                    f"{score.hit:3d} of {score.closures:3d}  {score.false:7d}  "
                    f"{score.opening:7.2f}  {score.cpu:7.3f}",
                    flush=True,
                )
    return 0


def _scored(known: Known) -> Iterator[tuple[str, Score]]:
    """As `_variants`; a recording that cannot be read is told of and left out."""
    try:
        yield from _variants(known)
    except AudioError as error:
        print(f"{known.path.stem}: {error}", file=sys.stderr)


def _variants(known: Known) -> Iterable[tuple[str, Score]]:
    if known.text:
        with EspeakProcess() as process:
            voice = choose(process.voices(), None, known.language)
            words_of = Pronouncer(process, voice.identifier).words
            yield "transcript", measure(known, words_of, known.language)
    yield f"language {known.language}", measure(known, None, known.language)
    other = "und" if known.language == "en" else "en"
    yield f"taken for {'unknown' if other == 'und' else other}", measure(known, None, other)


if __name__ == "__main__":
    sys.exit(main())
