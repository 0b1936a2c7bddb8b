"""A face made of flat patches of colour, with landmarks where the patches are."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig import geometry as geo
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.layers import Lips, Rect

PX_PER_MM = 3.0
SIZE = 600
MIDDLE = np.array([300.0, 380.0])
SKIN, LIP, BACKGROUND = (214, 172, 148), (176, 92, 88), (40, 60, 90)

Points = NDArray[np.float64]


def _arc(x0: float, x1: float, ends_y: float, middle_y: float, count: int) -> Points:
    t = np.linspace(-1, 1, count)
    return np.column_stack(
        [x0 + (x1 - x0) * (t + 1) / 2, ends_y + (middle_y - ends_y) * (1 - t * t)]
    )


class PaintedFace:
    """A frontal face, 3 px a mm.

    mouth_gap_mm parts the lips, which show `teeth` or a dark gap. jaw: breadth of the lower face,
    1 is average. rough: standard deviation of the skin's texture, 0..255.
    """

    def __init__(
        self,
        mouth_gap_mm: float = 0.0,
        teeth: tuple[int, int, int] | None = None,
        skin: tuple[int, int, int] = SKIN,
        jaw: float = 1.0,
        rough: float = 6.0,
    ) -> None:
        self._mm = np.zeros((478, 3))
        oval = np.linspace(0, 2 * np.pi, len(geo.FACE_OVAL), endpoint=False)
        # FACE_OVAL runs clockwise from the top of the forehead.
        width = 71.0 * np.where(np.cos(oval) < -0.2, jaw, 1.0)
        self._mm[:] = (0.0, -40.0, -5.0)
        self._set(geo.FACE_OVAL, np.column_stack([width * np.sin(oval), -37 - 85 * np.cos(oval)]))
        self._mm[[geo.RIGHT_CHEEK_EDGE, geo.LEFT_CHEEK_EDGE], 0] = (-71.0, 71.0)
        for upper, lower, iris, x in (
            (geo.RIGHT_UPPER_LID, geo.RIGHT_LOWER_LID, geo.RIGHT_IRIS, -31.5),
            (geo.LEFT_UPPER_LID, geo.LEFT_LOWER_LID, geo.LEFT_IRIS, 31.5),
        ):
            self._set(upper, _arc(x - 15, x + 15, -70.0, -76.0, len(upper)))
            self._set(lower, _arc(x - 15, x + 15, -70.0, -65.0, len(lower)))
            around = np.array([[0, 0], [6, 0], [0, -6], [-6, 0], [0, 6]])
            self._set(iris, around + np.array([x, -70.0]))
        half = mouth_gap_mm / 2
        for ring, y in (
            (geo.UPPER_OUTER, -8.0), (geo.UPPER_MIDDLE, -5.0 - half),
            (geo.UPPER_INNER_RING, -2.0 - half), (geo.UPPER_INNER, -half),
            (geo.LOWER_INNER_RING, 3.0 + half), (geo.LOWER_MIDDLE, 6.0 + half),
            (geo.LOWER_INNER, half), (geo.LOWER_OUTER, 10.0 + half),
        ):  # fmt: skip
            self._set(ring, _arc(-25.0, 25.0, 0.0, y, 11))
        for side, points in (
            (-1, (129, 203, 206, 216, 212, 50, 205, 36, 101, 187, 118, 98, 172)),
            (1, (358, 423, 426, 436, 432, 280, 425, 266, 330, 411, 347, 327, 397)),
        ):
            places = (
                (17, -30), (23, -22), (29, -12), (33, -2), (34, 8), (46, -34), (40, -26),
                (34, -30), (36, -40), (44, -18), (42, -46), (16, -26), (54 * jaw, 15),
            )  # fmt: skip
            self._set(points, np.array(places) * [side, 1])
        self._set((199, 168, 0, 17), np.array([(0, 30), (0, -65), (0, -8), (0, 10 + half)]))
        self.landmarks = self._mm * PX_PER_MM
        self.landmarks[:, :2] += MIDDLE
        self.pixels = self._paint(mouth_gap_mm, teeth, skin, rough)
        self.head = HeadFrame.of(self.landmarks)
        self.rect = Rect(180, 300, 240, 200)
        inner = [self.landmarks[list(ring), :2] for ring in (geo.UPPER_INNER, geo.LOWER_INNER)]
        self.lips = Lips(inner[0], inner[1], mouth_gap_mm > 0, 0.0)

    def _set(self, indices: Sequence[int], xy: Points) -> None:
        self._mm[list(indices), :2] = xy

    def _paint(
        self,
        gap: float,
        teeth: tuple[int, int, int] | None,
        skin: tuple[int, int, int],
        rough: float,
    ) -> RgbImage:
        image = np.full((SIZE, SIZE, 3), BACKGROUND, np.uint8)
        neck = np.array([[-45, 20], [45, 20], [45, 90], [-45, 90]], float)
        self._fill(image, neck, skin)
        self._fill(image, self._mm[list(geo.FACE_OVAL), :2], skin)
        self._fill(image, self._loop(geo.UPPER_OUTER, geo.LOWER_OUTER), LIP)
        if gap:
            self._fill(image, self._loop(geo.UPPER_INNER, geo.LOWER_INNER), teeth or (40, 15, 15))
        for upper, lower, iris in (
            (geo.RIGHT_UPPER_LID, geo.RIGHT_LOWER_LID, geo.RIGHT_IRIS),
            (geo.LEFT_UPPER_LID, geo.LEFT_LOWER_LID, geo.LEFT_IRIS),
        ):
            self._fill(image, self._loop(upper, lower), tuple(min(255, v + 25) for v in skin))
            self._fill(image, self._mm[list(iris[1:]), :2], (60, 40, 30))
        rng = np.random.default_rng(1)
        texture = cv2.GaussianBlur(rng.standard_normal((SIZE, SIZE)), (0, 0), 3.0)
        texture *= rough / texture.std()
        return np.clip(image + texture[..., None], 0, 255).astype(np.uint8)

    def _loop(self, upper: Sequence[int], lower: Sequence[int]) -> Points:
        return np.vstack([self._mm[list(upper), :2], self._mm[list(lower), :2][::-1]])

    @staticmethod
    def _fill(image: RgbImage, mm: Points, colour: tuple[int, ...]) -> None:
        cv2.fillPoly(image, [np.rint(mm * PX_PER_MM + MIDDLE).astype(np.int32)], colour)

    def row(self, y_mm: float) -> int:
        """The row of the mouth's rectangle at `y_mm` below the lip line."""
        origin = float(self.head.origin[1])
        return round(origin + y_mm * self.head.px_per_mm) - self.rect.top

    def column(self, x_mm: float) -> int:
        """The column of the mouth's rectangle at `x_mm` right of the middle."""
        return round(float(self.head.origin[0]) + x_mm * self.head.px_per_mm) - self.rect.left
