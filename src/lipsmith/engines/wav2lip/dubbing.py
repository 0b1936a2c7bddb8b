"""A video whose mouth moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import Footage, FootageFrame
from lipsmith.core.image import Frame
from lipsmith.core.motion import MouthTrack
from lipsmith.core.options import CropOptions
from lipsmith.engines.wav2lip.crop import CropBox, network_face, tracked_boxes
from lipsmith.engines.wav2lip.hearing import HeardFrame, listen
from lipsmith.engines.wav2lip.paste import find_place, put_back
from lipsmith.engines.wav2lip.rest import mixed, shutness

Drawer = Callable[
    [Sequence[NDArray[np.float32]], Sequence[NDArray[np.float32]]], NDArray[np.float32]
]
"""As `MouthModel.for_video` gives it."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame of the video with what is heard in it.

    box: None where the frame is passed on as it is. shown: (96, 96, 3), the face for the network.
    rest: 0..1, how much of the picture's own mouth is kept, since it is shut and nobody speaks.
    """

    picture: FootageFrame
    heard: HeardFrame
    box: CropBox | None
    shown: NDArray[np.float32] | None
    rest: float


def shots(footage: Footage, track: MouthTrack, crop: CropOptions) -> Iterator[Shot]:
    """Every frame of the track with its picture."""
    pictures = tracked_boxes(footage.frames, crop, footage.width, footage.height)
    for heard, (picture, box) in zip(listen(track), pictures, strict=False):
        face = picture.face
        rest = 0.0 if face is None or not heard.rest else heard.rest * shutness(face.landmarks)
        if box is None or rest == 1:
            yield Shot(picture, heard, None, None, rest)
        else:
            yield Shot(picture, heard, box, network_face(box.of(picture.pixels)), rest)


def draw_shots(batch: Sequence[Shot], drawer: Drawer) -> list[NDArray[np.float32] | None]:
    """The mouths of some shots; None for those that are passed on."""
    faces = {index: shot.shown for index, shot in enumerate(batch) if shot.shown is not None}
    drawn: list[NDArray[np.float32] | None] = [None] * len(batch)
    if faces:
        mel = [batch[index].heard.silenced_mel for index in faces]
        for index, mouth in zip(faces, drawer(mel, list(faces.values())), strict=True):
            drawn[index] = mouth
    return drawn


def finish_shot(shot: Shot, drawn: NDArray[np.float32] | None) -> Frame:
    """The frame of the video to make."""
    picture, index, samples = shot.picture, shot.heard.frame.index, shot.heard.frame.samples
    if drawn is None or shot.box is None or picture.face is None:
        return Frame(index, picture.pixels, samples)
    place = find_place(
        picture.pixels,
        shot.box,
        picture.face.landmarks,
        shown=shot.shown,
        visible=picture.visible,
        seed=index,
    )
    mouth = put_back(place, drawn)
    if shot.rest:
        mouth = mixed(mouth, place.rows.of(picture.pixels), shot.rest)
    pixels = picture.pixels.copy()
    place.rows.of(pixels)[:] = mouth
    return Frame(index, pixels, samples)
