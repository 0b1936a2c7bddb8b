"""Every voice that can be asked for, and what is missing for more."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from lipsmith.core.resources import Resources
from lipsmith.core.speech import Voice
from lipsmith.errors import LipsmithError, OptionError, ServiceError
from lipsmith.registry import EngineKind, EngineSpec, engine_specs, find_engine
from lipsmith.speech.base import SpeechEngine
from lipsmith.speech.choice import open_engine


@dataclass(frozen=True, slots=True)
class VoiceList:
    """voices: in the order of the engines. notes: for people: what to type for more voices."""

    voices: tuple[Voice, ...]
    notes: tuple[str, ...]


def list_voices(language: str | None, engine: str | None, resources: Resources) -> VoiceList:
    """The voices of every engine, or of one; only those of a language, if given.

    language: BCP 47 tag; "pt" finds "pt-br" too. A service is asked only when its engine is named;
    when it cannot be reached then, its last answer is used, with a note.

    Raises:
        OptionError: there is no such engine, or no voice speaks the language.
        MissingExtraError, OfflineError, ServiceError: the named engine cannot tell its voices.
    """
    found: list[Voice] = []
    notes: list[str] = []
    for spec in [find_engine(EngineKind.SPEECH, engine)] if engine else _speech_engines():
        try:
            opened = open_engine(spec, resources)
            with contextlib.closing(opened):
                found += _voices(opened, spec, notes, refresh=engine is not None)
        except LipsmithError as error:
            if engine is not None:
                raise
            notes.append(str(error))
    if language is None:
        return VoiceList(tuple(found), tuple(notes))
    wanted = language.lower().replace("_", "-")
    spoken = tuple(v for v in found if f"{v.language.lower()}-".startswith(f"{wanted}-"))
    if not spoken:
        raise OptionError(f"no voice speaks {language!r}; `lipsmith voices` lists all of them")
    return VoiceList(spoken, tuple(notes))


def _speech_engines() -> tuple[EngineSpec, ...]:
    return engine_specs(EngineKind.SPEECH)


def _voices(
    engine: SpeechEngine, spec: EngineSpec, notes: list[str], *, refresh: bool
) -> tuple[Voice, ...]:
    known = engine.voices()
    if refresh:
        try:
            engine.refresh_voices()
        except ServiceError as error:
            if not known:
                raise
            notes.append(f"{error}; these are the voices that it told last")
        known = engine.voices()
    elif not known and engine.capabilities.online:
        notes.append(f"for the voices of {spec.name}, type: lipsmith voices --engine {spec.name}")
    elif not known:
        notes.append(f"a voice of {spec.name} is named by hand; {spec.weights}")
    return known
