"""A video whose mouth moves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import Footage, FootageFrame
from lipsmith.core.image import Frame, RgbImage
from lipsmith.core.motion import MouthTrack
from lipsmith.core.options import CropOptions
from lipsmith.engines.rig.dubbing.stream import Painter
from lipsmith.engines.wav2lip.crop import CropBox, network_face, tracked_boxes
from lipsmith.engines.wav2lip.hearing import HeardFrame, listen
from lipsmith.engines.wav2lip.paste import find_place, put_back
from lipsmith.engines.wav2lip.rest import Resting, mixed, resting_frames

Drawer = Callable[
    [Sequence[NDArray[np.float32]], Sequence[NDArray[np.float32]]], NDArray[np.float32]
]
"""As `MouthModel.for_video` gives it."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame of the video with what is heard in it.

    under: what the mouth is drawn on. box: None where the frame is passed on as it is. shown:
    (96, 96, 3), the face for the network; None where nothing is to be drawn by it. rest: 0..1, how
    much is seen of the mouth at rest.
    """

    resting: Resting
    heard: HeardFrame
    under: RgbImage
    box: CropBox | None
    shown: NDArray[np.float32] | None
    rest: float


def shots(
    footage: Footage, track: MouthTrack, crop: CropOptions, painter: Painter
) -> Iterator[Shot]:
    """Every frame of the track with its picture.

    painter: of mouths that come to rest or leave it. The network draws on those, so that the face
    of the video and the one at rest, which may be far apart, are never seen through each other.
    """
    waiting: deque[Resting] = deque()

    def frames() -> Iterator[FootageFrame]:
        for resting in resting_frames(footage):
            waiting.append(resting)
            yield resting.frame

    pictures = tracked_boxes(frames(), crop, footage.width, footage.height)
    for heard, (picture, box) in zip(listen(track), pictures, strict=False):
        resting = waiting.popleft()
        rest = heard.rest * (1.0 if resting.is_shut else resting.own)
        under = picture.pixels
        shown = None
        if box is not None and rest < 1:
            if rest > 0:
                under = resting.picture(painter, heard.frame.pose.mouth)
            shown = network_face(box.of(under))
        yield Shot(resting, heard, under, box, shown, rest)


def draw_shots(batch: Sequence[Shot], drawer: Drawer) -> list[NDArray[np.float32] | None]:
    """The mouths of some shots; None for those that the network does not draw."""
    faces = {index: shot.shown for index, shot in enumerate(batch) if shot.shown is not None}
    drawn: list[NDArray[np.float32] | None] = [None] * len(batch)
    if faces:
        mel = [batch[index].heard.silenced_mel for index in faces]
        for index, mouth in zip(faces, drawer(mel, list(faces.values())), strict=True):
            drawn[index] = mouth
    return drawn


def finish_shot(shot: Shot, drawn: NDArray[np.float32] | None, painter: Painter) -> Frame:
    """The frame of the video to make. painter: of the mouth at rest, for any thread."""
    frame, heard = shot.resting.frame, shot.heard.frame
    pixels = shot.under
    if drawn is not None and shot.box is not None and frame.face is not None:
        place = find_place(
            pixels,
            shot.box,
            frame.face.landmarks,
            shown=shot.shown,
            visible=frame.visible,
            seed=heard.index,
        )
        pixels = pixels.copy()
        place.rows.of(pixels)[:] = put_back(place, drawn)
    if shot.box is not None and shot.rest:
        pixels = mixed(pixels, shot.resting.picture(painter), shot.rest)
    return Frame(heard.index, pixels, heard.samples)
