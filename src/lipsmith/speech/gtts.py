"""The voices of Google Translate, one a language, spoken by its online service.

https://github.com/pndurette/gTTS (MIT), a library that asks the service as the web page does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import numpy as np

from lipsmith.core.speech import Speech, Timing, Voice
from lipsmith.errors import MissingExtraError, OptionError, ServiceError
from lipsmith.media.mp3 import decode_mp3
from lipsmith.speech.base import SpeechCapabilities, SpeechOptions
from lipsmith.speech.chunks.sentences import NORMAL_RATE_WPM, Utterance
from lipsmith.speech.options import check_rate
from lipsmith.speech.sentence_engine import SentenceEngine

LICENCE = "Google's terms of service"
_TIMEOUT_S = (10.0, 20.0)
"""To connect, and between two pieces of the answer."""

_AHEAD = 2
_SLOW_BELOW_WPM = 130


class GttsEngine(SentenceEngine):
    """Says a text through Google Translate; the text leaves the machine. Phones are None.

    The service knows two speeds; rates below 130 words a minute take the slow one.
    """

    capabilities = SpeechCapabilities(timing=Timing.NONE, online=True, pitch=False)

    def speak(
        self, text: Iterable[str], options: SpeechOptions, characters: int | None = None
    ) -> Speech:
        """Say pieces of text one after the other; see `SpeechEngine.speak`.

        Raises:
            ServiceError: the service cannot be reached, or has no sound for the text.
        """
        gtts = _library()
        check_rate(options.rate_wpm)
        name = _choose(gtts, options.voice or options.language or "en")
        slow = (options.rate_wpm or NORMAL_RATE_WPM) < _SLOW_BELOW_WPM

        def say(sentence: str, stop: threading.Event) -> Utterance:
            return _say(gtts, sentence, name, slow, stop)

        return self._speaker(say, _AHEAD).speak(
            text,
            language=self.language_of(name) or "en",
            voice=f"gtts:{name}",
            rate_wpm=_SLOW_BELOW_WPM if slow else None,
            characters=characters,
            warnings=_warnings(options),
        )

    def check(self, options: SpeechOptions) -> None:
        super().check(options)
        _choose(_library(), options.voice or options.language or "en")

    def voices(self) -> tuple[Voice, ...]:
        return tuple(
            Voice(
                engine="gtts",
                name=f"gtts:{code}",
                language=self.language_of(code) or code,
                label=label,
                gender="",
                quality="medium",
                licence=LICENCE,
                online=True,
                timing=Timing.NONE,
            )
            for code, label in sorted(_languages(_library()).items())
        )

    def language_of(self, voice: str) -> str | None:
        return {"iw": "he", "jw": "jv", "no": "nb"}.get(voice, voice)


def _say(gtts: Any, sentence: str, name: str, slow: bool, stop: threading.Event) -> Utterance:
    parts: list[bytes] = []
    try:
        speech = gtts.gTTS(sentence, lang=name, slow=slow, lang_check=False, timeout=_TIMEOUT_S)
        for part in speech.stream():
            parts.append(part)
            if stop.is_set():
                raise ServiceError("Google's voice was stopped")
    except gtts.gTTSError as error:
        status = getattr(error.rsp, "status_code", None)
        if status is None:
            reason = "cannot be reached; check the connection, or name a voice to fall back to: "
            raise ServiceError(f"Google's voice {reason}--voice gtts:{name},espeak") from error
        if status == 200:
            reason = "has no sound for this text; try another voice"
        else:
            reason = f"refuses ({status}); try again later"
        raise ServiceError(f"Google's voice {reason}") from error
    except (AssertionError, OSError) as error:
        raise ServiceError(f"Google's voice failed: {error or type(error).__name__}") from error
    decoded = list(decode_mp3(parts))
    if not decoded:
        raise ServiceError("Google's service sent something that is no sound; try again later")
    return Utterance(np.concatenate([samples for _, samples in decoded]), decoded[0][0])


def _choose(gtts: Any, wanted: str) -> str:
    known = _languages(gtts)
    codes = {code.lower(): code for code in known}
    tag = wanted.lower().replace("_", "-")
    tag = {
        "he": "iw",
        "jv": "jw",
        "nb": "no",
        "nn": "no",
        "zh-hans": "zh-cn",
        "zh-hant": "zh-tw",
    }.get(tag, tag)
    while tag:
        if tag in codes:
            return codes[tag]
        tag = tag.rpartition("-")[0]
    near = get_close_matches(wanted.lower(), codes, n=3, cutoff=0.5)
    hint = f" (near: {', '.join(near)})" if near else ""
    raise OptionError(
        f"Google's voices do not speak {wanted!r}{hint}; `lipsmith voices --engine gtts` lists all"
    )


def _warnings(options: SpeechOptions) -> list[str]:
    if options.pitch is None:
        return []
    return ["Google's voices have one pitch only; the pitch is left as it is"]


def _languages(gtts: Any) -> dict[str, str]:
    from gtts.lang import tts_langs

    return dict(tts_langs())


def _library() -> Any:
    try:
        import gtts
    except ImportError as error:
        raise MissingExtraError("the voice of Google Translate", "gtts") from error
    return gtts
