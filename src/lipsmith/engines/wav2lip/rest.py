"""What is seen of the mouth where nobody speaks.

The network was not trained on silence, and what it draws then may stand open or tremble. So its
mouth is faded out where the track says that nobody speaks, into lips that are shut by construction:
those of the picture, or, where they are parted, the ones that the rig closes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import Footage, FootageFrame
from lipsmith.core.image import RgbImage
from lipsmith.core.motion import MouthPose, Pose
from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.dubbing.scenes import Lending
from lipsmith.engines.rig.dubbing.stream import Painter, with_references
from lipsmith.engines.rig.geometry import LOWER_INNER, UPPER_INNER, HeadFrame
from lipsmith.engines.rig.lips import OPEN_MM
from lipsmith.errors import FaceError

_SHUT_MM, _SHUT = 0.5 * OPEN_MM, MouthPose()
_SHUT_S, _CHANGE_S = 0.16, 0.08
"""For so long before and after, the lips of a video are shut where its own mouth is kept, and so
long the change to it takes: between two of its words they meet for a moment only."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A frame of a video as it is where nobody speaks.

    references: what its shut mouth is drawn from; nothing where it cannot be. own: 0..1, how much
    of its own mouth is kept, which is shut.
    """

    frame: FootageFrame
    references: Sequence[Lending]
    own: float

    @property
    def is_shut(self) -> bool:
        """Whether `picture` shows lips that are shut."""
        return self.own == 1 or len(self.references) > 0

    def picture(self, painter: Painter, mouth: MouthPose = _SHUT) -> RgbImage:
        """The frame with its mouth at rest, or as it comes to it or leaves it; its own pixels where
        there is nothing to draw from."""
        pixels = self.frame.pixels
        if self.own == 1 or not self.references:
            return pixels
        return mixed(painter.paint(self.references, self.frame, mouth), pixels, self.own)


def resting_frames(footage: Footage) -> Iterator[Resting]:
    """Every frame of a video, some late, with how its mouth rests."""
    kept, change = (round(seconds * footage.fps) for seconds in (_SHUT_S, _CHANGE_S))
    reach = kept + change
    window: deque[tuple[FootageFrame, Sequence[Lending], float]] = deque()

    def at(middle: int) -> Resting:
        frame, references, _ = window[middle]

        def lowest(around: int) -> float:
            near = range(max(0, around - kept), min(len(window), around + kept + 1))
            return min(window[i][2] for i in near if window[i][0].scene == frame.scene)

        near = range(max(0, middle - change), min(len(window), middle + change + 1))
        own = [lowest(i) for i in near if window[i][0].scene == frame.scene]
        return Resting(frame, references, float(np.mean(own)))

    middle = 0
    for frame, references in with_references(footage):
        shut = 1.0 if frame.face is None else shutness(frame.face.landmarks)
        window.append((frame, references, shut))
        if len(window) - middle > reach:
            yield at(middle)
            middle += 1
        if middle > reach:
            window.popleft()
            middle -= 1
    while middle < len(window):
        yield at(middle)
        middle += 1


def shutness(landmarks: NDArray[np.float64]) -> float:
    """How much the lips of a face are shut, 0..1, from its (478, 3) landmarks."""
    middle = len(UPPER_INNER) // 2
    lips = landmarks[[UPPER_INNER[middle], LOWER_INNER[middle]]]
    gap_mm = float(np.linalg.norm(lips[1] - lips[0])) / HeadFrame.of(landmarks).px_per_mm
    return float(np.clip((OPEN_MM - gap_mm) / (OPEN_MM - _SHUT_MM), 0, 1))


def resting_picture(portrait: Portrait) -> RgbImage | None:
    """The portrait with its lips shut; None where that cannot be had."""
    if shutness(portrait.face.landmarks) > 0:
        return portrait.pixels

    from lipsmith.engines.rig.draw import draw
    from lipsmith.engines.rig.head import BodyPose
    from lipsmith.engines.rig.prepare import prepare
    from lipsmith.engines.rig.warp import Canvas
    from lipsmith.media.colour import nv12_to_rgb

    try:
        rig = prepare(portrait)
    except FaceError:
        return None
    return nv12_to_rgb(draw(rig, Pose(), BodyPose(), Canvas.of(rig.source)))


def mixed(mouth: RgbImage, resting: RgbImage, rest: float) -> RgbImage:
    """Two pictures of one size, faded into each other; rest: 0..1, the share of the second."""
    if rest == 0:
        return mouth
    if rest == 1:
        return resting
    return np.asarray(cv2.addWeighted(mouth, 1 - rest, resting, rest, 0), np.uint8)
