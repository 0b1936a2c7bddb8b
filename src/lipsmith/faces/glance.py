"""A quick look for faces, as is done again and again in a video."""

from __future__ import annotations

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box
from lipsmith.faces import landmarks
from lipsmith.faces.crops import Crop
from lipsmith.faces.detection import Detection, detect, overlap
from lipsmith.faces.landmarks import Mesh

_PRESENT, _SURE_PRESENCE = 0.5, 0.9
_SAME_PLACE = 0.3


def glance(pixels: RgbImage, crop: Crop) -> list[Mesh]:
    """The faces in a square of the picture, the largest first."""
    found: list[Mesh] = []
    for seen in detect(pixels, crop):
        mesh = _settle(pixels, seen)
        if mesh is not None and all(overlap(box_of(mesh), box_of(o)) < _SAME_PLACE for o in found):
            found.append(mesh)
    return sorted(found, key=lambda mesh: -box_of(mesh).area)


def box_of(mesh: Mesh) -> Box:
    """Around all landmarks."""
    low, high = mesh.landmarks[:, :2].min(0), mesh.landmarks[:, :2].max(0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _settle(pixels: RgbImage, seen: Detection) -> Mesh | None:
    """The mesh on a detection, in a square of its own."""
    box = seen.box
    crop = Crop(
        (box.left + box.right) / 2,
        (box.top + box.bottom) / 2,
        1.5 * max(box.width, box.height),
        seen.roll_rad,
    )
    for _ in range(2):
        mesh = landmarks.measure_crop(pixels, crop, often=True)
        if mesh.presence < _PRESENT:
            return None
        crop = landmarks.crop_around(mesh.landmarks)
    mesh = landmarks.measure_crop(pixels, crop, often=True)
    return mesh if mesh.presence >= _SURE_PRESENCE else None
