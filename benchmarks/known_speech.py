"""Speech whose phones are known, said by flite and festival, whose units were cut from people.

The network of `docs/phone-net.md` learned from none of these voices.

apt-get install flite festival festlex-cmu festlex-poslex festvox-kdlpc16k festvox-czech-dita \
    festvox-itapc16k
"""

from __future__ import annotations

import shutil
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_ENGLISH = (
    "The boy brought a paper bag full of plums and pears to the market.",
    "My mother made apple pie before the movie began.",
    "Nobody knows why the blue whale swims past the bay every morning.",
    "Five brave people moved the big blue sofa while the fox was watching from the roof.",
    "We have a few more problems to solve before Monday.",
    "She sells sea shells by the shore of the river.",
    "The committee approved the budget after a short debate about public transport.",
    "I think that thirty three thieves thought they thrilled the throne.",
    "Jack and George chose to change the channel and watch the match.",
    "You should look at the good book that I put under the wooden stool.",
)
_CZECH = (
    "Dnes ráno pršelo a bylo chladno.",
    "Moje babička pekla každou neděli jablečný koláč.",
    "Malý pes běžel rychle přes most.",
    "Prosím, dejte mi jednu kávu a sklenici vody.",
    "Vlak do Prahy odjíždí v osm hodin.",
    "Příběh začíná v malé vesnici pod horami.",
)
_ITALIAN = (
    "Oggi il tempo è bello e possiamo andare al mare.",
    "Mia nonna preparava sempre una buona torta di mele.",
    "Il bambino ha perso la palla nel prato.",
    "Abbiamo visto un film molto bello ieri sera.",
    "Mi piace camminare lungo il fiume di notte.",
    "La storia comincia in un piccolo paese di montagna.",
)
_FLITE = ("rms",)


@dataclass(frozen=True, slots=True)
class _Festival:
    voice: str
    name: str
    encoding: str
    texts: Sequence[str]


_FESTIVAL = (
    _Festival("ked_diphone", "en_ked", "ascii", _ENGLISH),
    _Festival("czech_dita", "cs_dita", "iso-8859-2", _CZECH),
    _Festival("pc_diphone", "it_pc", "iso-8859-1", _ITALIAN),
)
_Phones = list[tuple[float, str]]
"""The end of each phone in seconds, and its name."""


def why_not() -> str:
    """What is missing; "" when speech can be made."""
    missing = [name for name in ("flite", "festival") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not found; see the top of benchmarks/known_speech.py"
    return ""


def synthesise(folder: Path) -> None:
    """Write .wav, .lab and .txt files of every voice that is installed."""
    for voice in _FLITE:
        said = []
        for text in _ENGLISH:
            sound = folder / "sentence.riff"
            command = ["flite", "-voice", voice, "-t", text, "-o", str(sound), "-psdur"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            parts = (part.rpartition(":") for part in done.stdout.split())
            said.append((*_read(sound), [(float(end), name) for name, _, end in parts]))
        _write(folder, f"en_{voice}", said, _ENGLISH)
    for speaker in _FESTIVAL:
        _festival(folder, speaker)
    for path in folder.glob("sentence*"):
        path.unlink()


def _festival(folder: Path, speaker: _Festival) -> None:
    lines = [f"(voice_{speaker.voice})"]
    for number, text in enumerate(speaker.texts):
        lines += [
            f'(set! utt (utt.synth (Utterance Text "{text}")))',
            f'(utt.save.wave utt "{folder}/sentence{number}.riff" \'riff)',
            f'(utt.save.segs utt "{folder}/sentence{number}.seg")',
        ]
    script = folder / "sentences.scm"
    script.write_bytes("\n".join(lines).encode(speaker.encoding, "ignore"))
    subprocess.run(["festival", "-b", str(script)], capture_output=True, check=False)
    said = []
    for number in range(len(speaker.texts)):
        sound = folder / f"sentence{number}.riff"
        if not sound.exists():
            print(f"skipped: festival has no voice {speaker.voice}")
            return
        segments = sound.with_suffix(".seg").read_text("latin-1").partition("#\n")[2]
        columns = [line.split() for line in segments.splitlines() if line.strip()]
        said.append((*_read(sound), [(float(c[0]), c[2]) for c in columns]))
        sound.unlink()
    _write(folder, speaker.name, said, speaker.texts)


def _read(path: Path) -> tuple[int, NDArray[np.int16]]:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return file.getframerate(), samples.astype(np.int16)


def _write(
    folder: Path,
    name: str,
    said: Sequence[tuple[int, NDArray[np.int16], _Phones]],
    texts: Sequence[str],
) -> None:
    """Sentences one behind the other, in a room that is not quite silent."""
    rng = np.random.default_rng(0)
    rate_hz = said[0][0]
    sound: list[NDArray[np.int16]] = []
    lines = []
    at = 0.0
    for _, samples, phones in said:
        start = 0.0
        for end, phone in phones:
            lines.append(f"{at + start:.3f} {at + end:.3f} {phone}\n")
            start = end
        pause = np.zeros(round(rate_hz * rng.uniform(0.2, 0.5)), np.int16)
        sound += [samples, pause]
        length = (len(samples) + len(pause)) / rate_hz
        lines.append(f"{at + start:.3f} {at + length:.3f} pau\n")
        at += length
    whole = np.concatenate(sound)
    noisy = np.clip(whole + rng.normal(0, 6, len(whole)), -32768, 32767).astype("<i2")
    with wave.open(str(folder / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(noisy.tobytes())
    (folder / f"{name}.lab").write_text("".join(lines), encoding="utf-8")
    (folder / f"{name}.txt").write_text(" ".join(texts), encoding="utf-8")
