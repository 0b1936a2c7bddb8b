"""The neural voices of Microsoft Edge, spoken by its online service.

https://github.com/rany2/edge-tts (LGPL-3.0), a library that speaks the browser's protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Coroutine, Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.speech import Speech, TimedWord, Timing, Voice
from lipsmith.errors import LipsmithError, MissingExtraError, OptionError, ServiceError
from lipsmith.media.mp3 import decode_mp3
from lipsmith.speech.base import SpeechCapabilities, SpeechOptions
from lipsmith.speech.chunks.sentences import NORMAL_RATE_WPM, Utterance
from lipsmith.speech.chunks.word_timing import as_written
from lipsmith.speech.options import check_pitch, check_rate
from lipsmith.speech.sentence_engine import SentenceEngine
from lipsmith.speech.voice_cache import VoiceCache

T = TypeVar("T")

DEFAULT_VOICE = "en-US-AriaNeural"
LICENCE = "Microsoft's terms of service"
_TICKS_PER_S = 10_000_000
_CONNECT_S, _ANSWER_S, _LONGEST_S = 10, 20, 30
"""To connect, between two messages, and for one sentence altogether."""

_AHEAD = 2
_NATURAL_PITCH = 50
_POLL_S = 0.05
_LONGEST_DELAY_S = 0.12
"""MP3 encoders put the sound up to this much later than where the service says it is."""

_SOUND_DB = -40.0
_FRAMES_PER_S, _QUIET_END = 200, 6
_SHORTEST_LETTER_S = 0.03


class EdgeEngine(SentenceEngine):
    """Says a text through the service that Edge's "Read aloud" uses; the text leaves the machine.

    Words have times; phones are None.
    """

    capabilities = SpeechCapabilities(timing=Timing.WORDS, online=True)

    def __init__(self) -> None:
        super().__init__()
        self._cache = VoiceCache("edge")

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text one after the other; see `SpeechEngine.speak`.

        Raises:
            ServiceError: the service cannot be reached, or has no sound for the text.
        """
        edge_tts = _library()
        check_rate(options.rate_wpm)
        check_pitch(options.pitch)
        name = self._choose(options.voice, options.language)
        rate = round(((options.rate_wpm or NORMAL_RATE_WPM) / NORMAL_RATE_WPM - 1) * 100)
        pitch = _NATURAL_PITCH if options.pitch is None else options.pitch

        def say(sentence: str, stop: threading.Event) -> Utterance:
            async def ask() -> Utterance:
                communicate = edge_tts.Communicate(
                    sentence,
                    name,
                    rate=f"{rate:+d}%",
                    pitch=f"{pitch - _NATURAL_PITCH:+d}Hz",
                    boundary="WordBoundary",
                    connect_timeout=_CONNECT_S,
                    receive_timeout=_ANSWER_S,
                )
                return await _utterance(communicate, sentence)

            return _ask(ask(), stop)

        return self._speaker(say, _AHEAD).speak(
            text,
            language=self.language_of(name) or "en",
            voice=f"edge:{name}",
            rate_wpm=options.rate_wpm,
            characters=characters,
        )

    def check(self, options: SpeechOptions) -> None:
        super().check(options)
        _library()
        if options.voice is not None:
            self._choose(options.voice, options.language)

    def voices(self) -> tuple[Voice, ...]:
        """The voices that the service told last; none before `refresh_voices` was called once."""
        _library()
        return self._cache.read()

    def refresh_voices(self) -> None:
        edge_tts = _library()
        listed = _ask(edge_tts.list_voices(), threading.Event())
        self._cache.write(
            Voice(
                engine="edge",
                name=f"edge:{voice['ShortName']}",
                language=voice["Locale"],
                label=voice["FriendlyName"].removeprefix("Microsoft ").partition(" Online")[0],
                gender=voice["Gender"].lower(),
                quality="natural",
                licence=LICENCE,
                online=True,
                timing=Timing.WORDS,
            )
            for voice in listed
        )

    def language_of(self, voice: str) -> str | None:
        parts = voice.split("-")
        return "-".join(parts[:-1]) if len(parts) > 1 else None

    def _choose(self, voice: str | None, language: str | None) -> str:
        """The service's name of a voice."""
        if voice is None and language is None:
            return DEFAULT_VOICE
        known = {known.name.removeprefix("edge:"): known for known in self._cache.read()}
        if voice is not None:
            exact = {name.lower(): name for name in known}.get(voice.lower(), voice)
            if known and exact not in known:
                near = get_close_matches(exact, known, n=3)
                hint = f" (near: {', '.join(near)})" if near else ""
                raise OptionError(
                    f"Edge has no voice {voice!r}{hint}; `lipsmith voices --engine edge` lists all"
                )
            return exact
        if not known:
            self.refresh_voices()
            known = {known.name.removeprefix("edge:"): known for known in self._cache.read()}
        wanted = (language or "").lower().replace("_", "-")
        while wanted:
            for name, about in known.items():
                if f"{about.language.lower()}-".startswith(f"{wanted}-"):
                    return name
            wanted = wanted.rpartition("-")[0]
        raise OptionError(
            f"Edge does not speak {language!r}; `lipsmith voices --engine edge` lists its voices"
        )


