"""Subtitle files: cues -> SubRip (.srt) and WebVTT (.vtt), and their words back."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TextIO

from lipsmith.core.subtitle import Cue, SubtitleKind
from lipsmith.errors import OptionError
from lipsmith.media.cues import line_pieces, line_text
from lipsmith.media.output import failure, written_aside

_TIMES = re.compile(r"\s*(\d+:)?\d+:\d+[.,]\d+\s*-->")
_TAGS = re.compile(r"<[^>]*>|\{\\[^}]*\}")


class SubtitleWriter(Protocol):
    """Writes one cue after the other."""

    def write(self, cue: Cue) -> None: ...


class SrtWriter:
    """SubRip: plain text that every player reads; a speaker's name stands before the words."""

    def __init__(self, file: TextIO, rate_hz: int) -> None:
        self._file = file
        self._rate_hz = rate_hz
        self._count = 0
        self._speaker = ""

    def write(self, cue: Cue) -> None:
        self._count += 1
        times = (_timestamp(at, self._rate_hz, ",") for at in (cue.start, cue.end))
        lines = [line_text(line) for line in cue.lines]
        if cue.speaker and cue.speaker != self._speaker:
            lines[0] = f"{cue.speaker}: {lines[0]}"
        self._speaker = cue.speaker
        text = "\n".join(lines)
        self._file.write(f"{self._count}\n{' --> '.join(times)}\n{text}\n\n")


class VttWriter:
    """WebVTT (https://www.w3.org/TR/webvtt1/), with the speaker as its voice.

    karaoke: also write when each word is said, so that a player can highlight it.
    """

    def __init__(self, file: TextIO, rate_hz: int, karaoke: bool = False) -> None:
        self._file = file
        self._rate_hz = rate_hz
        self._karaoke = karaoke
        file.write("WEBVTT\n\n")

    def write(self, cue: Cue) -> None:
        times = (_timestamp(at, self._rate_hz, ".") for at in (cue.start, cue.end))
        text = "\n".join("".join(self._line(cue, index)) for index in range(len(cue.lines)))
        if cue.speaker:
            text = f"<v {_escaped(cue.speaker)}>{text}"
        self._file.write(f"{' --> '.join(times)}\n{text}\n\n")

    def _line(self, cue: Cue, index: int) -> Iterator[str]:
        for piece, word in line_pieces(cue.lines[index]):
            stripped = piece.lstrip()
            yield piece[: len(piece) - len(stripped)]
            # A timestamp has to lie inside its cue, so the first word has none.
            if self._karaoke and cue.start < word.start < cue.end:
                yield f"<{_timestamp(word.start, self._rate_hz, '.')}>"
            yield _escaped(stripped)


class SubtitleFile:
    """A subtitle file being written."""

    def __init__(self, path: Path, file: TextIO, writer: SubtitleWriter) -> None:
        self._path = path
        self._file = file
        self._writer = writer

    def write(self, cue: Cue) -> None:
        """Add the next cue.

        Raises:
            DiskFullError, RenderError: it cannot be written.
        """
        try:
            self._writer.write(cue)
        except OSError as problem:
            raise failure(self._path, problem) from problem

    def flush(self) -> None:
        """Make sure that all of it is in the file; raises as `write` does."""
        try:
            self._file.flush()
        except OSError as problem:
            raise failure(self._path, problem) from problem


@contextmanager
def subtitle_file(
    path: Path, rate_hz: int, *, karaoke: bool = False, overwrite: bool = False
) -> Iterator[SubtitleFile]:
    """A file that takes cues and appears at `path` when the block ends without an error.

    path: .srt or .vtt. rate_hz: of the cues' times.

    Raises:
        OptionError: another suffix.
        OutputError: it cannot be written there.
    """
    suffix = path.suffix.lower()
    if suffix not in (f".{SubtitleKind.SRT}", f".{SubtitleKind.VTT}"):
        raise OptionError(f"{path}: subtitles are written as .srt or .vtt")
    with (
        written_aside(path, overwrite=overwrite) as aside,
        aside.open("w", encoding="utf-8", newline="\n") as file,
    ):
        writer: SubtitleWriter
        if suffix == f".{SubtitleKind.SRT}":
            writer = SrtWriter(file, rate_hz)
        else:
            writer = VttWriter(file, rate_hz, karaoke)
        made = SubtitleFile(path, file, writer)
        yield made
        made.flush()


def words_of_subtitles(text: str) -> str:
    """What is said in the text of a subtitle file: without times, numbers, notes and tags."""
    said: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        lines = block.split("\n")
        times = next((at for at, line in enumerate(lines) if _TIMES.match(line)), len(lines))
        words = html.unescape(_TAGS.sub("", " ".join(lines[times + 1 :])))
        said += [words.strip()] if words.strip() else []
    return "\n".join(said)


def vtt_of_srt(text: str) -> str:
    """The text of an .srt file as that of a .vtt file, for browsers."""
    lines = [
        line.replace(",", ".") if _TIMES.match(line) else _escaped(line)
        for line in text.lstrip("\ufeff").replace("\r\n", "\n").split("\n")
    ]
    return "WEBVTT\n\n" + "\n".join(lines)


def _timestamp(sample: int, rate_hz: int, point: str) -> str:
    """Hours, minutes, seconds and milliseconds."""
    total_ms = round(sample * 1000 / rate_hz)
    seconds, milliseconds = divmod(total_ms, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}{point}{milliseconds:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
