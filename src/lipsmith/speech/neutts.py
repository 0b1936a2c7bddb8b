"""NeuTTS Air: speaks with the voice of a reference recording, in an environment of its own.

https://github.com/neuphonic/neutts (Apache-2.0). What it says carries the watermark of
resemble-perth, which is not taken out.
"""

from __future__ import annotations

from collections.abc import Iterable

from lipsmith.core.request import Clone
from lipsmith.core.speech import Reference, Speech, Timing, Voice
from lipsmith.environments.catalog import NEUTTS
from lipsmith.errors import OptionError
from lipsmith.speech.base import SpeechCapabilities, SpeechEngine, SpeechOptions
from lipsmith.speech.chunks.sentences import Utterance
from lipsmith.speech.cloning.reference import at_rate
from lipsmith.speech.isolated import VoiceProcess, VoiceProcesses

DEFAULT_BACKBONE = "neuphonic/neutts-air"
_OWN = "neuphonic/"
CODEC = "neuphonic/neucodec"
_REFERENCE_RATE_HZ = 16_000
_SEED = 1


class NeuttsEngine(SpeechEngine):
    """Says a text with a cloned voice; its voices are backbones: a folder, a GGUF file, a name.

    The timing of what it says has to be found by listening.
    """

    capabilities = SpeechCapabilities(timing=Timing.NONE, rate=False, pitch=False, cloning=True)

    def __init__(self) -> None:
        self._processes = VoiceProcesses(NEUTTS)

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text one after the other; see `SpeechEngine.speak`.

        Raises:
            OptionError: there is no reference, or nobody told what it says.
            MissingEnvironmentError: the engine has to be installed first.
        """
        reference = _check(options)
        self._processes.check_installed(self.resources)
        backbone = options.voice or DEFAULT_BACKBONE
        weights = {
            "backbone": backbone,
            "codec": CODEC,
            "language": _language(backbone, options.language),
            "seed": _SEED,
            "offline": self.resources.offline,
        }
        process = self._processes.open(self.resources, weights)
        sound = at_rate(reference.samples, reference.rate_hz, _REFERENCE_RATE_HZ)
        process.ask("clone", {"samples": sound, "transcript": reference.text})
        kept = [name for name in ("rate_wpm", "pitch") if getattr(options, name) is not None]
        warnings = ["a cloned voice keeps its own rate and pitch"] if kept else []
        return self._processes.speaker(lambda sentence: _say(process, sentence)).speak(
            text,
            language=options.language or "en",
            voice=f"neutts:{backbone} as {reference.name}",
            characters=characters,
            warnings=warnings,
        )

    def check(self, options: SpeechOptions) -> None:
        super().check(options)
        _check(options)
        self._processes.check_installed(self.resources)

    def voices(self) -> tuple[Voice, ...]:
        self._processes.check_installed(self.resources)
        return (
            Voice(
                engine="neutts",
                name="neutts",
                language="en",
                label="a cloned voice: --clone",
                quality="natural",
                licence="Apache-2.0",
                timing=Timing.NONE,
            ),
        )

    def check_cloning(self, clone: Clone) -> None:
        self._processes.check_installed(self.resources)
        _check_text(clone.text, clone.recording.name)

    def close(self) -> None:
        """Stop everything that is being said."""
        self._processes.close()


def _check(options: SpeechOptions) -> Reference:
    reference = options.reference
    if reference is None:
        raise OptionError("neutts speaks with a cloned voice; give one: --clone REFERENCE.wav")
    _check_text(reference.text, reference.name)
    return reference


def _check_text(text: str, name: str) -> None:
    if not text.strip():
        raise OptionError(
            f"neutts has to know what is said in {name}: --clone-text 'the words in it'"
        )


def _language(backbone: str, language: str | None) -> str | None:
    """espeak-ng's name of the language; None where the backbone's own name tells it."""
    if backbone.startswith(_OWN):
        return None
    wanted = (language or "en").lower().replace("_", "-")
    return {"en": "en-us", "fr": "fr-fr"}.get(wanted, wanted)


def _say(process: VoiceProcess, sentence: str) -> Utterance:
    made = process.ask("say", {"text": sentence})
    return Utterance(made["samples"].reshape(-1, 1), int(process.about["rate_hz"]))
