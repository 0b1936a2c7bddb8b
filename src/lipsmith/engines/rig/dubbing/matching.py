"""The reference's mouth made to look like the frame around it: as sharp, and in the same light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.lid_skin import pull_push

Map = NDArray[np.float32]

_FINE_PX = 1.5
_FINE_KEPT = 0.25
"""Of the fine detail, what is left of it after a blur of that size."""
_SHARPEN, _SOFTEN = 0.35, 1.0
_NO_DETAIL = 0.15
_DARK = 6.0
_LEAST_GAIN, _MOST_GAIN = 0.25, 4.0
_KNOWN = 0.1
_ALIEN = (0.07, 0.16)  # how far off a hue is, in logarithms of the colours


@dataclass(frozen=True, slots=True)
class Matched:
    """The reference's mouth as the frame would show it.

    colour: (h, w, 3) RGB 0..255, not clipped. alien: (h, w) 0..1 where the frame has another hue
    than skin there would have, such as that of lips that were drawn far from where they are now.
    """

    colour: Map
    alien: Map


def match(frame: RgbImage, mouth: RgbImage, ring: Map, cell: int) -> Matched:
    """Bring `mouth` to the sharpness and the light of `frame`, both (h, w, 3).

    ring: (h, w) 0..1 where the two should show the same skin. cell: px over which light is even.
    """
    height, width = ring.shape
    size = (max(2, round(width / cell)), max(2, round(height / cell)))
    share: Map = np.asarray(cv2.resize(ring, size, interpolation=cv2.INTER_AREA), np.float32)
    own, other = (
        cv2.resize(image * ring[..., None], size, interpolation=cv2.INTER_AREA)
        for image in (frame, mouth)
    )
    dark = _DARK * share[..., None]
    ratio = np.clip((own + dark) / np.maximum(other + dark, 1e-3), _LEAST_GAIN, _MOST_GAIN)
    change = np.asarray(np.log(ratio), np.float32)
    alien = _alien(change, share)
    known = share * (1 - alien) + np.float32(1e-3)
    gain = cv2.GaussianBlur(np.exp(pull_push(change, known)), (0, 0), 1.0)
    spread = cv2.GaussianBlur(cv2.dilate(alien, np.ones((3, 3), np.uint8)), (0, 0), 0.7)
    return Matched(
        _as_sharp(frame, mouth, ring) * cv2.resize(gain, (width, height)),
        np.asarray(cv2.resize(spread, (width, height)), np.float32),
    )


def _alien(change: Map, share: Map) -> Map:
    """(h, w) 0..1 where the logarithms of the colours' change have an unusual hue."""
    hue = change - change.mean(-1, keepdims=True)
    known = share > _KNOWN
    if not known.any():
        return np.zeros_like(share)
    apart = np.linalg.norm(hue - np.median(hue[known], axis=0), axis=-1)
    found = np.clip((apart - _ALIEN[0]) / (_ALIEN[1] - _ALIEN[0]), 0, 1)
    return np.asarray(np.where(known, found, 0), np.float32)


def _as_sharp(frame: RgbImage, mouth: RgbImage, ring: Map) -> Map:
    """Motion, focus and compression soften some frames more than others."""
    soft = cv2.GaussianBlur(mouth, (0, 0), _FINE_PX).astype(np.float32)
    own, other = (_detail(image, ring) for image in (frame, mouth))
    ratio = (own + _NO_DETAIL) / (other + _NO_DETAIL)
    share = min(max((1.0 - ratio) / (1.0 - _FINE_KEPT), -_SHARPEN), _SOFTEN)
    return np.asarray(mouth + (soft - mouth) * np.float32(share), np.float32)


def _detail(image: RgbImage, ring: Map) -> float:
    """Mean contrast of the finest detail, 8-bit levels."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    fine = cv2.absdiff(luma, cv2.GaussianBlur(luma, (0, 0), _FINE_PX))
    return float((fine * ring).sum()) / max(float(ring.sum()), 1.0)
