"""Kokoro: a small model with natural voices, by kokoro-onnx in an environment of its own.

https://github.com/thewh1teagle/kokoro-onnx (MIT); the model is hexgrad/Kokoro-82M (Apache-2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from lipsmith.core.resources import Resources
from lipsmith.core.speech import Speech, Timing, Voice
from lipsmith.environments.catalog import KOKORO
from lipsmith.errors import OptionError
from lipsmith.speech.base import SpeechCapabilities, SpeechEngine, SpeechOptions
from lipsmith.speech.chunks.phones import TimedSymbol, phones_of_symbols, words_of_symbols
from lipsmith.speech.chunks.sentences import NORMAL_RATE_WPM, Utterance
from lipsmith.speech.isolated import VoiceProcess, VoiceProcesses
from lipsmith.speech.options import Pronunciation, check_rate
from lipsmith.speech.words.pronouncing import parts, sayable
from lipsmith.weights import WeightsStore

WEIGHTS = "kokoro"
DEFAULT_VOICE = "af_heart"
LICENCE = "Apache-2.0"
_SPEEDS = (0.5, 2.0)
_LANGUAGES = {
    "a": ("en-US", "en-us"),
    "b": ("en-GB", "en-gb"),
    "e": ("es", "es"),
    "f": ("fr-FR", "fr-fr"),
    "h": ("hi", "hi"),
    "i": ("it", "it"),
    "p": ("pt-BR", "pt-br"),
}
"""What the first letter of a voice's name tells: BCP 47, and espeak-ng's name."""

_UNREADABLE = {"j": "Japanese", "z": "Mandarin"}
"""Languages for which kokoro-onnx has no phonemes that the model was trained on."""

_NAMES = (
    "af_heart af_alloy af_aoede af_bella af_jessica af_kore af_nicole af_nova af_river af_sarah "
    "af_sky am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa "
    "bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis ef_dora em_alex "
    "em_santa ff_siwis hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola pf_dora pm_alex pm_santa"
)
"""Of https://huggingface.co/hexgrad/Kokoro-82M/blob/main/VOICES.md."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    voice: str
    model: Path
    voices: Path

    @property
    def language(self) -> tuple[str, str]:
        return _LANGUAGES[self.voice[0]]


