"""What the shell offers after options that take names."""

from __future__ import annotations

from collections.abc import Iterator

from lipsmith.registry import EngineKind, engine_specs


def complete_engine(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names and summaries of the engines that draw faces."""
    return _complete(EngineKind.LIPSYNC, incomplete)


def complete_speech_engine(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names and summaries of the engines that speak."""
    return _complete(EngineKind.SPEECH, incomplete)


def complete_restorer(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names and summaries of what sharpens faces."""
    return _complete(EngineKind.RESTORE, incomplete)


def complete_upscaler(incomplete: str) -> Iterator[tuple[str, str]]:
    """Names and summaries of what enlarges frames."""
    return _complete(EngineKind.UPSCALE, incomplete)


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


def _complete(kind: EngineKind, incomplete: str) -> Iterator[tuple[str, str]]:
    for spec in engine_specs(kind):
        if spec.name.startswith(incomplete):
            yield spec.name, spec.summary
