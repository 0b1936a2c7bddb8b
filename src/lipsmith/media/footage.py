"""Videos in: any file with moving pictures -> pictures at a constant rate, in either direction."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from lipsmith.core.image import RgbImage
from lipsmith.errors import PictureError
from lipsmith.media.files import check_file, describe
from lipsmith.media.frame_rates import Clock, nominal_rate
from lipsmith.media.limits import (
    MAX_PICTURE_ASPECT,
    MAX_PICTURE_SIDE_PX,
    MIN_PICTURE_SIDE_PX,
)
from lipsmith.media.video_frames import FrameConverter

_DEMUXERS = (
    "asf,avi,dv,flv,hevc,h264,ivf,m4v,matroska,mov,mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,rm,wtv"
)
"""No playlists: they would open other files."""
_MAX_BROKEN_READS = 100
_HELD_BYTES = 160_000_000
"""Of decoded frames while a video is played backwards."""
_MISSING = 0.05
"""Share of the frames whose lack is told."""


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A video that can be read many times, a picture at a time.

    width, height: px as it is to be seen: upright, with square pixels. fps: the nominal rate.
    frames: at that rate, about; None unknown. has_sound: it has a sound track.
    warnings: for people to read; grows while pictures are read.
    """

    path: Path
    width: int
    height: int
    fps: Fraction
    frames: int | None
    has_sound: bool
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
            converter = FrameConverter(stream.sample_aspect_ratio)
            size = converter.size(first)
            warnings = converter.warnings_about(first)
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
    return VideoSource(path, size.width, size.height, fps, frames, has_sound, warnings)


class VideoReader:
    """Reads the pictures of a video at a constant rate, forwards and backwards.

    Memory does not grow with the length, but for a few bytes a keyframe.
    """

    def __init__(self, source: VideoSource, fps: Fraction) -> None:
        """fps: of the pictures, which need not be the source's."""
        self._source = source
        self._fps = fps
        self._keys: list[tuple[int, int]] = []
        self._count: int | None = None
        self._told = False

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
        with _open(self._source.path) as container:
            stream = _pictures_of(container)
            assert stream is not None
            converter = FrameConverter(stream.sample_aspect_ratio, self._source)
            held: VideoFrame | None = None
            for frame in _decoded(container, stream, broken):
                place = clock.place(frame.pts, frame.time_base)
                if held is not None and place > index:
                    picture = converter.picture(held)
                    for _ in range(place - index):
                        yield picture
                    index = place
                if frame.key_frame and frame.pts is not None:
                    keys.append((frame.pts, place))
                held = frame
            if held is not None:
                yield converter.picture(held)
                index += 1
        self._keys, self._count = keys, index
        self._tell(len(broken), index)

    def places(self, count: int) -> Generator[RgbImage, None, None]:
        """Yield up to `count` pictures from all over the video, in order."""
        with _open(self._source.path) as container:
            stream = _pictures_of(container)
            assert stream is not None
            converter = FrameConverter(stream.sample_aspect_ratio, self._source)
            last = None
            for place in range(count):
                try:
                    container.seek(place * (container.duration or 0) // count)
                    frame = next(_decoded(container, stream, []), None)
                except av.error.FFmpegError:
                    continue
                if frame is not None and frame.pts != last:
                    last = frame.pts
                    yield converter.picture(frame)

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
            with _open(self._source.path) as container:
                stream = _pictures_of(container)
                assert stream is not None
                converter = FrameConverter(stream.sample_aspect_ratio, self._source)
                container.seek(pts, stream=stream)
                kept: deque[tuple[int, VideoFrame]] = deque()
                size = 0
                for frame in _decoded(container, stream, []):
                    if frame.pts is None or frame.pts < pts or frame.time_base is None:
                        continue
                    place = start + round((frame.pts - pts) * frame.time_base * self._fps)
                    if place >= end:
                        break
                    kept.append((place, frame))
                    size += _bytes_of(frame)
                    while size > _HELD_BYTES and len(kept) > 1:
                        size -= _bytes_of(kept.popleft()[1])
                if not kept:  # the file does not let itself be entered there
                    return
                while kept:
                    place, frame = kept.pop()
                    place = start if not kept and place - start < 2 else place
                    if place < end:
                        picture = converter.picture(frame)
                        for _ in range(end - place):
                            yield picture
                        end = place

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
