"""Who is in a picture file, for somebody to choose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipsmith.core.image import Picture
from lipsmith.core.portrait import Face
from lipsmith.faces.cast import Person
from lipsmith.faces.glance import box_of
from lipsmith.faces.portrait import FACE_ADVICE, see_faces
from lipsmith.faces.pose import angles_deg, rotation
from lipsmith.media.footage import VideoReader, is_video, open_video
from lipsmith.media.pictures import read_picture
from lipsmith.pipeline.people import people_in


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why something cannot be animated. code: of `lipsmith.faces.judgement.Refusal`, "no-face" or
    "not-human". detail: for people."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class SeenFace:
    """number: as `RenderRequest.face` takes it, None when it cannot be animated."""

    face: Face
    number: int | None
    complaint: Complaint | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """width, height: px of the picture, turned upright. complaint: when no face can be animated."""

    width: int
    height: int
    faces: tuple[SeenFace, ...]
    complaint: Complaint | None


def see_picture(picture: Picture) -> Seen:
    """Every face of a still, the largest first; those that cannot be animated come last."""
    seen = see_faces(picture)
    faces = [SeenFace(face, number) for number, face in enumerate(seen.usable)]
    for face, refusal in seen.refused:
        detail = f"This face cannot be animated: {refusal.reason}."
        faces.append(SeenFace(face, None, Complaint(refusal.code, detail)))
    complaint = None
    if seen.complaint is not None:
        complaint = Complaint(
            seen.complaint.code, f"{_sentence(seen.complaint.reason)} {_sentence(FACE_ADVICE)}"
        )
    return Seen(picture.width, picture.height, tuple(faces), complaint)


def see_video(path: Path) -> Seen:
    """Everybody who is seen in the beginning of a video.

    Raises:
        PictureError: it is no video, or broken.
    """
    video, people = people_in(path)
    faces = tuple(SeenFace(_face(person), number) for number, person in enumerate(people))
    complaint = None
    if not faces:
        complaint = Complaint(
            "no-face", f"No face was found in the video. {_sentence(FACE_ADVICE)}"
        )
    return Seen(video.width, video.height, faces, complaint)


def opening_of(path: Path) -> Picture:
    """A still, or the first picture of a video.

    Raises:
        PictureError: it is neither, or broken.
    """
    if not is_video(path):
        return read_picture(path)
    video = open_video(path)
    return Picture(next(iter(VideoReader(video, video.fps).places(1))), path.name)


def _face(person: Person) -> Face:
    landmarks = person.best.landmarks
    yaw, pitch, roll = angles_deg(rotation(landmarks))
    return Face(box_of(person.best), landmarks, yaw, pitch, roll, person.best.presence)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
