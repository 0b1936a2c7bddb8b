"""Speech by espeak-ng: every language it knows, with exact phone times."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from textwrap import shorten

from lipsmith.core.speech import Speech, SpeechChunk, Voice
from lipsmith.errors import RenderError, TextError
from lipsmith.phonetics.espeak import EspeakProcess, EspeakVoice
from lipsmith.speech.base import SpeechCapabilities, SpeechEngine, SpeechOptions
from lipsmith.speech.espeak.chunks import ChunkAssembler
from lipsmith.speech.espeak.markup import Passage, passages
from lipsmith.speech.espeak.scripts import reading_warnings
from lipsmith.speech.espeak.voices import as_voices, choose
from lipsmith.speech.words.pronouncing import parts
from lipsmith.speech.words.script import Span
from lipsmith.speech.words.text import pieces

LONGEST_PIECE = 2000
"""Characters that espeak-ng is given at a time."""


class EspeakEngine(SpeechEngine):
    """Says a text with espeak-ng, each text in a process of its own.

    The same text and options give the same samples.
    """

    capabilities = SpeechCapabilities(pronunciations=True)

    def __init__(self) -> None:
        self._running: weakref.WeakSet[EspeakProcess] = weakref.WeakSet()
        self._spare: EspeakProcess | None = None
        self._found: list[EspeakVoice] = []

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text one after the other; see `SpeechEngine.speak`.

        Raises:
            OptionError: no such voice or language, or a rate or pitch out of range.
            TextError: nothing in the text can be spoken.
            RenderError: espeak-ng cannot be started.
        """
        if known := options.pronunciations:
            spans = (Span(part, ipa=ipa) for block in text for part, ipa in parts(block, known))
            return self.speak_spans(spans, options, characters)
        plain = map(Passage, pieces(text, LONGEST_PIECE))
        return self._speak(lambda _identifier, _warnings: plain, options, characters)

    def speak_spans(
        self, spans: Iterable[Span], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """As `speak`; espeak-ng itself changes the manner within a sentence."""
        return self._speak(
            lambda identifier, warnings: passages(spans, LONGEST_PIECE, identifier, warnings),
            options,
            characters,
        )

    def _speak(
        self,
        texts: Callable[[str, list[str]], Iterator[Passage]],
        options: SpeechOptions,
        characters: int | None,
    ) -> Speech:
        """texts: what to say, for a voice's identifier; gets the list for warnings, too."""
        super().check(options)
        process = self._start()
        try:
            voice = choose(self._known(process), options.voice, options.language)
            if not process.use(voice.identifier, options.rate_wpm, options.pitch):
                raise RenderError(f"espeak-ng cannot load its voice {voice.name!r}")
            warnings: list[str] = []
            assembler = ChunkAssembler(process.rate_hz, options.rate_wpm, characters)
            found = texts(voice.identifier, warnings)
            chunks = _chunks(process, _noting_warnings(found, voice.language, warnings), assembler)
            first = next(chunks, None)
            if first is None:
                raise TextError(
                    f"there is nothing in the text that the voice {voice.name!r} can say"
                )
        except BaseException:
            process.close()
            raise
        return Speech(
            process.rate_hz, 1, voice.language, _resume(first, chunks), warnings, voice.name
        )

    def check(self, options: SpeechOptions) -> None:
        super().check(options)
        if not self._found:
            self._spare = self._start()  # what is said next takes it
            self._known(self._spare)
        choose(self._found, options.voice, options.language)

    def voices(self) -> tuple[Voice, ...]:
        """Every voice; a name that starts with "+" is a variant to append to any other name."""
        with EspeakProcess() as process:
            return as_voices(process.voices())

    def close(self) -> None:
        """Stop everything that is being said."""
        for process in list(self._running):
            process.close()

    def _start(self) -> EspeakProcess:
        process, self._spare = self._spare, None
        if process is None or process.is_closed:
            process = EspeakProcess()
            self._running.add(process)
        return process

    def _known(self, process: EspeakProcess) -> list[EspeakVoice]:
        self._found = self._found or process.voices()
        return self._found


def _chunks(
    process: EspeakProcess, texts: Iterable[Passage], assembler: ChunkAssembler
) -> Iterator[SpeechChunk]:
    with process:
        for passage in texts:
            piece = passage.piece
            assembler.begin(piece)
            try:
                for made in process.speak(passage.source or piece.text, ssml=bool(passage.source)):
                    if isinstance(made, list):
                        assembler.add_events([passage.plain(event) for event in made])
                    else:
                        yield from assembler.add_sound(made)
            except RenderError as error:
                said = shorten(piece.text, 60, placeholder=" ...")
                raise RenderError(f"{error} at {said!r}; try another voice") from error
        yield from assembler.finish()


def _noting_warnings(
    texts: Iterable[Passage], language: str, warnings: list[str]
) -> Iterator[Passage]:
    """The same texts; `warnings` gets what the voice cannot read in them, once."""
    for passage in texts:
        found = reading_warnings(passage.piece.text, language)
        warnings += [warning for warning in found if warning not in warnings]
        yield passage


def _resume(first: SpeechChunk, rest: Iterator[SpeechChunk]) -> Iterator[SpeechChunk]:
    yield first
    yield from rest
