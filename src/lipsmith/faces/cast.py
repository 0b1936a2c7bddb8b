"""Who is in a video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box
from lipsmith.faces import search
from lipsmith.faces.crops import Crop
from lipsmith.faces.detection import overlap
from lipsmith.faces.given_box import is_in, look_in
from lipsmith.faces.glance import box_of, glance
from lipsmith.faces.identity import OTHER, Appearance, describe, distance
from lipsmith.faces.landmarks import Mesh

_MOST_VIEWS = 8
_MOST_PEOPLE = 12
_NEW_VIEW = 0.45
_NEAR_BONUS = 0.5


@dataclass(slots=True, eq=False)
class Person:
    """Somebody in a video.

    views: what they look like, from several sides. best: the largest sighting, with the picture
    that it is in. scene: where they were seen first. first_area: of
    the largest sighting there, px². boxes: left, top, right and bottom of the
    face each time. last: (478, 3) where they were seen last; None
    in a new scene.
    """

    views: list[Appearance]
    best: Mesh
    pixels: RgbImage
    scene: int = 0
    first_area: float = 0.0
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    last: NDArray[np.float64] | None = None

    @property
    def area(self) -> float:
        return box_of(self.best).area

    @property
    def best_view(self) -> Appearance:
        """What they look like in the largest sighting."""
        return describe(self.pixels, self.best.landmarks)

    def forget_picture(self) -> None:
        """Keep no whole picture any more; `best_view` and `pixels` are of no use then."""
        self.pixels = self.pixels[:0]

    def unlike(self, appearance: Appearance) -> float:
        """`identity.distance` from the nearest view."""
        return min(distance(view, appearance) for view in self.views)

    def times_in(self, box: Box) -> int:
        """How many times the middle of the face was seen in a box."""
        middles = [((left + right) / 2, (top + low) / 2) for left, top, right, low in self.boxes]
        return sum(box.left <= x <= box.right and box.top <= y <= box.bottom for x, y in middles)

    def learn(self, appearance: Appearance) -> None:
        """Remember a view, where it is another than the known ones."""
        if len(self.views) < _MOST_VIEWS and self.unlike(appearance) > _NEW_VIEW:
            self.views.append(appearance)


class Cast:
    """The people seen so far, found by looking at pictures of a video in order."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self._scene = 0

    def watch(
        self, pixels: RgbImage, scene: int, *, thorough: bool = False, box: Box | None = None
    ) -> list[Person]:
        """Look at a picture; who is in it, the largest first.

        thorough: also for small, tilted and sideways faces, which takes ten times as long. box: in
        which there is a face that may be hard to see.
        """
        height, width = pixels.shape[:2]
        if scene != self._scene:
            self._scene = scene
            for person in self.people:
                person.last = None
        meshes = glance(pixels, Crop(width / 2, height / 2, max(width, height)))
        if thorough:
            boxes = [box_of(mesh) for mesh in meshes]
            more = [c.mesh for c in search.search(pixels).faces]
            meshes += [m for m in more if all(overlap(box_of(m), box) < 0.3 for box in boxes)]
        if box is not None and not any(is_in(box, mesh.landmarks) for mesh in meshes):
            hard = look_in(pixels, box)
            meshes += [] if hard is None else [hard.mesh]
        seen = []
        for mesh in meshes:
            appearance = describe(pixels, mesh.landmarks)
            known = self._who(mesh, appearance, [p for p in self.people if p not in seen])
            if known is None and len(self.people) >= _MOST_PEOPLE:
                continue
            person = known or Person([appearance], mesh, pixels, scene)
            if known is None:
                self.people.append(person)
            else:
                person.learn(appearance)
                if box_of(mesh).area > person.area:
                    person.best, person.pixels = mesh, pixels
            box = box_of(mesh)
            if person.scene == scene:
                person.first_area = max(person.first_area, box.area)
            person.boxes.append((box.left, box.top, box.right, box.bottom))
            person.last = mesh.landmarks
            seen.append(person)
        return seen

    def ordered(self) -> list[Person]:
        """By the scene they were seen in first, and the largest first in each."""
        return sorted(self.people, key=lambda person: (person.scene, -person.first_area))

    def _who(self, mesh: Mesh, appearance: Appearance, people: Sequence[Person]) -> Person | None:
        best = choose(mesh, appearance, people)
        return None if best is None or best[1] > OTHER else best[0]


def choose(
    mesh: Mesh, appearance: Appearance, people: Sequence[Person]
) -> tuple[Person, float] | None:
    """Who of the people it is most likely, and how unlike they are; where they were counts."""
    if not people:
        return None
    scores = [person.unlike(appearance) - _NEAR_BONUS * _near(mesh, person) for person in people]
    best = int(np.argmin(scores))
    return people[best], scores[best]


def _near(mesh: Mesh, person: Person) -> float:
    """1 where the person was seen last, 0 a face's width away."""
    if person.last is None:
        return 0.0
    away = np.hypot(*(mesh.landmarks[:, :2].mean(0) - person.last[:, :2].mean(0)))
    return float(np.clip(1 - away / max(1.0, np.ptp(person.last[:, 0])), 0, 1))
