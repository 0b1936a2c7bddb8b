"""A long render in segments, which may be made at once and anywhere, and joined at the end."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import islice, pairwise, tee
from pathlib import Path

from lipsmith.core.motion import TrackFrame
from lipsmith.core.request import RenderReport, RenderRequest, Size
from lipsmith.core.speech import SpeechChunk
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.errors import TextError
from lipsmith.media.audio import open_audio
from lipsmith.media.joining import VideoJoiner, video_size
from lipsmith.media.output import written_aside
from lipsmith.media.pictures import write_thumbnail
from lipsmith.media.video import VideoWriter
from lipsmith.pipeline.cache import RenderCache
from lipsmith.pipeline.checks import check_options
from lipsmith.pipeline.cloning import CloneExtent
from lipsmith.pipeline.files import video_comment
from lipsmith.pipeline.rendering import ProgressCallback, Rendering, open_source
from lipsmith.pipeline.scene import faces_of, make_tracks
from lipsmith.pipeline.speaking import open_speech, read_words
from lipsmith.pipeline.stages import Exports, export_tracks
from lipsmith.pipeline.takes import (
    Take,
    as_one_take,
    cut_into_takes,
    joined_takes,
    take_from_bytes,
)

_MOST_CHARACTERS = 600
_LONG_RECORDING_S = 45.0


class Cut(StrEnum):
    """WHOLE: in one piece. PASSAGES: each passage of the text is said and drawn apart. TAKES: what
    is said is made first, and then cut."""

    WHOLE = "whole"
    PASSAGES = "passages"
    TAKES = "takes"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a render is best cut. passages: of the text, for PASSAGES. size, fps: of the video."""

    cut: Cut
    passages: tuple[str, ...]
    fps: Fraction
    size: Size
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A take and the video of it, as files."""

    take: Path
    video: Path


def plan_segments(request: RenderRequest, poster: Path) -> Plan:
    """Check what can be checked before anything is drawn, and say how the render is to be cut.

    poster: a JPEG to write, of the picture as it will be seen.

    Raises:
        LipsmithError: what was asked for cannot be done.
    """
    check_options(request)
    text = read_words(request)
    with ExitStack() as stack:
        open_speech(request, text, stack)
        stop = threading.Event()
        stack.callback(stop.set)
        cache = stack.enter_context(RenderCache())
        source = open_source(request, faces_of(request), stop, cache)
        portrait = source.prepare(stack)[0]
    write_thumbnail(portrait.pixels, poster)
    cut, parts = Cut.WHOLE, tuple[str, ...]()
    if source.kind == "still" and text is not None and _can_be_said_apart(request, text):
        parts = tuple(passages(text))
        cut = Cut.PASSAGES if len(parts) > 1 else Cut.WHOLE
    elif source.kind == "still" and _is_long(request, text):
        cut = Cut.TAKES
    size = Size(portrait.width, portrait.height)
    return Plan(cut, parts, source.fps, size, tuple(source.warnings()))


def passages(text: str) -> Iterator[str]:
    """A text in passages of some sentences, which are said apart; together they are the text.

    One ends behind each sentence whose hash is lower than its neighbours', so that a change in one
    sentence moves no end but those right beside it.
    """
    from lipsmith.speech.words.sentence_ends import split_sentences

    passage, before = "", b""
    sentences = [(sentence, _hash(sentence)) for sentence in split_sentences(text)]
    for (sentence, own), (_, behind) in pairwise([*sentences, ("", b"")]):
        passage += sentence
        is_lowest = own < before and own < behind
        if is_lowest or len(passage) >= _MOST_CHARACTERS:
            yield passage
            passage = ""
        before = own
    if passage.strip():
        yield passage


def _hash(sentence: str) -> bytes:
    return hashlib.sha256(sentence.strip().encode()).digest()


def _can_be_said_apart(request: RenderRequest, text: str) -> bool:
    """Whether passages of the text make the same sense as the whole: no script, no SSML."""
    from lipsmith.speech.words.ssml import is_ssml

    return not (request.speakers or request.ssml or is_ssml(text))


def _is_long(request: RenderRequest, text: str | None) -> bool:
    if text is not None:
        return len(text) > _MOST_CHARACTERS
    assert request.audio is not None
    duration_s = open_audio(request.audio).duration_s
    return duration_s is None or duration_s > _LONG_RECORDING_S


def takes_of(request: RenderRequest, fps: Fraction) -> Iterator[Take]:
    """What the request says, as takes.

    Raises:
        LipsmithError: it cannot be said.
    """
    with ExitStack() as stack:
        speech = open_speech(request, read_words(request), stack)()
        yield from cut_into_takes(speech, fps)


def take_of(request: RenderRequest, passage: str, fps: Fraction) -> Take | None:
    """A passage as one take, as loud as the voice is; None when there is nothing to say in it."""
    asked = replace(request, text=passage, text_file=None, normalise=False)
    with ExitStack() as stack:
        try:
            return as_one_take(open_speech(asked, passage, stack)(), fps)
        except TextError:
            return None


def render_segment(
    request: RenderRequest, take: Take, video: Path, on_progress: ProgressCallback | None = None
) -> None:
    """Make the video of a take. video: .mp4 or .webm.

    Raises:
        LipsmithError: it could not be made.
    """
    with (
        Rendering(request, rgb=False, on_progress=on_progress, take=take) as rendering,
        VideoWriter(
            video,
            rendering.size,
            rendering.fps,
            rate_hz=rendering.rate_hz,
            channels=rendering.channels,
            overwrite=True,
        ) as writer,
    ):
        for frame in rendering:
            writer.write(frame)


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
    heard, seen = tee(map(_read_take, segments))
    speech = replace(first.speech(), chunks=joined_takes(heard, fps))
    if normalise:
        from lipsmith.speech.chunks.levelling import Leveller

        speech = Leveller().level(speech)
    frames = samples = 0
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
            metadata={"comment": video_comment(request, CloneExtent.WHOLLY)},
        )
        stack.callback(joiner.close)
        for segment, take in zip(segments, seen, strict=True):
            for chunk in islice(speech.chunks, len(take.chunks)):
                write_words(chunk)
                joiner.add_sound(chunk.samples)
                samples += len(chunk.samples)
            joiner.add_video(segment.video, take.frames)
            frames += take.frames
        joiner.finish()
    _write_tracks(request, segments, exports, fps)
    elapsed_s = time.perf_counter() - started_s
    duration_s = samples / first.rate_hz
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
    )


def _read_take(segment: Segment) -> Take:
    return take_from_bytes(segment.take.read_bytes())


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
