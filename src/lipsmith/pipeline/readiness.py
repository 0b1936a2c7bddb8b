"""Which engines can be used on this machine as it is."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from lipsmith.environments.store import EnvironmentStore
from lipsmith.registry import EngineSpec, engine_specs
from lipsmith.weights import WeightsState, WeightsStore

_PULLED = re.compile(r"models pull ([\w.:-]+)")


def ready_engines(home: Path | None, models: Path | None) -> tuple[EngineSpec, ...]:
    """Engines whose packages and weights are here; imports none of them.

    home: where environments are. models: the folder of the weights; None is the usual one, of
    both. Of engines whose weights are chosen with the voice, only the packages are looked for.
    """
    made = {environment.name for environment in EnvironmentStore(home).installed()}
    states = {status.entry.name: status.state for status in WeightsStore(models).list()}

    def is_ready(spec: EngineSpec) -> bool:
        if spec.environment:
            return spec.name in made
        wanted = [name for name in _PULLED.findall(spec.weights) if name in states]
        has_weights = all(states[name] is WeightsState.READY for name in wanted)
        return has_weights and all(map(_is_installed, _packages(spec.extra)))

    return tuple(spec for spec in engine_specs() if is_ready(spec))


def _packages(extra: str | None) -> list[str]:
    """The distributions that an extra of Lipsmith brings."""
    if extra is None:
        return []
    lines = [line for line in requires("lipsmith") or () if f"extra == '{extra}'" in line]
    return [re.split(r"[\s\[<>=!~;]", line, maxsplit=1)[0] for line in lines]


def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True
