"""A picture as the source of a render."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from lipsmith.core.image import Frame, Picture
from lipsmith.core.motion import MouthTrack
from lipsmith.core.portrait import Portrait
from lipsmith.core.request import FaceChoice, RenderRequest
from lipsmith.core.speech import Speech
from lipsmith.engines.base import Engine
from lipsmith.errors import OptionError
from lipsmith.pipeline.stages import closing_by, prepare_portraits, read_picture_of

_FPS = Fraction(25)


class StillSource:
    """Shows the picture from the first frame to the last, with its faces animated."""

    kind = "still"

    def __init__(self, request: RenderRequest, faces: Sequence[FaceChoice]) -> None:
        """Read the picture.

        Raises:
            PictureError, OptionError: it cannot be read, or not in the way that was asked for.
        """
        if "auto" in faces:
            raise OptionError("a picture cannot tell who speaks; --face takes a number there")
        self.fps = request.fps or _FPS
        self.opening: Picture = read_picture_of(request)
        self._request = request
        self._faces = faces

    def prepare(self) -> tuple[Portrait, ...]:
        """The portrait of each face."""
        self._portraits = prepare_portraits(self._request, self.opening, self._numbers())
        return self._portraits

    def fill(self, speech: Speech) -> Speech:
        """A picture is shown for as long as there is sound."""
        return speech

    def draw(
        self, engine: Engine, tracks: Sequence[MouthTrack], stack: ExitStack
    ) -> Iterator[Frame]:
        """The frames; stack: gets what ends the work."""
        animated = [
            closing_by(engine.animate(portrait, track), stack)
            for portrait, track in zip(self._portraits, tracks, strict=True)
        ]
        if len(animated) == 1:
            return animated[0]
        from lipsmith.finishing.faces import join_faces

        return join_faces(animated, self._portraits)

    def warnings(self) -> list[str]:
        """What may look wrong."""
        return [told for each in self._portraits for told in each.warnings]

    def _numbers(self) -> list[int]:
        return [face if isinstance(face, int) else self._number_of(face) for face in self._faces]

    def _number_of(self, face: FaceChoice) -> int:
        from lipsmith.faces import find_faces
        from lipsmith.faces.identity import describe, most_like
        from lipsmith.pipeline.people import appearance_in

        assert isinstance(face, Path)
        wanted = appearance_in(face)
        found = [describe(self.opening.pixels, each.landmarks) for each in find_faces(self.opening)]
        return most_like(wanted, found)[0] if found else 0
