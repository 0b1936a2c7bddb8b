"""The words on their way from the speech to the picture or to a file."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lipsmith.core.image import Frame
from lipsmith.core.motion import MouthTrack
from lipsmith.core.portrait import Face
from lipsmith.core.request import RenderRequest, Size
from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.core.subtitle import Cue, SubtitleKind
from lipsmith.media.cues import MAX_COLUMNS, CueMaker
from lipsmith.media.output import check_writable

if TYPE_CHECKING:
    from lipsmith.finishing.subtitles import SubtitleBurner

_SAMPLE_CHARACTERS = 100_000


class Subtitles:
    """The subtitles of one render.

    kind: what is made, which is a file when the words cannot be drawn. warnings: for people.
    """

    def __init__(
        self,
        request: RenderRequest,
        size: Size,
        text: str | None,
        file: Path | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        """size: of the frames. text: what will be said, when that is known.

        file: .srt or .vtt, for what is not drawn.

        Raises:
            OutputError: the words cannot be drawn, and the file cannot be written.
        """
        self.kind = request.subtitles
        self.warnings: list[str] = []
        self._understood = request.audio is not None and request.transcript is None
        self._karaoke = request.karaoke
        self._file = file
        self._overwrite = overwrite
        self._cues: deque[Cue] = deque()
        self._lock = threading.Lock()
        self._columns = MAX_COLUMNS
        self._any = False
        self._burner: SubtitleBurner | None = None
        if self.kind is SubtitleKind.BURN:
            from lipsmith.finishing.subtitles import columns_for, drawing_problem

            self._columns = columns_for(size)
            problem = drawing_problem((text or "")[:_SAMPLE_CHARACTERS])
            if problem is not None:
                self.kind = SubtitleKind.NONE if file is None else SubtitleKind.SRT
                instead = "left out" if file is None else f"in {file}"
                self.warnings.append(f"the subtitles are not drawn but {instead}: {problem}")
        if file is not None and self.kind in (SubtitleKind.SRT, SubtitleKind.VTT):
            check_writable(file, overwrite=overwrite)

    def watch(self, speech: Speech) -> Speech:
        """The same speech, whose words are noted while it is taken.

        To be drawn, a cue has to be known when its first frame is made, so chunks are then held
        back until the cues that start in them are whole.
        """
        if self.kind is SubtitleKind.NONE:
            return speech
        return replace(speech, chunks=self._watched(speech))

    def put_on(
        self,
        frames: Iterator[Frame],
        size: Size,
        faces: Sequence[Face],
        speech: Speech,
        track: MouthTrack,
    ) -> Iterator[Frame]:
        """The frames with what was asked for drawn into them, or written to the file beside them.

        size: of the frames. faces: in them, which the words do not cover.

        Raises:
            OutputError: the file cannot be written; from the first frame on.
        """
        if self.kind is SubtitleKind.NONE:
            return frames
        if self.kind is SubtitleKind.BURN:
            from lipsmith.finishing.subtitles import SubtitleBurner, burn

            burner = SubtitleBurner(size, faces, speech.language, karaoke=self._karaoke)
            self._burner = burner
            return burn(frames, burner, self._cue_at, track.fps, track.rate_hz)
        return frames if self._file is None else self._written(frames, self._file, track)

    def problems(self) -> list[str]:
        """What a viewer will miss, when all frames were made."""
        found = [*self.warnings, *(self._burner.warnings if self._burner is not None else ())]
        if self.kind is not SubtitleKind.NONE and not self._any:
            found.append("there are no subtitles, since the words that are said are not known")
        elif self.kind is not SubtitleKind.NONE and self._understood:
            found.append(
                "the subtitles are what was understood in the recording, and some of it is wrong; "
                "--transcript tells the words"
            )
        return found

    def _watched(self, speech: Speech) -> Iterator[SpeechChunk]:
        maker = CueMaker(speech.rate_hz, self._columns)
        held: deque[SpeechChunk] = deque()
        for chunk in speech.chunks:
            self._note(maker.add(chunk))
            held.append(chunk)
            while held and (self.kind is not SubtitleKind.BURN or held[0].end <= maker.settled):
                yield held.popleft()
        self._note(maker.finish())
        yield from held

    def _note(self, cues: Iterator[Cue]) -> None:
        for cue in cues:
            self._any = True
            with self._lock:
                self._cues.append(cue)

    def _cue_at(self, sample: int) -> Cue | None:
        with self._lock:
            while self._cues and self._cues[0].end <= sample:
                self._cues.popleft()
            return self._cues[0] if self._cues and self._cues[0].start <= sample else None

    def _written(self, frames: Iterator[Frame], path: Path, track: MouthTrack) -> Iterator[Frame]:
        from lipsmith.media.subtitles import subtitle_file

        with subtitle_file(
            path, track.rate_hz, karaoke=self._karaoke, overwrite=self._overwrite
        ) as file:
            for frame in frames:
                for cue in self._taken():
                    file.write(cue)
                yield frame
            for cue in self._taken():
                file.write(cue)

    def _taken(self) -> list[Cue]:
        """The cues that nobody took yet."""
        with self._lock:
            cues = list(self._cues)
            self._cues.clear()
        return cues
