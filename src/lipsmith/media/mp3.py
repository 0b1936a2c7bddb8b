"""MP3 that comes in pieces, as services send it, to samples."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import av
import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.codec.context import CodecContext
from numpy.typing import NDArray


def decode_mp3(parts: Iterable[bytes]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield (rate_hz, (n, channels) float32 in -1..1) as soon as the pieces allow it.

    What is no sound in them (tags, damaged frames) is left out.
    """
    decoder = CodecContext.create("mp3float", "r")
    assert isinstance(decoder, AudioCodecContext)
    for part in parts:
        for packet in decoder.parse(part):
            yield from _decode(decoder, packet)
    for packet in decoder.parse(None):
        yield from _decode(decoder, packet)
    yield from _decode(decoder, None)


def _decode(
    decoder: AudioCodecContext, packet: av.Packet[av.AudioStream] | None
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    frames = []
    with contextlib.suppress(av.error.FFmpegError):
        frames = decoder.decode(packet)
    for frame in frames:
        planar = frame.to_ndarray()
        if not frame.format.is_planar:
            planar = planar.reshape(-1, frame.layout.nb_channels).T
        samples = np.ascontiguousarray(planar.T, np.float32)
        yield frame.sample_rate, np.nan_to_num(samples, copy=False).clip(-1, 1)
