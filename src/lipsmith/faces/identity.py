"""Who is who, told by cheap features: proportions, skin and hair, clothes, the look of the face.

No network for recognising people is used. Two people who look alike, or one in very different
light, can be confused; callers say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.faces import landmarks, pose
from lipsmith.faces.crops import Crop

_SHAPE_POINTS = [
    *(33, 133, 362, 263, 70, 105, 107, 336, 334, 300),  # eyes and brows
    *(168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 49, 279),  # nose
    *(10, 338, 109, 297, 67, 127, 356, 234, 454, 93, 323, 132, 361, 152, 172, 397),  # outline
    *(61, 291, 0, 164),  # mouth
]
_SIDE = 64
_LOOK_SIDE = 20
_BINS = 8
_REGIONS = {
    # left, top, right, bottom, as shares of the upright square around the face
    "skin": (0.3, 0.3, 0.7, 0.65),
    "hair": (0.1, -0.25, 0.9, 0.08),
    "clothes": (-0.3, 1.1, 1.3, 1.6),
}

SAME, OTHER = 0.8, 1.5
"""Below the first two appearances are one person's, above the second they are not."""
_CLEAR = 0.15
_MOST = 3.0
_SCALES = {"shape": 0.045, "look": 0.45, "skin": 0.08, "hair": 0.1, "clothes": 0.1}
"""Above what pictures of one person in one video usually reach, below what others do."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """What somebody looks like in one picture.

    shape: (n, 3), proportions of the face turned to the front. colours: a histogram for each
    region, each 1 in sum; a region outside the picture is empty. look: (400,) the face in grey,
    of mean 0 and norm 1.
    """

    shape: NDArray[np.float64]
    colours: dict[str, NDArray[np.float32]]
    look: NDArray[np.float32]


def describe(pixels: RgbImage, points: NDArray[np.float64]) -> Appearance:
    """What the face with the (478, 3) landmarks looks like."""
    chosen = points[_SHAPE_POINTS]
    front = (chosen - chosen.mean(0)) @ pose.rotation(points)
    shape = front / np.sqrt((front[:, :2] ** 2).sum(1).mean())
    face = landmarks.crop_around(points)
    side = face.side / 1.4
    wide = Crop(face.x, face.y, side * 2.4, face.roll_rad)
    look = wide.cut(pixels, 2 * _SIDE, cv2.BORDER_CONSTANT)
    inside = _inside(wide, pixels.shape[:2], 2 * _SIDE)
    lab = np.asarray(cv2.cvtColor(look, cv2.COLOR_RGB2LAB), np.uint8)
    colours = {name: _histogram(lab, inside, place) for name, place in _REGIONS.items()}
    tight = Crop(face.x, face.y, side * 0.9, face.roll_rad).cut(pixels, _LOOK_SIDE)
    grey = cv2.cvtColor(tight, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey -= cv2.GaussianBlur(grey, (0, 0), 6.0)
    grey -= grey.mean()
    return Appearance(shape, colours, grey.ravel() / np.float32(np.linalg.norm(grey) + 1e-6))


def distance(a: Appearance, b: Appearance, *, dressed: bool = True) -> float:
    """How unlike two appearances are: 0 equal; see `SAME` and `OTHER`.

    dressed: clothes count, as within one video.
    """
    found = {
        "shape": np.sqrt(((a.shape - b.shape)[:, :2] ** 2).sum(1).mean()),
        "look": 1 - a.look @ b.look,
    }
    for name, one in a.colours.items():
        other = b.colours[name]
        if one.any() and other.any() and (dressed or name != "clothes"):
            found[name] = 1 - np.sqrt(one * other).sum()
    return float(np.mean([min(_MOST, found[name] / _SCALES[name]) for name in found]))


def most_like(wanted: Appearance, found: Sequence[Appearance]) -> tuple[int, bool]:
    """Which of them looks most like a picture of the person, and whether that is clear.

    found: at least one.
    """
    distances = [distance(wanted, each, dressed=False) for each in found]
    best = int(np.argmin(distances))
    others = [d for i, d in enumerate(distances) if i != best]
    clear = distances[best] < OTHER and (not others or min(others) > distances[best] + _CLEAR)
    return best, clear


def _histogram(
    lab: NDArray[np.uint8], inside: NDArray[np.bool_], place: tuple[float, float, float, float]
) -> NDArray[np.float32]:
    size = lab.shape[0]

    def at(share: float) -> int:
        return int(np.clip((share - 0.5) / 2.4 * size + size / 2, 0, size))

    left, top, right, bottom = (at(v) for v in place)
    part = lab[top:bottom, left:right][inside[top:bottom, left:right]]
    if len(part) < 0.3 * (right - left) * (bottom - top) or not len(part):
        return np.zeros(_BINS**3, np.float32)
    # Light varies more than colour does.
    scaled = (part.astype(np.float32) - (0, 128, 128)) / (255, 64, 64) + (0, 0.5, 0.5)
    cells = np.clip((scaled * _BINS).astype(int), 0, _BINS - 1)
    index = cells @ (_BINS * _BINS, _BINS, 1)
    counts = np.bincount(index, minlength=_BINS**3).astype(np.float32)
    shared = _blurred(counts.reshape(_BINS, _BINS, _BINS)).ravel()
    return np.asarray(shared / shared.sum(), np.float32)


def _blurred(counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Neighbouring cells share, so that a small change of light changes little."""
    for axis in range(3):
        padded = np.pad(counts, [(1, 1) if a == axis else (0, 0) for a in range(3)])
        low, mid, high = (np.take(padded, range(s, s + _BINS), axis) for s in range(3))
        counts = 0.25 * low + 0.5 * mid + 0.25 * high
    return counts


def _inside(crop: Crop, shape: tuple[int, int], size: int) -> NDArray[np.bool_]:
    ones = np.ones(shape, np.uint8)
    return np.asarray(
        cv2.warpAffine(ones, crop.to_crop(size), (size, size), flags=cv2.INTER_NEAREST), np.bool_
    )
