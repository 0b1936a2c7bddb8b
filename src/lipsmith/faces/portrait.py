"""From a picture to a portrait in the size of the video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Picture
from lipsmith.core.portrait import Box, Face, Portrait
from lipsmith.core.request import Fit, Size
from lipsmith.errors import FaceError
from lipsmith.faces import judgement, pose, search
from lipsmith.faces.framing import Framing, frame
from lipsmith.faces.matte import cut_out
from lipsmith.faces.search import Candidate
from lipsmith.media.limits import MAX_VIDEO_SIDE_PX

_ADVICE = "use a picture with a whole face that looks at the camera, 100 pixels wide or more"
_TRANSPARENT = 0.03
"""Share of transparent pixels from which a picture counts as cut out."""
_NOT_HUMAN = "this may not be a human face; the result may look strange"


def find_faces(picture: Picture) -> list[Face]:
    """Find every face that can be animated, the largest first. Empty when there is none."""
    return _usable_faces(picture)[0]


def make_portrait(
    picture: Picture, *, face: int | None = None, size: Size | None = None, fit: Fit = Fit.CROP
) -> Portrait:
    """Find the face, bring the picture to the video's size and cut the person out.

    face: 0-based in the order of `find_faces`; None takes the largest.
    size: of the video; None keeps the picture's own, made even and at most 3840 px a side.

    Raises:
        FaceError: no face that can be animated, or fewer faces than asked for.
    """
    return make_portraits(picture, [face or 0], size=size, fit=fit)[0]


def make_portraits(
    picture: Picture, indexes: Sequence[int], *, size: Size | None = None, fit: Fit = Fit.CROP
) -> tuple[Portrait, ...]:
    """A portrait of each of several faces, all in the same frame, which has all of them in it.

    indexes: as `face` of `make_portrait`, which tells the rest.
    """
    faces, complaint = _usable_faces(picture)
    if not faces:
        raise FaceError(f"{picture.name}: {complaint}; {_ADVICE}")
    for index in indexes:
        _check_index(index, faces, picture.name)
    chosen = [faces[index] for index in indexes]
    together = replace(chosen[0], box=_around([face.box for face in chosen]))
    framing = frame(picture.width, picture.height, together, size, fit)
    pixels = framing.picture(picture.pixels)
    portraits = []
    for face in chosen:
        moved = framing.face(face)
        matte = cut_out(pixels, moved)
        if picture.alpha is not None:
            matte = _agree(matte, framing.plane(picture.alpha))
        warnings = (
            *picture.warnings,
            *_frame_warnings(picture, size, framing, moved),
            *face.warnings,
        )
        portraits.append(Portrait(pixels, moved, matte, picture.name, warnings))
    return tuple(portraits)


def _around(boxes: Sequence[Box]) -> Box:
    """The box that holds all of them."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def _check_index(index: int, faces: Sequence[Face], name: str) -> None:
    if not 0 <= index < len(faces):
        last = len(faces) - 1
        count = f"are {last + 1} faces" if last else "is 1 face"
        raise FaceError(
            f"{name}: there {count}, so the number must be 0{f' to {last}' if last else ''}, "
            f"not {index} (0 is the largest)"
        )


def _agree(matte: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Trust the file's own transparency when it cuts something out."""
    cut_out_already = float((alpha < 128).mean()) > _TRANSPARENT
    return alpha if cut_out_already else np.asarray(np.minimum(matte, alpha), np.uint8)


def _frame_warnings(picture: Picture, size: Size | None, framing: Framing, face: Face) -> list[str]:
    found = []
    if size is None and max(picture.width, picture.height) > MAX_VIDEO_SIDE_PX:
        found.append(
            f"the picture was scaled from {picture.width}x{picture.height} down to {framing.size}"
        )
    if face.box.width > framing.size.width or face.box.height > framing.size.height:
        found.append("the face does not fit into the frame; --fit pad keeps all of it")
    return found


def _usable_faces(picture: Picture) -> tuple[list[Face], str]:
    """The faces that can be animated, and what to say when there is none."""
    findings = search.search(picture.pixels)
    complaint = "no face was found"
    if findings.doubtful:
        complaint = "what looks like a face is not a human one, or is hard to see"
    usable = []
    refused = None
    for candidate in findings.faces:
        face = _measure(candidate)
        reason = judgement.refusal(face, picture.width, picture.height)
        if reason is None:
            notes = judgement.warnings(face, picture.pixels)
            if candidate.unsure:
                notes = (_NOT_HUMAN, *notes)
            usable.append(replace(face, warnings=notes))
        elif refused is None:
            refused = f"the face cannot be animated: {reason}"
    return usable, refused or complaint


def _measure(candidate: Candidate) -> Face:
    landmarks = candidate.mesh.landmarks
    yaw, pitch, roll = pose.angles_deg(pose.rotation(landmarks))
    return Face(candidate.box, landmarks, yaw, pitch, roll, candidate.score)
