"""How much of what is said is in a cloned voice, so that the video can say what is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum

from lipsmith.core.request import Clone
from lipsmith.core.resources import Resources
from lipsmith.core.speech import Speech, SpeechChunk


class CloneExtent(StrEnum):
    """How much of a speech is in the voice of a reference."""

    NOT = "not"
    PARTLY = "partly"
    WHOLLY = "wholly"


class CloneWatch:
    """Notes which chunks are in a cloned voice while they are taken."""

    def __init__(self) -> None:
        self._cloned = self._other = False

    def watch(self, speech: Speech) -> Speech:
        """The same speech."""
        return replace(speech, chunks=self.watched(speech.chunks))

    @property
    def extent(self) -> CloneExtent:
        """Of what was taken until this moment."""
        if not self._cloned:
            return CloneExtent.NOT
        return CloneExtent.PARTLY if self._other else CloneExtent.WHOLLY

    def watched(self, chunks: Iterator[SpeechChunk]) -> Iterator[SpeechChunk]:
        for chunk in chunks:
            if chunk.text:
                self._cloned = self._cloned or bool(chunk.cloned)
                self._other = self._other or not chunk.cloned
            yield chunk


def extent_of(chunks: Iterable[SpeechChunk]) -> CloneExtent:
    """How much of these is in a cloned voice."""
    watch = CloneWatch()
    for _ in watch.watched(iter(chunks)):
        pass
    return watch.extent


def clone_notice(clone: Clone, extent: CloneExtent, resources: Resources) -> str:
    """What a video says about the voice in it; "" when it is not cloned."""
    if extent is CloneExtent.NOT:
        return ""
    from lipsmith.speech.cloning.consent import ConsentBook
    from lipsmith.weights.record import sha256_of

    sha256 = sha256_of(clone.recording)
    consent = ConsentBook(resources.home).find(sha256)
    return f"The voice is {extent} cloned from a recording (SHA-256 {sha256}); {consent}"
