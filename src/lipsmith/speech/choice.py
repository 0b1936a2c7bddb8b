"""Which engine and which voice `--voice` asks for."""

from __future__ import annotations

from dataclasses import dataclass

from lipsmith.core.resources import Resources
from lipsmith.errors import OfflineError, OptionError
from lipsmith.registry import DEFAULT_NAMES, EngineKind, EngineSpec, engine_specs, load_engine
from lipsmith.registry import find_engine as find_spec
from lipsmith.speech.base import SpeechEngine


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """One voice of one engine. name: as the engine knows it; None for its default."""

    spec: EngineSpec
    name: str | None

    def __str__(self) -> str:
        return f"{self.spec.name}:{self.name}" if self.name else self.spec.name


def parse_voices(voice: str | None) -> tuple[VoiceChoice, ...]:
    """The voices of "ENGINE:NAME,ENGINE,NAME", in the order in which they are to be tried.

    An engine alone speaks with its default voice, a name alone is one of the default engine's.

    Raises:
        OptionError: there is no such engine, or a voice is empty.
    """
    if voice is None:
        return (_choice(""),)
    parts = [part.strip() for part in voice.split(",")]
    if not all(parts):
        raise OptionError(f"a voice is missing in --voice {voice!r}; put one between the commas")
    return tuple(_choice(part) for part in parts)


def open_engine(spec: EngineSpec, resources: Resources) -> SpeechEngine:
    """Make an engine that may be used here.

    Raises:
        OfflineError: it needs the network, which it must not use.
        MissingExtraError: its packages are not installed.
    """
    engine: SpeechEngine = load_engine(spec)
    if resources.offline and engine.capabilities.online:
        raise OfflineError(
            f"the voices of {spec.name} need the network, and LIPSMITH_OFFLINE forbids it; "
            f"choose another: lipsmith voices"
        )
    engine.resources = resources
    return engine


def _choice(part: str) -> VoiceChoice:
    engines = {spec.name: spec for spec in engine_specs(EngineKind.SPEECH)}
    name, colon, voice = part.partition(":")
    if colon:
        return VoiceChoice(find_spec(EngineKind.SPEECH, name), voice or None)
    if part in engines:
        return VoiceChoice(engines[part], None)
    return VoiceChoice(engines[DEFAULT_NAMES[EngineKind.SPEECH]], part or None)
