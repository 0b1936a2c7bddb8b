"""What is seen of the mouth where nobody speaks.

The network was not trained on silence, and what it draws then may stand open or tremble. So its
mouth is faded out where the track says that nobody speaks, into lips that are shut by construction:
those of the picture, or, where they are parted, the ones that the rig closes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.motion import Pose
from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.geometry import LOWER_INNER, UPPER_INNER, HeadFrame
from lipsmith.engines.rig.lips import OPEN_MM
from lipsmith.errors import FaceError

_SHUT_MM = 0.5 * OPEN_MM


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
    return np.asarray(cv2.addWeighted(mouth, 1 - rest, resting, rest, 0), np.uint8)
