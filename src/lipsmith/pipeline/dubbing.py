"""A video as the source of a render: its pictures go on, and its faces get other words."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import Footage, FootageFrame
from lipsmith.core.image import Frame, Nv12Image, Picture, RgbImage
from lipsmith.core.motion import MouthTrack, TrackFrame
from lipsmith.core.options import Length
from lipsmith.core.portrait import Box, Face, Portrait
from lipsmith.core.request import FaceChoice, RenderRequest, Size
from lipsmith.core.speech import Speech
from lipsmith.engines.base import Engine
from lipsmith.errors import OptionError, PictureError
from lipsmith.faces.boxes import Detect, with_boxes, with_given_box
from lipsmith.faces.cast import Person
from lipsmith.faces.footage import face_of, track_faces
from lipsmith.faces.framing import Framing, frame
from lipsmith.media.colour import nv12_to_rgb
from lipsmith.media.footage import VideoReader, open_video
from lipsmith.media.transforms import plan_transform
from lipsmith.pipeline.absences import Absences
from lipsmith.pipeline.detector import open_detector
from lipsmith.pipeline.face_box import chooses, given_box
from lipsmith.pipeline.finishing import FaceRecord
from lipsmith.pipeline.in_step import apart
from lipsmith.pipeline.lengths import SilenceAfter, pictures
from lipsmith.pipeline.people import Chosen, choose_people
from lipsmith.pipeline.prefetch import Prefetch, frames_ahead
from lipsmith.pipeline.sizes import plan_sizes
from lipsmith.pipeline.stages import closing_by


class VideoSource:
    """Tracks the faces of a video while it is read, and hands both to an engine.

    kind: as in `Capabilities.sources`. fps: of the video to make. opening: its first picture
    before it is brought to the size of the video to make.
    """

    kind = "video"

    def __init__(
        self, request: RenderRequest, faces: Sequence[FaceChoice], stop: threading.Event
    ) -> None:
        """Look at the video. stop: ends what is read ahead.

        Raises:
            PictureError, OptionError: it cannot be read, or not in the way that was asked for.
        """
        assert isinstance(request.picture, Path)
        if request.background.kind != "keep":
            raise OptionError("another background can be put behind a picture, not behind a video")
        self._request = request
        self._faces = faces
        self._stop = stop
        self._video = video = open_video(request.picture)
        self._transform = plan_transform(request.source, video.width, video.height, video.name)
        self.fps = request.fps or video.fps
        self._reader = VideoReader(video, self.fps)
        with closing(self._reader.forwards()) as first:
            pixels = next(first, None)
        if pixels is None:
            raise PictureError(f"{request.picture} is broken: none of its pictures can be decoded")
        self.opening = Picture(self._transform.apply(pixels), video.name)
        self._box = given_box(request, self.opening)
        self._silence: SilenceAfter | None = None
        self._samples_made = 0
        self._absences = Absences(self.fps)
        self._detect: Detect | None = None
        self._chosen: Chosen
        self._framing: Framing
        self._record: FaceRecord | None = None

    def prepare(self, stack: ExitStack) -> tuple[Portrait, ...]:
        """Find out who is in the video, and show each who is to speak as a portrait.

        stack: gets what frees the detector.

        Raises:
            FaceError: nobody is, or not the one who was asked for.
            WeightsError, MissingExtraError: the detector cannot be loaded.
        """
        self._detect = open_detector(self._request.engine_options, stack)
        request, opening = self._request, self.opening
        self._chosen = choose_people(
            self._reader,
            self._transform.apply,
            self._faces,
            self._video.path,
            self._box if chooses(request) else None,
        )
        size = None
        if request.size is not None:
            size = plan_sizes(request, opening.width, opening.height).drawn
        people = self._chosen.people
        # A window that the faces stay in while they move.
        around = replace(face_of(people[0].best.landmarks, 1.0), box=_around(people))
        self._framing = frame(opening.width, opening.height, around, size, request.fit)
        if request.finishing.restore is not None:
            self._record = FaceRecord(self.size)
        return tuple(self._portrait(person) for person in people)

    def fill(self, speech: Speech) -> Speech:
        """Where the video decides how long it all is, the speech goes on as silence."""
        if self._request.length is not Length.VIDEO:
            return speech
        video = self._video
        duration_s = None if video.frames is None else float(video.frames / video.fps)
        self._silence = SilenceAfter(speech, duration_s)
        return self._silence.speech

    def draw(
        self, engine: Engine, tracks: Sequence[MouthTrack], stack: ExitStack
    ) -> Iterator[Frame]:
        """The frames; stack: gets what ends the work."""
        films, spoken = self._together(tracks)
        if self._box is not None:
            box = self._framing.box(self._box)
            films = [with_given_box(film, box) for film in films]
        elif self._detect is not None:
            films = [with_boxes(film, self._detect, self.fps) for film in films]
        frames: Iterator[Frame] | None = None
        for film, track in zip(films, spoken, strict=True):
            # Of several faces, each is put into the frames that have the ones before it.
            under = film if frames is None else map(_over, film, frames)
            footage = Footage(self.size.width, self.size.height, self.fps, under, self._video.name)
            frames = closing_by(engine.dub(footage, track), stack)
        assert frames is not None
        return frames

    def faces_in(self, frame: Frame) -> Sequence[Face]:
        """Where the faces are in a drawn frame, of any size; those before it are forgotten."""
        return () if self._record is None else self._record.find(frame)

    def visible_in(self, frame: Frame) -> NDArray[np.uint8] | None:
        """What can be seen of them, None where nothing stands before them; see `VisibleIn`."""
        return None if self._record is None else self._record.visible(frame)

    def warnings(self) -> list[str]:
        """What may look wrong, as far as the frames were made."""
        found = [*self._video.warnings, *self._chosen.warnings, *self._absences.warnings()]
        if self._silence is not None and self._samples_made < (self._silence.end or math.inf):
            found.append("the sound lasts longer than the video, so its end is left out")
        return found

    @property
    def size(self) -> Size:
        """Of the video to make."""
        return self._framing.size

    def _together(
        self, tracks: Sequence[MouthTrack]
    ) -> tuple[list[Iterator[FootageFrame]], list[MouthTrack]]:
        """The frames for each face and its track, all of the same length."""
        depth = frames_ahead(self.size)
        read = Prefetch(self._pictures(), depth, "reading", self._stop)
        people, known = self._chosen.people, self._chosen.known
        box = self._framing.box(self._box) if self._box and chooses(self._request) else None
        tracked = track_faces(read, people, known, self.fps, box)
        ahead = Prefetch(tracked, depth, "tracking", self._stop)
        streams = apart(self._in_step(ahead, tracks), 2 * len(tracks))
        films, spoken = streams[: len(tracks)], streams[len(tracks) :]
        named = zip(tracks, spoken, strict=True)
        return films, [replace(track, frames=frames) for track, frames in named]

    def _in_step(
        self, films: Iterator[tuple[FootageFrame, ...]], tracks: Sequence[MouthTrack]
    ) -> Iterator[tuple[FootageFrame | TrackFrame, ...]]:
        for seen in films:  # first, so that no track is taken further than the frames go
            said = [next(track.frames, None) for track in tracks]
            spoken = [frame for frame in said if frame is not None]
            if len(spoken) < len(tracks):
                return
            self._absences.count(any(frame.face is not None for frame in seen))
            if self._record is not None:
                self._record.note(seen)
            # What is heard is everybody; the last one's frames are the ones that are shown.
            samples = np.asarray(np.sum([f.samples for f in spoken], axis=0), np.float32)
            self._samples_made += len(samples)
            spoken[-1] = replace(spoken[-1], samples=samples)
            yield (*seen, *spoken)

    def _pictures(self) -> Iterator[RgbImage]:
        for pixels in pictures(self._reader, self._request.length):
            yield self._framing.picture(self._transform.apply(pixels))

    def _portrait(self, person: Person) -> Portrait:
        face = self._framing.face(face_of(person.best.landmarks, person.best.presence))
        pixels = self._framing.picture(person.pixels)
        return Portrait(pixels, face, np.zeros(pixels.shape[:2], np.uint8), self._video.name)


def _over(frame: FootageFrame, shown: Frame) -> FootageFrame:
    image = shown.image
    return replace(frame, pixels=nv12_to_rgb(image) if isinstance(image, Nv12Image) else image)


def _around(people: Sequence[Person]) -> Box:
    """The box that holds the faces wherever they were seen."""
    boxes = np.array([box for person in people for box in person.boxes])
    return Box(*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())
