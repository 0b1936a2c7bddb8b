"""Which engines there are, and how to get one without importing the others.

Another package adds its engines by entry points of the group "lipsmith.engines"; the name starts
with the kind, one of `EngineKind`, the value is the class:

    [project.entry-points."lipsmith.engines"]
    "lipsync.acme" = "acme_lipsync:AcmeEngine"
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from lipsmith.errors import LipsmithError, MissingExtraError, OptionError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "lipsmith.engines"


class EngineKind(StrEnum):
    """What an engine makes."""

    LIPSYNC = "lipsync"
    SPEECH = "speech"
    RESTORE = "restore"
    UPSCALE = "upscale"


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """One engine: where it is and what using it means.

    target: "module:Class". extra: the extra of Lipsmith that brings its packages, None for none.
    weights: what it downloads, "" for nothing. licence: of the engine's code and weights.
    environment: it runs in one of its own: lipsmith engines install NAME.
    """

    kind: EngineKind
    name: str
    target: str
    summary: str
    licence: str
    extra: str | None = None
    weights: str = ""
    environment: bool = False


_BUILT_IN = (
    EngineSpec(
        EngineKind.LIPSYNC,
        "rig",
        "lipsmith.engines.rig.engine:RigEngine",
        "Moves the picture's own pixels by a hand-made face rig; CPU only, any size.",
        licence="MIT",
    ),
    EngineSpec(
        EngineKind.LIPSYNC,
        "wav2lip",
        "lipsmith.engines.wav2lip.engine:Wav2LipEngine",
        "Wav2Lip draws the mouths of stills and videos; its more accurate weights.",
        licence="none stated (the weights; trained on LRS2, no commercial use)",
        extra="neural",
        weights="436 MB: lipsmith models pull wav2lip",
    ),
    EngineSpec(
        EngineKind.LIPSYNC,
        "wav2lip-gan",
        "lipsmith.engines.wav2lip.engine:Wav2LipGanEngine",
        "Wav2Lip with the weights for sharper mouths.",
        licence="none stated (the weights; trained on LRS2, no commercial use)",
        extra="neural",
        weights="436 MB: lipsmith models pull wav2lip-gan",
    ),
    EngineSpec(
        EngineKind.SPEECH,
        "espeak",
        "lipsmith.speech.espeak.engine:EspeakEngine",
        "espeak-ng: over a hundred languages, exact phone times, a robotic voice.",
        licence="GPL-3.0-or-later, run as a separate process",
    ),
    EngineSpec(
        EngineKind.SPEECH,
        "edge",
        "lipsmith.speech.edge:EdgeEngine",
        "The neural voices of Microsoft Edge: natural, many languages, word times; online.",
        licence="LGPL-3.0 (edge-tts); the service has Microsoft's terms",
        extra="edge",
    ),
    EngineSpec(
        EngineKind.SPEECH,
        "gtts",
        "lipsmith.speech.gtts:GttsEngine",
        "The voices of Google Translate: one a language, no times; online.",
        licence="MIT (gTTS); the service has Google's terms",
        extra="gtts",
    ),
    EngineSpec(
        EngineKind.SPEECH,
        "piper",
        "lipsmith.speech.piper.engine:PiperEngine",
        "Piper: natural voices as small files, exact phone times; offline.",
        licence="GPL-3.0-or-later (piper-tts, imported); each voice has its own",
        extra="piper",
        weights="a voice, 20 to 115 MB: lipsmith models pull piper:NAME",
    ),
    EngineSpec(
        EngineKind.SPEECH,
        "vits",
        "lipsmith.speech.vits.engine:VitsEngine",
        "VITS through transformers: MMS for over a thousand languages, phone times; offline.",
        licence="Apache-2.0 (transformers); MMS voices CC BY-NC 4.0, non-commercial",
        extra="vits",
        weights="a checkpoint, 145 MB for MMS: hf download facebook/mms-tts-eng",
    ),
    EngineSpec(
        EngineKind.SPEECH,
        "kokoro",
        "lipsmith.speech.kokoro:KokoroEngine",
        "Kokoro: natural voices in six languages by a small model; offline.",
        licence="Apache-2.0 (the model), MIT (kokoro-onnx), GPL-3.0 (its phonemizer)",
        weights="a model, about 350 MB: lipsmith models pull kokoro",
        environment=True,
    ),
    EngineSpec(
        EngineKind.SPEECH,
        "neutts",
        "lipsmith.speech.neutts:NeuttsEngine",
        "NeuTTS Air: speaks with a cloned voice (--clone), watermarked; English; offline.",
        licence="Apache-2.0 (neutts and NeuTTS Air), GPL-3.0 (its phonemizer)",
        weights="from the model hub, a few GB: neuphonic/neutts-air and neuphonic/neucodec",
        environment=True,
    ),
    EngineSpec(
        EngineKind.RESTORE,
        "gfpgan",
        "lipsmith.finishing.restorers:GfpganRestorer",
        "GFPGAN 1.4: sharpens the face by what a generator of faces knows.",
        licence="MIT (the code); the weights Apache-2.0 but for third parties",
        extra="neural",
        weights="a model, 349 MB: lipsmith models pull gfpgan-1.4",
    ),
    EngineSpec(
        EngineKind.RESTORE,
        "codeformer",
        "lipsmith.finishing.restorers:CodeFormerRestorer",
        "CodeFormer: rebuilds even badly damaged faces from a codebook.",
        licence="MIT (the code); the weights S-Lab License 1.0, non-commercial",
        extra="neural",
        weights="a model, 377 MB: lipsmith models pull codeformer",
    ),
    EngineSpec(
        EngineKind.RESTORE,
        "restoreformer",
        "lipsmith.finishing.restorers:RestoreFormerRestorer",
        "RestoreFormer: rebuilds faces from a codebook, freer than GFPGAN.",
        licence="MIT (the code); the weights Apache-2.0, trained on FFHQ (CC BY-NC-SA 4.0)",
        extra="neural",
        weights="a model, 291 MB: lipsmith models pull restoreformer",
    ),
    EngineSpec(
        EngineKind.UPSCALE,
        "realesrgan",
        "lipsmith.finishing.realesrgan:RealEsrganUpscaler",
        "Real-ESRGAN: enlarges everything by 2 or 4 and makes up the detail.",
        licence="MIT (the code); the weights BSD-3-Clause",
        extra="neural",
        weights="a model, 67 MB: lipsmith models pull realesrgan-x2plus (or -x4plus)",
    ),
    EngineSpec(
        EngineKind.UPSCALE,
        "lanczos",
        "lipsmith.finishing.resampling:LanczosUpscaler",
        "Enlarges by resampling with a Lanczos kernel: crisp, and makes up nothing.",
        licence="MIT",
    ),
    EngineSpec(
        EngineKind.UPSCALE,
        "bicubic",
        "lipsmith.finishing.resampling:BicubicUpscaler",
        "Enlarges by resampling with a cubic kernel: a little softer, without ringing.",
        licence="MIT",
    ),
)

DEFAULT_NAMES = {EngineKind.LIPSYNC: "rig", EngineKind.SPEECH: "espeak"}


def engine_specs(kind: EngineKind | None = None) -> tuple[EngineSpec, ...]:
    """Every engine, of one kind or of all; imports none of them."""
    return tuple(s for s in (*_BUILT_IN, *_installed()) if kind is None or s.kind is kind)


def find_engine(kind: EngineKind, name: str) -> EngineSpec:
    """The engine called `name`.

    Raises:
        OptionError: there is none; the message names near ones.
    """
    known = {spec.name: spec for spec in _BUILT_IN if spec.kind is kind}
    if name not in known:  # only then, since that reads a file of every installed package
        known = {spec.name: spec for spec in engine_specs(kind)}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    raise OptionError(f"there is no {kind} engine {name!r}; {hint}")


def load_engine(spec: EngineSpec) -> Any:
    """Import the engine's class and make one.

    Raises:
        MissingExtraError: its packages are not installed.
        LipsmithError: it is broken.
    """
    module, _, name = spec.target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)()
    except (ImportError, AttributeError) as error:
        if spec.extra is not None:
            raise MissingExtraError(f"the {spec.kind} engine {spec.name!r}", spec.extra) from error
        raise LipsmithError(
            f"the {spec.kind} engine {spec.name!r} cannot be loaded ({error}); "
            "`lipsmith doctor` tells what is missing"
        ) from error


@cache
def _installed() -> tuple[EngineSpec, ...]:
    from importlib.metadata import entry_points

    taken = {(spec.kind, spec.name) for spec in _BUILT_IN}
    found = (_from_entry_point(entry) for entry in entry_points(group=ENTRY_POINT_GROUP))
    return tuple(spec for spec in found if spec and (spec.kind, spec.name) not in taken)


def _from_entry_point(entry: EntryPoint) -> EngineSpec | None:
    kind, _, name = entry.name.partition(".")
    if kind not in list(EngineKind) or not name or entry.dist is None:
        return None
    about = entry.dist.metadata
    told = [about[field] for field in ("License-Expression", "License") if field in about]
    said = about["Summary"] if "Summary" in about else ""  # noqa: SIM401  has no typed `get`
    summary = said or f"from the package {entry.dist.name}"
    return EngineSpec(EngineKind(kind), name, entry.value, summary, told[0] if told else "unknown")
