"""What can be known to be wrong with a request before any work is done."""

from __future__ import annotations

import math
from numbers import Integral, Real

from lipsmith.core.request import RenderRequest
from lipsmith.errors import OptionError

_KINDS: dict[str, tuple[type, str]] = {
    "text": (str, "a string"),
    "voice": (str, "a string"),
    "language": (str, "a string"),
    "size": (str, "WxH or a name such as 720p"),
    "rate": (Integral, "a whole number"),
    "pitch": (Integral, "a whole number"),
    "face": (Integral, "a whole number"),
    "seed": (Integral, "a whole number"),
    "motion": (Real, "a number"),
    "expression": (Real, "a number"),
}
_RANGES: dict[str, tuple[float, float]] = {
    "motion": (0, 2),
    "expression": (0, 2),
    "seed": (0, 2**32 - 1),
    "face": (0, math.inf),
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
    for name, (kind, what) in _KINDS.items():
        value = getattr(request, name)
        if value is not None and not isinstance(value, kind):
            raise OptionError(f"{name} is {value!r}, and has to be {what}")
    for name, (low, high) in _RANGES.items():
        value = getattr(request, name)
        if value is None:
            continue
        if not math.isfinite(value) or not low <= value <= high:
            limits = f"from {low} to {high}" if math.isfinite(high) else f"{low} or more"
            raise OptionError(f"{name} is {value}, and can be {limits}")
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
