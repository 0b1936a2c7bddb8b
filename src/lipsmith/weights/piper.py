"""Piper's voices: their addresses follow from their names.

rhasspy/piper-voices on Hugging Face keeps en_US-lessac-medium at en/en_US/lessac/medium/. Hashes
and sizes of the voices below are those that Hugging Face states (LFS object id), as pinned by
several public projects. The configurations are small files of which it states none; their hashes
are pinned by the same projects.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lipsmith.weights.entry import WeightsEntry, WeightsFile

PREFIX = "piper:"
VOICE_NAME = re.compile(
    r"(?P<language>[a-z]{2,3})_(?P<region>[A-Z]{2})-(?P<speaker>\w+)-(?P<quality>x_low|low|medium|high)",
    re.ASCII,
)
_REPOSITORY = "https://huggingface.co/rhasspy/piper-voices"
_PINNED_REVISION = "c10ece1aade47bb51c153c893d14e5bf8e5b7117"


class _Voice(NamedTuple):
    """commercial: False or None also where the voice was fine-tuned from one that is not free."""

    licence: str
    commercial: bool | None
    sha256: str
    size: int
    config_sha256: str
    config_size: int


_FROM_LESSAC = "fine-tuned from lessac, whose recordings are for research only"

_PINNED = {
    "en_US-lessac-medium": _Voice(
        "Blizzard Challenge 2013 (Lessac): research only",
        False,
        "5efe09e69902187827af646e1a6e9d269dee769f9877d17b16b1b46eeaaf019f",
        63_201_294,
        "efe19c417bed055f2d69908248c6ba650fa135bc868b0e6abb3da181dab690a0",
        4_885,
    ),
    "en_US-kristin-medium": _Voice(
        "public domain (LibriVox)",
        True,
        "5849957f929cbf720c258f8458692d6103fff2f0e3d3b19c8259474bb06a18d4",
        63_531_379,
        "5681426d4aead22195de70531eeeeddb46493cfaffc5764b2ea3db73428b651c",
        4_968,
    ),
    "en_US-ljspeech-high": _Voice(
        "public domain (LJ Speech)",
        True,
        "5d4f08ba6a2a48c44592eed3ce56bf85e9de3dd4e20df90541ae68a8310c029a",
        114_199_011,
        "7e1f4634af596d83cca997fb7a931ba80b70f8a316a2655ee69c55365e0ace14",
        4_970,
    ),
    "en_US-amy-medium": _Voice(
        f"not stated; {_FROM_LESSAC}",
        None,
        "b3a6e47b57b8c7fbe6a0ce2518161a50f59a9cdd8a50835c02cb02bdd6206c18",
        63_201_294,
        "95a23eb4d42909d38df73bb9ac7f45f597dbfcde2d1bf9526fdeaf5466977d77",
        4_882,
    ),
    "en_US-joe-medium": _Voice(
        "CC0 1.0 (recordings); what it was fine-tuned from is unclear",
        None,
        "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
        63_201_294,
        "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
        4_794,
    ),
    "en_US-ryan-medium": _Voice(
        "CC BY-NC-SA 4.0",
        False,
        "abf4c274862564ed647ba0d2c47f8ee7c9b717d27bdad9219100eb310db4047a",
        63_201_294,
        "44034c056cb15681b2ad494307c7f3f2e4499d1253c700c711fa0a4607ffe78d",
        4_883,
    ),
    "en_GB-alba-medium": _Voice(
        "CC BY 4.0 (recordings); what it was fine-tuned from is unclear",
        None,
        "401369c4a81d09fdd86c32c5c864440811dbdcc66466cde2d64f7133a66ad03b",
        63_201_294,
        "aa965a2f02ecced632c2694e1fc72bbff6d65f265fab567ca945918c73dd89f4",
        4_888,
    ),
    "en_GB-cori-high": _Voice(
        "public domain (LibriVox)",
        True,
        "470b4dd634c98f8a4850d7626ffc3dfc90774628eeef6605a6dd8f88f30a5903",
        114_219_352,
        "9e7fb5b5671612c22f3c81cbe46c1ae87b031a4632bcb509e499dad6f1e2adec",
        4_963,
    ),
    "de_DE-thorsten-medium": _Voice(
        "CC0 1.0 (recordings); what it was fine-tuned from is unclear",
        None,
        "7e64762d8e5118bb578f2eea6207e1a35a8e0c30595010b666f983fc87bb7819",
        63_201_294,
        "974adee790533adb273a1ac88f49027d2a1b8f0f2cf4905954a4791e79264e85",
        4_819,
    ),
    "es_ES-davefx-medium": _Voice(
        f"CC0 1.0 (recordings); {_FROM_LESSAC}",
        None,
        "6658b03b1a6c316ee4c265a9896abc1393353c2d9e1bca7d66c2c442e222a917",
        63_201_294,
        "0e0dda87c732f6f38771ff274a6380d9252f327dca77aa2963d5fbdf9ec54842",
        4_817,
    ),
    "fr_FR-siwis-medium": _Voice(
        f"CC BY 4.0 (recordings); {_FROM_LESSAC}",
        None,
        "641d1ab097da2b81128c076810edb052b385decc8be3381814802a64a73baf99",
        63_201_294,
        "39479916c2db192b5ac9764daddd0c744d83e023ad890c6976c0633ae4df8959",
        4_875,
    ),
    "it_IT-paola-medium": _Voice(
        f"CC0 1.0 (recordings); {_FROM_LESSAC}",
        None,
        "6fc918b5a0ea6137382833dddfa567bffbe6a5060c02043c87192ee59c04210c",
        63_511_038,
        "aea19c0a7fce29fbc359b93f10e7902854401e4c95ae2ea328ae516b15d296cf",
        7_099,
    ),
    "pt_BR-faber-medium": _Voice(
        "CC0 1.0 (recordings); what it was fine-tuned from is unclear",
        None,
        "858555e3a064209c57088fe6bd70c4c3dc54d03eaa00c45d5ecaf43a33f95aa7",
        63_201_294,
        "7e694de195ae3fc36dd732c445eb04fb49b649854893cb5506b978f0d50a1d6f",
        4_855,
    ),
}


def pinned_voices() -> tuple[WeightsEntry, ...]:
    """The voices whose hashes and licences are known."""
    return tuple(_entry(name, voice) for name, voice in _PINNED.items())


def voice_entry(name: str) -> WeightsEntry | None:
    """The voice with a name such as "en_US-lessac-medium"; None when no voice can be called so."""
    return _entry(name, _PINNED.get(name)) if VOICE_NAME.fullmatch(name) else None


def _entry(name: str, voice: _Voice | None) -> WeightsEntry:
    parts = VOICE_NAME.fullmatch(name)
    assert parts is not None
    language, region, speaker, quality = parts.groups()
    folder = f"{language}/{language}_{region}/{speaker}/{quality}"
    revision = _PINNED_REVISION if voice else "main"
    onnx = f"{_REPOSITORY}/resolve/{revision}/{folder}/{name}.onnx"
    return WeightsEntry(
        name=PREFIX + name,
        needed_by=f"the voice {PREFIX}{name}",
        files=(
            WeightsFile(
                f"{name}.onnx",
                (onnx,),
                sha256=voice.sha256 if voice else None,
                size=voice.size if voice else None,
            ),
            WeightsFile(
                f"{name}.onnx.json",
                (f"{onnx}.json",),
                sha256=voice.config_sha256 if voice else None,
                size=voice.config_size if voice else None,
            ),
        ),
        licence=voice.licence if voice else "differs from voice to voice: see its MODEL_CARD",
        commercial=voice.commercial if voice else None,
        page=f"{_REPOSITORY}/blob/{revision}/{folder}/MODEL_CARD",
    )
