"""The engine that `--voice` asks for, ready to speak."""

from __future__ import annotations

from lipsmith.core.resources import Resources
from lipsmith.speech.base import SpeechEngine
from lipsmith.speech.choice import open_engine, parse_voices
from lipsmith.speech.fallback import FallbackEngine


def open_voice(voice: str | None, resources: Resources) -> tuple[SpeechEngine, str | None]:
    """The engine for `--voice`, and the name of the voice in it (None: its default).

    Several voices make one engine that falls back from each to the next.

    Raises:
        OptionError: there is no such engine.
        OfflineError, MissingExtraError: as `open_engine`, when there is nothing to fall back to.
    """
    choices = parse_voices(voice)
    if len(choices) == 1:
        return open_engine(choices[0].spec, resources), choices[0].name
    return FallbackEngine(choices, resources), None
