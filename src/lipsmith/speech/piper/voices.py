"""Where Piper's voices are on this machine, and what their names and files tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipsmith.core.speech import Timing, Voice
from lipsmith.errors import OptionError

if TYPE_CHECKING:
    from lipsmith.weights import WeightsEntry, WeightsStore

PREFIX = "piper:"
DEFAULT_VOICE = "en_US-lessac-medium"
_FEMALE = "lessac kristin ljspeech amy alba cori siwis paola"
_MALE = "joe ryan thorsten davefx faber"
_GENDERS = {
    **dict.fromkeys(_FEMALE.split(), "female"),
    **dict.fromkeys(_MALE.split(), "male"),
}
"""Of the speakers in the catalogue."""


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A voice on the disk.

    name: as people ask for it. model: the ONNX file; config: the JSON file beside it.
    language: BCP 47. speaker: what stood behind "#", "" for the voice's first.
    """

    name: str
    model: Path
    config: Path
    language: str
    speaker: str


def find_voice(wanted: str, store: WeightsStore) -> VoiceFile:
    """The files of NAME in the store or of a path to NAME.onnx, either with #SPEAKER behind.

    Raises:
        OptionError: a path does not lead to a voice.
        WeightsError: the store does not have it, or may not give it; it says what to type.
    """
    name, _, speaker = wanted.partition("#")
    if Path(wanted).is_file():
        name, speaker = wanted, ""
    is_path = name.endswith(".onnx") or "/" in name or "\\" in name
    model = Path(name).expanduser() if is_path else store.path(PREFIX + name)
    if model.is_dir():
        model = _only_voice_in(model)
    config = model.with_name(f"{model.name}.json")
    for file in (model, config):
        if not file.is_file():
            raise OptionError(
                f"there is no {file}: a Piper voice is NAME.onnx with NAME.onnx.json beside it; "
                f"to get one, type: lipsmith models pull {PREFIX}{DEFAULT_VOICE}"
            )
    about = _read(config)
    return VoiceFile(wanted, model, config, _language(about), speaker)


def default_voice(language: str | None, store: WeightsStore) -> str:
    """The voice for a language: one that is here, or else the first that the catalogue knows.

    Raises:
        OptionError: none is known.
    """
    if language is None:
        return DEFAULT_VOICE
    wanted = language.replace("_", "-").lower()
    known = sorted(_entries(store), key=lambda known: not known[1])
    while wanted:
        for entry, _ in known:
            name = entry.name.removeprefix(PREFIX)
            if f"{_tag(name).lower()}-".startswith(f"{wanted}-"):
                return name
        wanted = wanted.rpartition("-")[0]
    raise OptionError(
        f"no Piper voice is known for the language {language!r}; a voice file can be named: "
        "--voice piper:PATH.onnx"
    )


def known_voices(store: WeightsStore) -> Iterator[Voice]:
    """The voices of the store and of its catalogue; the label tells which have to be pulled."""
    for entry, is_here in _entries(store):
        name = entry.name.removeprefix(PREFIX)
        _, speaker, quality = name.split("-")
        label = speaker if is_here else f"{speaker} (to be pulled)"
        yield Voice(
            engine="piper",
            name=entry.name,
            language=_tag(name),
            label=label,
            gender=_GENDERS.get(speaker, ""),
            quality=quality,
            licence=entry.licence,
            timing=Timing.PHONES,
        )


def _entries(store: WeightsStore) -> Iterator[tuple[WeightsEntry, bool]]:
    """Piper's voices, and whether each is here."""
    from lipsmith.weights import WeightsState

    for status in store.list():
        if status.entry.name.startswith(PREFIX):
            yield status.entry, status.state is WeightsState.READY


def _tag(name: str) -> str:
    return name.partition("-")[0].replace("_", "-")


def _read(config: Path) -> dict[str, Any]:
    try:
        about = json.loads(config.read_text(encoding="utf-8"))
        if not isinstance(about, dict) or "phoneme_id_map" not in about:
            raise ValueError("it does not describe a voice")
    except (OSError, ValueError) as error:
        raise OptionError(f"{config} cannot be read as a Piper voice's JSON: {error}") from error
    return about


def _language(about: dict[str, Any]) -> str:
    code = about.get("language", {}).get("code") or about.get("espeak", {}).get("voice") or "en"
    return str(code).replace("_", "-")


def _only_voice_in(folder: Path) -> Path:
    found = sorted(folder.glob("*.onnx"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(file.name for file in found[:5]) or "none"
    raise OptionError(f"{folder} should hold one Piper voice (NAME.onnx), and holds {names}")
