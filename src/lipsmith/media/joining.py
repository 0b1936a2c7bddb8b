"""Videos one after the other, made one without encoding a picture again."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lipsmith.core.request import Size
from lipsmith.errors import RenderError
from lipsmith.media.encoders import MP4, WEBM, SoundTrack
from lipsmith.media.output import failure


class VideoJoiner:
    """Takes videos that `VideoWriter` made in one size and fps, and the sound for all of them.

    The pictures of the videos are copied as they are encoded, their own sound is left out. Frames
    are counted, so the joint is where one video's last frame is followed by the next one's first.
    """

    def __init__(
        self,
        path: Path,
        suffix: str,
        first: Path,
        fps: Fraction,
        *,
        rate_hz: int,
        channels: int,
        metadata: Mapping[str, str],
    ) -> None:
        """path: written at once, so give a name aside. suffix: ".mp4" or ".webm". first: a video
        of those to come, to learn the format from."""
        kind = WEBM if suffix == ".webm" else MP4
        self._path = path
        self._fps = fps
        self._frames = 0
        try:
            self._out = av.open(
                f"file:{path}",
                "w",
                format=kind.container,
                container_options=dict(kind.container_options),
            )
            self._out.metadata.update(metadata)
            with av.open(f"file:{first}") as source:
                stream = self._out.add_stream_from_template(source.streams.video[0])
            assert isinstance(stream, VideoStream)
            stream.time_base = 1 / fps
            self._video = stream
            self._sound = SoundTrack(self._out, kind, rate_hz, channels)
        except (OSError, av.error.FFmpegError) as problem:
            raise failure(path, problem) from problem

    def add_video(self, path: Path, frames: int) -> None:
        """frames: how many it has to have.

        Raises:
            RenderError: it has not, or cannot be read.
        """
        count = 0
        try:
            with av.open(f"file:{path}") as source:
                stream = source.streams.video[0]
                base = stream.time_base or 1 / self._fps
                for packet in source.demux(stream):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts = self._frames + round(packet.pts * base * self._fps)
                    packet.dts = self._frames + round(packet.dts * base * self._fps)
                    packet.duration = 1
                    packet.time_base = 1 / self._fps
                    packet.stream = self._video
                    self._out.mux(packet)
                    count += 1
        except (OSError, av.error.FFmpegError) as problem:
            raise failure(self._path, problem) from problem
        if count != frames:
            raise RenderError(f"{path} has {count} frames and not {frames}; render it again")
        self._frames += count

    def add_sound(self, samples: NDArray[np.float32]) -> None:
        """samples: (n, channels), what follows the sound so far."""
        self._sound.add(samples)

    def finish(self) -> None:
        """Write what is held back; the file is whole afterwards."""
        try:
            self._sound.finish()
            self._out.close()
        except (OSError, av.error.FFmpegError) as problem:
            raise failure(self._path, problem) from problem

    def close(self) -> None:
        """Let go of the file, whole or not."""
        self._out.close()


def video_size(path: Path) -> Size:
    """The size of a video's pictures."""
    with av.open(f"file:{path}") as source:
        stream = source.streams.video[0]
        return Size(stream.width, stream.height)
