"""What engines share that say a text sentence by sentence."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from lipsmith.speech.base import SpeechEngine
from lipsmith.speech.chunks.sentences import Speaker, Utterance


class SentenceEngine(SpeechEngine):
    """Says sentences one after the other, and stops all of them when it is closed."""

    def __init__(self) -> None:
        self._speakers: weakref.WeakSet[Speaker] = weakref.WeakSet()

    def close(self) -> None:
        for speaker in list(self._speakers):
            speaker.close()

    def _speaker(self, say: Callable[[str, threading.Event], Utterance], ahead: int) -> Speaker:
        """A speaker that `close` stops; see `Speaker`."""
        speaker = Speaker(say, ahead)
        self._speakers.add(speaker)
        return speaker
