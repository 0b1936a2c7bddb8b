"""The seam between a face that moves and whatever draws it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lipsmith.core.footage import Footage
from lipsmith.core.image import Frame
from lipsmith.core.motion import MouthTrack
from lipsmith.core.options import EngineOptions
from lipsmith.core.portrait import Portrait
from lipsmith.errors import OptionError


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do; callers ask this instead of the engine's name.

    sources: any of "still", "video". head_motion: moves the head by itself or by the track.
    max_side_px: largest picture side, None unlimited. streaming: frames come while the track is
    still being made. lookahead_ms: sound needed beyond a frame's own. devices: "cpu", "cuda", ...
    takes_options: `EngineOptions` change what it does.
    """

    sources: frozenset[str]
    head_motion: bool
    max_side_px: int | None
    streaming: bool
    lookahead_ms: int
    devices: tuple[str, ...]
    licence: str
    commercial_use: bool
    takes_options: bool = True


class Engine(ABC):
    """Draws the frames of a portrait or a video. Constructors are cheap; `load` reads weights."""

    capabilities: ClassVar[Capabilities]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people should know of how it runs, such as a runtime that could not be used."""
        return ()

    def load(self, options: EngineOptions) -> None:
        """Read weights onto the device. Engines that have none need not override it.

        Raises:
            WeightsError: they are missing, damaged or of another model.
            MissingExtraError: the packages that run them are not installed.
        """

    def close(self) -> None:
        """Free what `load` and `animate` hold."""

    @abstractmethod
    def animate(self, portrait: Portrait, track: MouthTrack) -> Iterator[Frame]:
        """Yield one frame of the portrait's size for each track frame, in order.

        The portrait is prepared before the first `next`, so that a bad portrait fails early.

        Raises:
            FaceError: this engine cannot animate this face.
        """

    def dub(self, footage: Footage, track: MouthTrack) -> Iterator[Frame]:
        """Yield one frame of the footage's size for each track frame, with the words in its mouth.

        Frames without a face are passed on as they are.

        Raises:
            OptionError: this engine animates still pictures only.
        """
        raise OptionError(f"{footage.name} is a video, and this engine takes still pictures only")
