"""A mouth track as files for other programs, written while the track streams by."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TextIO

from lipsmith.articulation.arkit import BLENDSHAPES, eye_angles_rad, to_arkit
from lipsmith.core.motion import MouthTrack, TrackFrame, Viseme
from lipsmith.core.speech import Mark
from lipsmith.media.output import check_writable, failure, written_aside

CSV_HEADER = (
    "Timecode", "BlendshapeCount", *BLENDSHAPES, "HeadYaw", "HeadPitch", "HeadRoll",
    "LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll",
)  # fmt: skip
"""The columns of Epic's Live Link Face recordings: a timecode, 52 blendshapes, 9 angles in rad."""


def with_exports(
    track: MouthTrack,
    *,
    visemes: Path | None = None,
    blendshapes: Path | None = None,
    overwrite: bool = False,
) -> MouthTrack:
    """The same track, which also writes files while its frames are taken.

    visemes: JSON with the 15 Oculus visemes and their times in seconds, to the frame, and with the
    marks of the text.
    blendshapes: CSV with the columns of `CSV_HEADER`, a row a frame. Each file appears when the
    last frame was taken, and not at all if the track is dropped before.

    Raises:
        OutputError: a file cannot be written; found before the first frame.
        RenderError: while the frames are taken, writing fails or the disk is full.
    """
    writers: list[tuple[Path, type[VisemeWriter] | type[BlendshapeWriter]]] = []
    if visemes is not None:
        writers.append((visemes, VisemeWriter))
    if blendshapes is not None:
        writers.append((blendshapes, BlendshapeWriter))
    if not writers:
        return track
    for path, _ in writers:
        check_writable(path, overwrite=overwrite)

    def frames() -> Iterator[TrackFrame]:
        with ExitStack() as stack:
            open_writers = []
            for path, writer in writers:
                aside = stack.enter_context(written_aside(path, overwrite=overwrite))
                file = stack.enter_context(aside.open("w", encoding="utf-8", newline=""))
                open_writers.append((path, writer(file, track.fps, track.rate_hz)))
            for frame in track.frames:
                for path, each in open_writers:
                    try:
                        each.write(frame)
                    except OSError as problem:
                        raise failure(path, problem) from problem
                yield frame
            for path, each in open_writers:
                try:
                    each.finish()
                except OSError as problem:
                    raise failure(path, problem) from problem

    return MouthTrack(track.fps, track.rate_hz, track.channels, frames())


class VisemeWriter:
    """Writes {"fps", "visemes": [{"viseme", "start", "end"}], "marks": [{"name", "time"}],
    "duration"}; times in seconds.
    """

    def __init__(self, file: TextIO, fps: Fraction, rate_hz: int) -> None:
        self._file = file
        self._fps = fps
        self._rate_hz = rate_hz
        self._samples = 0
        self._viseme: Viseme | None = None
        self._start = 0.0
        self._separator = "\n"
        self._marks: list[Mark] = []
        file.write(f'{{\n"fps": {_number(float(fps))},\n"visemes": [')

    def write(self, frame: TrackFrame) -> None:
        if frame.viseme is not self._viseme:
            self._close_run(float(frame.index / self._fps))
            self._viseme = frame.viseme
        self._samples += len(frame.samples)
        self._marks += frame.marks

    def finish(self) -> None:
        """Write the last viseme, the marks and the duration."""
        duration = self._samples / self._rate_hz
        self._close_run(duration)
        marks = [
            {"name": mark.name, "time": _number(mark.at / self._rate_hz)} for mark in self._marks
        ]
        self._file.write(f'\n],\n"marks": {json.dumps(marks, ensure_ascii=False)},')
        self._file.write(f'\n"duration": {_number(duration)}\n}}\n')
        self._file.flush()

    def _close_run(self, end: float) -> None:
        if self._viseme is not None:
            run = {"viseme": self._viseme, "start": _number(self._start), "end": _number(end)}
            self._file.write(self._separator + json.dumps(run))
            self._separator = ",\n"
        self._start = end


class BlendshapeWriter:
    """Writes a row of ARKit blendshapes for each frame."""

    def __init__(self, file: TextIO, fps: Fraction, rate_hz: int) -> None:
        self._file = file
        self._fps = fps
        self._rows = csv.writer(file, lineterminator="\n")
        self._rows.writerow(CSV_HEADER)

    def write(self, frame: TrackFrame) -> None:
        head = frame.pose.head
        across, down = eye_angles_rad(frame.pose)
        angles = head.yaw_rad, head.pitch_rad, head.roll_rad, *(across, down, 0.0) * 2
        values = (*to_arkit(frame.pose), *angles)
        time = _timecode(frame.index, self._fps)
        self._rows.writerow([time, len(values), *(f"{value:.5f}" for value in values)])

    def finish(self) -> None:
        self._file.flush()


def _timecode(index: int, fps: Fraction) -> str:
    """hours:minutes:seconds:frames.thousandths of a frame, of the true time of a frame."""
    seconds = int(index / fps)
    frames = float((index / fps - seconds) * fps)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    thousandths = round(frames * 1000)
    return f"{hour:02}:{minute:02}:{second:02}:{thousandths // 1000:02}.{thousandths % 1000:03}"


def _number(value: float) -> float:
    return round(value, 6)
