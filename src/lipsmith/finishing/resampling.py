"""Enlarging by resampling, which makes up no detail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import cv2
import numpy as np

from lipsmith.core.image import Frame, Nv12Image, RgbImage
from lipsmith.core.request import Size
from lipsmith.finishing.base import FinisherCapabilities, Upscaler


class _Resampler(Upscaler):
    capabilities = FinisherCapabilities(("cpu",), "MIT", commercial_use=True)
    _method: ClassVar[int]

    def upscale(self, frames: Iterator[Frame], size: Size) -> Iterator[Frame]:
        for frame in frames:
            yield replace(frame, image=resized(rgb(frame), size, self._method))


class LanczosUpscaler(_Resampler):
    """A windowed sinc over 8 px: crisp edges, with a little ringing at hard ones."""

    _method = cv2.INTER_LANCZOS4


class BicubicUpscaler(_Resampler):
    """Cubic polynomials over 4 px (Keys 1981, IEEE ASSP-29, a = -0.75): softer."""

    _method = cv2.INTER_CUBIC


def resized(pixels: RgbImage, size: Size, method: int = cv2.INTER_LANCZOS4) -> RgbImage:
    """Bring a picture to `size`: by `method` when it grows, by area when it shrinks."""
    height, width = pixels.shape[:2]
    if (width, height) == (size.width, size.height):
        return pixels
    if size.width * size.height < width * height:
        method = cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, (size.width, size.height), interpolation=method), np.uint8)


def rgb(frame: Frame) -> RgbImage:
    """The image of a frame as an RgbImage."""
    if isinstance(frame.image, Nv12Image):
        from lipsmith.media.colour import nv12_to_rgb

        return nv12_to_rgb(frame.image)
    return frame.image
