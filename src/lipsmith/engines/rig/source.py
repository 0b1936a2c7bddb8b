"""The portrait in the colours of the video, oversampled so that moving it does not blur it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Nv12Image
from lipsmith.engines.rig.layers import Patch, Rect
from lipsmith.media.colour import rgb_to_nv12

OVERSAMPLING, CHROMA_OVERSAMPLING = 2, 3

_HALF_SAMPLE = np.array([13, -43, 158, 158, -43, 13], np.float32) / 256
"""Interpolates half-way between samples, and sharpens by what the bilinear look-up then blurs:
together they pass 0.91..1.04 at 0.6 of the Nyquist frequency, wherever between samples that is."""


@dataclass(frozen=True, slots=True)
class Texture:
    """A rectangle of a picture, oversampled.

    fine: its luma at twice the resolution, (2h, 2w) uint8, pixel (2y, 2x) is pixel (y, x) of the
    rectangle. chroma: (3h/2, 3w/2) uint16 that hold Cb and Cr, at three times their resolution,
    (3y + 1, 3x + 1) is sample (y, x): fine enough to be looked up without interpolating.
    """

    rect: Rect
    fine: NDArray[np.uint8]
    chroma: NDArray[np.uint16]

    @staticmethod
    def of(image: Nv12Image, rect: Rect) -> Texture:
        """Oversample an image that shows `rect`."""
        return Texture(rect, double(image.luma), triple(image.chroma))

    def framed(self, patch: Texture, margin_px: int) -> Texture:
        """A part of this texture, around and under `patch`."""
        rect, whole = patch.rect, self.rect
        left, top = max(whole.left, rect.left - margin_px), max(whole.top, rect.top - margin_px)
        right = min(whole.right, rect.right + margin_px)
        bottom = min(whole.bottom, rect.bottom + margin_px)
        around = Rect(left, top, right - left, bottom - top)
        luma, chroma = _blocks(around, whole)
        framed = Texture(around, self.fine[luma].copy(), self.chroma[chroma].copy())
        luma, chroma = _blocks(rect, around)
        framed.fine[luma], framed.chroma[chroma] = patch.fine, patch.chroma
        return framed


@dataclass(frozen=True, slots=True)
class Source:
    """A portrait ready to be sampled.

    picture: the whole of it. texture: the part that can move. blocks: (2h, 2w, 4) uint8, of that
    part's fine luma the samples of 2 x 2 neighbouring pixels, row by row: to fetch four channels
    takes about as long as to fetch one.
    """

    picture: Nv12Image
    texture: Texture
    blocks: NDArray[np.uint8]


def prepare_source(picture: Nv12Image, rect: Rect) -> Source:
    """Cut out and oversample the part of a picture that will move."""
    luma = picture.luma[rect.top : rect.bottom, rect.left : rect.right]
    chroma = picture.chroma[rect.top // 2 : rect.bottom // 2, rect.left // 2 : rect.right // 2]
    texture = Texture.of(Nv12Image(luma, chroma), rect)
    n = OVERSAMPLING
    wide = cv2.copyMakeBorder(texture.fine, 0, n, 0, n, cv2.BORDER_REPLICATE)
    blocks = cv2.merge([wide[:-n, :-n], wide[:-n, n:], wide[n:, :-n], wide[n:, n:]])
    return Source(picture, texture, np.asarray(blocks, np.uint8))


def _blocks(rect: Rect, whole: Rect) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where `rect` is in the luma and the chroma of the texture of another rectangle."""
    left, top = rect.left - whole.left, rect.top - whole.top
    luma, chroma = (
        np.s_[
            top * scale // 2 : (top + rect.height) * scale // 2,
            left * scale // 2 : (left + rect.width) * scale // 2,
        ]
        for scale in (2 * OVERSAMPLING, CHROMA_OVERSAMPLING)
    )
    return luma, chroma


def paste(patch: Patch, picture: Nv12Image) -> None:
    """Put pixels over a picture."""
    image, rect = rgb_to_nv12(patch.pixels), patch.rect
    picture.luma[rect.top : rect.bottom, rect.left : rect.right] = image.luma
    half = np.s_[rect.top // 2 : rect.bottom // 2, rect.left // 2 : rect.right // 2]
    picture.chroma[half] = image.chroma


def double(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w) -> (2h, 2w) with the pixels kept at even places and interpolated at odd ones."""
    height, width = luma.shape
    fine = np.empty((2 * height, 2 * width), np.uint8)
    right = _between(luma, horizontal=True)
    fine[0::2, 0::2] = luma
    fine[0::2, 1::2] = right
    fine[1::2, 0::2] = _between(luma, horizontal=False)
    fine[1::2, 1::2] = _between(right, horizontal=False)
    return fine


def triple(chroma: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """(h, w, 2) -> (3h, 3w) as in `Texture`."""
    height, width = chroma.shape[:2]
    fine = cv2.resize(chroma, (3 * width, 3 * height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(fine).view(np.uint16)[..., 0]


def _between(luma: NDArray[np.uint8], horizontal: bool) -> NDArray[np.uint8]:
    one = np.ones(1, np.float32)
    kx, ky = (_HALF_SAMPLE, one) if horizontal else (one, _HALF_SAMPLE)
    anchor = (2, 0) if horizontal else (0, 2)
    return np.asarray(
        cv2.sepFilter2D(luma, cv2.CV_8U, kx, ky, anchor=anchor, borderType=cv2.BORDER_REPLICATE),
        np.uint8,
    )
