"""Pictures of a video -> frames with the faces of the people who are to speak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import tee

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box, Face
from lipsmith.faces import judgement, pose
from lipsmith.faces.cast import Person
from lipsmith.faces.occlusion import visibility
from lipsmith.faces.scene_cuts import scenes
from lipsmith.faces.smoothing import smooth
from lipsmith.faces.tracking import FaceTracker, Sighting

_MARGIN = 0.1


def track_faces(
    pictures: Iterable[RgbImage],
    people: Sequence[Person],
    known: Sequence[Person],
    fps: Fraction,
    box: Box | None = None,
) -> Iterator[tuple[FootageFrame, ...]]:
    """For each picture a frame for each of the `people`, a few pictures later.

    pictures: all of one size, in order. known: everybody who may be taken for one of them. box:
    where faces are looked for closely that are not found.
    A face that cannot be dubbed, being too small or seen from the side, counts as none.
    """
    copies = tee(scenes(pictures), len(people))
    streams = [
        _frames(smooth(FaceTracker(person, known, fps, box).track(copy)))
        for person, copy in zip(people, copies, strict=True)
    ]
    return zip(*streams, strict=True)


def _frames(sightings: Iterable[Sighting]) -> Iterator[FootageFrame]:
    refused = False
    for index, (sighting, visible) in enumerate(visibility(sightings)):
        # Near a limit, a face must not come and go with every frame.
        face = _face(sighting, _MARGIN if refused else 0.0)
        refused = face is None and sighting.landmarks is not None
        seen = visible if face is not None else None
        yield FootageFrame(index, sighting.pixels, face, sighting.scene, seen)


def _face(sighting: Sighting, margin: float) -> Face | None:
    """The face, where it can be dubbed; margin: as `judgement.refusal`."""
    points = sighting.landmarks
    if points is None:
        return None
    face = face_of(points, sighting.presence)
    height, width = sighting.pixels.shape[:2]
    return face if judgement.refusal(face, width, height, margin=margin) is None else None


def face_of(points: NDArray[np.float64], score: float) -> Face:
    """The face with the (478, 3) landmarks."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    box = Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(box, points, *pose.angles_deg(pose.rotation(points)), score)
