"""The phones and the words that a voice does not tell, found by listening to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from lipsmith.core.speech import Phone, Speech, SpeechChunk
from lipsmith.errors import OptionError

if TYPE_CHECKING:
    from lipsmith.phonetics.pronunciation import PronouncedWord, Pronouncer

_PIECE_CHARACTERS = 400


def listened(speech: Speech, stack: ExitStack, transcript: str = "") -> Speech:
    """The speech with the phones that are missing in it, and the times of its words.

    Words that the voice tells are aligned with the sound. Where that fails, and the voice told
    their times, each word's phones are spread over its time.

    transcript: what is said in a recording. stack: gets what stops the work.
    """
    from lipsmith.articulation.recognition.recogniser import recognise
    from lipsmith.speech.words.text import pieces

    dictionary = _Dictionary(speech.language)
    stack.callback(dictionary.close)
    texts: Iterator[str] = (piece.text for piece in pieces([transcript], _PIECE_CHARACTERS))
    return recognise(
        speech,
        words_of=dictionary.words,
        transcript=texts,
        spread=lambda chunk: dictionary.spread(chunk, speech.rate_hz),
    )


def read_transcript(given: Path | str | None) -> str:
    """The text of a transcript, from a file or as it is; "" when there is none.

    Of subtitles, .srt or .vtt, the words alone are taken.

    Raises:
        TextError: the file is missing or is no text.
    """
    if given is None:
        return ""
    from lipsmith.media.text import check_text, read_text

    if isinstance(given, str):
        return check_text(given)
    text = read_text(given)
    if given.suffix.lower() in (".srt", ".vtt"):
        from lipsmith.media.subtitles import words_of_subtitles

        text = check_text(words_of_subtitles(text), str(given))
    return text


class _Dictionary:
    """Tells how words are pronounced; starts espeak-ng when it is asked for the first one."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._pronouncer: Pronouncer | None = None
        self._speaks = True

    def words(self, text: str) -> Sequence[PronouncedWord]:
        """None in a language that espeak-ng does not speak."""
        pronouncer = self._opened()
        return pronouncer.words(text) if pronouncer is not None else ()

    def spread(self, chunk: SpeechChunk, rate_hz: int) -> tuple[Phone, ...] | None:
        """Phones by the times of a chunk's words; None without times, or as `words`."""
        from lipsmith.speech.chunks.word_timing import spread_phones

        pronouncer = self._opened() if chunk.words else None
        return spread_phones(chunk, rate_hz, pronouncer) if pronouncer is not None else None

    def close(self) -> None:
        if self._pronouncer is not None:
            self._pronouncer.close()

    def _opened(self) -> Pronouncer | None:
        if self._pronouncer is None and self._speaks:
            self._pronouncer = self._open()
        return self._pronouncer

    def _open(self) -> Pronouncer | None:
        from lipsmith.phonetics.espeak import EspeakProcess
        from lipsmith.phonetics.pronunciation import Pronouncer
        from lipsmith.speech.espeak.voices import choose

        process = EspeakProcess()
        try:
            voice = choose(process.voices(), None, self._language)
        except OptionError:
            self._speaks = False
            process.close()
            return None
        return Pronouncer(process, voice.identifier)
