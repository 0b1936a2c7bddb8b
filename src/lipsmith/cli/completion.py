"""What the shell offers after --voice and --engine."""

from __future__ import annotations

from collections.abc import Iterator

from lipsmith.registry import EngineKind, engine_specs


def complete_engine(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names and summaries of the engines that draw faces."""
    for spec in engine_specs(EngineKind.LIPSYNC):
        if spec.name.startswith(incomplete):
            yield spec.name, spec.summary


def complete_speech_engine(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names and summaries of the engines that speak."""
    for spec in engine_specs(EngineKind.SPEECH):
        if spec.name.startswith(incomplete):
            yield spec.name, spec.summary


def complete_voice(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names and labels of the voices."""
    from lipsmith.api import list_voices

    for voice in list_voices():
        if voice.name.startswith(incomplete):
            yield voice.name, voice.label


def complete_language(incomplete: str) -> Iterator[str]:
    """Languages that a voice speaks."""
    from lipsmith.api import list_voices

    yield from sorted({v.language for v in list_voices() if v.language.startswith(incomplete)})
