"""A finished video in another format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame, RgbImage
from lipsmith.core.motion import first_sample
from lipsmith.core.request import Size
from lipsmith.errors import OptionError
from lipsmith.media.audio import open_audio
from lipsmith.media.footage import VideoReader, VideoSource, open_video
from lipsmith.media.video import VideoWriter

GIF_LONGEST_S = 60.0
_GIF_SIDE_PX, _GIF_FPS = 640, 15
_GIF_RATE_HZ = 8000
"""A GIF has no sound; the writer wants to know a rate."""


def convert_video(source: Path, target: Path) -> None:
    """Write a video as .mp4, .webm or .gif; memory does not grow with its length.

    A GIF is at most 640 px a side and 15 frames/s, so that it can be sent to somebody.

    Raises:
        PictureError: the source is no video.
        OptionError: it is too long for a GIF.
        RenderError: the target cannot be written.
    """
    video = open_video(source)
    is_gif = target.suffix == ".gif"
    size, every = Size(video.width // 2 * 2, video.height // 2 * 2), 1
    if is_gif:
        size, every = _gif_shape(video)
        if video.frames is not None and video.frames > GIF_LONGEST_S * video.fps:
            raise _too_long(source)
    fps = video.fps / every
    audio = open_audio(source) if video.has_sound and not is_gif else None
    rate_hz, channels = (audio.rate_hz, audio.channels) if audio else (_GIF_RATE_HZ, 1)
    blocks = audio.blocks() if audio else iter(())
    sound = _Sound(blocks, channels)
    with (
        VideoWriter(
            target,
            size,
            fps,
            rate_hz=rate_hz,
            channels=channels,
            overwrite=True,
            metadata={"comment": _comment(source)},
        ) as writer,
        closing(VideoReader(video, video.fps).forwards()) as pictures,
    ):
        index, held = 0, None
        for number, pixels in enumerate(pictures):
            if number % every:
                continue
            if is_gif and number > GIF_LONGEST_S * video.fps:
                raise _too_long(source)
            if held is not None:
                end = first_sample(index + 1, rate_hz, fps)
                writer.write(Frame(index, held, sound.until(end)))
                index += 1
            held = _fitted(pixels, size)
        if held is not None:
            writer.write(Frame(index, held, sound.until(None)))


def _too_long(source: Path) -> OptionError:
    return OptionError(f"{source} is too long for a GIF, which may last {GIF_LONGEST_S:.0f} s")


class _Sound:
    """Samples between their block and their frame."""

    def __init__(self, blocks: Iterator[NDArray[np.float32]], channels: int) -> None:
        self._blocks = blocks
        self._held = np.zeros((0, channels), np.float32)
        self._start = 0

    def until(self, end: int | None) -> NDArray[np.float32]:
        """The samples from the last call's end to `end`, None is all that are left."""
        while end is None or self._start + len(self._held) < end:
            block = next(self._blocks, None)
            if block is None:
                break
            self._held = np.concatenate([self._held, block])
        count = len(self._held) if end is None else min(end - self._start, len(self._held))
        taken, self._held = self._held[:count], self._held[count:]
        self._start += count
        return taken


def _gif_shape(video: VideoSource) -> tuple[Size, int]:
    """The size of a GIF, and of how many pictures one is taken."""
    scale = min(1.0, _GIF_SIDE_PX / max(video.width, video.height))
    sides = (max(2, round(side * scale / 2) * 2) for side in (video.width, video.height))
    every = 1
    while video.fps / every > _GIF_FPS:
        every += 1
    return Size(*sides), every


def _fitted(pixels: RgbImage, size: Size) -> RgbImage:
    if pixels.shape[:2] == (size.height, size.width):
        return pixels
    shrunk = cv2.resize(pixels, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.uint8)


def _comment(source: Path) -> str:
    """What the video says about itself."""
    with av.open(f"file:{source}") as container:
        told = {name.lower(): value for name, value in container.metadata.items()}
    return str(told.get("comment", ""))
