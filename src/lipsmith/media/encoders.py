"""What is inside the videos: codecs, their settings, and the way packets are made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image, RgbImage
from lipsmith.core.request import Size
from lipsmith.media.colour import rgb_to_nv12
from lipsmith.media.resampling import Resampler

_BT709 = 1
"""ITU-T H.273: primaries, transfer and matrix of BT.709 are all number 1."""
_LIMITED_RANGE = 1


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """How one kind of file is encoded.

    rates_hz: what the audio codec takes, rising; sound of another rate is resampled to the next.
    """

    container: str
    container_options: Mapping[str, str]
    video_codec: str
    pixel_format: str
    video_options: Mapping[str, str]
    audio_codec: str
    rates_hz: tuple[int, ...]


MP4 = VideoFormat(
    container="mp4",
    container_options={"movflags": "+faststart"},
    video_codec="libx264",
    pixel_format="nv12",
    # chromaloc: rgb_to_nv12 sites chroma in the middle of its 2x2 pixels.
    video_options={"preset": "veryfast", "crf": "18", "x264-params": "chromaloc=1"},
    audio_codec="aac",
    rates_hz=(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
)
WEBM = VideoFormat(
    container="webm",
    container_options={},
    video_codec="libvpx-vp9",
    pixel_format="yuv420p",
    video_options={
        "deadline": "realtime",
        "cpu-used": "7",
        "row-mt": "1",
        "tile-columns": "2",
        "crf": "26",
        "b": "0",
    },
    audio_codec="libopus",
    rates_hz=(8000, 12000, 16000, 24000, 48000),
)
_KEYFRAME_EVERY_S = 4
_MAX_THREADS = 8


class Encoder(Protocol):
    """Takes frames and their sound in order."""

    def prepare(self, image: RgbImage | Nv12Image) -> av.VideoFrame:
        """Copy a picture into the encoder's own layout; safe to call beside `add`."""

    def add(self, frame: av.VideoFrame, samples: NDArray[np.float32]) -> None: ...

    def finish(self) -> None:
        """Write what is held back; the file is complete afterwards."""

    def close(self) -> None:
        """Let go of the file, complete or not."""


class ContainerEncoder:
    """H.264 + AAC in MP4, or VP9 + Opus in WebM."""

    def __init__(
        self,
        path: Path,
        kind: VideoFormat,
        size: Size,
        fps: Fraction,
        *,
        rate_hz: int,
        channels: int,
        metadata: Mapping[str, str],
    ) -> None:
        self._kind = kind
        self._container: OutputContainer = av.open(
            f"file:{path}",
            "w",
            format=kind.container,
            container_options=dict(kind.container_options),
        )
        self._container.metadata.update(metadata)
        self._video = self._add_video(size, fps)
        self._sound = SoundTrack(self._container, kind, rate_hz, channels)
        self._frames = 0
        self._free: SimpleQueue[av.VideoFrame] = SimpleQueue()

    def prepare(self, image: RgbImage | Nv12Image) -> av.VideoFrame:
        nv12 = image if isinstance(image, Nv12Image) else rgb_to_nv12(image)
        try:
            frame = self._free.get_nowait()
            frame.make_writable()
        except Empty:
            frame = av.VideoFrame(nv12.width, nv12.height, self._kind.pixel_format)
        _fill(frame.planes[0], nv12.luma)
        if self._kind.pixel_format == "nv12":
            _fill(frame.planes[1], nv12.chroma.reshape(nv12.height // 2, nv12.width))
        else:
            _fill(frame.planes[1], nv12.chroma[:, :, 0])
            _fill(frame.planes[2], nv12.chroma[:, :, 1])
        return frame

    def add(self, frame: av.VideoFrame, samples: NDArray[np.float32]) -> None:
        frame.pts = self._frames
        frame.time_base = self._video.codec_context.time_base
        self._frames += 1
        self._container.mux(self._video.encode(frame))
        self._free.put(frame)  # the codec has its own copy; new memory every time costs more
        self._sound.add(samples)

    def finish(self) -> None:
        self._container.mux(self._video.encode(None))
        self._sound.finish()
        self._container.close()

    def close(self) -> None:
        self._container.close()

    def _add_video(self, size: Size, fps: Fraction) -> VideoStream:
        stream = self._container.add_stream(
            self._kind.video_codec, rate=fps, options=dict(self._kind.video_options)
        )
        assert isinstance(stream, VideoStream)
        context: VideoCodecContext = stream.codec_context
        context.width, context.height = size.width, size.height
        context.pix_fmt = self._kind.pixel_format
        context.time_base = 1 / fps
        stream.time_base = 1 / fps
        context.gop_size = round(fps * _KEYFRAME_EVERY_S)
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED_RANGE
        # Not by slices, which only help within one frame. More threads would each hold frames.
        context.thread_type = "FRAME"
        context.thread_count = min(_MAX_THREADS, os.cpu_count() or 1)
        return stream


class SoundTrack:
    """The audio stream of a container: resamples when its codec needs it, counts samples.

    Blocks of (n, channels) float32 go in; `finish` has to come after the last one.
    """

    def __init__(
        self, container: OutputContainer, kind: VideoFormat, rate_hz: int, channels: int
    ) -> None:
        rate_out_hz = next((rate for rate in kind.rates_hz if rate >= rate_hz), kind.rates_hz[-1])
        self._container = container
        self._layout = "mono" if channels == 1 else "stereo"
        self._resampler = Resampler(rate_hz, rate_out_hz, channels)
        stream = container.add_stream(kind.audio_codec, rate=rate_out_hz, layout=self._layout)
        assert isinstance(stream, AudioStream)
        stream.time_base = Fraction(1, rate_out_hz)
        stream.codec_context.time_base = Fraction(1, rate_out_hz)
        stream.bit_rate = channels * min(96_000, 4 * rate_out_hz)
        self._stream = stream
        self._position = 0

    def add(self, samples: NDArray[np.float32]) -> None:
        self._encode(self._resampler.push(samples))

    def finish(self) -> None:
        self._encode(self._resampler.finish())
        for packet in self._stream.encode(None):
            # The codec fills its last block with silence; the file must not count it as sound.
            if packet.pts is not None:
                packet.duration = max(0, min(packet.duration or 0, self._position - packet.pts))
            self._container.mux(packet)

    def _encode(self, samples: NDArray[np.float32]) -> None:
        if not len(samples):
            return
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T), format="fltp", layout=self._layout
        )
        frame.sample_rate = self._resampler.rate_out_hz
        frame.time_base = Fraction(1, self._resampler.rate_out_hz)
        frame.pts = self._position
        self._position += len(samples)
        self._container.mux(self._stream.encode(frame))


def _fill(plane: av.video.plane.VideoPlane, rows: NDArray[np.uint8]) -> None:
    """Copy (h, w) into a plane, whose rows are padded."""
    target = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    target[: rows.shape[0], : rows.shape[1]] = rows