async def _utterance(communicate: Any, sentence: str) -> Utterance:
    """One sentence, as the service says it."""
    parts: list[bytes] = []
    marks: list[tuple[str, int, int]] = []
    async for message in communicate.stream():
        if message["type"] == "audio":
            parts.append(message["data"])
        elif message["type"] == "WordBoundary":
            marks.append((message["text"], message["offset"], message["duration"]))
    decoded = list(decode_mp3(parts))
    if not decoded:
        raise ServiceError("Edge's service sent something that is no sound; try again later")
    rate_hz = decoded[0][0]
    samples = np.concatenate([samples for _, samples in decoded])
    words: list[TimedWord] = []
    delay = _delay(samples, rate_hz, marks[0][1] / _TICKS_PER_S) if marks else 0
    for text, offset, duration in marks:
        start = offset * rate_hz // _TICKS_PER_S + delay
        end = min(start + duration * rate_hz // _TICKS_PER_S, len(samples))
        start = max(start, words[-1].end if words else 0)
        if end > start:
            words.append(TimedWord(text, start, end))
    if _is_cut(samples, rate_hz, sentence, [text for text, _, _ in marks]):
        raise ServiceError(
            "Edge's service broke off in the middle of a sentence; check the connection, or name "
            "a voice to fall back to: --voice edge:NAME,espeak"
        )
    return Utterance(samples, rate_hz, None, as_written(sentence, words))


def _is_cut(samples: NDArray[np.float32], rate_hz: int, sentence: str, words: list[str]) -> bool:
    """Whether the connection was lost before the end, of which the library says nothing.

    What the service says to its end is followed by silence, and every word has a time.
    """
    if _loud(samples, rate_hz)[-_QUIET_END:].any():
        return True
    if not words:
        return len(samples) < _SHORTEST_LETTER_S * rate_hz * len(sentence)
    position = 0
    for word in words:
        found = sentence.find(word, position)
        position = found + len(word) if found >= 0 else position
    rest = sentence[position:]
    missing = sum(map(str.isalpha, rest))
    return missing > sum(map(str.isalpha, sentence)) // 4 or (
        sum(any(map(str.isalpha, word)) for word in rest.split()) > 1
    )


def _delay(samples: NDArray[np.float32], rate_hz: int, first_s: float) -> int:
    """Samples by which the sound is later than the words' times, from the first word's onset."""
    loud = np.flatnonzero(_loud(samples, rate_hz))
    late = int(loud[0]) * (rate_hz // _FRAMES_PER_S) if len(loud) else 0
    late -= round(first_s * rate_hz)
    return late if 0 < late <= _LONGEST_DELAY_S * rate_hz else 0


def _loud(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.bool_]:
    """(frames,) of 5 ms: where something is heard."""
    frame = rate_hz // _FRAMES_PER_S
    count = len(samples) // frame
    power = np.mean(samples[: count * frame].reshape(count, -1) ** 2, axis=1)
    levels = 10 * np.log10(power + 1e-12)
    return np.asarray(levels > float(levels.max(initial=-120.0)) + _SOUND_DB)


def _ask(question: Coroutine[Any, Any, T], stop: threading.Event) -> T:
    """Run a question to the service in this thread, until it is answered or `stop` is set.

    Raises:
        ServiceError: it cannot be reached, refuses, or answers nothing that can be used.
        OptionError: a value has a form that the service does not know.
    """

    async def until_stopped() -> T:
        asking = asyncio.ensure_future(question)
        started_s = time.monotonic()
        try:
            while not stop.is_set():
                done, _ = await asyncio.wait([asking], timeout=_POLL_S)
                if done:
                    return asking.result()
                if time.monotonic() > started_s + _LONGEST_S:
                    raise TimeoutError
            raise ServiceError("Edge's voice was stopped")
        finally:
            asking.cancel()
            with contextlib.suppress(BaseException):
                await asking

    import aiohttp
    from edge_tts import exceptions

    way_out = "check the connection, or name a voice to fall back to: --voice edge:NAME,espeak"
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(until_stopped())
    except LipsmithError:
        raise
    except exceptions.NoAudioReceived as error:
        raise ServiceError(
            "Edge's service made no sound: it does not know this voice, or the voice cannot say "
            "this text; `lipsmith voices --engine edge` lists the voices"
        ) from error
    except ValueError as error:
        raise OptionError(
            f"Edge does not take this: {error}; a voice is called like {DEFAULT_VOICE}, and "
            "`lipsmith voices --engine edge` lists all"
        ) from error
    except TimeoutError as error:
        raise ServiceError(f"Edge's service does not answer; {way_out}") from error
    except aiohttp.ClientResponseError as error:
        raise ServiceError(
            f"Edge's service refuses ({error.status} {error.message}); try again later, or update "
            "its library: pip install --upgrade edge-tts"
        ) from error
    except (OSError, aiohttp.ClientError, exceptions.WebSocketError) as error:
        raise ServiceError(
            f"Edge's service cannot be reached ({_reason(error)}); {way_out}"
        ) from error
    except (exceptions.EdgeTTSException, KeyError) as error:
        raise ServiceError(
            f"Edge's service answers in a way that its library does not know ({_reason(error)}); "
            "update it: pip install --upgrade edge-tts"
        ) from error
    finally:
        # Without waiting for a name that is still being looked up.
        loop.close()


def _reason(error: BaseException) -> str:
    inner = getattr(error, "os_error", None) or error
    said = getattr(inner, "strerror", None) or str(inner)
    return " ".join(said.split()) or type(error).__name__


def _library() -> Any:
    try:
        import edge_tts
    except ImportError as error:
        raise MissingExtraError("the voice of Edge", "edge") from error
    return edge_tts
