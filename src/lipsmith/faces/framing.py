"""Brings a picture and its face to the size of the video."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box, Face
from lipsmith.core.request import Fit, Size
from lipsmith.media.limits import MAX_VIDEO_SIDE_PX

_FACE_HEIGHT = 0.3
"""Least share of the frame's height that a crop gives the face, as far as the pixels last."""
_FACE_MIDDLE = 0.45
"""Where a crop puts the middle of the face, as a share of the frame's height from its top."""
_HEADROOM = 0.45
"""Room that a crop keeps above the forehead, in face heights: the hair and some air."""
_CHIN_ROOM = 0.15
_EXTENSION_BLUR = 0.06
"""Sigma of what surrounds a padded picture, as a share of the frame's longer side."""


@dataclass(frozen=True, slots=True)
class Framing:
    """A window of the picture and where it goes in a frame.

    left, top, columns, rows: the window, in whole px of the picture. inner: its size in the frame.
    x, y: its place in the frame, px. size: of the frame.
    """

    left: int
    top: int
    columns: int
    rows: int
    inner: Size
    x: int
    y: int
    size: Size

    def picture(self, pixels: RgbImage) -> RgbImage:
        """The frame's picture; a blurred extension surrounds a window that does not fill it."""
        part = resize(self._window(pixels), self.inner)
        if self.inner == self.size:
            return np.ascontiguousarray(part)
        result = _extend(part, self.size, self.x, self.y)
        result[self.y : self.y + self.inner.height, self.x : self.x + self.inner.width] = part
        return result

    def plane(self, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The frame's part of an (H, W) uint8 plane, 0 around the window."""
        part = resize(self._window(values), self.inner)
        result = np.zeros((self.size.height, self.size.width), np.uint8)
        result[self.y : self.y + self.inner.height, self.x : self.x + self.inner.width] = part
        return result

    def face(self, face: Face) -> Face:
        """The face in the frame's coordinates."""
        scale_x, scale_y = self.inner.width / self.columns, self.inner.height / self.rows
        return move(
            face, scale_x, scale_y, self.x - self.left * scale_x, self.y - self.top * scale_y
        )

    def box(self, box: Box) -> Box:
        """A box of the picture in the frame's coordinates."""
        scale_x, scale_y = self.inner.width / self.columns, self.inner.height / self.rows
        x, y = self.x - self.left * scale_x, self.y - self.top * scale_y
        return _moved(box, scale_x, scale_y, x, y)

    def _window(self, array: NDArray[np.uint8]) -> NDArray[np.uint8]:
        window = array[self.top : self.top + self.rows, self.left : self.left + self.columns]
        return np.ascontiguousarray(window)


def own_size(width: int, height: int) -> Size:
    """The picture's own size, made even and at most `MAX_VIDEO_SIDE_PX` a side."""
    scale = min(1.0, MAX_VIDEO_SIDE_PX / max(width, height))
    return Size(*(max(2, int(side * scale) // 2 * 2) for side in (width, height)))


def crop(width: int, height: int, face: Face, size: Size) -> Framing:
    """The largest window of the frame's shape, or a closer one for a face that would be small.

    The face is in it with room for the hair, as far as the picture goes.
    """
    aspect = size.width / size.height
    window_height = min(float(height), width / aspect)
    if size != own_size(width, height):
        closer = max(face.box.height / _FACE_HEIGHT, float(size.height))
        window_height = min(window_height, closer)
    columns = max(1, min(width, round(window_height * aspect)))
    rows = max(1, min(height, round(window_height)))
    x = (face.box.left + face.box.right) / 2
    y = (face.box.top + face.box.bottom) / 2
    top = min(y - _FACE_MIDDLE * rows, face.box.top - _HEADROOM * face.box.height)
    # Headroom must not push the chin out of the frame.
    top = max(top, face.box.bottom + _CHIN_ROOM * face.box.height - rows)
    left = _clamp(round(x - columns / 2), width - columns)
    return Framing(left, _clamp(round(top), height - rows), columns, rows, size, 0, 0, size)


def pad(width: int, height: int, size: Size) -> Framing:
    """All of the picture, in the middle of the frame."""
    scale = min(size.width / width, size.height / height)
    inner = Size(
        min(size.width, max(1, round(width * scale))),
        min(size.height, max(1, round(height * scale))),
    )
    x, y = (size.width - inner.width) // 2, (size.height - inner.height) // 2
    return Framing(0, 0, width, height, inner, x, y, size)


def frame(width: int, height: int, face: Face, size: Size | None, fit: Fit) -> Framing:
    """How a picture of width x height px fills `size`; None is the picture's own."""
    if size is None:
        return crop(width, height, face, own_size(width, height))
    if fit is Fit.PAD:
        return pad(width, height, size)
    return crop(width, height, face, size)


def move(face: Face, scale_x: float, scale_y: float, x: float, y: float) -> Face:
    """The face after the picture was scaled and then shifted by (x, y) px."""
    scales, shift = (scale_x, scale_y, (scale_x + scale_y) / 2), (x, y, 0.0)
    landmarks = face.landmarks * scales + shift
    box = _moved(face.box, scale_x, scale_y, x, y)
    return replace(face, box=box, landmarks=landmarks)


def _moved(box: Box, scale_x: float, scale_y: float, x: float, y: float) -> Box:
    return Box(
        box.left * scale_x + x,
        box.top * scale_y + y,
        box.right * scale_x + x,
        box.bottom * scale_y + y,
    )


def resize(pixels: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Scale to `size`: by area when it shrinks, by Lanczos when it grows."""
    height, width = pixels.shape[:2]
    if (width, height) == (size.width, size.height):
        return pixels
    shrinks = size.width * size.height < width * height
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(pixels, (size.width, size.height), interpolation=method), np.uint8)


def _extend(picture: RgbImage, size: Size, x: int, y: int) -> RgbImage:
    """The picture's edges drawn out until they fill the frame, softer the farther out."""
    height, width = picture.shape[:2]
    shrink = max(1, max(size.width, size.height) // 240)
    rows = np.arange(0, size.height, shrink) - y
    columns = np.arange(0, size.width, shrink) - x
    inside_rows, inside_columns = rows.clip(0, height - 1), columns.clip(0, width - 1)
    sharp = np.ascontiguousarray(picture[inside_rows][:, inside_columns])
    sigma = _EXTENSION_BLUR * max(sharp.shape)
    soft = cv2.GaussianBlur(sharp, (0, 0), sigma / 4)
    softer = cv2.GaussianBlur(sharp, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    away = np.maximum(abs(rows - inside_rows)[:, None], abs(columns - inside_columns)[None, :])
    weight = np.clip(away / (shrink * sigma), 0, 1)[..., None]
    mixed = (soft + (softer.astype(np.float32) - soft) * weight).astype(np.uint8)
    whole = cv2.resize(mixed, (size.width, size.height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(whole, np.uint8)


def _clamp(value: int, most: int) -> int:
    return min(max(value, 0), most)
