"""Videos in: any file with moving pictures -> pictures at a constant rate, in either direction."""

from __future__ import annotations

import contextlib
import math
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from lipsmith.core.image import RgbImage
from lipsmith.errors import PictureError
from lipsmith.media.files import check_file, describe
from lipsmith.media.frame_rates import Clock, nominal_rate, places_between
from lipsmith.media.limits import (
    MAX_PICTURE_ASPECT,
    MAX_PICTURE_SIDE_PX,
    MIN_PICTURE_SIDE_PX,
)
from lipsmith.media.video_frames import FrameConverter, deinterlaced

_DEMUXERS = (
    "asf,avi,dv,flv,hevc,h264,ivf,m4v,matroska,mov,mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,rm,wtv"
)
"""No playlists: they would open other files."""
_MAX_BROKEN_READS = 100
_HELD_BYTES = 160_000_000
"""Of decoded frames while a video is played backwards."""
_KEY_EVERY_S = 1
"""Keyframes closer to each other are not worth entering the file at."""
_FEW_PLACES = 6
_MISSING = 0.05
"""Share of the frames whose lack is told."""


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A video that can be read many times, a picture at a time.

    width, height: px as it is to be seen: upright, with square pixels. fps: the nominal rate.
    frames: at that rate, about; None unknown. has_sound: it has a sound track.
    aspect: of a pixel in the file, width by height. is_interlaced: its frames hold the lines of
    two moments, which the pictures that are read do not. warnings: for people to read; grows while
    pictures are read.
    """

    path: Path
    width: int
    height: int
    fps: Fraction
    frames: int | None
    has_sound: bool
    aspect: Fraction = Fraction(1)
    is_interlaced: bool = False
    warnings: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.name


def is_video(path: Path | str) -> bool:
    """Whether a file is a video, by what is in it; animated pictures are not.

    Raises:
        PictureError: it is missing, empty or cannot be read.
    """
    path = Path(path)
    kind = describe(check_file(path, "picture or video", PictureError))
    if kind is not None:
        return kind.endswith("video")
    try:
        with _open(path) as container:
            return _pictures_of(container) is not None
    except (av.error.FFmpegError, ValueError):
        return False


def open_video(path: Path | str) -> VideoSource:
    """Look at a video without keeping it in memory.

    Raises:
        PictureError: no such file, no moving pictures in it, nothing of it can be decoded, or it
            is too small or too large.
    """
    path = Path(path)
    kind = describe(check_file(path, "video", PictureError))
    try:
        with _open(path) as container:
            stream = _pictures_of(container)
            if stream is None:
                raise PictureError(f"{path} has sound, but no moving pictures")
            fps = nominal_rate(stream.average_rate, stream.base_rate)
            duration_s = _duration_s(container, stream)
            has_sound = bool(container.streams.audio)
            first = next(_decoded(container, stream, []), None)
            if first is None:
                raise PictureError(f"{path} is broken: none of its pictures can be decoded")
            aspect = stream.sample_aspect_ratio or Fraction(1)
            converter = FrameConverter(aspect)
            size = converter.size(first)
            warnings = converter.warnings_about(first)
            interlaced = first.interlaced_frame
    except (av.error.FFmpegError, ValueError) as problem:
        seen = f"; it looks like {kind}" if kind else ""
        raise PictureError(
            f"{path} cannot be read as a video{seen}, but broken, cut short or of an unknown kind; "
            "give an MP4, MOV, WebM, MKV or AVI"
        ) from problem
    if (
        min(size.width, size.height) < MIN_PICTURE_SIDE_PX
        or max(size.width, size.height) > MAX_PICTURE_SIDE_PX
        or max(size.width, size.height) > MAX_PICTURE_ASPECT * min(size.width, size.height)
    ):
        raise PictureError(
            f"{path} has pictures of {size} px; each side can be {MIN_PICTURE_SIDE_PX} to "
            f"{MAX_PICTURE_SIDE_PX} px, and none more than {MAX_PICTURE_ASPECT:g} times the other"
        )
    frames = round(duration_s * fps) if duration_s else None
    return VideoSource(
        path, size.width, size.height, fps, frames, has_sound, aspect, interlaced, warnings
    )


class VideoReader:
    """Reads the pictures of a video at a constant rate, forwards and backwards.

    Memory does not grow with the length, but for a few bytes a keyframe.
    """

    def __init__(self, source: VideoSource, fps: Fraction) -> None:
        """fps: of the pictures, which need not be the source's."""
        self._source = source
        self._fps = fps
        self._converter = FrameConverter(source.aspect, source)
        self._keys: list[tuple[int, int]] = []
        self._count: int | None = None
        self._told = False

    @property
    def source(self) -> VideoSource:
        """What it reads."""
        return self._source

    @property
    def fps(self) -> Fraction:
        """Of the pictures."""
        return self._fps

    @property
    def count(self) -> int | None:
        """Pictures in the video; known when it was once read forwards to its end."""
        return self._count

    def forwards(self) -> Generator[RgbImage, None, None]:
        """Yield each picture, (H, W, 3) of the source's size; broken ones are left out, and the
        ones before them stay for as long."""
        broken: list[str] = []
        keys: list[tuple[int, int]] = []
        clock = Clock(self._fps)
        index = 0
        converter = self._converter
        with self._open() as container:
            stream = _pictures_of(container)
            assert stream is not None
            held: VideoFrame | None = None
            for frame in self._whole(_decoded(container, stream, broken), stream):
                place = clock.place(frame.pts, frame.time_base)
                if held is not None and place > index:
                    picture = converter.picture(held)
                    for _ in range(place - index):
                        yield picture
                    index = place
                apart = place - keys[-1][1] if keys else math.inf
                if frame.key_frame and frame.pts is not None and apart >= _KEY_EVERY_S * self._fps:
                    keys.append((frame.pts, place))
                held = frame
            if held is not None:
                end = clock.end(1 / self._source.fps)
                picture = converter.picture(held)
                for _ in range(end - index):
                    yield picture
                index = max(index, end)
        self._keys, self._count = keys, index
        self._tell(len(broken), index)

    def places(self, count: int) -> Generator[RgbImage, None, None]:
        """Yield up to `count` pictures from all over the video, in order."""
        found = 0
        with self._open() as container:
            stream = _pictures_of(container)
            assert stream is not None
            last = None
            for place in range(count):
                try:
                    container.seek(place * (container.duration or 0) // count)
                    frame = next(_decoded(container, stream, []), None)
                except av.error.FFmpegError:
                    continue
                if frame is not None and frame.pts != last:
                    last, found = frame.pts, found + 1
                    yield self._converter.picture(frame)
        if found >= _FEW_PLACES:
            return
        # The file can be entered in few places or none.
        step = max(1, (self._source.frames or count) // count)
        for index, frame in enumerate(self._frames_from(None)):
            if index % step == 0:
                yield self._converter.picture(frame)

    def backwards(self) -> Generator[RgbImage, None, None]:
        """Yield the pictures from the last to the first, after `forwards` came to its end.

        Between two keyframes the file is decoded again as often as the frames do not fit into
        a bounded memory.
        """
        if self._count is None:
            raise RuntimeError("read the video forwards first")
        keys = self._keys or [(0, 0)]
        ends = [place for _, place in keys[1:]] + [self._count]
        for (pts, place), end in zip(reversed(keys), reversed(ends), strict=True):
            yield from self._stretch_backwards(pts, place, end)

    def _stretch_backwards(self, pts: int, start: int, end: int) -> Generator[RgbImage, None, None]:
        """The pictures start..end - 1, the last first; the one at `start` is a keyframe."""
        while end > start:
            kept: deque[tuple[int, VideoFrame]] = deque()
            size = 0
            with contextlib.closing(self._frames_from(pts)) as frames:
                place = start - 1
                for frame in frames:
                    if frame.pts is None or frame.time_base is None:
                        place += place >= start  # it follows the one before
                    elif frame.pts >= pts:
                        place = start + places_between(pts, frame.pts, frame.time_base, self._fps)
                    if place < start:
                        continue
                    if place >= end:
                        break
                    kept.append((place, frame))
                    size += _bytes_of(frame)
                    while size > _HELD_BYTES and len(kept) > 1:
                        size -= _bytes_of(kept.popleft()[1])
            if not kept:
                return
            while kept:
                place, frame = kept.pop()
                if place < end:
                    picture = self._converter.picture(frame)
                    for _ in range(end - place):
                        yield picture
                    end = place

    def _frames_from(self, pts: int | None) -> Generator[VideoFrame, None, None]:
        """The frames from one at `pts` or before on; all of them for None."""
        # Some files are entered behind the place that was asked for.
        for early_s in (0, 1, 4, 16) if pts is not None else ():
            with self._open() as container:
                stream = _pictures_of(container)
                assert stream is not None and stream.time_base is not None and pts is not None
                try:
                    container.seek(round(pts - early_s / stream.time_base), stream=stream)
                except av.error.FFmpegError:
                    continue
                frames = _decoded(container, stream, [])
                first = next(frames, None)
                if first is not None and first.pts is not None and first.pts <= pts:
                    yield from self._whole(chain([first], frames), stream)
                    return
        with self._open() as container:
            stream = _pictures_of(container)
            assert stream is not None
            yield from self._whole(_decoded(container, stream, []), stream)

    def _open(self) -> InputContainer:
        try:
            return _open(self._source.path)
        except (av.error.FFmpegError, ValueError) as problem:
            raise PictureError(f"{self._source.path} cannot be read any more") from problem

    def _whole(self, frames: Iterator[VideoFrame], stream: VideoStream) -> Iterator[VideoFrame]:
        """Frames whose lines are all of one moment."""
        return deinterlaced(frames, stream) if self._source.is_interlaced else frames

    def _tell(self, broken: int, count: int) -> None:
        if self._told:
            return
        self._told = True
        source = self._source
        if broken:
            places = "a broken place" if broken == 1 else f"{broken} broken places"
            source.warnings.append(
                f"{places} of {source.name} had to be left out; the pictures before stay instead"
            )
        expected = None if source.frames is None else source.frames * self._fps / source.fps
        if expected is not None and count < (1 - _MISSING) * expected - 2:
            source.warnings.append(
                f"{source.name} should last {float(expected / self._fps):.1f} s, "
                f"but only {float(count / self._fps):.1f} s could be read"
            )


def _open(path: Path) -> InputContainer:
    return av.open(
        f"file:{path}",
        container_options={"format_whitelist": _DEMUXERS, "protocol_whitelist": "file"},
    )


def _pictures_of(container: InputContainer) -> VideoStream | None:
    """The moving pictures; covers of music are none."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            stream.thread_type = "AUTO"
            return stream
    return None


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base) or None
    return container.duration / 1_000_000 if container.duration else None


def _decoded(
    container: InputContainer, stream: VideoStream, broken: list[str]
) -> Iterator[VideoFrame]:
    """Every frame that can be decoded; what is wrong with others goes to `broken`."""
    for _ in range(_MAX_BROKEN_READS):
        try:
            for packet in container.demux(stream):
                try:
                    frames = packet.decode()
                except av.error.FFmpegError as problem:
                    broken.append(str(problem))
                    continue
                for frame in frames:
                    if isinstance(frame, VideoFrame):
                        yield frame
            return
        except av.error.FFmpegError as problem:  # the next read goes on behind the broken place
            broken.append(str(problem))


def _bytes_of(frame: VideoFrame) -> int:
    return sum(plane.buffer_size for plane in frame.planes)
