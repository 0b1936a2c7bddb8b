"""What is known of the weights of a model before any of them is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Trust(StrEnum):
    """Why the SHA-256 of a file is believed."""

    PINNED = "pinned"
    """The catalogue has it."""
    HOST = "host"
    """The host stated it, apart from the content: Hugging Face's X-Linked-Etag."""
    FIRST_USE = "first-use"
    """It is of the first download; later copies must equal it."""
    GIVEN = "given"
    """It is of a file that the user gave, of which the catalogue has no hash."""


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One file of some weights.

    urls: where it is, the best place first; the others are mirrors.
    sha256: 64 hexadecimal digits; None where no public source states it.
    size: bytes; None where no public source states it.
    """

    name: str
    urls: tuple[str, ...]
    sha256: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class WeightsEntry:
    """Weights that can be pulled.

    name: "wav2lip-gan" or "piper:en_US-lessac-medium".
    needed_by: what uses them, for people.
    files: the main one first.
    licence: in a few words. commercial: whether it allows commercial use; None: it does not say.
    page: where the weights and their licence are described.
    """

    name: str
    needed_by: str
    files: tuple[WeightsFile, ...]
    licence: str
    commercial: bool | None
    page: str

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where that of one is unknown."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size or 0 for size in sizes)


def size_text(size: int | None) -> str:
    """Bytes for people: "63 MB"."""
    if size is None:
        return "unknown"
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= length:
            number = size / length
            return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
    return f"{size} bytes"
