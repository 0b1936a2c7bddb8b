"""Decoded frames -> upright sRGB pictures with square pixels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av.error
import cv2
import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorTrc
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.request import Size

_UNSPECIFIED = 2
_RGB_MATRIX = 0
_BT709, _BT601 = "ITU709", "ITU601"
_HD_SIDE_PX = 1280, 720
"""Untagged video of at least one of these sides is BT.709, and BT.601 below, as players do."""
_HDR = {16: "PQ", 18: "HLG"}
"""ITU-T H.273, transfer characteristics."""


def deinterlaced(frames: Iterable[VideoFrame], stream: VideoStream) -> Iterator[VideoFrame]:
    """The frames with every other line made anew from what is around it (FFmpeg's bwdif)."""
    graph = Graph()
    graph.link_nodes(
        graph.add_buffer(template=stream),
        graph.add("bwdif", "mode=send_frame:deint=interlaced"),
        graph.add("buffersink"),
    ).configure()

    def ready() -> Iterator[VideoFrame]:
        with contextlib.suppress(av.error.BlockingIOError, av.error.EOFError):
            while True:
                pulled = graph.pull()
                assert isinstance(pulled, VideoFrame)
                yield pulled

    for frame in frames:
        graph.push(frame)
        yield from ready()
    graph.push(None)
    yield from ready()


class FrameConverter:
    """Converts the frames of one stream."""

    def __init__(self, aspect: Fraction | None, like: Size | Any = None) -> None:
        """aspect: of a pixel, width by height. like: has the width and the height of the pictures,
        for streams whose size changes on the way; None takes every frame's own."""
        self._aspect = aspect if aspect and Fraction(1, 8) <= aspect <= 8 else Fraction(1)
        self._like = None if like is None else Size(like.width, like.height)

    def size(self, frame: VideoFrame) -> Size:
        """Of the frame as it is to be seen."""
        width, height = frame.width, frame.height
        if self._aspect > 1:
            width = round(width * self._aspect)
        elif self._aspect < 1:
            height = round(height / self._aspect)
        return Size(height, width) if self._turns(frame) % 2 else Size(width, height)

    def picture(self, frame: VideoFrame) -> RgbImage:
        """(H, W, 3) uint8 sRGB of its own memory. HDR is brought to the range of sRGB."""
        matrix = None
        if frame.colorspace == _UNSPECIFIED and frame.format.is_rgb is False:
            hd = frame.width >= _HD_SIDE_PX[0] or frame.height >= _HD_SIDE_PX[1]
            matrix = _BT709 if hd else _BT601
        if frame.color_trc in _HDR:
            frame = frame.reformat(
                format="rgb24",
                dst_color_trc=ColorTrc.BT709,
                dst_color_primaries=ColorPrimaries.BT709,
            )
        pixels: NDArray[Any] = frame.to_ndarray(format="rgb24", src_colorspace=matrix)
        turns = self._turns(frame)
        if turns:
            pixels = np.rot90(pixels, -turns)
        size = self._like or self.size(frame)
        if pixels.shape[:2] != (size.height, size.width):
            method = cv2.INTER_LANCZOS4 if size.width > pixels.shape[1] else cv2.INTER_AREA
            pixels = cv2.resize(pixels, (size.width, size.height), interpolation=method)
        return np.ascontiguousarray(pixels, np.uint8)

    def warnings_about(self, frame: VideoFrame) -> list[str]:
        """What a viewer may notice that comes from the source."""
        found = []
        if frame.color_trc in _HDR:
            found.append(f"the video is HDR ({_HDR[frame.color_trc]}), and is made SDR")
        return found

    def _turns(self, frame: VideoFrame) -> int:
        """Quarter turns clockwise that make it upright; files tell counter-clockwise degrees."""
        return round(-frame.rotation / 90) % 4
