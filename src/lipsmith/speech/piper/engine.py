"""Piper: VITS voices as ONNX files, offline, with exact phone times.

https://github.com/OHF-Voice/piper1-gpl. piper-tts is GPL-3.0-or-later; it is imported here only,
and only when one of its voices is asked for. A voice is NAME.onnx with NAME.onnx.json beside it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lipsmith.core.speech import Phone, Speech, TimedWord, Timing, Voice
from lipsmith.errors import MissingExtraError, OptionError, SpeechError
from lipsmith.speech.base import SpeechCapabilities, SpeechOptions
from lipsmith.speech.chunks.phones import TimedSymbol, phones_of_symbols, words_of_symbols
from lipsmith.speech.chunks.sentences import NORMAL_RATE_WPM, Utterance
from lipsmith.speech.options import Pronunciation, check_rate
from lipsmith.speech.piper.voices import VoiceFile, default_voice, find_voice, known_voices
from lipsmith.speech.sentence_engine import SentenceEngine
from lipsmith.speech.words.pronouncing import parts, sayable

if TYPE_CHECKING:
    from piper import AudioChunk, PiperVoice

    from lipsmith.weights import WeightsStore

_SEED = 1
_AHEAD = 1
_VOLUME = 0.8
"""Peak of every sentence: Piper's own 1 leaves encoders no room."""


