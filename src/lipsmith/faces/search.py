"""Finding every face: small ones in large pictures, and tilted or sideways ones."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box
from lipsmith.faces import detection, landmarks
from lipsmith.faces.crops import Crop
from lipsmith.faces.detection import Detection
from lipsmith.faces.landmarks import Mesh

_SURE, _MAYBE = 0.5, 0.25
_MIN_PRESENCE = 0.9
"""Of the mesh: people, also painted ones, score above 0.99."""
_HINT_PRESENCE = 0.2
_HUMAN, _LIKE_A_FACE = 0.78, 0.5
"""A detector that sees only the upright face gives people 0.82 and more, also blurred or painted
ones, a monkey 0.76, and llamas and cats up to 0.75. What already counts as a face in the whole
picture may be a strange drawing; what only appears in a part of it must look human."""
_CLOSE_UPS = (2.0, 2.5)
_TURNS_DEG = (40, -40, 90, -90, 180)
_MIN_SIDE_PX = 240
_NEAR_LIMIT = 0.15
"""A face below this share of the square hints at others too small to be seen in it."""
_MAX_TRIES = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """A face with its mesh. score: how sure the detector is once it sees the face upright, 0..1.

    unsure: it may be an animal.
    """

    mesh: Mesh
    score: float
    unsure: bool

    @property
    def box(self) -> Box:
        """Around all landmarks, in px."""
        low, high = self.mesh.landmarks[:, :2].min(0), self.mesh.landmarks[:, :2].max(0)
        return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


@dataclass(frozen=True, slots=True)
class Findings:
    """faces: largest first. doubtful: something looked like a face, but the mesh was not sure."""

    faces: list[Candidate]
    doubtful: bool


def search(pixels: RgbImage) -> Findings:
    """Look at the whole picture, then closer or turned where that promises more."""
    finder = _Finder(pixels)
    height, width = pixels.shape[:2]
    side = float(max(width, height))
    whole = Crop(width / 2, height / 2, side)
    finder.look(whole, _SURE, least=_LIKE_A_FACE)
    if not finder.faces:
        finder.look(whole, _MAYBE)
    for turn in _TURNS_DEG:
        if any(not face.unsure for face in finder.faces):
            break
        reach = side * (1.0 if turn % 90 == 0 else 1.2)
        finder.look(Crop(width / 2, height / 2, reach, float(np.radians(turn))), _SURE)
    while side > 2 * _MIN_SIDE_PX and finder.smallest() < _NEAR_LIMIT * side:
        side /= 2
        finder.look_closer(side)
    faces = sorted(finder.faces, key=lambda c: -c.box.area)
    return Findings(faces, finder.doubtful)


class _Finder:
    """Collects faces from looks at one picture."""

    def __init__(self, pixels: RgbImage) -> None:
        self.faces: list[Candidate] = []
        self.doubtful = False
        self._pixels = pixels
        self._tried: list[Detection] = []

    def smallest(self) -> float:
        """Width in px of the smallest face so far; 0 when there is none."""
        return min((face.box.width for face in self.faces), default=0.0)

    def look(self, crop: Crop, min_score: float, least: float = _HUMAN) -> None:
        """Look for faces in one square of the picture; keep those that score `least` close up."""
        self._try(detection.detect(self._pixels, crop, min_score=min_score), least)

    def look_closer(self, side: float) -> None:
        """Look everywhere for faces that are small in squares of `side` px."""
        height, width = self._pixels.shape[:2]
        factor = side / detection.FAR_SIDE
        size = (max(1, round(width / factor)), max(1, round(height / factor)))
        small = np.asarray(cv2.resize(self._pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        found = detection.detect_small(small, min_score=_SURE)
        self._try([seen.scaled(factor) for seen in found], _HUMAN)

    def _try(self, found: list[Detection], least: float) -> None:
        """Place the mesh on what a detector saw, and keep what proves to be a face."""
        for seen in found[:_MAX_TRIES]:
            if any(_alike(seen, tried) for tried in self._tried):
                continue
            self._tried.append(seen)
            mesh = landmarks.measure(self._pixels, seen)
            score = self._confirm(mesh) if mesh.presence >= _MIN_PRESENCE else 0.0
            if score >= least:
                self._keep(Candidate(mesh, score, unsure=score < _HUMAN))
            elif mesh.presence >= _HINT_PRESENCE:
                self.doubtful = True

    def _confirm(self, mesh: Mesh) -> float:
        """The detector's best score for the face in upright close-ups."""
        near = landmarks.crop_around(mesh.landmarks)
        width = np.ptp(mesh.landmarks[:, 0])
        best = 0.0
        for factor in _CLOSE_UPS:
            crop = Crop(near.x, near.y, landmarks.extent(mesh.landmarks) * factor, near.roll_rad)
            for seen in detection.detect(self._pixels, crop):
                x, y = (seen.box.left + seen.box.right) / 2, (seen.box.top + seen.box.bottom) / 2
                same_place = max(abs(x - near.x), abs(y - near.y)) < width / 4
                if same_place and 0.5 < seen.box.width / width < 1.7:
                    best = max(best, seen.score)
        return best

    def _keep(self, candidate: Candidate) -> None:
        for index, known in enumerate(self.faces):
            if detection.overlap(known.box, candidate.box) > 0.3:
                if candidate.score > known.score:
                    self.faces[index] = candidate
                return
        self.faces.append(candidate)


def _alike(a: Detection, b: Detection) -> bool:
    """The same place, turned about the same way."""
    turn = np.angle(np.exp(1j * (a.roll_rad - b.roll_rad)))
    return detection.overlap(a.box, b.box) > 0.3 and abs(turn) < 0.6
