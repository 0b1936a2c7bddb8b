"""A picture as the source of a render."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame, Picture
from lipsmith.core.motion import MouthTrack
from lipsmith.core.portrait import Face, Portrait
from lipsmith.core.request import FaceChoice, RenderRequest
from lipsmith.core.speech import Speech
from lipsmith.engines.base import Engine
from lipsmith.errors import OptionError
from lipsmith.faces.boxes import Detect, box_near
from lipsmith.pipeline.cache import RenderCache
from lipsmith.pipeline.detector import open_detector
from lipsmith.pipeline.stages import closing_by, prepare_portraits, read_picture_of

_FPS = Fraction(25)


class StillSource:
    """Shows the picture from the first frame to the last, with its faces animated."""

    kind = "still"

    def __init__(
        self, request: RenderRequest, faces: Sequence[FaceChoice], cache: RenderCache
    ) -> None:
        """Read the picture. cache: of portraits.

        Raises:
            PictureError, OptionError: it cannot be read, or not in the way that was asked for.
        """
        if "auto" in faces:
            raise OptionError("a picture cannot tell who speaks; --face takes a number there")
        self.fps = request.fps or _FPS
        self.opening: Picture = read_picture_of(request)
        self._request = request
        self._faces = faces
        self._cache = cache
        self._faces_in: Callable[[Frame], Sequence[Face]] | None = None

    def prepare(self, stack: ExitStack) -> tuple[Portrait, ...]:
        """The portrait of each face. stack: gets what frees the detector.

        Raises:
            FaceError: there is none, or not the one that was asked for.
            WeightsError, MissingExtraError: the detector cannot be loaded.
        """
        portraits = self._cache.portraits(
            self._request,
            self._faces,
            lambda: prepare_portraits(self._request, self.opening, self._numbers()),
        )
        detect = open_detector(self._request.engine_options, stack)
        if detect is not None:
            portraits = tuple(_with_box(portrait, detect) for portrait in portraits)
        self._portraits = portraits
        return portraits

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

    def faces_in(self, frame: Frame) -> Sequence[Face]:
        """Where the faces are in the next of the drawn frames, of any size, as an RgbImage."""
        if self._faces_in is None:
            from lipsmith.pipeline.finishing import PortraitFaces

            self._faces_in = PortraitFaces(self._portraits).find
        return self._faces_in(frame)

    def visible_in(self, frame: Frame) -> NDArray[np.uint8] | None:
        """Of a picture nobody knows what stands before its faces."""
        return None

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


def _with_box(portrait: Portrait, detect: Detect) -> Portrait:
    box = box_near(portrait.pixels, portrait.face, detect)
    return portrait if box is None else replace(portrait, face=replace(portrait.face, box=box))
