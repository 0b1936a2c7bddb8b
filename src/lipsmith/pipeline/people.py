"""Who is in a video, and which of them are to speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Box
from lipsmith.core.request import FaceChoice
from lipsmith.errors import FaceError
from lipsmith.faces import find_faces
from lipsmith.faces.cast import Cast, Person
from lipsmith.faces.identity import Appearance, describe, most_like
from lipsmith.faces.scene_cuts import scenes
from lipsmith.media.footage import VideoReader, VideoSource, open_video
from lipsmith.media.pictures import read_picture
from lipsmith.pipeline.speaker import find_speaker

_LOOK_S, _LATER_S = 0.24, 0.6
"""Between two looks, in the first moments and then."""
_SHORT_S, _LONG_S = 1.5, 10.0
"""How much of the beginning is looked at: for the largest face, and for any other."""
_THOROUGH = 3
"""So many looks without a face go by before small and tilted ones are looked for, too."""
_PLACES = 32
"""Over the whole video, where its beginning does not suffice."""
_ADVICE = "a face has to be whole, look at the camera and be 24 pixels wide or more"


@dataclass(frozen=True, slots=True)
class Chosen:
    """people: one for each choice. known: everybody who was seen. warnings: for people to read."""

    people: tuple[Person, ...]
    known: tuple[Person, ...]
    warnings: tuple[str, ...] = ()


def choose_people(
    reader: VideoReader,
    transform: Callable[[RgbImage], RgbImage],
    choices: Sequence[FaceChoice],
    path: Path,
    box: Box | None = None,
) -> Chosen:
    """Look at as little of the video as it takes to tell who is meant.

    transform: what is done to each picture first. path: of the video. box: whoever is seen in it
    is meant instead of the `choices`, px after `transform`.

    Raises:
        FaceError: nobody is found, or fewer people than the number that was asked for.
        PictureError: the picture of whom to choose cannot be read.
    """
    name = path.name
    wanted = {choice: appearance_in(choice) for choice in choices if isinstance(choice, Path)}
    cast = Cast()
    only_the_largest = all(choice == 0 for choice in choices)
    _watch_beginning(cast, reader, transform, _SHORT_S if only_the_largest else _LONG_S, box)
    numbers = [choice for choice in choices if isinstance(choice, int)]
    missing = not cast.people or (box is not None and _most_in(box, cast.people) is None)
    if missing or wanted or max(numbers, default=0) >= len(cast.people):
        for place, pixels in enumerate(reader.places(_PLACES)):
            cast.watch(transform(pixels), place + 1, thorough=not cast.people, box=box)
    if box is not None:
        person = _most_in(box, cast.people)
        if person is None:
            raise FaceError(f"{name}: nobody is seen in the box that was given; {_ADVICE}")
        return _chosen([person], cast.ordered())
    if not cast.people:
        raise FaceError(
            f"{name}: no face in the first {_LONG_S:g} s nor at {_PLACES} places of the video; "
            + _ADVICE
        )
    people = cast.ordered()
    warnings: list[str] = []
    chosen = []
    for choice in choices:
        if isinstance(choice, Path):
            number, problem = _most_like(wanted[choice], people, choice, name)
        elif choice == "auto":
            number, problem = _speaker(reader, transform, people, path)
        else:
            number, problem = choice, ""
            _check_number(number, people, name)
        chosen.append(people[number])
        warnings += [problem] if problem else []
    return _chosen(chosen, people, warnings)


def _chosen(chosen: list[Person], people: Sequence[Person], warnings: Sequence[str] = ()) -> Chosen:
    for person in people:
        if person not in chosen:
            person.forget_picture()
    return Chosen(tuple(chosen), tuple(people), tuple(warnings))


def _most_in(box: Box, people: Sequence[Person]) -> Person | None:
    """Who was seen in a box most often."""
    most = max(people, key=lambda person: person.times_in(box), default=None)
    return most if most is not None and most.times_in(box) else None


def _most_like(
    wanted: Appearance, people: Sequence[Person], picture: Path, name: str
) -> tuple[int, str]:
    """The number of who looks most like a picture, and what to say when that is not clear."""
    number, clear = most_like(wanted, [person.best_view for person in people])
    if clear:
        return number, ""
    return number, (
        f"it is not certain that the face in {name} is the one in {picture.name}; "
        "--face takes a number, too"
    )


def _speaker(
    reader: VideoReader,
    transform: Callable[[RgbImage], RgbImage],
    people: Sequence[Person],
    path: Path,
) -> tuple[int, str]:
    """The number of who speaks, and what to say when that is not clear."""
    if len(people) == 1:
        return 0, ""
    number = find_speaker(reader, transform, people, path)
    if number is not None:
        return number, ""
    return 0, (
        f"{path.name} does not tell clearly who speaks in it, so the largest face does; "
        "--face chooses another"
    )


def _check_number(number: int, people: Sequence[Person], name: str) -> None:
    if not 0 <= number < len(people):
        count = f"are {len(people)} people" if len(people) > 1 else "is 1 person"
        raise FaceError(
            f"{name}: there {count} to be seen, and face {number} was asked for; "
            "0 is the largest in the first scene"
        )


def people_in(path: Path) -> tuple[VideoSource, tuple[Person, ...]]:
    """A video, and who is seen in its first seconds or, where nobody is, elsewhere in it.

    The numbers that `RenderRequest.face` takes are the places in the tuple; `Person.pixels` is the
    picture in which the person is largest, `Person.best` the face there.

    Raises:
        PictureError: it is no video, or broken.
    """
    video = open_video(path)
    reader = VideoReader(video, video.fps)
    cast = Cast()
    _watch_beginning(cast, reader, lambda pixels: pixels, _LONG_S)
    if not cast.people:
        for place, pixels in enumerate(reader.places(_PLACES)):
            cast.watch(pixels, place + 1, thorough=not cast.people)
    return video, tuple(cast.ordered())


def appearance_in(picture: Path) -> Appearance:
    """What the largest face in a picture file looks like.

    Raises:
        PictureError, FaceError: there is no such file, or no face in it.
    """
    source = read_picture(picture)
    faces = find_faces(source)
    if not faces:
        raise FaceError(f"{picture}: no face was found, so it does not tell whom to choose")
    return describe(source.pixels, faces[0].landmarks)


def _watch_beginning(
    cast: Cast,
    reader: VideoReader,
    transform: Callable[[RgbImage], RgbImage],
    seconds: float,
    box: Box | None = None,
) -> None:
    """Look at the first seconds; for longer, as long as nobody was found, or nobody in the box."""
    fps = reader.fps
    looks = due = 0

    def found() -> bool:
        return bool(cast.people) if box is None else _most_in(box, cast.people) is not None

    with closing(reader.forwards()) as pictures:
        for index, (pixels, scene) in enumerate(scenes(map(transform, pictures))):
            if index >= (seconds if found() else _LONG_S) * fps:
                return
            if index >= due:
                due = index + max(1, round((_LOOK_S if index < _SHORT_S * fps else _LATER_S) * fps))
                thorough = not cast.people and looks % _THOROUGH == 0
                cast.watch(pixels, scene, thorough=thorough, box=box)
                looks += 1
