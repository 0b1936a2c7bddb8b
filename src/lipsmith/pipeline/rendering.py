"""A render under way: the stages joined into one iterator of frames."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lipsmith.core.closing import Closing
from lipsmith.core.image import Frame, Nv12Image
from lipsmith.core.motion import MouthTrack, TrackFrame
from lipsmith.core.request import FaceChoice, MarkTime, Progress, RenderReport, RenderRequest, Size
from lipsmith.core.speech import Mark, Speech
from lipsmith.errors import AudioError, FaceError, OptionError, TextError
from lipsmith.media.colour import nv12_to_rgb
from lipsmith.pipeline.cache import RenderCache
from lipsmith.pipeline.checks import check_options, idle_options
from lipsmith.pipeline.cloning import CloneExtent, CloneWatch
from lipsmith.pipeline.prefetch import Prefetch, frames_ahead, in_background
from lipsmith.pipeline.scene import faces_of
from lipsmith.pipeline.silence import SILENT, warnings_at
from lipsmith.pipeline.sizes import VideoSizes, plan_sizes
from lipsmith.pipeline.speaking import open_speech, read_words
from lipsmith.pipeline.stages import (
    Exports,
    closing_by,
    export_tracks,
    open_subtitles,
    tracks_ahead,
)
from lipsmith.registry import EngineKind, find_engine

if TYPE_CHECKING:
    from lipsmith.engines.base import Engine
    from lipsmith.pipeline.dubbing import VideoSource
    from lipsmith.pipeline.finishing import Finishing
    from lipsmith.pipeline.still import StillSource
    from lipsmith.pipeline.takes import Take

ProgressCallback = Callable[[Progress], None]

_PROGRESS_EVERY_S = 0.1
_ETA_AFTER_S = 0.5


class Rendering(Iterator[Frame], Closing):
    """A render under way: iterate over it for frames with their sound, close it to stop.

    Dropping it stops it too. size, fps: of the frames. rate_hz, channels: of their sound.
    """

    size: Size
    fps: Fraction
    rate_hz: int
    channels: int

    def __init__(
        self,
        request: RenderRequest,
        *,
        rgb: bool = True,
        on_progress: ProgressCallback | None = None,
        exports: Exports | None = None,
        take: Take | None = None,
        cache: RenderCache | None = None,
    ) -> None:
        """Check the request, prepare the portrait and start the speech, both at once.

        rgb: make every frame an RgbImage; else the engine's own kind is kept.
        exports: what else to write while the frames are taken. cache: what earlier renders left
        and this one leaves; None frees everything when it is closed. take: what is said, when that
        is a part of what the request asks for; the face begins and ends at rest then.

        Raises:
            InputError: what was asked for cannot be done.
        """
        self._started_s = time.perf_counter()
        self._request = request
        self._rgb = rgb
        self._on_progress = on_progress
        self._exports = exports or Exports()
        self._take = take
        self._closed = False
        self._fractions: deque[float] = deque()
        self._marks: list[Mark] = []
        self._clones = CloneWatch()
        self._frame_count = 0
        self._sample_count = 0
        self._peak = 0.0
        self._finishing: Finishing | None = None
        self._progress_due_s = 0.0
        check_options(request)
        with ExitStack() as stack:
            self._start(stack, cache or stack.enter_context(RenderCache()))
            self._stack = stack.pop_all()
        self._render_started_s = time.perf_counter()

    def __next__(self) -> Frame:
        if self._closed:
            raise StopIteration
        if self._frame_count:
            self._tell_progress()
        try:
            frame = next(self._frames)
        except StopIteration:
            self._check_not_empty()
            raise
        self._frame_count += 1
        self._sample_count += len(frame.samples)
        if self._peak < SILENT and frame.samples.size:
            self._peak = float(np.abs(frame.samples).max())
        if self._rgb and isinstance(frame.image, Nv12Image):
            frame = replace(frame, image=nv12_to_rgb(frame.image))
        return frame

    def close(self) -> None:
        """Stop every thread and process of this render."""
        self._closed = True
        self._stack.close()

    def __del__(self) -> None:
        if hasattr(self, "_stack"):
            self.close()

    @property
    def cloned(self) -> CloneExtent:
        """How much of what was said until this moment is in a cloned voice."""
        return self._clones.extent

    def report(
        self, output: Path | None = None, more_warnings: tuple[str, ...] = ()
    ) -> RenderReport:
        """What was made until this moment."""
        duration_s = self._sample_count / self.rate_hz
        elapsed_s = time.perf_counter() - self._started_s
        warnings = [*self._idle, *self._of_engine, *self._source.warnings()]
        warnings += [*self._speech.warnings, *more_warnings]
        warnings += self._finishing.warnings if self._finishing is not None else ()
        warnings += self._subtitles.problems()
        if self._take is None and self._frame_count:
            warnings = warnings_at(self._peak, warnings)
        return RenderReport(
            output=output,
            frames=self._frame_count,
            fps=self.fps,
            duration_s=duration_s,
            width=self.size.width,
            height=self.size.height,
            engine=self._request.engine,
            voice=self._speech.voice,
            seed=self._request.seed,
            elapsed_s=elapsed_s,
            realtime_factor=elapsed_s / duration_s if duration_s else math.inf,
            warnings=tuple(dict.fromkeys(warnings)),
            marks=tuple(MarkTime(mark.name, mark.at / self.rate_hz) for mark in self._marks),
        )

    def _start(self, stack: ExitStack, cache: RenderCache) -> None:
        request = self._request
        engine_spec = find_engine(EngineKind.LIPSYNC, request.engine)
        stop = threading.Event()
        text = read_words(request)
        take = self._take
        speak = open_speech(request, text, stack) if take is None else take.speech
        stack.callback(stop.set)
        faces = faces_of(request)
        source = open_source(request, faces, stop, cache)
        self._subtitles = open_subtitles(request, source.opening, text, self._exports)
        self._tell("portrait")
        sizes = plan_sizes(request, source.opening.width, source.opening.height)
        self._finishing = finishing = _finishing_for(request, sizes, source, cache)
        if finishing is not None:
            readying = in_background(finishing.load, "finishing-load")

        def check(engine: Engine) -> None:
            _check_engine(engine, request, source)

        loading = in_background(
            lambda: cache.engine(engine_spec, request.engine_options, check), "engine-load"
        )

        def start_speech() -> tuple[Speech, list[MouthTrack]]:
            speech = source.fill(self._subtitles.watch(self._clones.watch(speak())))
            settled = take is not None
            tracks = tracks_ahead(speech, request, faces, source.fps, stop, settled=settled)
            return speech, export_tracks(tracks, faces, self._exports)

        starting = in_background(start_speech, "speech-start")
        portraits = source.prepare(stack)
        self._tell("speech")
        engine = loading.result()
        self._idle = idle_options(request, engine.capabilities, source.kind)
        self._speech, tracks = starting.result()
        track = tracks[0]
        tracks[0] = replace(track, frames=_watch(track, self._fractions, self._marks))
        frames = source.draw(engine, tracks, stack)
        self._of_engine = engine.warnings
        shown = [portrait.face for portrait in portraits]
        if finishing is not None:
            from lipsmith.pipeline.finishing import faces_at

            readying.result()
            # Drawn in a thread of its own, while frames before are finished.
            drawing = Prefetch(frames, frames_ahead(sizes.drawn), "drawing", stop)
            stack.callback(drawing.join)
            stack.callback(stop.set)
            finished = finishing.put_on(drawing, source.faces_in, source.visible_in)
            frames = closing_by(finished, stack)
            shown = faces_at(portraits, sizes.made)
        frames = self._subtitles.put_on(frames, sizes.made, shown, self._speech, track)
        self._frames = closing_by(frames, stack)
        stack.callback(stop.set)
        self._source = source
        self.size = sizes.made
        self.fps, self.rate_hz, self.channels = track.fps, track.rate_hz, track.channels

    def _check_not_empty(self) -> None:
        if self._frame_count:
            return
        if self._request.audio is not None:
            raise AudioError(f"{self._request.audio} has no sound in it")
        raise TextError("nothing in the text can be said in this language; try another --language")

    def _tell(self, stage: str) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(stage, None))

    def _tell_progress(self) -> None:
        fraction = self._fractions.popleft() if self._fractions else None
        elapsed_s = time.perf_counter() - self._render_started_s
        if self._on_progress is None or elapsed_s < self._progress_due_s:
            return
        self._progress_due_s = elapsed_s + _PROGRESS_EVERY_S
        eta_s = None
        if fraction and elapsed_s > _ETA_AFTER_S:
            eta_s = elapsed_s * (1 - fraction) / fraction
        speed = self._frame_count / elapsed_s
        self._on_progress(Progress("render", fraction, self._frame_count, speed, eta_s))


def open_source(
    request: RenderRequest,
    faces: Sequence[FaceChoice],
    stop: threading.Event,
    cache: RenderCache,
) -> StillSource | VideoSource:
    """What the request's picture is. stop: ends what is read ahead. cache: of portraits.

    Raises:
        InputError: it cannot be read, or not in the way that was asked for.
    """
    if isinstance(request.picture, Path):
        from lipsmith.media.footage import is_video

        if is_video(request.picture):
            from lipsmith.pipeline.dubbing import VideoSource

            return VideoSource(request, faces, stop)
    from lipsmith.pipeline.still import StillSource

    return StillSource(request, faces, cache)


def _finishing_for(
    request: RenderRequest,
    sizes: VideoSizes,
    source: StillSource | VideoSource,
    cache: RenderCache,
) -> Finishing | None:
    """What is done to the frames; None when nothing is."""
    options = request.finishing
    if options.stabilize and source.kind != "video":
        raise OptionError(f"{source.opening.name} is a {source.kind}; only videos can be steadied")
    if options.restore is None and options.upscale is None:
        return None
    from lipsmith.pipeline.finishing import Finishing

    return Finishing(request, sizes, cache)


def _watch(track: MouthTrack, fractions: deque[float], marks: list[Mark]) -> Iterator[TrackFrame]:
    for frame in track.frames:
        fractions.append(frame.progress)
        marks += frame.marks
        yield frame


def _check_engine(
    engine: Engine, request: RenderRequest, source: StillSource | VideoSource
) -> None:
    name, opening = request.engine, source.opening
    if source.kind not in engine.capabilities.sources:
        takes = " and ".join(f"{kind}s" for kind in sorted(engine.capabilities.sources))
        raise OptionError(
            f"{opening.name} is a {source.kind}, and the engine {name!r} takes {takes} "
            "only; `lipsmith engines` tells what the others take"
        )
    limit = engine.capabilities.max_side_px
    size = plan_sizes(request, opening.width, opening.height).drawn
    side = max(size.width, size.height)
    if limit is not None and side > limit:
        raise FaceError(
            f"the engine {name!r} makes videos up to {limit} px a side, not {side}; "
            f"give a smaller size, such as {limit}x{limit}"
        )
