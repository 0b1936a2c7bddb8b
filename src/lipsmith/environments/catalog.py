"""The engines that Lipsmith can install into environments of their own."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from lipsmith.environments.spec import EnvironmentSpec
from lipsmith.errors import OptionError

_ADAPTERS = Path(__file__).with_name("adapters")

KOKORO = EnvironmentSpec(
    name="kokoro",
    summary="Kokoro's voices by kokoro-onnx",
    adapter=_ADAPTERS / "kokoro.py",
    requirements=_ADAPTERS / "kokoro.txt",
    licence="MIT (kokoro-onnx), GPL-3.0 (its phonemizer and espeak-ng)",
    size_mb=200,
)
NEUTTS = EnvironmentSpec(
    name="neutts",
    summary="NeuTTS, which clones voices, with torch",
    adapter=_ADAPTERS / "neutts.py",
    requirements=_ADAPTERS / "neutts.txt",
    optional=("llama-cpp-python==0.3.36", "gguf==0.19.0"),
    licence="Apache-2.0 (neutts), GPL-3.0 (its phonemizer and espeak-ng)",
    size_mb=6000,
)
_ENVIRONMENTS = (KOKORO, NEUTTS)


def environment_specs() -> tuple[EnvironmentSpec, ...]:
    """Every environment that can be installed."""
    return _ENVIRONMENTS


def find_environment(name: str) -> EnvironmentSpec:
    """The environment of an engine.

    Raises:
        OptionError: there is none; the message names those that there are.
    """
    known = {spec.name: spec for spec in _ENVIRONMENTS}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
    raise OptionError(f"no engine {name!r} has an environment of its own; {hint}")