class KokoroEngine(SpeechEngine):
    """Says a text with Kokoro's model from the weights store, or with MODEL.onnx#VOICE.

    Phones have times when the model file tells durations, as the published v1.0 does not.
    """

    capabilities = SpeechCapabilities(timing=Timing.NONE, pitch=False, pronunciations=True)

    def __init__(self) -> None:
        self._processes = VoiceProcesses(KOKORO)

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text one after the other; see `SpeechEngine.speak`.

        Raises:
            OptionError: there is no such voice, or its files cannot be read.
            MissingEnvironmentError, MissingWeightsError: something has to be installed first.
        """
        check_rate(options.rate_wpm)
        self._processes.check_installed(self.resources)
        chosen = _choose(options, self.resources)
        weights = {"model": str(chosen.model), "voices": str(chosen.voices)}
        process = self._processes.open(self.resources, weights)
        known = process.about["voices"]
        if chosen.voice not in known:
            near = get_close_matches(chosen.voice, known, n=3)
            raise OptionError(
                f"{chosen.voices} has no voice {chosen.voice!r}; "
                f"{'near' if near else 'there are'}: {', '.join(near or known[:8])}"
            )
        if process.about["has_times"]:
            self.capabilities = replace(self.capabilities, timing=Timing.PHONES)
        speed = (options.rate_wpm or NORMAL_RATE_WPM) / NORMAL_RATE_WPM
        speed = min(max(speed, _SPEEDS[0]), _SPEEDS[1])
        warnings = [] if options.pitch is None else ["Kokoro's voices keep their own pitch"]
        pronunciations = sayable(options.pronunciations, process.about["symbols"], warnings)

        def say(sentence: str) -> Utterance:
            return _say(process, chosen, sentence, speed, pronunciations)

        speaker = self._processes.speaker(say)
        return speaker.speak(
            text,
            language=chosen.language[0],
            voice=f"kokoro:{options.voice or chosen.voice}",
            rate_wpm=options.rate_wpm,
            characters=characters,
            warnings=warnings,
        )

    def check(self, options: SpeechOptions) -> None:
        super().check(options)
        self._processes.check_installed(self.resources)
        _choose(options, self.resources)

    def voices(self) -> tuple[Voice, ...]:
        self._processes.check_installed(self.resources)
        return tuple(
            Voice(
                engine="kokoro",
                name=f"kokoro:{name}",
                language=_LANGUAGES[name[0]][0],
                label=name[3:].title(),
                gender="female" if name[1] == "f" else "male",
                quality="natural",
                licence=LICENCE,
                timing=Timing.NONE,
            )
            for name in _NAMES.split()
        )

    def language_of(self, voice: str) -> str | None:
        name = voice.rpartition("#")[2]
        return _LANGUAGES[name[0]][0] if name[:1] in _LANGUAGES else None

    def close(self) -> None:
        """Stop everything that is being said."""
        self._processes.close()


def _choose(options: SpeechOptions, resources: Resources) -> _Chosen:
    """The voice and the files that it is in."""
    path, _, voice = (options.voice or _default(options.language)).rpartition("#")
    letter = voice[0] if re.match("[a-z][fm]_", voice) else ""
    if letter in _UNREADABLE:
        raise OptionError(
            f"kokoro-onnx cannot read {_UNREADABLE[letter]}, so the voice {voice} cannot speak; "
            "choose another: lipsmith voices"
        )
    if letter not in _LANGUAGES:
        raise OptionError(
            f"Kokoro has no voice {voice!r}; they are called like {DEFAULT_VOICE}, and a file's "
            f"like MODEL.onnx#{DEFAULT_VOICE}"
        )
    if not path:
        allowed = WeightsStore(
            resources.models, offline=resources.offline, commercial=resources.commercial
        )
        model, voices = allowed.paths(WEIGHTS)
        return _Chosen(voice, model, voices)
    model = Path(path).expanduser()
    beside = sorted(model.parent.glob("*.bin"))
    if not model.is_file() or len(beside) != 1:
        raise OptionError(
            f"{model} is no file with exactly one .bin file (the voices) beside it; give "
            f"MODEL.onnx#{DEFAULT_VOICE}"
        )
    return _Chosen(voice, model, beside[0])


def _default(language: str | None) -> str:
    if language is None:
        return DEFAULT_VOICE
    wanted = language.lower().replace("_", "-")
    for exact in (wanted, wanted.partition("-")[0]):
        for name in _NAMES.split():
            spoken = _LANGUAGES[name[0]][0].lower()
            if exact in (spoken, spoken.partition("-")[0]):
                return name
    raise OptionError(f"Kokoro does not speak {language!r}; choose another voice: lipsmith voices")


def _say(
    process: VoiceProcess,
    chosen: _Chosen,
    sentence: str,
    speed: float,
    known: Sequence[Pronunciation],
) -> Utterance:
    asked = {"parts": list(parts(sentence, known)), "voice": chosen.voice, "speed": speed}
    made = process.ask("say", {**asked, "language": chosen.language[1]})
    rate_hz = int(process.about["rate_hz"])
    samples = made["samples"].reshape(-1, 1)
    timed = zip(made["symbols"], made["starts"], made["ends"], strict=True)
    symbols = [TimedSymbol(*symbol) for symbol in timed]
    if not symbols:
        return Utterance(samples, rate_hz)
    phones = phones_of_symbols(symbols, rate_hz)
    return Utterance(samples, rate_hz, phones, words_of_symbols(symbols, sentence))
