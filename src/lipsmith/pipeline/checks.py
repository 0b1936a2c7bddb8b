"""What can be known to be wrong with a request before any work is done."""

from __future__ import annotations

import math
from numbers import Integral, Real
from operator import attrgetter

from lipsmith.core.request import RenderRequest
from lipsmith.errors import OptionError

_STRINGS = {
    "text": "a string",
    "voice": "a string",
    "language": "a string",
    "size": "WxH or a name such as 720p",
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
_SAID_AS = {"detector_batch": "detector_batch_size"}
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
