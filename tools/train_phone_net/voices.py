"""Synthetic voices that tell when each phone is said: espeak-ng, flite and festival.

The voices of flite and festival are made of recordings of people, espeak-ng's are formants.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from examples import FRAME, RATE_HZ, Example, frame_visemes
from numpy.typing import NDArray
from texts import sentences

from lipsmith.core.speech import Phone
from lipsmith.phonetics.arpabet import to_ipa
from lipsmith.phonetics.espeak import EspeakProcess, EventKind
from lipsmith.phonetics.ipa import is_modifier, split_stress
from lipsmith.speech.espeak.closures import extend_closures

ESPEAK = {
    "en-us": "en", "en-gb-x-rp": "en", "de": "de", "fr": "fr", "es": "es", "it": "it",
    "pt-br": "pt_BR", "pl": "pl", "nl": "nl", "sv": "sv", "tr": "tr", "cmn": "zh_Hans", "ja": "ja",
    "ko": "ko", "ru": "ru", "ar": "ar", "vi": "vi", "id": "id", "fi": "fi", "hu": "hu", "cs": "cs",
    "el": "el", "ro": "ro", "ca": "ca",
}  # fmt: skip
"""espeak-ng's voices and the locales of the texts; no language of India, which are kept for
testing."""

_VARIANTS = """
    m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 Annie Andy Alex Denis Hugo Lee Marco Michael
