"""Puts the mouth that the network drew back into the picture, so that no seam is seen.

The network draws 96 px across the whole face. Of that only what changed is taken: the difference
to what the network was shown, freed of what it does to the colours all around the mouth, enlarged,
and added to the picture under a mask along the jaw. Where nothing moved the picture keeps all of
its own detail; where something did, detail of the old mouth is replaced by sharpening and by
grain as strong as the picture's own. A network that changes nothing changes no pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.geometry import CHIN, FACE_OVAL, FOREHEAD_TOP, NOSE_BASE
from lipsmith.engines.wav2lip.crop import FIRST_ROW, SIDE_PX, CropBox, network_face

_JAW = FACE_OVAL[FACE_OVAL.index(361) : FACE_OVAL.index(132) + 1]
"""From the viewer's right ear over the chin to the left one."""
_CHEEKS = (187, 205, 98, NOSE_BASE, 327, 425, 411)
"""From the left cheek under the nose to the right one."""
_SIDE_INSET, _CHIN_ROOM = 0.06, 0.07
"""The jaw's outline stays at its sides, and may come down at the chin; in face heights."""
_FINE = 4
_FEATHER_PX, _EDGE_PX = 2.6, 5.0
"""Sigma of the mask's edge, and its way to the edges of the crop, in the network's px."""

_COLOUR_REACH_PX = 12.0
_SAME = 0.15
"""Larger differences around the mouth are something else than a cast of colour."""
_MEAN = np.full((1, 3), 1 / 3, np.float32)
_PRIOR, _MAX_GAIN = 1e-3, 1.4
"""Variance below which contrast says nothing, and the largest change of it."""
_MOVED_PX = 1.2
_UNMOVED, _MOVED = 0.012, 0.05
"""Differences of 3 and of 13 levels: noise of the network, and another mouth."""
_SHARPNESS, _MAX_GRAIN = 0.6, 6.0 / 255

_Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mouth is put back: the crop of one picture, and what was found out about it.

    box: what the network sees. rows: the part of it that may change, of w times h px.
    shown: (96, 96, 3) float32, 0..1, what the network was given. crop: (h, w, 3), 0..1, the
    picture in `rows`. mask: (h, w), 0..1. small_mask: (96, 96). detail: (h, w, 3), what of `crop`
    96 px cannot show. grain: (h, w), noise as strong as the skin's.
    """

    box: CropBox
    rows: CropBox
    shown: _Plane
    crop: _Plane
    mask: _Plane
    small_mask: _Plane
    detail: _Plane
    grain: _Plane


def find_place(
    pixels: RgbImage,
    box: CropBox,
    landmarks: NDArray[np.float64],
    *,
    shown: _Plane | None = None,
    visible: NDArray[np.uint8] | None = None,
    seed: int = 0,
) -> Place:
    """Look at the face in a picture before its mouth is replaced.

    landmarks: (478, 3) px of the picture. shown: of `Place`, when it is known already.
    visible: (H, W) uint8, 255 where nothing stands before the face. seed: of the grain; another
    for each frame of a video.
    """
    shown = network_face(box.of(pixels)) if shown is None else shown
    small_mask = _mouth_mask(box, landmarks)
    rows = CropBox(box.left, box.top + _first_row(box), box.right, box.bottom)
    crop = rows.of(pixels).astype(np.float32) / np.float32(255)
    mask = _enlarged(small_mask, box, cv2.INTER_LINEAR)
    if visible is not None:
        mask = mask * _soft(rows.of(visible), box)
    detail = crop - _enlarged(shown, box, cv2.INTER_CUBIC)
    return Place(box, rows, shown, crop, mask, small_mask, detail, _grain(detail, mask, seed))


def put_back(place: Place, drawn: _Plane) -> RgbImage:
    """The picture inside `Place.rows` with a mouth drawn into it.

    drawn: (96 - FIRST_ROW, 96, 3) float32, 0..1, RGB: those rows of the network's output.
    """
    change, moved = _change(place, drawn)
    whole = np.zeros((SIDE_PX, SIDE_PX, 4), np.float32)
    whole[FIRST_ROW:, :, :3] = change
    whole[FIRST_ROW:, :, 3] = moved
    large = _enlarged(whole, place.box, cv2.INTER_CUBIC)
    change, moved = large[:, :, :3], np.clip(large[:, :, 3:], 0, 1)
    mouth = change - place.detail * moved + _crisp(place, change, moved)
    made = place.crop + mouth * place.mask[:, :, None]
    return np.asarray(cv2.convertScaleAbs(np.clip(made, 0, 1), alpha=255.0), np.uint8)


def _change(place: Place, drawn: _Plane) -> tuple[_Plane, _Plane]:
    """What the network changed, (56, 96, 3), and where the old detail is wrong, (56, 96) 0..1."""
    shown = place.shown[FIRST_ROW:]
    ring = (1 - place.small_mask[FIRST_ROW:]) + np.float32(1e-4)
    change = _graded(drawn, shown, ring) - shown
    ring = ring * np.exp(-((_largest(np.abs(change)) / _SAME) ** 2)) + np.float32(1e-4)
    near = _blurred(ring, _COLOUR_REACH_PX)
    change -= _blurred(change * ring[:, :, None], _COLOUR_REACH_PX) / near[:, :, None]
    size = _blurred(np.asarray(cv2.transform(np.abs(change), _MEAN), np.float32), _MOVED_PX)
    change *= (1 - np.exp(-((size / _UNMOVED) ** 2)))[:, :, None]
    return change, 1 - np.exp(-((size / _MOVED) ** 2))


def _graded(drawn: _Plane, shown: _Plane, ring: _Plane) -> _Plane:
    """The drawing with the contrast and the colours that make it most like what was shown, around
    the mouth: least squares for each channel, twice, the second time without what differs most."""
    made, target, near = drawn.reshape(-1, 3), shown.reshape(-1, 3), ring.reshape(-1)
    for _ in range(2):
        off = _largest(np.abs(made - target))
        weights = near * np.exp(-((off / max(3 * float(np.median(off)), 1e-3)) ** 2))
        weights /= weights.sum()
        mean, wanted = weights @ made, weights @ target
        spread = made - mean
        gain = (weights @ (spread * (target - wanted)) + _PRIOR) / (
            weights @ (spread * spread) + _PRIOR
        )
        made = spread * np.clip(gain, 1 / _MAX_GAIN, _MAX_GAIN) + wanted
    return np.asarray(made, np.float32).reshape(drawn.shape)


def _largest(channels: _Plane) -> _Plane:
    """(..., 3) -> (...): numpy takes far longer over such a short axis."""
    red, green, blue = channels[..., 0], channels[..., 1], channels[..., 2]
    return np.asarray(np.maximum(np.maximum(red, green), blue), np.float32)


def _crisp(place: Place, change: _Plane, moved: _Plane) -> _Plane:
    """What is added where the picture's own detail is gone."""
    scale = place.box.width / SIDE_PX
    if scale <= 1:
        return np.zeros_like(change)
    drawn = place.crop - place.detail + change
    edges = drawn - _blurred(drawn, 0.6 * scale)
    return moved * (_SHARPNESS * edges + place.grain[:, :, None])


