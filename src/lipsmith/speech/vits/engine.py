"""VITS through transformers: Meta's MMS voices, and any VITS checkpoint, offline.

Kim, Kong, Son: Conditional Variational Autoencoder with Adversarial Learning for End-to-End
Text-to-Speech (ICML 2021). Pratap et al.: Scaling Speech Technology to 1,000+ Languages (2023).
"""

from __future__ import annotations

import math
import threading
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lipsmith.core.speech import Speech, Timing, Voice
from lipsmith.errors import LicenceError, MissingExtraError, OptionError, SpeechError
from lipsmith.speech.base import SpeechCapabilities, SpeechOptions
from lipsmith.speech.chunks.phones import TimedSymbol, phones_of_symbols, words_of_symbols
from lipsmith.speech.chunks.sentences import NORMAL_RATE_WPM, Utterance
from lipsmith.speech.options import check_rate
from lipsmith.speech.sentence_engine import SentenceEngine
from lipsmith.speech.vits.models import VitsCheckpoint, find_checkpoint, language_of_name
from lipsmith.speech.vits.spelling import Speller
from lipsmith.speech.words.pronouncing import sayable

if TYPE_CHECKING:
    from transformers import VitsModel, VitsTokenizer

_SEED = 1
_AHEAD = 1


class VitsEngine(SentenceEngine):
    """Says a text with a VITS checkpoint that is on this machine.

    The same text, voice and options give the same samples on the same machine.
    """

    capabilities = SpeechCapabilities(timing=Timing.PHONES, pitch=False, pronunciations=True)

    def __init__(self) -> None:
        super().__init__()
        self._loaded: dict[Path, _Loaded] = {}
        self._lock = threading.Lock()

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text one after the other; see `SpeechEngine.speak`.

        Raises:
            OptionError: the checkpoint is not here; the message says what to type.
        """
        _check_installed()
        check_rate(options.rate_wpm)
        checkpoint = find_checkpoint(options.voice, options.language)
        if self.resources.commercial and "mms-tts-" in checkpoint.name:
            raise LicenceError(
                f"the licence of {checkpoint.name} (CC BY-NC 4.0) does not allow commercial use, "
                "and LIPSMITH_COMMERCIAL asks for that"
            )
        warnings = [] if options.pitch is None else ["VITS voices keep their own pitch"]
        with self._lock:
            if checkpoint.folder not in self._loaded:
                self._loaded[checkpoint.folder] = _load(checkpoint)
            loaded = self._loaded[checkpoint.folder]
            voice = _VitsVoice(checkpoint, loaded, options, warnings)

        def say(sentence: str, stop: threading.Event) -> Utterance:
            with self._lock:
                return voice.say(sentence, stop)

        return self._speaker(say, _AHEAD).speak(
            text,
            language=checkpoint.language,
            voice=f"vits:{checkpoint.name}",
            rate_wpm=options.rate_wpm,
            characters=characters,
            warnings=warnings,
        )

    def check(self, options: SpeechOptions) -> None:
        super().check(options)
        _check_installed()
        find_checkpoint(options.voice, options.language)

    def voices(self) -> tuple[Voice, ...]:
        """None by name: a folder, or any VITS checkpoint of the model hub, is a voice."""
        _check_installed()
        return ()

    def language_of(self, voice: str) -> str | None:
        return language_of_name(voice)

    def close(self) -> None:
        """Stop everything that is being said, and forget the checkpoints."""
        super().close()
        self._loaded.clear()


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A checkpoint in memory."""

    model: VitsModel
    tokenizer: VitsTokenizer
    speller: Speller


