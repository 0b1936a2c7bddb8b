"""One face through frames in which it moves a little, as those of an animated picture."""

from __future__ import annotations

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Face
from lipsmith.faces import landmarks
from lipsmith.faces.footage import face_of

_PRESENT = 0.5


class FaceFollower:
    """Looks for the face where it was in the frame before; no detector is run."""

    def __init__(self, face: Face) -> None:
        """face: in the first frame, about."""
        self._near = face.landmarks

    def find(self, pixels: RgbImage) -> Face | None:
        """The face in the next frame, None where it is not to be seen."""
        mesh = landmarks.measure_crop(pixels, landmarks.crop_around(self._near), often=True)
        if mesh.presence < _PRESENT:
            return None
        self._near = mesh.landmarks
        return face_of(mesh.landmarks, mesh.presence)
