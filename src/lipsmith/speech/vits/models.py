"""Where VITS checkpoints are on this machine, and in which language they speak."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipsmith.errors import OptionError

MMS = "facebook/mms-tts-"
"""Meta's voices for over a thousand languages: this and an ISO 639-3 code. CC BY-NC 4.0."""

_ISO_639_3 = (
    "afr:af amh:am ara:ar asm:as azj-script_latin:az bak:ba bel:be ben:bn bul:bg cat:ca ces:cs "
    "cym:cy dan:da deu:de ell:el eng:en epo:eo est:et eus:eu fas:fa fin:fi fra:fr gle:ga glg:gl "
    "guj:gu hat:ht heb:he hin:hi hrv:hr hun:hu hye:hy ind:id isl:is ita:it jpn:ja kan:kn kat:ka "
    "kaz:kk kir:ky kor:ko kmr-script_latin:ku lav:lv lit:lt mal:ml mar:mr mkd:mk mlt:mt mri:mi "
    "mya:my nld:nl nob:nb npi:ne ory:or pan:pa pol:pl por:pt ron:ro rus:ru slk:sk slv:sl "
    "snd:sd spa:es sqi:sq srp:sr swe:sv swh:sw tam:ta tat:tt tel:te tgl:tl tha:th tuk:tk tur:tr "
    "uig-script_arabic:ug ukr:uk urd-script_arabic:ur uzb-script_cyrillic:uz vie:vi zlm:ms"
)
_TO_BCP_47 = dict(pair.split(":") for pair in _ISO_639_3.split())


@dataclass(frozen=True, slots=True)
class VitsCheckpoint:
    """A folder with config.json, the weights and vocab.json.

    name: as people ask for it. language: BCP 47. speaker: its number, None for the first.
    """

    name: str
    folder: Path
    language: str
    speaker: int | None


def find_checkpoint(voice: str | None, language: str | None) -> VitsCheckpoint:
    """The checkpoint of a folder, of a name on the model hub, of an ISO 639-3 code or a language.

    Any of them but the last may end in #SPEAKER, a number. The network is not asked.

    Raises:
        OptionError: it is not on this machine or no VITS; the message says what to type.
    """
    wanted = voice or MMS + _mms_code(language or "en")
    name, _, speaker = wanted.partition("#")
    if speaker and not speaker.isdecimal():
        raise OptionError(f"a speaker of a VITS voice is a number, such as {name}#3")
    if name.isalpha() and len(name) == 3:
        name = MMS + name
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _in_hub_cache(name)
    if not (folder / "config.json").is_file():
        raise OptionError(
            f"there is no {folder / 'config.json'}: a VITS voice is a folder with config.json, "
            "the weights and vocab.json"
        )
    about = _read(folder / "config.json")
    if about.get("model_type") != "vits":
        kind = about.get("model_type", "something else")
        raise OptionError(f"{folder} holds a {kind} model; --voice vits: needs a VITS checkpoint")
    count = int(about.get("num_speakers", 1))
    if speaker and int(speaker) >= count:
        there_are = f"{count} speakers: #0 to #{count - 1}" if count > 1 else "one speaker: #0"
        raise OptionError(f"the voice {name} has {there_are}")
    tokenizer = folder / "tokenizer_config.json"
    spoken = str((_read(tokenizer) if tokenizer.is_file() else {}).get("language") or "")
    if not spoken and MMS in name:
        spoken = name.rpartition("mms-tts-")[2]
    tag = _TO_BCP_47.get(spoken, spoken.partition("-")[0]) or (language or "en")
    return VitsCheckpoint(wanted, folder, tag, int(speaker) if speaker else None)


def language_of_name(name: str) -> str | None:
    """BCP 47 tag of a voice of MMS; None for other names."""
    code = name.partition("#")[0].rpartition("mms-tts-")[2]
    return _TO_BCP_47.get(code)


def _mms_code(language: str) -> str:
    primary = language.lower().replace("_", "-").partition("-")[0]
    for code, tag in _TO_BCP_47.items():
        if tag == primary:
            return code
    if len(primary) == 3:
        return primary
    raise OptionError(
        f"no VITS voice is known for the language {language!r}; name one: --voice vits:FOLDER, or "
        f"--voice vits:{MMS}CODE with an ISO 639-3 code"
    )


def _in_hub_cache(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    way_out = f"to get it, type: hf download {name}"
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except LocalEntryNotFoundError as error:
        raise OptionError(f"the VITS voice {name} is not on this machine; {way_out}") from error
    except HFValidationError as error:
        raise OptionError(
            f"there is no folder {name}, and no model can be called so on the model hub"
        ) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(about, dict):
            raise ValueError("it is no JSON object")
    except (OSError, ValueError) as error:
        raise OptionError(f"{file} cannot be read as part of a VITS voice: {error}") from error
    return about
