"""The speech of one render: a recording, or a text said by one voice or by several in turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lipsmith.core.request import RenderRequest
from lipsmith.core.speech import Reference, Speech, Timing
from lipsmith.errors import OptionError, TextError
from lipsmith.pipeline.listening import listened, read_transcript

if TYPE_CHECKING:
    from lipsmith.speech.base import SpeechEngine, SpeechOptions
    from lipsmith.speech.chunks.levelling import Leveller
    from lipsmith.speech.words.script import Turn

AUTO_LANGUAGE = "auto"
"""What `RenderRequest.language` is when each sentence of a text may be in another one."""


def read_words(request: RenderRequest) -> str | None:
    """The text to say, checked; None for a recording."""
    from lipsmith.media.text import check_text, read_text

    if request.text_file is not None:
        return read_text(request.text_file)
    return None if request.text is None else check_text(request.text)


def open_speech(request: RenderRequest, text: str | None, stack: ExitStack) -> Callable[[], Speech]:
    """Check the voices or the recording; what is returned starts saying or recognising it.

    text: what `read_words` gave. stack: gets what stops the speech.
    """
    if text is None:
        assert request.audio is not None
        if request.language == AUTO_LANGUAGE:
            raise OptionError("--language auto is for texts; name the recording's language")
        from lipsmith.speech.recording import read_recording

        recording = read_recording(
            request.audio, request.language, normalise=request.normalise, trim=request.trim
        )
        transcript = read_transcript(request.transcript)
        return lambda: listened(recording, stack, transcript)
    return _Cast(request, text, stack).speak


@dataclass(frozen=True, slots=True)
class _Actor:
    """An engine and the voice it uses."""

    engine: SpeechEngine
    voice: str | None


class _Cast:
    """The voices of one text."""

    def __init__(self, request: RenderRequest, text: str, stack: ExitStack) -> None:
        self._request = request
        self._text = text
        self._stack = stack
        self._warnings: list[str] = []
        self._voices = {speaker.name: speaker.voice for speaker in request.speakers}
        self._turns = self._read()
        self._actors: dict[str | None, _Actor] = {}
        self._levellers: dict[str | None, Leveller] = {}
        # Each is found before any work is done, so that a misspelled voice is told at once.
        named = {turn.voice for turn in self._turns if turn.voice is not None}
        for voice in [self._request.voice, *self._voices.values(), *sorted(named)]:
            self._hire(voice, stack)
        self._reference = self._read_reference()
        self._check_voices()

    def speak(self) -> Speech:
        """Begin to say it.

        Raises:
            TextError: nothing in the text can be said.
        """
        from lipsmith.speech.chunks.joining import Part, joined

        if len(self._turns) == 1:
            speech = self._say(self._turns[0])
            speech.warnings.extend(self._warnings)
            return speech
        total = sum(len(turn.text) for turn in self._turns)

        def parts() -> Iterator[Part]:
            for turn in self._turns:
                try:
                    speech = self._say(turn)
                except TextError:
                    continue  # a turn such as "..."
                share = 1.0 if turn is self._turns[-1] else len(turn.text) / total
                yield Part(speech, share, turn.speaker)

        return joined(parts(), self._warnings, self._credits())

    def _read(self) -> Sequence[Turn]:
        from lipsmith.speech.words.script import Span, Turn, parse_script
        from lipsmith.speech.words.ssml import is_ssml, parse_ssml

        request = self._request
        if request.ssml or is_ssml(self._text):
            return parse_ssml(self._text, self._warnings) or [Turn((Span(""),))]
        if self._voices:
            turns = list(parse_script(self._text, list(self._voices), self._warnings))
            missing = set(self._voices) - {turn.speaker for turn in turns}
            for name in sorted(missing):
                self._warnings.append(f"{name} says nothing: there is no [{name}] in the text")
        else:
            turns = [Turn((Span(self._text),))]
        if request.language == AUTO_LANGUAGE:
            from lipsmith.speech.words.languages import by_language

            turns = [part for turn in turns for part in by_language(turn)]
        return turns

    def _hire(self, voice: str | None, stack: ExitStack) -> None:
        from lipsmith.speech.opening import open_voice

        if voice not in self._actors:
            engine, name = open_voice(voice, self._request.resources)
            stack.callback(engine.close)
            self._actors[voice] = _Actor(engine, name)

    def _read_reference(self) -> Reference | None:
        """The voice to clone, with the consent to it."""
        clone = self._request.clone
        if clone is None:
            return None
        from lipsmith.speech.cloning.consent import ConsentBook
        from lipsmith.speech.cloning.reference import check_reference
        from lipsmith.speech.cloning.speakers import second_speaker_warning

        engines = {actor.engine for actor in self._actors.values()}
        cloning = [engine for engine in engines if engine.capabilities.cloning]
        for engine in cloning or engines:
            engine.check_cloning(clone)
        reference = check_reference(clone.recording, clone.text)
        if warning := second_speaker_warning(reference):
            self._warnings.append(warning)
        book = ConsentBook(self._request.resources.home)
        book.require(reference, declared=clone.consent)
        return reference

    def _check_voices(self) -> None:
        """Check every voice and language once, so that a wrong one is told at once."""
        ways = {self._way_of(turn) for turn in self._turns} or {(self._request.voice, None, None)}
        for voice, name, language in sorted(ways, key=str):
            self._actors[voice].engine.check(self._options(name, language))

    def _way_of(self, turn: Turn) -> tuple[str | None, str | None, str | None]:
        """How a turn is said: the voice asked for, its name for the engine, and the language."""
        request = self._request
        voice = turn.voice or self._voices.get(turn.speaker, request.voice)
        actor = self._actors[voice]
        asked = None if request.language == AUTO_LANGUAGE else request.language
        language = turn.language or (asked if voice == request.voice else None)
        name = actor.voice
        if turn.language and name is not None and turn.voice is None:
            name = _voice_for(turn.language, name, actor.engine.language_of(name))
        return voice, name, language

    def _options(self, name: str | None, language: str | None) -> SpeechOptions:
        from lipsmith.speech.base import SpeechOptions

        request = self._request
        return SpeechOptions(name, language, request.rate, request.pitch, self._reference)

    def _say(self, turn: Turn) -> Speech:
        request = self._request
        voice, name, language = self._way_of(turn)
        actor = self._actors[voice]
        options = self._options(name, language)
        characters = len(turn.text)
        if turn.is_plain:
            speech = actor.engine.speak([turn.text], options, characters)
        else:
            speech = actor.engine.speak_spans(turn.spans, options, characters)
        if self._reference is not None:
            speech = _telling_clones(speech, actor.engine.is_cloning(options))
        if request.normalise:
            speech = self._levelled(speech)
        if actor.engine.capabilities.timing is not Timing.PHONES:
            speech = listened(speech, self._stack)
        if turn.is_plain:
            return speech
        from lipsmith.speech.chunks.marking import with_marks

        return with_marks(speech, turn.spans)

    def _levelled(self, speech: Speech) -> Speech:
        from lipsmith.speech.chunks.levelling import Leveller

        return self._levellers.setdefault(speech.voice, Leveller()).level(speech)

    def _credits(self) -> str | None:
        """Who speaks, for the report."""
        if not self._voices:
            return self._request.voice
        return ", ".join(f"{name}={voice}" for name, voice in self._voices.items())


def _telling_clones(speech: Speech, cloned: bool) -> Speech:
    """The speech, every chunk of which tells whether it is in a cloned voice."""
    chunks = (
        replace(chunk, cloned=cloned) if chunk.cloned is None else chunk for chunk in speech.chunks
    )
    return replace(speech, chunks=chunks)


def _voice_for(language: str, voice: str, speaks: str | None) -> str | None:
    """The voice that was asked for, where it speaks a language; else the language's own.

    A variant, such as the f3 of en-us+f3, stays.
    """
    _, plus, variant = voice.partition("+")
    known = speaks or voice.partition("+")[0]
    if known and known.lower().partition("-")[0] == language.lower().partition("-")[0]:
        return voice
    return f"+{variant}" if plus else None