class PiperEngine(SentenceEngine):
    """Says a text with a Piper voice: a file, or one that the weights store holds.

    A voice with several speakers takes NAME#3 or NAME#speaker. The same text, voice and options
    give the same samples.
    """

    capabilities = SpeechCapabilities(timing=Timing.PHONES, pitch=False, pronunciations=True)

    def __init__(self) -> None:
        super().__init__()
        self._loaded: dict[Path, PiperVoice] = {}
        self._lock = threading.Lock()

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text one after the other; see `SpeechEngine.speak`.

        Raises:
            OptionError: there is no such voice or speaker here; the message says what to type.
        """
        _check_installed()
        check_rate(options.rate_wpm)
        file = self._find(options)
        with self._lock:
            if file.model not in self._loaded:
                self._loaded[file.model] = _load(file)
            voice = self._loaded[file.model]
        settings = _settings(voice, file, options.rate_wpm)

        def say(sentence: str, stop: threading.Event) -> Utterance:
            with self._lock:
                return _say(voice, settings, sentence, known, stop)

        warnings = [] if options.pitch is None else ["Piper's voices keep their own pitch"]
        symbols = voice.config.phoneme_id_map if voice.config.phoneme_type == "espeak" else {}
        known = sayable(options.pronunciations, symbols, warnings)
        return self._speaker(say, _AHEAD).speak(
            text,
            language=file.language,
            voice=f"piper:{file.name}",
            rate_wpm=options.rate_wpm,
            characters=characters,
            warnings=warnings,
        )

    def check(self, options: SpeechOptions) -> None:
        super().check(options)
        _check_installed()
        self._find(options)

    def voices(self) -> tuple[Voice, ...]:
        _check_installed()
        return tuple(known_voices(self._store()))

    def language_of(self, voice: str) -> str | None:
        code = Path(voice).name.partition("-")[0]
        language, _, region = code.partition("_")
        if 2 <= len(language) <= 3 and language.isalpha() and language.islower():
            return f"{language}-{region}" if region else language
        return None

    def close(self) -> None:
        """Stop everything that is being said, and forget the voices."""
        super().close()
        self._loaded.clear()

    def _find(self, options: SpeechOptions) -> VoiceFile:
        store = self._store()
        return find_voice(options.voice or default_voice(options.language, store), store)

    def _store(self) -> WeightsStore:
        from lipsmith.weights import WeightsStore

        allowed = self.resources
        return WeightsStore(allowed.models, offline=allowed.offline, commercial=allowed.commercial)


def _load(file: VoiceFile) -> PiperVoice:
    try:
        import onnxruntime
        from piper import PiperVoice
    except ImportError as error:
        raise MissingExtraError("a Piper voice", "piper") from error

    logging.getLogger("piper").setLevel(logging.ERROR)
    onnxruntime.set_seed(_SEED)  # of the noise in the sessions that are made from here on
    try:
        return PiperVoice.load(file.model, file.config, include_alignments=True)
    except Exception as error:
        raise OptionError(
            f"{file.model} cannot be read as a Piper voice ({_line(error)}); get it again"
        ) from error


def _settings(voice: PiperVoice, file: VoiceFile, rate_wpm: int | None) -> Any:
    from piper import SynthesisConfig

    config = voice.config
    speaker: int | None = None
    if file.speaker:
        known = config.speaker_id_map
        speaker = known.get(file.speaker, -1)
        if file.speaker.isdecimal() and speaker < 0:
            speaker = int(file.speaker)
        if not 0 <= speaker < config.num_speakers:
            names = f" or one of {', '.join(sorted(known)[:8])}" if known else ""
            raise OptionError(
                f"the voice {file.name} has no speaker {file.speaker!r}; "
                f"there are 0 to {config.num_speakers - 1}{names}"
            )
    tempo = (rate_wpm or NORMAL_RATE_WPM) / NORMAL_RATE_WPM
    return SynthesisConfig(
        speaker_id=speaker, length_scale=config.length_scale / tempo, volume=_VOLUME
    )


def _say(
    voice: PiperVoice,
    settings: Any,
    sentence: str,
    known: Sequence[Pronunciation],
    stop: threading.Event,
) -> Utterance:
    """Piper cuts at sentence ends itself; what it makes is joined again."""
    made: list[AudioChunk] = []
    try:
        for chunk in voice.synthesize(_source(sentence, known), settings, include_alignments=True):
            if stop.is_set():
                raise SpeechError("Piper's voice was stopped")
            made.append(chunk)
    except SpeechError:
        raise
    except Exception as error:
        raise SpeechError(f"Piper's voice failed: {_line(error)}") from error
    rate_hz = voice.config.sample_rate
    if not made:
        return Utterance(np.zeros((0, 1), np.float32), rate_hz, ())
    samples = np.concatenate([chunk.audio_float_array.reshape(-1, 1) for chunk in made])
    symbols: list[TimedSymbol] = []
    start = 0
    for chunk in made:
        length = len(chunk.audio_float_array.reshape(-1))
        timed = _symbols(voice, chunk, start, length)
        if timed is None:
            return Utterance(samples.astype(np.float32), rate_hz)
        symbols += timed
        start += length
    phones: tuple[Phone, ...] = phones_of_symbols(symbols, rate_hz)
    words: tuple[TimedWord, ...] = words_of_symbols(symbols, sentence)
    return Utterance(samples.astype(np.float32), rate_hz, phones, words)


def _source(sentence: str, known: Sequence[Pronunciation]) -> str:
    """The sentence as Piper reads it: what stands in [[ ]] is phonemes."""
    source = ""
    for part, ipa in parts(sentence, known):
        if ipa:
            source += f"[[{ipa}]]"
            continue
        plain = part.replace("[[", "[ [")
        if source.endswith("]]"):  # punctuation right behind would be lost
            rest = plain.lstrip(".,;:!?")
            source = f"{source[:-2]}{plain[: len(plain) - len(rest)]}]]{rest}"
        else:
            source += plain
    return source


def _symbols(
    voice: PiperVoice, chunk: AudioChunk, start: int, length: int
) -> list[TimedSymbol] | None:
    """When each symbol is said: of those that the voice knows, with the padding behind each."""
    counts = chunk.phoneme_id_samples
    ids = voice.config.phoneme_id_map
    if counts is None or len(counts) != len(chunk.phoneme_ids):
        return None
    symbols: list[TimedSymbol] = []
    index, at = 0, 0
    for symbol, unknown in _with_edges(chunk.phonemes, ids):
        if unknown:
            continue
        count = len(ids[symbol]) + (len(ids["_"]) if symbol != "$" else 0)
        samples = int(sum(counts[index : index + count]))
        text = "" if symbol in "^$" else symbol
        symbols.append(TimedSymbol(text, start + at, start + at + samples))
        index, at = index + count, at + samples
    if index != len(counts) or at == 0:
        return None
    # The sound may be a few samples longer or shorter than the model's own count.
    scale = length / at
    return [
        TimedSymbol(
            symbol.symbol,
            start + round((symbol.start - start) * scale),
            start + round((symbol.end - start) * scale),
        )
        for symbol in symbols
    ]


def _with_edges(phonemes: Iterable[str], ids: Any) -> Iterator[tuple[str, bool]]:
    yield "^", "^" not in ids
    for phoneme in phonemes:
        yield phoneme, phoneme not in ids
    yield "$", "$" not in ids


def _check_installed() -> None:
    from importlib.util import find_spec

    if find_spec("piper") is None or find_spec("onnx") is None:
        raise MissingExtraError("a Piper voice", "piper")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
