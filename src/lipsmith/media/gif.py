"""Animated GIFs: no sound, one palette made from the first second."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import av
import av.filter
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image, RgbImage
from lipsmith.core.request import Size
from lipsmith.media.colour import nv12_to_rgb

_MAX_FPS = 50
"""Viewers show a delay under 20 ms as 100 ms."""
_TICK = Fraction(1, 100)
"""GIF89a counts delays in hundredths of a second."""
_PALETTE_FRAMES = 25
_HELD_BYTES = 100_000_000


class GifEncoder:
    """Holds back the first frames until they give a palette; then frames pass straight through.

    A single palette, ordered dithering and frame differences keep still parts from flickering.
    """

    def __init__(self, path: Path, size: Size, fps: Fraction, metadata: Mapping[str, str]) -> None:
        self._size = size
        self._step = math.ceil(fps / _MAX_FPS)
        self._fps = fps
        self._container = av.open(f"file:{path}", "w", format="gif")
        self._container.metadata.update(metadata)
        self._stream = self._container.add_stream("gif", rate=fps / self._step)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = size.width, size.height, "pal8"
        context.time_base = self._stream.time_base = _TICK
        self._held: list[av.VideoFrame] = []
        fitting = _HELD_BYTES // (3 * size.width * size.height)
        self._palette_frames = max(2, min(_PALETTE_FRAMES, fitting))
        self._painter: _Painter | None = None
        self._frames = 0

    def prepare(self, image: RgbImage | Nv12Image) -> av.VideoFrame:
        rgb = nv12_to_rgb(image) if isinstance(image, Nv12Image) else image
        return av.VideoFrame.from_ndarray(rgb, format="rgb24")

    def add(self, frame: av.VideoFrame, samples: NDArray[np.float32]) -> None:
        index = self._frames
        self._frames += 1
        if index % self._step:
            return
        frame.pts = round(index / self._fps / _TICK)
        frame.time_base = _TICK
        if self._painter is not None:
            self._write(self._painter.paint(frame))
            return
        self._held.append(frame)
        if len(self._held) == self._palette_frames:
            self._start()

    def finish(self) -> None:
        if self._painter is None and self._held:
            self._start()
        if self._painter is not None:
            self._write(self._painter.finish())
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def close(self) -> None:
        self._container.close()

    def _start(self) -> None:
        self._painter = _Painter(self._size, _palette(self._size, self._held))
        for frame in self._held:
            self._write(self._painter.paint(frame))
        self._held.clear()

    def _write(self, frames: Iterable[av.VideoFrame]) -> None:
        for frame in frames:
            self._container.mux(self._stream.encode(frame))


class _Painter:
    """RGB frames -> frames in a given palette."""

    def __init__(self, size: Size, palette: av.VideoFrame) -> None:
        self._graph = av.filter.Graph()
        self._frames = _source(self._graph, size.width, size.height, "rgb24", "frames")
        colours = _source(self._graph, palette.width, palette.height, "rgb32", "palette")
        use = self._graph.add("paletteuse", "dither=bayer:bayer_scale=3:diff_mode=rectangle")
        self._sink = self._graph.add("buffersink")
        self._frames.link_to(use, 0, 0)
        colours.link_to(use, 0, 1)
        use.link_to(self._sink)
        self._graph.configure()
        colours.push(palette)
        colours.push(None)

    def paint(self, frame: av.VideoFrame) -> Iterable[av.VideoFrame]:
        self._frames.push(frame)
        return _pull(self._sink)

    def finish(self) -> Iterable[av.VideoFrame]:
        self._frames.push(None)
        return _pull(self._sink)


def _palette(size: Size, frames: list[av.VideoFrame]) -> av.VideoFrame:
    """The 16x16 frame of colours that suits `frames` best."""
    graph = av.filter.Graph()
    source = _source(graph, size.width, size.height, "rgb24", "frames")
    generate = graph.add("palettegen", "stats_mode=diff")
    sink = graph.add("buffersink")
    source.link_to(generate)
    generate.link_to(sink)
    graph.configure()
    for frame in frames:
        source.push(frame)
    source.push(None)
    return next(iter(_pull(sink)))


def _source(
    graph: av.filter.Graph, width: int, height: int, pixel_format: str, name: str
) -> av.filter.context.FilterContext:
    return graph.add_buffer(
        width=width,
        height=height,
        format=av.VideoFormat(pixel_format, width, height),
        time_base=_TICK,
        name=name,
    )


def _pull(sink: av.filter.context.FilterContext) -> list[av.VideoFrame]:
    frames: list[av.VideoFrame] = []
    while True:
        try:
            frame = sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return frames
        assert isinstance(frame, av.VideoFrame)
        frames.append(frame)
