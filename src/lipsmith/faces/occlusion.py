"""Hands, microphones and cups before a face, told by what the face looked like without them.

The face of every frame is laid out flat by its landmarks, so that each place of the skin has
a place of its own there, and is compared with how that place usually looks. Where the two differ
by much more than they usually do, over a connected part and for more than one frame, something
stands before it. What is there from the first frame on is taken for the face.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from lipsmith.core.image import RgbImage
from lipsmith.faces import pose
from lipsmith.faces.guided_filter import guided_filter
from lipsmith.faces.tracking import Sighting

_SIDE = 88
"""Of the flat face, px."""
_OVAL = [
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
]
_INNER_LIPS = [
    *(78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95),
]
_BRIDGE, _CORE = 197, 0.88
"""What is told is below the bridge of the nose; the outline is left out, since a turn of the head
changes everything there."""
_LEARNING = 8
"""Frames of a scene in which nothing is told."""
_RATE = 0.04
_FLOOR = np.array([11.0, 5.0, 5.0], np.float32)
"""Lab, 0..255: the least change that is worth noticing."""
_GLARE = 248, 180
"""Levels: what is overexposed now, and what is bright enough to be so at times."""
_LOWER_TRUST, _SAMPLED = 0.15, 3
_STRANGE, _ODD = 2.4, 1.5
_PART, _MOST = 0.05, 0.9
_TOLD = 0.5
_CARRIED_PX = 12


def visibility(
    sightings: Iterable[Sighting],
) -> Iterator[tuple[Sighting, NDArray[np.uint8] | None]]:
    """Each sighting, one later, with what can be seen of the face: (H, W) uint8, 255 where nothing
    stands before it; None when nothing does, or in doubt."""
    finder = OcclusionFinder()
    before: _Cover | None = None
    held: tuple[Sighting, _Cover | None] | None = None
    for sighting in sightings:
        cover = finder.look(sighting)
        if held is not None:
            yield held[0], _visible(held[0].pixels, before, held[1], cover)
            before = held[1]
        held = sighting, cover
    if held is not None:
        yield held[0], _visible(held[0].pixels, before, held[1], None)


@dataclass(slots=True)
class _Usual:
    """What each place of the flat face looks like; mean, spread: (side, side, 3) Lab."""

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    frames: int = 1


@dataclass(frozen=True, slots=True)
class _Cover:
    """amount: (side, side) 0..1, how much of each place of the flat face is covered.
    places: (side, side, 2), where they are in the picture, px."""

    amount: NDArray[np.float32]
    places: NDArray[np.float32]


class _Layout:
    """Where each pixel of the flat face is among the landmarks.

    used, lower: (side, side), what can be compared, and what of it is below the nose's bridge.
    """

    def __init__(self, landmarks: NDArray[np.float64]) -> None:
        front = ((landmarks[:468] - landmarks[:468].mean(0)) @ pose.rotation(landmarks))[:, :2]
        low, high = front[_OVAL].min(0), front[_OVAL].max(0)
        size = max(high - low)
        corner = (low + high - size) / 2
        y, x = np.mgrid[0:_SIDE, 0:_SIDE]
        grid = (np.stack([x, y], -1) + 0.5) / _SIDE * size + corner
        middle = front[_OVAL].mean(0)
        oval = (front[_OVAL] - middle) * _CORE + middle
        inside = _inside(((oval - corner) / size * _SIDE).astype(np.float32))
        mesh = Delaunay(front)
        simplex = mesh.find_simplex(grid.reshape(-1, 2))
        corners = mesh.simplices[simplex]
        mouth = np.isin(corners, _INNER_LIPS).all(1)
        self.used = (inside.ravel() & (simplex >= 0) & ~mouth).reshape(_SIDE, _SIDE)
        self.lower = self.used & (grid[..., 1] > front[_BRIDGE, 1])
        self._corners = corners
        offset = grid.reshape(-1, 2) - mesh.transform[simplex, 2]
        two = np.einsum("nij,nj->ni", mesh.transform[simplex, :2], offset)
        self._weights = np.concatenate([two, 1 - two.sum(1, keepdims=True)], 1)

    def places(self, landmarks: NDArray[np.float64]) -> NDArray[np.float32]:
        """(side, side, 2): where each pixel is in the picture, px."""
        xy = np.einsum("nc,ncd->nd", self._weights, landmarks[self._corners, :2])
        return np.asarray(xy.reshape(_SIDE, _SIDE, 2), np.float32)


class OcclusionFinder:
    """Takes the frames of one face in order."""

    def __init__(self) -> None:
        self._layout: _Layout | None = None
        self._usual: _Usual | None = None
        self._scene = -1

    def look(self, sighting: Sighting) -> _Cover | None:
        """What covers the face; None for nothing, or where that cannot be told."""
        if sighting.scene != self._scene:
            self._scene, self._usual = sighting.scene, None
        if sighting.landmarks is None:
            return None
        if self._layout is None:
            self._layout = _Layout(sighting.landmarks)
        layout = self._layout
        places = layout.places(sighting.landmarks)
        lab = _flattened(sighting.pixels, places)
        usual = self._usual
        if usual is None:
            self._usual = _Usual(lab, np.zeros_like(lab) + 2 * _FLOOR)
            return None
        change = _relit(lab, usual.mean, layout) - usual.mean
        away = np.sqrt(((change / np.maximum(usual.spread, _FLOOR)) ** 2).sum(2))
        away[(lab[..., 0] > _GLARE[0]) & (usual.mean[..., 0] > _GLARE[1])] = 0
        covered = _blobs(away, layout.lower) if usual.frames >= _LEARNING else None
        visible = layout.used if covered is None else layout.used & (covered < 0.1)
        self._learn(usual, lab, change, visible)
        return None if covered is None else _Cover(covered, places)

    def _learn(
        self,
        usual: _Usual,
        lab: NDArray[np.float32],
        change: NDArray[np.float32],
        visible: NDArray[np.bool_],
    ) -> None:
        usual.frames += 1
        rate = np.float32(max(_RATE, 1 / usual.frames))
        where = visible[..., None]
        usual.mean += np.where(where, rate * change, 0)
        # Normal noise strays by 0.8 of its deviation on average.
        usual.spread += np.where(where, rate * (1.25 * 1.6 * np.abs(change) - usual.spread), 0)


def _inside(outline: NDArray[np.float32]) -> NDArray[np.bool_]:
    mask = np.zeros((_SIDE, _SIDE), np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    return mask > 0


def _flattened(pixels: RgbImage, places: NDArray[np.float32]) -> NDArray[np.float32]:
    """(side, side, 3) Lab of the flat face, with the finest details left out."""
    height, width = pixels.shape[:2]
    low = np.clip(np.floor(places.min((0, 1))) - 8, 0, (width - 2, height - 2)).astype(int)
    high = np.clip(np.ceil(places.max((0, 1))) + 8, low + 2, (width, height)).astype(int)
    part = np.ascontiguousarray(pixels[low[1] : high[1], low[0] : high[0]])
    scale = min(1.0, 1.5 * _SIDE / max(1.0, float(np.ptp(places[..., 1]))))
    size = max(2, round(part.shape[1] * scale)), max(2, round(part.shape[0] * scale))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 1.2)
    factor = np.array([size[0] / part.shape[1], size[1] / part.shape[0]], np.float32)
    at = (places - low.astype(np.float32) + 0.5) * factor - 0.5
    x, y = np.asarray(at[..., 0], np.float32), np.asarray(at[..., 1], np.float32)
    flat = cv2.remap(small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2LAB), np.float32)


_ACROSS = np.tile(np.linspace(-1, 1, _SIDE), (_SIDE, 1))
_LIGHT = np.stack([np.ones_like(_ACROSS), _ACROSS], -1)
"""Light that is the same everywhere, and light that comes from a side."""


def _relit(
    lab: NDArray[np.float32], usual: NDArray[np.float32], layout: _Layout
) -> NDArray[np.float32]:
    """As the face would look in the usual light, told mostly by its upper half, which is covered
    less often (iteratively reweighted least squares)."""
    some = np.s_[::_SAMPLED, ::_SAMPLED]
    used = layout.used[some]
    light = _LIGHT[some][used]
    change = (lab[some] - usual[some])[used].astype(np.float64)
    trust = np.where(layout.lower[some][used], _LOWER_TRUST, 1.0)
    weights: NDArray[np.float64] = trust
    fitted = np.zeros((2, 3))
    for _ in range(3):
        weighted = light * weights[:, None]
        known = weighted.T @ light + 1e-6 * np.eye(2)
        fitted = np.asarray(np.linalg.solve(known, weighted.T @ change))
        off = np.abs((change - light @ fitted) / _FLOOR).max(1)
        weights = trust / np.maximum(1.0, off) ** 2
    return np.asarray(lab - _LIGHT @ fitted, np.float32)


def _blobs(away: NDArray[np.float32], used: NDArray[np.bool_]) -> NDArray[np.float32] | None:
    """(side, side) 0..1: the connected parts that look strange, and what looks a little strange
    around them; None when there are none, or when nearly everything does, as in another light."""
    total = int(used.sum())
    strange = _joined((away > _STRANGE) & used, 9)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strange, connectivity=4)
    seeds = np.zeros(strange.shape, np.bool_)
    for label in range(1, len(stats)):
        own = (labels == label) & used
        if own.sum() >= _PART * total:
            seeds |= own
    if not seeds.any():
        return None
    _, around = cv2.connectedComponents(_joined((away > _ODD) & used | seeds, 15), connectivity=4)
    kept = np.isin(around, np.unique(around[seeds])) & used
    if kept.sum() > _MOST * total:
        return None
    whole = _carried_on(kept, used).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), 1.2), np.float32)


def _joined(mask: NDArray[np.bool_], reach: int) -> NDArray[np.uint8]:
    """Without specks, and with gaps of up to `reach` px closed."""
    clean = cv2.medianBlur(mask.astype(np.uint8), 5)
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return np.asarray(cv2.morphologyEx(clean, cv2.MORPH_CLOSE, round_), np.uint8)


def _carried_on(kept: NDArray[np.bool_], used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Places that are not compared, such as an open mouth, are as the nearest one that is."""
    near, nearest = cv2.distanceTransformWithLabels(
        (~used).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(int(nearest.max()) + 1, np.bool_)
    of_label[nearest[used]] = kept[used]
    return np.asarray(of_label[nearest] & (near < _CARRIED_PX))


def _visible(
    pixels: RgbImage, before: _Cover | None, cover: _Cover | None, after: _Cover | None
) -> NDArray[np.uint8] | None:
    """What two of three frames agree on, drawn into the picture along its own edges."""
    near = [each.amount for each in (before, cover, after) if each is not None]
    places = next((each.places for each in (cover, after, before) if each is not None), None)
    if len(near) < 2 or places is None:
        return None
    amount = np.sort(np.stack([*near, *[np.zeros_like(near[0])] * (3 - len(near))]), 0)[1]
    if (amount > _TOLD).mean() < 0.25 * _PART:
        return None
    return _drawn(pixels, amount, places)


def _drawn(
    pixels: RgbImage, amount: NDArray[np.float32], places: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """(H, W) uint8, 255 where the face is not covered."""
    height, width = pixels.shape[:2]
    visible = np.full((height, width), 255, np.uint8)
    size = np.ptp(places.reshape(-1, 2), axis=0)
    margin = 0.15 * float(size.max())
    low = np.clip(np.floor(places.min((0, 1)) - margin), 0, (width - 2, height - 2)).astype(int)
    high = np.clip(np.ceil(places.max((0, 1)) + margin), low + 2, (width, height)).astype(int)
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    at = np.round((places - low.astype(np.float32)) * 16).astype(np.int32)
    corners = np.stack([at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]], 2)
    for row, column in np.argwhere(amount[:-1, :-1] > _TOLD):
        cv2.fillConvexPoly(mask, corners[row, column], 255, lineType=cv2.LINE_AA, shift=4)
    cell = float(size.max()) / _SIDE
    soft = cv2.GaussianBlur(mask, (0, 0), max(1.0, 1.5 * cell)).astype(np.float32) / 255
    part = np.ascontiguousarray(pixels[low[1] : high[1], low[0] : high[0]])
    snapped = guided_filter(part, np.asarray(soft, np.float32), max(2, round(4 * cell)), 1e-3)
    reach = round(3 * cell) * 2 + 1
    near = cv2.GaussianBlur(cv2.dilate(mask, np.ones((reach, reach), np.uint8)), (0, 0), cell + 1)
    covered = np.clip(snapped * 2.2 - 0.35, 0, 1) * (near / np.float32(255))
    visible[low[1] : high[1], low[0] : high[0]] = np.round(255 * (1 - covered))
    return visible
