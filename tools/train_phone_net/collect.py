"""Makes what the network learns from, a file for each source, and the music laid under it.

    python tools/train_phone_net/collect.py UNPACKED_PACKAGES WORK_FOLDER [SOURCE ...]

docs/phone-net.md names the programs and packages that are needed.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from corpora import CORPORA, corpus
from examples import RATE_HZ, Example
from recordings import PROMPTS, music, prompts
from voices import FESTIVAL, FLITE, espeak, festival, flite

SOURCES = {
    **{f"espeak/{part}": 1000.0 for part in range(3)},
    **{f"flite/{voice}": 500.0 for voice in FLITE},
    **{f"festival/{voice}": 400.0 for voice in FESTIVAL},
    **dict.fromkeys(PROMPTS, 1000.0),
    **dict.fromkeys(CORPORA, 3600.0),
}
"""Seconds of sound from each."""

MUSIC_FILE = "music.npy"


def collect(source: str, packages: Path) -> Iterator[Example]:
    """packages: where Debian's packages of recordings are unpacked."""
    kind, _, name = source.partition("/")
    seconds = SOURCES[source]
    if kind == "espeak":
        return espeak(seconds, seed=int(name))
    if kind == "flite":
        return flite(name, seconds, seed=FLITE.index(name))
    if kind == "festival":
        return festival(name, seconds, seed=10 + list(FESTIVAL).index(name))
    if source in CORPORA:
        return corpus(source, seconds)
    return prompts(source, packages, seconds)


def main() -> None:
    packages, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / MUSIC_FILE).exists():
        np.save(folder / MUSIC_FILE, music(packages))
    for source in sys.argv[3:] or SOURCES:
        path = folder / f"{source.replace('/', '-')}.pickle"
        if path.exists():
            continue
        examples = list(collect(source, packages))
        path.write_bytes(pickle.dumps(examples))
        seconds = sum(len(example.samples) for example in examples) / RATE_HZ
        print(f"{source}: {len(examples)} examples, {seconds / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