def _mouth_mask(box: CropBox, landmarks: NDArray[np.float64]) -> _Plane:
    """(96, 96): 1 on the mouth, the chin and the cheeks beside it, 0 at the edges of the crop."""
    points = landmarks[:, :2] - (box.left, box.top)
    points = points * (SIDE_PX / box.width, SIDE_PX / box.height)
    down = points[CHIN] - points[FOREHEAD_TOP]
    height = max(float(np.linalg.norm(down)), 1.0)
    down = down / height
    along = np.array([down[1], -down[0]])
    jaw = points[list(_JAW)]
    side = (jaw - points[CHIN]) @ along / height
    lowness = np.clip(1 - (2.5 * side) ** 2, 0, 1)[:, None]
    jaw = jaw + height * (
        _CHIN_ROOM * lowness * down - _SIDE_INSET * np.sign(side)[:, None] * along
    )
    outline = np.concatenate([jaw, points[list(_CHEEKS)]])
    drawn = np.zeros((SIDE_PX * _FINE, SIDE_PX * _FINE), np.uint8)
    cv2.fillPoly(drawn, [np.rint(outline * _FINE).astype(np.int32)], 255)
    mask = cv2.resize(drawn, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    return _blurred(mask.astype(np.float32) / np.float32(255), _FEATHER_PX) * _border()


def _border() -> _Plane:
    """(96, 96): 0 at the edges of what may change, 1 inside."""
    at = np.arange(SIDE_PX, dtype=np.float32)
    across = np.clip(np.minimum(at, SIDE_PX - 1 - at) / _EDGE_PX, 0, 1)
    down = np.clip(np.minimum(at - FIRST_ROW, SIDE_PX - 1 - at) / _EDGE_PX, 0, 1)
    smooth = [edge * edge * (3 - 2 * edge) for edge in (down, across)]
    return np.asarray(np.outer(*smooth), np.float32)


def _first_row(box: CropBox) -> int:
    return box.height * FIRST_ROW // SIDE_PX


def _enlarged(small: _Plane, box: CropBox, how: int) -> _Plane:
    """(96, 96[, n]) in the size of the crop, the rows that may change."""
    large = cv2.resize(small, (box.width, box.height), interpolation=how)
    return np.asarray(large[_first_row(box) :], np.float32)


def _grain(detail: _Plane, mask: _Plane, seed: int) -> _Plane:
    """Noise as strong as the fine detail of the skin around the mouth."""
    height, width = mask.shape
    scale = height / (SIDE_PX - FIRST_ROW)
    noise = np.random.default_rng(seed).standard_normal((height, width), np.float32)
    noise -= _blurred(noise, max(0.3, 0.5 * scale))
    values = np.abs(detail.mean(2)[(mask > 0.05) & (mask < 0.9)])
    # The median, since lips, beards and the jaw's outline are no grain.
    level = 1.48 * float(np.median(values)) if len(values) else 0.0
    return noise * np.float32(min(level, _MAX_GRAIN) / max(float(noise.std()), 1e-6))


def _soft(visible: NDArray[np.uint8], box: CropBox) -> _Plane:
    inside = cv2.erode(visible, np.ones((3, 3), np.uint8))
    return _blurred(
        inside.astype(np.float32) / np.float32(255), max(0.8, 0.5 * box.width / SIDE_PX)
    )


def _blurred(plane: _Plane, sigma: float) -> _Plane:
    blurred = cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)