"""

_ENGLISH = {
    "ax": "ə", "axr": "ɚ", "dx": "ɾ", "el": "l", "em": "m", "en": "n", "hv": "h", "nx": "n",
}  # fmt: skip
_CZECH = {
    "c": "ts", "c~": "tʃ", "ch": "x", "d~": "ɟ", "dz~": "dʒ", "h": "ɦ", "n*": "ŋ", "n~": "ɲ",
    "r~": "ʒ", "r~*": "ʃ", "s~": "ʃ", "t~": "c", "z~": "ʒ", "e": "ɛ", "e:": "ɛː", "g": "ɡ",
    "_": "", "#": "",
}  # fmt: skip
_FINNISH = {
    "@": "ə", "7": "ø", "7:": "øː", "&": "æ", "S": "ʃ", "N": "ŋ", "N:": "ŋ", "L": "ʎ", "v": "ʋ",
    "g": "ɡ", "T": "θ", "#": "", "##": "",
}  # fmt: skip
_ITALIAN = {
    "E": "ɛ", "O": "ɔ", "S": "ʃ", "Z": "ʒ", "tS": "tʃ", "dZ": "dʒ", "J": "ɲ", "ng": "ŋ",
    "nf": "ɱ", "L": "ʎ", "g": "ɡ", "#": "",
}  # fmt: skip
_CATALAN = {
    "ax": "ə", "E": "ɛ", "O": "ɔ", "S": "ʃ", "Z": "ʒ", "J": "ɲ", "L": "ʎ", "rr": "r", "r": "ɾ",
    "g": "ɡ", "pau": "", "_": "", "#": "",
}  # fmt: skip
_TELUGU = {
    "aa": "a", "a": "ʌ", "ih": "ɪ", "iy": "i", "uh": "ʊ", "uw": "u", "eh": "e", "ee": "e",
    "ay": "aɪ", "oh": "o", "oo": "o", "aw": "aʊ", "ch": "tʃ", "T": "ʈ", "D": "ɖ", "N": "ɳ",
    "th": "t", "dh": "d", "y": "j", "v": "ʋ", "L": "ɭ", "R": "r", "sh": "ʃ", "j": "dʒ",
    "ksh": "kʃ", "x": "ks", "td": "ʈ", "tth": "ʈ", "ddh": "ɖ", "zh": "ʒ", "g": "ɡ",
    "@": "ə", "pau": "", "#": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FestivalVoice:
    """encoding: of the texts that it reads. phones: its names that are not IPA; None: English."""

    language: str
    encoding: str
    phones: dict[str, str] | None = None


FESTIVAL = {
    "kal_diphone": FestivalVoice("en", "ascii"),
    "ked_diphone": FestivalVoice("en", "ascii"),
    "cmu_us_slt_arctic_hts": FestivalVoice("en", "ascii"),
    "czech_ph": FestivalVoice("cs", "iso-8859-2", _CZECH),
    "czech_krb": FestivalVoice("cs", "iso-8859-2", _CZECH),
    "czech_machac": FestivalVoice("cs", "iso-8859-2", _CZECH),
    "czech_dita": FestivalVoice("cs", "iso-8859-2", _CZECH),
    "hy_fi_mv_diphone": FestivalVoice("fi", "iso-8859-1", _FINNISH),
    "suo_fi_lj_diphone": FestivalVoice("fi", "iso-8859-1", _FINNISH),
    "pc_diphone": FestivalVoice("it", "iso-8859-1", _ITALIAN),
    "lp_diphone": FestivalVoice("it", "iso-8859-1", _ITALIAN),
    "upc_ca_ona_hts": FestivalVoice("ca", "iso-8859-15", _CATALAN),
    "telugu_NSK_diphone": FestivalVoice("te", "utf-8", _TELUGU),
}
FLITE = ("kal16", "awb", "rms", "slt")


def espeak(seconds: float, seed: int) -> Iterator[Example]:
    """Every language in turn, each sentence by another variant, rate and pitch."""
    rng = random.Random(seed)
    texts = {voice: sentences(locale, seed) for voice, locale in ESPEAK.items()}
    with EspeakProcess() as process:
        while seconds > 0:
            voice = rng.choice([*ESPEAK, "en-us", "en-us", "cmn"])
            if not texts[voice]:
                continue
            name = f"{voice}+{rng.choice(_VARIANTS.split())}"
            if not process.use(name, rng.randint(120, 240), rng.randint(15, 85)):
                raise SystemExit(f"espeak-ng has no voice {name}")
            samples, phones = _speak(process, texts[voice].pop())
            if len(phones) > 3:
                example = _example(f"espeak/{name}", voice, samples, process.rate_hz, phones)
                seconds -= len(example.samples) / RATE_HZ
                yield example


def flite(voice: str, seconds: float, seed: int) -> Iterator[Example]:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder, "a.wav")
        for text in sentences("en", seed):
            if seconds <= 0:
                return
            stretch = f"duration_stretch={rng.uniform(0.75, 1.25):.2f}"
            command = ["flite", "-voice", voice, "-psdur", "--setf", stretch, "-t", text + " "]
            done = subprocess.run([*command, "-o", str(sound)], capture_output=True, text=True)
            marks = [mark.rpartition(":") for mark in done.stdout.split()]
            phones = _phones([(name, float(end)) for name, _, end in marks], None)
            samples, rate_hz = _read(sound)
            example = _example(f"flite/{voice}", "en", samples, rate_hz, phones)
            seconds -= len(example.samples) / RATE_HZ
            yield example


def festival(voice: str, seconds: float, seed: int) -> Iterator[Example]:
    about = FESTIVAL[voice]
    texts = [
        text for text in sentences(about.language, seed) if len(text) < 120 and text.isprintable()
    ][: int(seconds / 2.5) + 1]
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"(voice_{voice})"]
        for index, text in enumerate(texts):
            stem = f"{folder}/{index}"
            lines.append(
                f'(unwind-protect (begin (set! utt (utt.synth (Utterance Text "{text}")))'
                f'(utt.save.wave utt "{stem}.wav" \'riff)(utt.save.segs utt "{stem}.seg")) nil)'
            )
        script = Path(folder, "all.scm")
        script.write_bytes("\n".join(lines).encode(about.encoding, "ignore"))
        subprocess.run(["festival", "-b", str(script)], capture_output=True)
        for index in range(len(texts)):
            marks = Path(folder, f"{index}.seg")
            if seconds <= 0 or not marks.exists():
                continue
            rows = [row.split() for row in marks.read_text("latin-1").splitlines()]
            ends = [(row[2], float(row[0])) for row in rows if len(row) == 3]
            if len(ends) < 4:
                continue
            samples, rate_hz = _read(Path(folder, f"{index}.wav"))
            phones = _phones(ends, about.phones)
            example = _example(f"festival/{voice}", about.language, samples, rate_hz, phones)
            seconds -= len(example.samples) / RATE_HZ
            yield example


def _speak(process: EspeakProcess, text: str) -> tuple[NDArray[np.int16], list[Phone]]:
    sound: list[NDArray[np.int16]] = []
    starts: list[tuple[str, int]] = []
    for made in process.speak(text):
        if not isinstance(made, list):
            sound.append(made)
            continue
        for event in made:
            symbol = split_stress(event.phoneme)[0]
            if event.kind == EventKind.PHONEME and not (symbol and is_modifier(symbol)):
                starts.append((symbol, event.sample))
    samples = np.concatenate([*sound, np.zeros(1, np.int16)])
    ends = [start for _, start in starts[1:]] + [len(samples)]
    phones = [
        Phone(symbol, start, end)
        for (symbol, start), end in zip(starts, ends, strict=True)
        if end > start
    ]
    return samples, extend_closures(phones, samples, 0, process.rate_hz)


def _phones(ends: list[tuple[str, float]], names: dict[str, str] | None) -> list[Phone]:
    """Phones in samples at 16 kHz from names and the seconds at which they end."""
    phones: list[Phone] = []
    start = 0
    for name, end_s in ends:
        end = round(end_s * RATE_HZ)
        if names is None:
            symbol = _ENGLISH.get(name) or ("" if name in _PAUSES else to_ipa(name.upper()))
        else:
            plain = name.rstrip("12")
            symbol = names.get(name, names.get(plain, plain))
        if end > start:
            phones.append(Phone(symbol, start, end))
            start = end
    return phones


_PAUSES = frozenset(["pau", "h#", "brth"])


def _example(
    voice: str, language: str, samples: NDArray[np.int16], rate_hz: int, phones: list[Phone]
) -> Example:
    if rate_hz != RATE_HZ:
        scale = RATE_HZ / rate_hz
        if voice.startswith("espeak/"):
            phones = [
                Phone(p.symbol, round(p.start * scale), round(p.end * scale))
                for p in phones
                if round(p.end * scale) > round(p.start * scale)
            ]
        samples = soxr.resample(samples, rate_hz, RATE_HZ)
    return Example(voice, language, samples, frame_visemes(phones, len(samples) // FRAME))


def _read(path: Path) -> tuple[NDArray[np.int16], int]:
    with wave.open(str(path)) as file:
        data = file.readframes(file.getnframes())
        return np.frombuffer(data, "<i2").astype(np.int16), file.getframerate()
