"""A cartoon face with big round eyes that the mesh underestimates, as it does on cartoons."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig import geometry as geo
from lipsmith.engines.rig.geometry import HeadFrame

SKIN, WHITE, IRIS, PUPIL, LINE = (
    (230, 184, 158), (248, 247, 244), (60, 130, 200), (14, 12, 18), (44, 24, 22)
)  # fmt: skip
_FINE = 4  # drawn this much larger, then averaged down


@dataclass(frozen=True)
class DrawnEyes:
    """pixels: RgbImage. landmarks: (478, 3) px. half_u, half_v: half axes of the eyes, px."""

    pixels: RgbImage
    landmarks: NDArray[np.float64]
    half_u: float
    half_v: float

    @property
    def head(self) -> HeadFrame:
        return HeadFrame.of(self.landmarks)

    def iris_centres(self) -> NDArray[np.float64]:
        """(2, 2) px, the viewer's left and right."""
        return self.landmarks[[geo.RIGHT_IRIS[0], geo.LEFT_IRIS[0]], :2]

    def cut(self, left: int) -> DrawnEyes:
        """Without its `left` leftmost columns."""
        pixels = np.ascontiguousarray(self.pixels[:, left:])
        landmarks = self.landmarks - np.array([left, 0, 0])
        return replace(self, pixels=pixels, landmarks=landmarks)


def draw_eyes(
    size: int = 400, roll_deg: float = 0.0, opening: float = 1.0, larger_than_mesh: float = 1.3
) -> DrawnEyes:
    """A square picture of `size` px, even; each eye is 0.24 of it wide.

    opening: the mesh's and the drawing's lid distance, 1 wide open, 0 shut.
    """
    big = size * _FINE
    picture = np.full((big, big, 3), SKIN, np.uint8)
    points = np.zeros((478, 3))
    half_u, half_v = 0.12 * size, 0.13 * size * opening
    sides = (
        (0.30, geo.RIGHT_UPPER_LID, geo.RIGHT_LOWER_LID, geo.RIGHT_BROW, geo.RIGHT_IRIS),
        (0.70, geo.LEFT_UPPER_LID, geo.LEFT_LOWER_LID, geo.LEFT_BROW, geo.LEFT_IRIS),
    )
    t = np.linspace(-1, 1, 9)
    for x, upper, lower, brow, iris in sides:
        centre = np.array([x * size, 0.45 * size])
        _paint_eye(picture, centre, half_u, half_v, 0.075 * size)
        for contour, sign in ((upper, -1), (lower, 1)):
            points[list(contour), 0] = centre[0] + half_u * t
            points[list(contour), 1] = centre[1] + sign * half_v / larger_than_mesh * (1 - t * t)
        across = np.linspace(-1, 1, 5) * half_u + centre[0]
        points[list(brow[:5]), :2] = np.column_stack([across, np.full(5, 0.22 * size)])
        points[list(brow[5:]), :2] = np.column_stack([across, np.full(5, 0.25 * size)])
        around = 0.06 * size * np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]])
        points[list(iris), :2] = centre + around
    points[[50, 101, 118, 205], :2] = 0.25 * size, 0.75 * size
    points[[280, 330, 347, 425], :2] = 0.75 * size, 0.75 * size
    points[[13, 14, 78, 308], :2] = 0.5 * size, 0.8 * size
    points[geo.FOREHEAD_TOP, :2], points[geo.CHIN, :2] = (0.5 * size, 0), (0.5 * size, size)
    points[geo.RIGHT_CHEEK_EDGE, :2] = 0.02 * size, 0.5 * size
    points[geo.LEFT_CHEEK_EDGE, :2] = 0.98 * size, 0.5 * size
    small = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), -roll_deg, 1.0)
    rolled = cv2.warpAffine(small, turn, (size, size), flags=cv2.INTER_LINEAR, borderValue=SKIN)
    points[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
    return DrawnEyes(np.asarray(rolled, np.uint8), points, half_u, half_v)


def _paint_eye(
    picture: RgbImage, centre: NDArray[np.float64], half_u: float, half_v: float, iris: float
) -> None:
    x, y = (int(c * _FINE) for c in centre)
    axes = (int(half_u * _FINE), max(1, int(half_v * _FINE)))
    ball = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(ball, (x, y), axes, 0, 0, 360, 1, -1)
    eye = picture.copy()
    eye[:] = WHITE
    cv2.circle(eye, (x, y), int(iris * _FINE), IRIS, -1)
    cv2.circle(eye, (x, y), int(0.5 * iris * _FINE), PUPIL, -1)
    glint = (x - int(0.4 * iris * _FINE), y - int(0.4 * iris * _FINE))
    cv2.circle(eye, glint, int(0.2 * iris * _FINE), (255, 255, 255), -1)
    picture[ball > 0] = eye[ball > 0]
    cv2.ellipse(picture, (x, y), axes, 0, 180, 360, LINE, int(0.03 * half_u * _FINE) + 1)
