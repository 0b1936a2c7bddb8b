"""The seam between a face that moves and whatever draws it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lipsmith.core.image import Frame
from lipsmith.core.motion import MouthTrack
from lipsmith.core.portrait import Portrait


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do; callers ask this instead of the engine's name.

    sources: any of "still", "video". head_motion: moves the head by itself or by the track.
    max_side_px: largest picture side, None unlimited. streaming: frames come while the track is
    still being made. lookahead_ms: sound needed beyond a frame's own. devices: "cpu", "cuda", ...
    """

    sources: frozenset[str]
    head_motion: bool
    max_side_px: int | None
    streaming: bool
    lookahead_ms: int
    devices: tuple[str, ...]
    licence: str
    commercial_use: bool


class Engine(ABC):
    """Draws a portrait's frames. Constructors are cheap; `load` reads weights, if any."""

    capabilities: ClassVar[Capabilities]

    def load(self, device: str = "cpu") -> None:
        """Read weights onto `device`. Engines without weights need not override it."""

    def close(self) -> None:
        """Free what `load` and `animate` hold."""

    @abstractmethod
    def animate(self, portrait: Portrait, track: MouthTrack) -> Iterator[Frame]:
        """Yield one frame of the portrait's size for each track frame, in order.

        The portrait is prepared before the first `next`, so that a bad portrait fails early.

        Raises:
            FaceError: this engine cannot animate this face.
        """