class _VitsVoice:
    """A checkpoint that says sentences at one rate."""

    def __init__(
        self,
        checkpoint: VitsCheckpoint,
        loaded: _Loaded,
        options: SpeechOptions,
        warnings: list[str],
    ) -> None:
        self._checkpoint = checkpoint
        self._loaded = loaded
        self._tempo = (options.rate_wpm or NORMAL_RATE_WPM) / NORMAL_RATE_WPM
        self._warnings = warnings
        tokenizer = loaded.tokenizer
        symbols = tokenizer.get_vocab() if tokenizer.phonemize else {}  # else it reads letters
        self._known = sayable(options.pronunciations, symbols, warnings)

    def say(self, sentence: str, stop: threading.Event) -> Utterance:
        if stop.is_set():
            raise SpeechError("the VITS voice was stopped")
        try:
            return self._say(self._loaded.model, self._loaded.tokenizer, sentence)
        except (RuntimeError, ValueError, IndexError) as error:
            raise SpeechError(f"the VITS voice failed: {_line(error)}") from error

    def _say(self, model: VitsModel, tokenizer: VitsTokenizer, sentence: str) -> Utterance:
        import torch

        rate_hz = int(model.config.sampling_rate)
        reads_phones = bool(tokenizer.phonemize)
        written = self._written(tokenizer, sentence)
        tokens = tokenizer._tokenize(written)
        if not written.strip():
            return Utterance(np.zeros((0, 1), np.float32), rate_hz, ())
        ids = torch.tensor([tokenizer.convert_tokens_to_ids(tokens)])
        logs: list[Any] = []
        hook = model.duration_predictor.register_forward_hook(
            lambda module, inputs, output: logs.append(output)
        )
        rate = float(model.speaking_rate) * self._tempo
        try:
            with torch.no_grad(), torch.random.fork_rng(devices=[]):
                torch.manual_seed(_SEED)
                made = model(ids, speaker_id=self._speaker(model), speaking_rate=rate)
        finally:
            hook.remove()
        samples = made.waveform[0].float().numpy().reshape(-1, 1).clip(-1, 1)
        # As the model computes them, to the last bit.
        frames = torch.ceil(torch.exp(logs[-1]) * (1.0 / rate)).reshape(-1).long().tolist()
        symbols = _symbols(tokens, frames, math.prod(model.config.upsample_rates), tokenizer)
        words = words_of_symbols(symbols, sentence)
        if not reads_phones:
            symbols = self._loaded.speller.sounds(symbols)
        return Utterance(samples, rate_hz, phones_of_symbols(symbols, rate_hz), words)

    def _speaker(self, model: VitsModel) -> int | None:
        if model.config.num_speakers <= 1:
            return None
        return self._checkpoint.speaker or 0

    def _written(self, tokenizer: VitsTokenizer, sentence: str) -> str:
        """What the model reads: letters of its vocabulary, or IPA."""
        known = tokenizer.get_vocab()
        if tokenizer.phonemize:
            phonemes = self._loaded.speller.ipa(sentence, self._known)
            return "".join(char for char in phonemes if char in known)
        if tokenizer.is_uroman and not sentence.isascii():
            _check_uroman(self._checkpoint.name)
        written, _ = tokenizer.prepare_for_tokenization(_without_accents(sentence, known))
        written = " ".join(str(written).split())
        if any(char.isdigit() for char in sentence) and not any(char.isdigit() for char in written):
            warning = "this voice leaves numbers out: write them as words"
            if warning not in self._warnings:
                self._warnings.append(warning)
        return written


def _without_accents(text: str, known: Container[str]) -> str:
    """Letters that the voice does not know, as the ones below their accents that it does."""
    plain = ""
    for char in text:
        base = unicodedata.normalize("NFD", char)[0]
        replaced = char.lower() not in known and char not in known and base.lower() in known
        plain += base if replaced else char
    return plain


def _symbols(
    tokens: list[str], frames: list[int], hop: int, tokenizer: VitsTokenizer
) -> list[TimedSymbol]:
    """When each symbol is said; the blank between two symbols belongs to the first."""
    symbols: list[TimedSymbol] = []
    at = 0
    for index, (token, count) in enumerate(zip(tokens, frames, strict=True)):
        end = at + count * hop
        if tokenizer.add_blank and index % 2 == 0:
            if symbols:
                symbols[-1] = TimedSymbol(symbols[-1].symbol, symbols[-1].start, end)
            else:
                symbols.append(TimedSymbol("", at, end))
        else:
            symbols.append(TimedSymbol(token, at, end))
        at = end
    return symbols


def _load(checkpoint: VitsCheckpoint) -> _Loaded:
    try:
        from transformers import VitsModel, VitsTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise MissingExtraError("a VITS voice", "vits") from error

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        model = VitsModel.from_pretrained(checkpoint.folder, local_files_only=True)
        tokenizer = VitsTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
    except Exception as error:
        raise OptionError(
            f"{checkpoint.folder} cannot be read as a VITS checkpoint: {_line(error)}"
        ) from error
    speller = Speller(None if tokenizer.is_uroman else checkpoint.language)
    return _Loaded(model.eval(), tokenizer, speller)


def _check_uroman(name: str) -> None:
    """transformers romanises by itself when this package is there, and else drops the letters."""
    from importlib.util import find_spec

    if find_spec("uroman") is None:
        raise OptionError(
            f"the voice {name} reads Latin letters only; to have this text romanised for it, "
            "type: pip install uroman"
        )


def _check_installed() -> None:
    from importlib.util import find_spec

    if find_spec("torch") is None or find_spec("transformers") is None:
        raise MissingExtraError("a VITS voice", "vits")


def _line(error: BaseException) -> str:
    return unicodedata.normalize("NFC", " ".join(str(error).split())) or type(error).__name__
