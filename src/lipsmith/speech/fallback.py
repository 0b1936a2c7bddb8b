"""Several voices for one text: each takes over where the one before it failed."""

from __future__ import annotations

import contextlib
import unicodedata
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace

from lipsmith.core.request import Clone
from lipsmith.core.resources import Resources
from lipsmith.core.speech import Speech, SpeechChunk, Timing, Voice
from lipsmith.errors import LipsmithError, RenderError, ServiceError, TextError
from lipsmith.registry import EngineSpec
from lipsmith.speech.base import SpeechCapabilities, SpeechEngine, SpeechOptions
from lipsmith.speech.choice import VoiceChoice, open_engine
from lipsmith.speech.chunks.conversion import converted
from lipsmith.speech.options import check_pitch, check_rate
from lipsmith.speech.words.text import clean, is_speakable

_TIMINGS = (Timing.NONE, Timing.WORDS, Timing.PHONES)


class FallbackEngine(SpeechEngine):
    """Says a text with the first voice that works, and goes on with the next when it fails.

    What was said is neither lost nor said again. The speech keeps the rate and the channels of
    the voice that began it; its warnings tell who failed, why, and from which words on another
    voice speaks.
    """

    def __init__(self, choices: Sequence[VoiceChoice], resources: Resources) -> None:
        """choices: in the order in which they are tried; at least one."""
        self.resources = resources
        self._choices = tuple(choices)
        self._open: dict[EngineSpec, SpeechEngine] = {}
        self._failed: set[VoiceChoice] = set()
        self._stopped = False
        self.capabilities = self._weakest()

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text; see `SpeechEngine.speak`. options.voice is not looked at.

        Raises:
            TextError: nothing in the text can be spoken.
            LipsmithError: what the last voice failed with.
        """
        check_rate(options.rate_wpm)
        check_pitch(options.pitch)
        # A voice that failed is not waited for again at the beginning of every text.
        left = [choice for choice in self._choices[:-1] if choice not in self._failed]
        relay = _Relay(self, [*left, self._choices[-1]], options, _Text(text, characters))
        return relay.start()

    def voices(self) -> tuple[Voice, ...]:
        """None of its own."""
        return ()

    def check_cloning(self, clone: Clone) -> None:
        """One of the voices must be able to; see `SpeechEngine.check_cloning`.

        Raises:
            LipsmithError: why the first one that clones cannot.
        """
        problem: LipsmithError | None = None
        for choice in self._choices:
            try:
                engine = self.enter(choice)
                if engine.capabilities.cloning:
                    engine.check_cloning(clone)
                    return
            except LipsmithError as error:
                problem = problem or error
        if problem is not None:
            raise problem
        super().check_cloning(clone)

    def close(self) -> None:
        """Stop everything that is being said."""
        self._stopped = True
        for engine in self._open.values():
            engine.close()

    def enter(self, choice: VoiceChoice) -> SpeechEngine:
        """The engine of a voice, which `close` closes.

        Raises:
            OfflineError, MissingExtraError: as `open_engine`.
        """
        if choice.spec not in self._open:
            self._open[choice.spec] = open_engine(choice.spec, self.resources)
        return self._open[choice.spec]

    def note_failure(self, choice: VoiceChoice) -> None:
        """Do not begin with this voice again."""
        self._failed.add(choice)

    @property
    def stopped(self) -> bool:
        """Whether `close` was called."""
        return self._stopped

    def _weakest(self) -> SpeechCapabilities:
        """What all voices can do; cloning is what one of them does while it speaks."""
        can = []
        for choice in self._choices:
            with contextlib.suppress(LipsmithError):
                can.append(self.enter(choice).capabilities)
        return SpeechCapabilities(
            timing=min((c.timing for c in can), key=_TIMINGS.index, default=Timing.NONE),
            online=any(c.online for c in can),
            rate=all(c.rate for c in can),
            pitch=all(c.pitch for c in can),
            pronunciations=all(c.pronunciations for c in can),
            cloning=any(c.cloning for c in can),
        )


class _Relay:
    """One text on its way through the voices."""

    def __init__(
        self,
        engine: FallbackEngine,
        choices: Sequence[VoiceChoice],
        options: SpeechOptions,
        text: _Text,
    ) -> None:
        self._engine = engine
        self._left = deque(choices)
        self._speaking = choices[0]
        self._options = options
        self._text = text
        self._warnings: list[str] = []
        self._language = options.language or _language(engine, choices)

    def start(self) -> Speech:
        speech = self._next_voice()
        return replace(speech, chunks=self._chunks(speech), warnings=self._warnings)

    def _next_voice(self) -> Speech:
        """The first of the voices left that begins to speak."""
        while True:
            choice = self._speaking = self._left.popleft()
            # A language beside a voice is a contradiction when the voice does not speak it.
            language = self._language if choice.name is None else None
            options = replace(self._options, voice=choice.name, language=language)
            try:
                speech = self._engine.enter(choice).speak(
                    self._text.pieces(), options, self._text.characters_left
                )
            except TextError:
                raise
            except LipsmithError as error:
                if not self._left or self._engine.stopped:
                    raise
                if isinstance(error, RenderError):  # others may be of this language alone
                    self._engine.note_failure(choice)
                self._warnings.append(f"{_problem(error)}; {self._left[0]} speaks instead")
            else:
                if self._language is None:
                    self._language = speech.language
                return speech

    def _chunks(self, speech: Speech) -> Iterator[SpeechChunk]:
        rate_hz, channels = speech.rate_hz, speech.channels
        start = 0
        while True:
            failure: LipsmithError | None = None
            chunks = converted(speech, rate_hz, channels, start)
            cloned = self._engine.enter(self._speaking).is_cloning(self._options)
            try:
                for chunk in chunks:
                    self._text.say(chunk.text or "")
                    start = chunk.end
                    progress = self._text.progress(chunk.progress)
                    yield replace(chunk, progress=progress, cloned=cloned)
            except LipsmithError as error:
                failure = error
            finally:
                chunks.close()
                if isinstance(speech.chunks, Generator):
                    speech.chunks.close()
            self._warn(speech)
            if failure is None:
                return
            if not self._left or self._engine.stopped:
                raise failure
            self._engine.note_failure(self._speaking)
            words = " ".join(self._text.rest().split()[:5])
            self._warnings.append(f'{_problem(failure)}; from "{words}" on {self._left[0]} speaks')
            try:
                speech = self._next_voice()
            except TextError:
                return  # everything had been said

    def _warn(self, speech: Speech) -> None:
        self._warnings += [w for w in speech.warnings if w not in self._warnings]


class _Text:
    """A text of which some was said: the rest of it can be asked for again and again."""

    def __init__(self, text: Iterable[str], characters: int | None) -> None:
        self._source = iter(text)
        self._characters = characters
        self._given: deque[str] = deque()
        self._said = 0
        self._done = 0
        self._total = characters

    @property
    def characters_left(self) -> int | None:
        return None if self._characters is None else max(0, self._characters - self._done)

    def pieces(self) -> Iterator[str]:
        """Paragraphs that were not said yet, the first of them perhaps in part."""
        rest = self.rest()
        self._given = deque([rest] if rest else [])
        self._said = 0
        if rest:
            yield rest
        for text in self._source:
            for paragraph in _paragraphs(text):
                self._given.append(paragraph)
                yield paragraph

    def say(self, text: str) -> None:
        """Note that this was said."""
        self._done += len(text) + 1
        self._said += sum(map(is_speakable, text))
        while self._given and self._said >= (size := sum(map(is_speakable, self._given[0]))):
            if len(self._given) == 1 and self._said == size:
                break
            self._said -= size
            self._given.popleft()

    def rest(self) -> str:
        """What was handed out and not said, as paragraphs."""
        if not self._given:
            return ""
        left = self._said
        first = self._given[0]
        at = 0
        while at < len(first) and (left > 0 or not is_speakable(first[at])):
            if left <= 0 and unicodedata.category(first[at]) in ("Ps", "Pi"):
                break
            left -= is_speakable(first[at])
            at += 1
        return "\n\n".join(part for part in (first[at:], *list(self._given)[1:]) if part)

    def progress(self, engines_own: float) -> float:
        """Share of the whole text; 1 at its end."""
        if not self._characters:
            return engines_own
        return 1.0 if engines_own >= 1.0 else min(1.0, self._done / self._characters)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        plain = clean(paragraph)
        if is_speakable(plain):
            yield plain


def _problem(error: LipsmithError) -> str:
    """What was wrong, without advice that was followed already: to name another voice."""
    return str(error).partition(";")[0] if isinstance(error, ServiceError) else str(error)


def _language(engine: FallbackEngine, choices: Sequence[VoiceChoice]) -> str | None:
    """The language that the voices' names tell."""
    for choice in choices:
        if choice.name is not None:
            with contextlib.suppress(LipsmithError):
                tag = engine.enter(choice).language_of(choice.name)
                if tag:
                    return tag
    return None
