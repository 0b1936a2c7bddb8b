"""Which espeak-ng voice a name or a language asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lipsmith.core.speech import Voice
from lipsmith.errors import OptionError
from lipsmith.phonetics.espeak import EspeakVoice

DEFAULT_VOICE = "en-us"
_ALIASES = {
    "en": "en-us",
    "in": "id",
    "iw": "he",
    "no": "nb",
    "nn": "nb",
    "zh": "cmn",
    "zh-cn": "cmn",
    "zh-hans": "cmn",
    "zh-hant": "cmn",
    "zh-hk": "yue",
    "zh-mo": "yue",
    "zh-sg": "cmn",
    "zh-tw": "cmn",
}
"""Language tags that espeak-ng knows under another code, or not well."""

_MUTE = frozenset(["fo", "kaa", "xex"])
"""Voices without a dictionary in espeakng-loader 0.2.4; they say nothing."""


@dataclass(frozen=True, slots=True)
class ChosenVoice:
    """identifier: for espeak-ng. name: for people. language: BCP 47."""

    identifier: str
    name: str
    language: str


def as_voices(found: Sequence[EspeakVoice]) -> tuple[Voice, ...]:
    """What people can ask for: voices by language, then variants ("+f3") of any of them."""
    voices = [
        _voice(name, _bcp47(voice.languages[0]), voice.name.strip(), voice.gender)
        for name, voice in sorted(_base(found).items())
    ]
    variants = [
        _voice(f"+{name}", "", f"variant {voice.name}", voice.gender)
        for name, voice in sorted(_variants(found).items())
    ]
    return (*voices, *variants)


def choose(found: Sequence[EspeakVoice], voice: str | None, language: str | None) -> ChosenVoice:
    """The voice for a name such as "de", "en-us+f3" or "+f3", or for a language.

    Raises:
        OptionError: there is none, or the two contradict each other.
    """
    wanted, plus, variant = (voice or "").strip().partition("+")
    voices, variants = _base(found), _variants(found)
    spoken = _find_language(voices, language) if language else None
    name = _find_voice(voices, variants, wanted) if wanted else spoken or DEFAULT_VOICE
    tag = _bcp47(voices[name].languages[0])
    if spoken and tag.partition("-")[0] != _bcp47(spoken).partition("-")[0]:
        raise OptionError(f"the voice {voice!r} does not speak {language!r}: leave one of them out")
    identifier = voices[name].identifier
    if not plus:
        return ChosenVoice(identifier, name, tag)
    for key in variants:
        if key.lower() == variant.strip().lower():
            return ChosenVoice(f"{identifier}+{key}", f"{name}+{key}", tag)
    raise OptionError(f"espeak-ng has no voice variant {variant!r}{_near(variant, variants)}")


def _voice(name: str, language: str, label: str, gender: str) -> Voice:
    return Voice("espeak", name, language, label, gender, "robotic", "GPL-3.0-or-later")


def _find_voice(
    voices: dict[str, EspeakVoice], variants: dict[str, EspeakVoice], wanted: str
) -> str:
    code = wanted.lower().replace("_", "-")
    for name, voice in voices.items():
        if code in (name, voice.identifier.lower(), voice.name.lower()):
            return name
    match = _with_code(voices, code) or _with_label(voices, code)
    if match is None:
        near = _near(code, [*voices, *_ALIASES, *(f"+{name}" for name in variants)])
        raise OptionError(f"espeak-ng has no voice {wanted!r}{near}; `lipsmith voices` lists all")
    return match


def _find_language(voices: dict[str, EspeakVoice], wanted: str) -> str:
    tag = wanted.strip().lower().replace("_", "-")
    labels = _with_label(voices, tag)
    while tag and not labels:
        match = _with_code(voices, tag)
        if match is not None:
            return match
        tag = tag.rpartition("-")[0]
    if labels is not None:
        return labels
    codes = {code for voice in voices.values() for code in voice.languages}
    names = {_label(voice) for voice in voices.values()}
    near = _near(wanted, [*codes, *_ALIASES, *names])
    raise OptionError(f"espeak-ng does not speak {wanted!r}{near}; `lipsmith voices` lists all")


def _with_code(voices: dict[str, EspeakVoice], code: str) -> str | None:
    """The name of the voice that speaks a language code best."""
    code = _ALIASES.get(code, code)
    ranked = [
        (voice.priorities[voice.languages.index(code)], voice.languages.index(code), name)
        for name, voice in voices.items()
        if code in voice.languages
    ]
    return min(ranked)[2] if ranked else None


def _with_label(voices: dict[str, EspeakVoice], label: str) -> str | None:
    """The best voice of a language that is named in English, such as "french"."""
    for voice in voices.values():
        if _label(voice) == label:
            return _with_code(voices, voice.languages[0].partition("-")[0])
    return None


def _label(voice: EspeakVoice) -> str:
    return voice.name.lower().partition(" (")[0]


def _base(found: Sequence[EspeakVoice]) -> dict[str, EspeakVoice]:
    """Voices by name: their first language code, or their file's name if that is taken."""
    voices: dict[str, EspeakVoice] = {}
    for voice in found:
        if not voice.identifier.startswith("!v/") and voice.languages[0] not in _MUTE:
            name = voice.languages[0].lower()
            if name in voices:
                name = voice.identifier.rpartition("/")[2].lower()
            voices[name] = voice
    return voices


def _variants(found: Sequence[EspeakVoice]) -> dict[str, EspeakVoice]:
    return {v.identifier.removeprefix("!v/"): v for v in found if v.identifier.startswith("!v/")}


def _bcp47(code: str) -> str:
    """espeak-ng's language codes in the usual spelling: "en-US", "zh", "pt-BR", "en-GB-x-rp"."""
    head, *rest = code.split("-")
    tags = ["zh" if head == "cmn" else head]
    for index, tag in enumerate(rest):
        if "x" in rest[:index]:
            tags.append(tag)
        elif len(tag) == 4 and tag.isalpha():
            tags.append(tag.title())
        else:
            tags.append(tag.upper() if len(tag) == 2 else tag)
    return "-".join(tags)


def _near(wanted: str, names: Iterable[str]) -> str:
    near = get_close_matches(wanted.lower(), sorted(set(names)), n=3, cutoff=0.5)
    return f" (near: {', '.join(near)})" if near else ""
