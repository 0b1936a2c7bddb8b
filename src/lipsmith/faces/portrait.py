"""From a picture to a portrait in the size of the video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Picture
from lipsmith.core.portrait import Box, Face, Portrait
from lipsmith.core.request import Fit, Size
from lipsmith.errors import FaceError
from lipsmith.faces import judgement, pose, search
from lipsmith.faces.framing import Framing, frame
from lipsmith.faces.given_box import is_in, look_in
from lipsmith.faces.judgement import Refusal
from lipsmith.faces.matte import cut_out
from lipsmith.faces.search import Candidate
from lipsmith.media.limits import MAX_VIDEO_SIDE_PX

FACE_ADVICE = "use a picture with a whole face that looks at the camera, 100 pixels wide or more"
_TRANSPARENT = 0.03
"""Share of transparent pixels from which a picture counts as cut out."""
_NOT_HUMAN = "this may not be a human face; the result may look strange"


@dataclass(frozen=True, slots=True)
class SeenFaces:
    """What is seen in a picture, the largest first.

    usable: faces that can be animated. refused: others, and why they cannot. doubtful: something
    looks like a face that is not a human one, or is hard to see.
    """

    usable: tuple[Face, ...]
    refused: tuple[tuple[Face, Refusal], ...]
    doubtful: bool

    @property
    def complaint(self) -> Refusal | None:
        """What to say when no face is usable; codes are those of `Refusal`, "no-face" and
        "not-human"."""
        if self.usable:
            return None
        if self.refused:
            first = self.refused[0][1]
            return replace(first, reason=f"the face cannot be animated: {first.reason}")
        if self.doubtful:
            reason = "what looks like a face is not a human one, or is hard to see"
            return Refusal("not-human", reason)
        return Refusal("no-face", "no face was found")


def find_faces(picture: Picture) -> list[Face]:
    """Find every face that can be animated, the largest first. Empty when there is none."""
    return list(see_faces(picture).usable)


def see_faces(picture: Picture, box: Box | None = None) -> SeenFaces:
    """Find every face, also those that cannot be animated.

    box: the faces in it alone are told of, px; where none is found, it is looked at closely.
    """
    findings = search.search(picture.pixels)
    candidates = findings.faces
    if box is not None:
        candidates = [each for each in candidates if is_in(box, each.mesh.landmarks)]
        closer = None if candidates else look_in(picture.pixels, box)
        candidates = candidates if closer is None else [closer]
    usable, refused = [], []
    for candidate in candidates:
        face = _measure(candidate)
        refusal = judgement.refusal(face, picture.width, picture.height)
        if refusal is not None:
            refused.append((face, refusal))
            continue
        notes = judgement.warnings(face, picture.pixels)
        if candidate.unsure:
            notes = (_NOT_HUMAN, *notes)
        usable.append(replace(face, warnings=notes))
    return SeenFaces(tuple(usable), tuple(refused), findings.doubtful)


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
    picture: Picture,
    indexes: Sequence[int] | None,
    *,
    size: Size | None = None,
    fit: Fit = Fit.CROP,
    box: Box | None = None,
) -> tuple[Portrait, ...]:
    """A portrait of each of several faces, all in the same frame, which has all of them in it.

    indexes: as `face` of `make_portrait`, which tells the rest; None for the face in `box`.
    box: in px of the picture; the faces have it as theirs then.
    """
    seen = see_faces(picture, box if indexes is None else None)
    faces = seen.usable
    if seen.complaint is not None:
        where = " in the box" if indexes is None and not seen.refused else ""
        raise FaceError(f"{picture.name}: {seen.complaint.reason}{where}; {FACE_ADVICE}")
    indexes = [0] if indexes is None else indexes
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
        if box is not None:
            moved = replace(moved, box=framing.box(box))
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


def _measure(candidate: Candidate) -> Face:
    landmarks = candidate.mesh.landmarks
    yaw, pitch, roll = pose.angles_deg(pose.rotation(landmarks))
    return Face(candidate.box, landmarks, yaw, pitch, roll, candidate.score)
