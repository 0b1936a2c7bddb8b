"""Where the parts of a face are in the 478-point mesh, and the head's own frame in millimetres.

The index tables follow the MediaPipe face mesh (canonical_face_model_uv_visualization). "Right" in
the tables' names is the person's right, which is the viewer's left. Contours run from the viewer's
left to the viewer's right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Lip rings from the skin inwards; each contour has 11 points.
UPPER_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
UPPER_MIDDLE = (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306)
UPPER_INNER_RING = (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292)
UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
LOWER_MIDDLE = (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306)
LOWER_INNER_RING = (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292)
LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
MOUTH_CORNERS = (61, 291, 78, 308, 76, 306, 62, 292)

# Lids: the person's right eye is at the viewer's left. Outer to inner, then inner to outer, so
# that both run from the viewer's left to the viewer's right.
RIGHT_UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)
RIGHT_LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_UPPER_LID = (362, 398, 384, 385, 386, 387, 388, 466, 263)
LEFT_LOWER_LID = (362, 382, 381, 380, 374, 373, 390, 249, 263)
RIGHT_BROW = (70, 63, 105, 66, 107, 46, 53, 52, 65, 55)
LEFT_BROW = (300, 293, 334, 296, 336, 276, 283, 282, 295, 285)
RIGHT_IRIS = (468, 469, 470, 471, 472)  # centre, then four rim points
LEFT_IRIS = (473, 474, 475, 476, 477)

FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
FOREHEAD_TOP, CHIN, NOSE_BASE = 10, 152, 2
RIGHT_CHEEK_EDGE, LEFT_CHEEK_EDGE = 234, 454

PUPIL_DISTANCE_MM = 63.0
"""Mean adult interpupillary distance (Dodgson 2004, Proc. SPIE 5291, p. 36)."""
CHEEK_DISTANCE_MM = 142.0
"""Mean adult face breadth between the landmarks 234 and 454."""


@dataclass(frozen=True, slots=True)
class HeadFrame:
    """The head's own axes in the picture: x to the viewer's right, y down, z away, in mm.

    rotation: (3, 3), columns are the head's x, y, z axes in picture space.
    px_per_mm: scale of the face. origin: (3,) px, the middle of the mouth.
    """

    rotation: NDArray[np.float64]
    px_per_mm: float
    origin: NDArray[np.float64]

    @staticmethod
    def of(landmarks: NDArray[np.float64]) -> HeadFrame:
        """Measure the frame from (478, 3) landmarks in pixels."""

        def unit(v: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(v / np.linalg.norm(v))

        p = landmarks
        x = unit(unit(p[263] - p[33]) + unit(p[LEFT_CHEEK_EDGE] - p[RIGHT_CHEEK_EDGE]))
        y = p[CHIN] - p[FOREHEAD_TOP]
        y = unit(y - x * (y @ x))
        pupils = float(np.linalg.norm(p[LEFT_IRIS[0]] - p[RIGHT_IRIS[0]]))
        cheeks = float(np.linalg.norm(p[LEFT_CHEEK_EDGE] - p[RIGHT_CHEEK_EDGE]))
        scale = 0.5 * (pupils / PUPIL_DISTANCE_MM + cheeks / CHEEK_DISTANCE_MM)
        origin = np.asarray(p[[13, 14, 78, 308]].mean(0))
        return HeadFrame(np.stack([x, y, np.cross(x, y)], 1), scale, origin)

    def to_mm(self, points_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) picture pixels -> (n, 3) head millimetres."""
        return np.asarray((points_px - self.origin) @ self.rotation / self.px_per_mm)

    @property
    def plane_px_per_mm(self) -> NDArray[np.float64]:
        """(2, 2): head x, y offsets in mm -> picture offsets in px, by orthographic projection."""
        return np.asarray(self.rotation[:2, :2] * self.px_per_mm)
