"""Restoring and upscaling: what is opened for it, and where the faces are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.footage import FootageFrame
from lipsmith.core.image import Frame, Nv12Image, RgbImage
from lipsmith.core.options import FinishingOrder
from lipsmith.core.portrait import Face, Portrait
from lipsmith.core.request import RenderRequest, Size
from lipsmith.faces.following import FaceFollower
from lipsmith.faces.framing import move
from lipsmith.pipeline.cache import RenderCache
from lipsmith.pipeline.sizes import VideoSizes
from lipsmith.registry import EngineKind, EngineSpec, find_engine

if TYPE_CHECKING:
    from lipsmith.finishing.base import FacesIn, Restorer, Upscaler
    from lipsmith.finishing.covers import VisibleIn


@dataclass(frozen=True, slots=True)
class _Noted:
    """The faces of one frame. visible: as in `FootageFrame`, of all of them."""

    index: int
    faces: tuple[Face, ...]
    visible: NDArray[np.uint8] | None


class FaceRecord:
    """The faces of a video's frames, from where they are tracked to where they are restored."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._noted: deque[_Noted] = deque()

    def note(self, frames: Sequence[FootageFrame]) -> None:
        """Remember a frame, as it is tracked for each of the people."""
        faces = tuple(frame.face for frame in frames if frame.face is not None)
        seen = [frame.visible for frame in frames if frame.visible is not None]
        visible = np.minimum.reduce(seen) if seen else None
        self._noted.append(_Noted(frames[0].index, faces, visible))

    def find(self, frame: Frame) -> Sequence[Face]:
        """The faces in a frame of any size; those before it are forgotten."""
        noted = self._of(frame)
        if noted is None:
            return ()
        return [_scaled(face, self._size, _size_of(frame)) for face in noted.faces]

    def visible(self, frame: Frame) -> NDArray[np.uint8] | None:
        """What can be seen of the faces in a frame: see `VisibleIn`."""
        noted = self._of(frame)
        return None if noted is None else noted.visible

    def _of(self, frame: Frame) -> _Noted | None:
        while self._noted and self._noted[0].index < frame.index:
            self._noted.popleft()
        if not self._noted or self._noted[0].index != frame.index:
            return None
        return self._noted[0]


class PortraitFaces:
    """The faces of an animated picture, found again in each frame."""

    def __init__(self, portraits: Sequence[Portrait]) -> None:
        self._portraits = portraits
        self._followers: list[FaceFollower] = []

    def find(self, frame: Frame) -> Sequence[Face]:
        """The faces in a frame of any size; the frames come in order."""
        if not self._followers:
            first = self._portraits[0]
            before, after = Size(first.width, first.height), _size_of(frame)
            self._followers = [
                FaceFollower(_scaled(portrait.face, before, after)) for portrait in self._portraits
            ]
        found = (follower.find(_pixels(frame)) for follower in self._followers)
        return [face for face in found if face is not None]


class Finishing:
    """The restorer and the upscaler of one render."""

    def __init__(self, request: RenderRequest, sizes: VideoSizes, cache: RenderCache) -> None:
        """cache: owns what is opened.

        Raises:
            OptionError: there is no such restorer or upscaler.
        """
        options = request.finishing
        self._request, self._sizes, self._cache = request, sizes, cache
        self._restore = _spec(EngineKind.RESTORE, options.restore)
        self._upscale = _spec(EngineKind.UPSCALE, options.upscale)
        self._restorer: Restorer | None = None
        self._upscaler: Upscaler | None = None
        self.warnings: list[str] = []

    def load(self) -> None:
        """Read the weights.

        Raises:
            MissingExtraError, WeightsError, OptionError: see `Restorer.load`.
        """
        options, shared = self._request.finishing, self._request.engine_options
        if self._restore is not None and options.restore_strength > 0:
            asked = replace(shared, weights=options.restore_weights)
            restorer: Restorer = self._cache.finisher(
                self._restore, asked, lambda made: made.load(asked)
            )
            self._restorer = restorer
            self.warnings += restorer.warnings
        if self._upscale is None:
            return
        if self._sizes.factor == 1:
            made = self._sizes.made
            self.warnings.append(f"the picture is not smaller than {made}, so nothing is upscaled")
            return
        factor = options.upscale_factor or self._sizes.factor
        asked_of = replace(shared, weights=options.upscale_weights)
        upscaler: Upscaler = self._cache.finisher(
            self._upscale, (asked_of, factor), lambda made: made.load(asked_of, factor)
        )
        self._upscaler = upscaler
        self.warnings += upscaler.warnings

    def put_on(
        self, frames: Iterator[Frame], faces: FacesIn, visible: VisibleIn
    ) -> Iterator[Frame]:
        """The frames as they are to be seen."""
        if self._request.finishing.order is FinishingOrder.UPSCALE_FIRST:
            return self._restored(self._upscaled(frames), faces, visible)
        return self._upscaled(self._restored(frames, faces, visible))

    def _restored(
        self, frames: Iterator[Frame], faces: FacesIn, visible: VisibleIn
    ) -> Iterator[Frame]:
        restorer = self._restorer
        if restorer is None:
            return frames
        from lipsmith.finishing.covers import keep_covers

        strength = self._request.finishing.restore_strength
        return keep_covers(frames, visible, lambda taken: restorer.restore(taken, faces, strength))

    def _upscaled(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        return (
            frames if self._upscaler is None else self._upscaler.upscale(frames, self._sizes.made)
        )


def faces_at(portraits: Sequence[Portrait], size: Size) -> list[Face]:
    """The portraits' faces in frames of another size."""
    return [_scaled(each.face, Size(each.width, each.height), size) for each in portraits]


def _spec(kind: EngineKind, name: str | None) -> EngineSpec | None:
    return None if name is None else find_engine(kind, name)


def _pixels(frame: Frame) -> RgbImage:
    assert not isinstance(frame.image, Nv12Image), "restorers bring frames to RGB first"
    return frame.image


def _size_of(frame: Frame) -> Size:
    height, width = _pixels(frame).shape[:2]
    return Size(width, height)


def _scaled(face: Face, before: Size, after: Size) -> Face:
    return move(face, after.width / before.width, after.height / before.height, 0, 0)
