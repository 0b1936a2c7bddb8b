"""The segments of a render joined into one video, without encoding a picture again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, tee
from pathlib import Path

import numpy as np

from lipsmith.core.motion import TrackFrame
from lipsmith.core.request import MarkTime, RenderReport, RenderRequest
from lipsmith.core.speech import SpeechChunk
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.media.joining import VideoJoiner, video_size
from lipsmith.media.output import written_aside
from lipsmith.pipeline.cloning import extent_of
from lipsmith.pipeline.files import video_comment
from lipsmith.pipeline.scene import faces_of, make_tracks
from lipsmith.pipeline.silence import warnings_at
from lipsmith.pipeline.stages import Exports, export_tracks
from lipsmith.pipeline.takes import Take, joined_takes, take_from_bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """A take and the video of it, as files, and what `render_segment` warned of."""

    take: Path
    video: Path
    warnings: tuple[str, ...] = ()


def join_segments(
    request: RenderRequest,
    segments: Sequence[Segment],
    video: Path,
    exports: Exports,
    *,
    fps: Fraction,
    normalise: bool,
) -> RenderReport:
    """The segments as one video. normalise: its sound is yet to be made as loud as speech is.

    The report's times are those of the joining.

    Raises:
        LipsmithError: it could not be made.
    """
    started_s = time.perf_counter()
    first = _read_take(segments[0])
    size = video_size(segments[0].video)
    heard, seen = tee(_in_one_format(map(_read_take, segments)))
    speech = replace(first.speech(), chunks=joined_takes(heard, fps))
    if normalise:
        from lipsmith.speech.chunks.levelling import Leveller

        speech = Leveller().level(speech)
    extent = extent_of(chunk for take in map(_read_take, segments) for chunk in take.chunks)
    frames = samples = 0
    peak = 0.0
    marks: list[MarkTime] = []
    with ExitStack() as stack:
        write_words = _subtitle_writer(request, exports, first.rate_hz, stack)
        aside = stack.enter_context(written_aside(video, overwrite=exports.overwrite))
        joiner = VideoJoiner(
            aside,
            video.suffix.lower(),
            segments[0].video,
            fps,
            rate_hz=first.rate_hz,
            channels=first.channels,
            metadata={"comment": video_comment(request, extent)},
        )
        stack.callback(joiner.close)
        for segment, take in zip(segments, seen, strict=True):
            for chunk in islice(speech.chunks, len(take.chunks)):
                write_words(chunk)
                joiner.add_sound(chunk.samples)
                peak = max(peak, float(np.abs(chunk.samples).max(initial=0.0)))
                marks += [MarkTime(mark.name, mark.at / first.rate_hz) for mark in chunk.marks]
                samples += len(chunk.samples)
            joiner.add_video(segment.video, take.frames)
            frames += take.frames
        joiner.finish()
    _write_tracks(request, segments, exports, fps)
    elapsed_s = time.perf_counter() - started_s
    duration_s = samples / first.rate_hz
    warnings = dict.fromkeys(told for segment in segments for told in segment.warnings)
    return RenderReport(
        output=video,
        frames=frames,
        fps=fps,
        duration_s=duration_s,
        width=size.width,
        height=size.height,
        engine=request.engine,
        voice=first.voice,
        seed=request.seed,
        elapsed_s=elapsed_s,
        realtime_factor=elapsed_s / duration_s if duration_s else math.inf,
        warnings=tuple(warnings_at(peak, list(warnings))),
        marks=tuple(marks),
    )


def _read_take(segment: Segment) -> Take:
    return take_from_bytes(segment.take.read_bytes())


def _in_one_format(takes: Iterator[Take]) -> Iterator[Take]:
    """The takes with the rate and the channels of the first: voices that fall back differ."""
    rate_hz, channels = 0, 0
    for take in takes:
        rate_hz, channels = rate_hz or take.rate_hz, channels or take.channels
        if (take.rate_hz, take.channels) != (rate_hz, channels):
            from lipsmith.speech.chunks.conversion import converted

            chunks = tuple(converted(take.speech(), rate_hz, channels, 0))
            take = replace(take, rate_hz=rate_hz, channels=channels, chunks=chunks)
        yield take


def _subtitle_writer(
    request: RenderRequest, exports: Exports, rate_hz: int, stack: ExitStack
) -> Callable[[SpeechChunk], None]:
    """What writes the subtitles of each chunk it is given; nothing, when they are no file."""
    if exports.subtitles is None or request.subtitles is SubtitleKind.BURN:
        return lambda chunk: None
    from lipsmith.media.cues import CueMaker
    from lipsmith.media.subtitles import subtitle_file

    maker = CueMaker(rate_hz)
    file = stack.enter_context(
        subtitle_file(
            exports.subtitles, rate_hz, karaoke=request.karaoke, overwrite=exports.overwrite
        )
    )

    def finish(kind: object, *_: object) -> None:
        if kind is None:
            for cue in maker.finish():
                file.write(cue)

    def write(chunk: SpeechChunk) -> None:
        for cue in maker.add(chunk):
            file.write(cue)

    stack.push(finish)
    return write


def _write_tracks(
    request: RenderRequest, segments: Sequence[Segment], exports: Exports, fps: Fraction
) -> None:
    """What the mouths do, as the files that were asked for."""
    if exports.visemes is None and exports.blendshapes is None:
        return
    faces = faces_of(request)
    first = make_tracks(_read_take(segments[0]).speech(), request, faces, fps, settled=True)

    def frames() -> Iterator[tuple[TrackFrame, ...]]:
        before = 0
        for take in map(_read_take, segments):
            tracks = make_tracks(take.speech(), request, faces, fps, settled=True)
            for together in tracks.frames:
                yield tuple(replace(each, index=before + each.index) for each in together)
            before += take.frames

    tracks = export_tracks(first.apart(frames()), faces, exports)
    for _ in zip(*(track.frames for track in tracks), strict=True):
        pass
