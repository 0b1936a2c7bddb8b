"""One person's face through a video: found once, then followed from picture to picture.

The landmark network looks at a square that follows the face; detectors only look where the face
was lost or the scene has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box
from lipsmith.faces import landmarks
from lipsmith.faces.cast import Person, choose
from lipsmith.faces.crops import Crop
from lipsmith.faces.flow import FaceFlow
from lipsmith.faces.given_box import look_in
from lipsmith.faces.glance import glance
from lipsmith.faces.identity import OTHER, SAME, describe
from lipsmith.faces.landmarks import Mesh
from lipsmith.faces.plausibility import FaceShape

_PRESENT = 0.5
_RETRY_S, _RARE_S = 0.12, 0.5
"""How often a lost face is looked for: at first, and later."""
_NEAR_S = 0.5
"""For so long it is looked for where it was."""
_CHECK_S = 1.0
"""How often it is made sure that the face is still the person's."""
_LEARNED, _REPLACED = 1.0, 1.8
"""How unlike the person a face may be to add to what they look like, and to be still theirs."""
_OFF_SHIFT = 0.12
_NEAR_SIDE = 2.5


@dataclass(frozen=True, slots=True)
class Sighting:
    """A picture of a video, and where the face is in it.

    landmarks: (478, 3) float64 px, None where the face is not to be seen. presence: 0..1.
    scene: one more after each cut. motion: (2, 3), where what is at a place of the face in the
    picture before is in this one; None unknown.
    """

    pixels: RgbImage
    landmarks: NDArray[np.float64] | None
    presence: float
    scene: int
    motion: NDArray[np.float64] | None = None


class FaceTracker:
    """Follows the face of one person."""

    def __init__(
        self, person: Person, known: Sequence[Person], fps: Fraction, box: Box | None = None
    ) -> None:
        """known: everybody who might be taken for the person, who may be among them. box: where
        the face is looked for closely when it is not found, px."""
        self._person, self._box = person, box
        self._others = [each for each in known if each is not person]
        self._retry, self._rare = (max(1, round(s * fps)) for s in (_RETRY_S, _RARE_S))
        self._near, self._check = round(_NEAR_S * fps), max(1, round(_CHECK_S * fps))
        self._last: NDArray[np.float64] | None = None
        self._before: NDArray[np.float64] | None = None
        self._lost_for = 0
        self._followed_for = 0
        self._flow = FaceFlow()
        self._shape = FaceShape()

    def track(self, pictures: Iterable[tuple[RgbImage, int]]) -> Iterator[Sighting]:
        """Yield a sighting for each picture with the number of its scene, at once."""
        last_scene = 0
        for pixels, scene in pictures:
            if scene != last_scene:
                last_scene = scene
                self._last = self._before = self._person.last = None
                self._flow.forget()
                self._shape = FaceShape()
                self._lost_for = 0
            mesh = self._mesh(pixels)
            if mesh is None:
                self._lost_for += 1
                self._flow.forget()
                self._before = None
                if self._lost_for > self._near:
                    self._last = None
                yield Sighting(pixels, None, 0.0, scene)
                continue
            self._before = self._last if self._lost_for == 0 else None
            self._last = self._person.last = mesh.landmarks
            self._lost_for = 0
            motion = self._flow.motion(pixels, mesh.landmarks)
            yield Sighting(pixels, mesh.landmarks, mesh.presence, scene, motion)

    def _mesh(self, pixels: RgbImage) -> Mesh | None:
        mesh = self._follow(pixels) if self._last is not None else None
        if mesh is not None and self._shape.fits(mesh.landmarks):
            self._followed_for += 1
            if self._followed_for % self._check or self._is_still(pixels, mesh):
                return mesh
            self._last = self._person.last = None
        self._followed_for = 0
        pause = self._retry if self._lost_for <= 2 * self._near else self._rare
        found = self._find(pixels) if self._lost_for % pause == 0 else None
        if found is not None and self._lost_for > self._near:
            self._shape.begin(found.landmarks)
        elif found is not None and not self._shape.fits(found.landmarks):
            return None
        return found

    def _follow(self, pixels: RgbImage) -> Mesh | None:
        """The face near to where it was, moving on as it moved."""
        assert self._last is not None
        expected = self._last
        if self._before is not None:
            step = self._last[:, :2].mean(0) - self._before[:, :2].mean(0)
            expected = self._last + np.append(step, 0.0)
        crop = landmarks.crop_around(expected)
        mesh = landmarks.measure_crop(pixels, crop, often=True)
        if mesh.presence < _PRESENT:
            return None
        better = landmarks.crop_around(mesh.landmarks)
        if np.hypot(better.x - crop.x, better.y - crop.y) > _OFF_SHIFT * crop.side:
            mesh = landmarks.measure_crop(pixels, better, often=True)
        return mesh if mesh.presence >= _PRESENT else None

    def _find(self, pixels: RgbImage) -> Mesh | None:
        height, width = pixels.shape[:2]
        crops = [Crop(width / 2, height / 2, max(width, height))]
        if self._last is not None:
            near = landmarks.crop_around(self._last)
            crops.insert(0, Crop(near.x, near.y, near.side * _NEAR_SIDE, near.roll_rad))
        for crop in crops:
            mesh = self._recognised(pixels, glance(pixels, crop))
            if mesh is not None:
                return mesh
        hard = None if self._box is None else look_in(pixels, self._box)
        return None if hard is None else self._recognised(pixels, [hard.mesh])

    def _recognised(self, pixels: RgbImage, meshes: Sequence[Mesh]) -> Mesh | None:
        """Which of the faces is the person's."""
        best: tuple[float, Mesh] | None = None
        for mesh in meshes:
            appearance = describe(pixels, mesh.landmarks)
            chosen = choose(mesh, appearance, [self._person, *self._others])
            if chosen is None or chosen[0] is not self._person:
                continue
            if best is None or chosen[1] < best[0]:
                best = chosen[1], mesh
        return None if best is None or best[0] > OTHER else best[1]

    def _is_still(self, pixels: RgbImage, mesh: Mesh) -> bool:
        """Whether the face did not become another's, as when two cross or a cut was missed."""
        appearance = describe(pixels, mesh.landmarks)
        unlike = self._person.unlike(appearance)
        if self._others and min(p.unlike(appearance) for p in self._others) < min(unlike, SAME):
            return False
        if unlike < _LEARNED:  # whatever covers the face or its light is not what they look like
            self._person.learn(appearance)
        return unlike < _REPLACED
