"""What can be known to be wrong with a request before any work is done."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from lipsmith.core.options import CropOptions
from lipsmith.core.request import RenderRequest
from lipsmith.errors import OptionError
from lipsmith.registry import EngineKind, find_engine

if TYPE_CHECKING:
    from lipsmith.engines.base import Capabilities

_STRINGS = {
    "text": "a string",
    "voice": "a string",
    "language": "a string",
    "size": "WxH or a name such as 720p",
    "finishing.restore": "a string",
    "finishing.upscale": "a string",
    "engine_options.device": "a string such as cpu or cuda:1",
}
_NUMBERS: dict[str, tuple[type, float, float]] = {
    "rate": (Integral, -math.inf, math.inf),  # the voices know their limits
    "pitch": (Integral, -math.inf, math.inf),
    "seed": (Integral, 0, 2**32 - 1),
    "motion": (Real, 0, 2),
    "expression": (Real, 0, 2),
    "source.resize_factor": (Real, 1, math.inf),
    "engine_options.batch_size": (Integral, 1, math.inf),
    "engine_options.crop.detector_batch": (Integral, 1, math.inf),
    "finishing.restore_strength": (Real, 0, 1),
}
_CHOICES = {"source.rotate": (0, 90, 180, 270), "finishing.upscale_factor": (2, 4)}
_SAID_AS = {
    "detector_batch": "detector_batch_size",
    "pads_px": "pads",
    "static": "static_box",
    "smooth": "smooth_box",
    "order": "finishing_order",
}
_OF_ENGINES = [f"engine_options.crop.{n}" for n in ("pads_px", "static", "smooth")]
_OF_ENGINES += ["engine_options.weights"]
_OF_NETWORKS = [f"engine_options.{n}" for n in ("precision", "runtime", "batch_size")]
_OF_DETECTORS = ["engine_options.crop.detector_batch"]
_BUILTIN_DETECTOR = CropOptions().detector
_NEEDS_ANOTHER = {
    "restore": ["finishing.restore_strength", "finishing.restore_weights"],
    "upscale": ["finishing.upscale_factor", "finishing.upscale_weights"],
}
_ONLY_FOR_TEXTS = ("voice", "rate", "pitch")


def check_options(request: RenderRequest) -> None:
    """Check the options that no stage checks when it starts, and that they go together.

    Raises:
        OptionError: naming the option, its value and what it may be.
    """
    given = [n for n in ("text", "text_file", "audio") if getattr(request, n) is not None]
    if len(given) != 1:
        problem = f"got {' and '.join(given)}" if given else "got none of them"
        raise OptionError(f"give a text, a text file or a recording, and only one: {problem}")
    _check_values(request)
    _check_face(request.face)
    finishers = {
        EngineKind.RESTORE: request.finishing.restore,
        EngineKind.UPSCALE: request.finishing.upscale,
    }
    for kind, name in finishers.items():
        if name is not None:
            find_engine(kind, name)
    if request.audio is not None:
        for name in _ONLY_FOR_TEXTS:
            if getattr(request, name) is not None:
                raise OptionError(f"{name} changes how a text is said; a recording has its own")
        if request.clone is not None:
            raise OptionError("a cloned voice says a text; a recording has its own voice")
        if request.speakers or request.ssml:
            raise OptionError("speakers and SSML are for texts; a recording has its own voices")
    elif request.transcript is not None:
        raise OptionError("a transcript tells what a recording says; a text needs none")
    elif request.trim:
        raise OptionError("trim leaves out the silence around a recording; a text has none")


def _check_face(face: object) -> None:
    if face is None or face == "auto" or isinstance(face, Path):
        return
    if isinstance(face, bool) or not isinstance(face, Integral):
        raise OptionError(f"face is {face!r}, and can be a number, a picture file or 'auto'")
    if int(face) < 0:
        raise OptionError(f"face is {face}, and can be 0 or more")


def idle_options(request: RenderRequest, engine: Capabilities, source: str) -> list[str]:
    """Warnings about options that were given and change nothing. source: "still" or "video"."""
    usual = RenderRequest(request.picture)

    def given(paths: Iterable[str]) -> list[str]:
        changed = [p for p in paths if attrgetter(p)(request) != attrgetter(p)(usual)]
        return [_name(path) for path in changed]

    idle = {}
    finishing, crop = request.finishing, request.engine_options.crop
    detects = crop.detector != _BUILTIN_DETECTOR and crop.box is None
    if not engine.takes_options:
        others = finishing.restore is not None or finishing.upscale is not None or detects
        known = _OF_ENGINES if others else [*_OF_NETWORKS, *_OF_ENGINES]
        idle[f"with the engine {request.engine!r}"] = given(known)
    if not detects:
        idle[f"with the detector {_BUILTIN_DETECTOR!r}"] = given(_OF_DETECTORS)
    if source == "still":
        idle["where the source is a picture"] = given(["length"])
    for name, paths in _NEEDS_ANOTHER.items():
        if getattr(finishing, name) is None:
            idle[f"without {name}"] = given(paths)
    return [
        f"{' and '.join(names)} {'change' if len(names) > 1 else 'changes'} nothing {where}"
        for where, names in idle.items()
        if names
    ]


def _check_values(request: RenderRequest) -> None:
    for path, what in _STRINGS.items():
        value = attrgetter(path)(request)
        if value is not None and not isinstance(value, str):
            raise OptionError(f"{_name(path)} is {value!r}, and has to be {what}")
    for path, known in _CHOICES.items():
        value = attrgetter(path)(request)
        if value is not None and value not in known:
            named = " or ".join(map(str, known))
            raise OptionError(f"{_name(path)} is {value!r}, and can be {named}")
    for path, (kind, low, high) in _NUMBERS.items():
        value = attrgetter(path)(request)
        if value is None:
            continue
        if not isinstance(value, kind) or isinstance(value, bool):
            what = "a whole number" if kind is Integral else "a number"
            raise OptionError(f"{_name(path)} is {value!r}, and has to be {what}")
        number = float(attrgetter(path)(request))
        if not math.isfinite(number) or not low <= number <= high:
            limits = f"from {low} to {high}" if math.isfinite(high) else f"{low} or more"
            raise OptionError(f"{_name(path)} is {value}, and can be {limits}")


def _name(path: str) -> str:
    """What people call the value at a path of the request."""
    name = path.rpartition(".")[2]
    return _SAID_AS.get(name, name)
