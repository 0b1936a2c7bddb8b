"""The seam of what is done to frames after an engine made them: restorers and upscalers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from lipsmith.core.image import Frame
from lipsmith.core.options import EngineOptions
from lipsmith.core.portrait import Face
from lipsmith.core.request import Size

FacesIn: TypeAlias = Callable[[Frame], Sequence[Face]]
"""Tells where the faces are in a frame whose image is an RgbImage, in its px; asked once for each
frame, in their order."""


@dataclass(frozen=True, slots=True)
class FinisherCapabilities:
    """What a finisher needs and allows; callers ask this instead of its name.

    devices: "cpu", "cuda", ... licence: of code and weights. commercial_use: whether it clearly
    allows commercial use. factors: by which an upscaler's network enlarges, () for any.
    """

    devices: tuple[str, ...]
    licence: str
    commercial_use: bool
    factors: tuple[int, ...] = ()


class Finisher(ABC):
    """Works on frames, one out for each one in. Constructors are cheap; `load` reads weights."""

    capabilities: ClassVar[FinisherCapabilities]
    warnings: Sequence[str] = ()
    """For people to read, when `load` is done."""

    def close(self) -> None:
        """Free what `load` holds."""


class Restorer(Finisher):
    """Makes the faces in frames sharp and whole."""

    def load(self, options: EngineOptions) -> None:
        """Read weights onto the device.

        Raises:
            WeightsError: they are missing, damaged or of another model.
            MissingExtraError: the packages that run them are not installed.
        """

    @abstractmethod
    def restore(self, frames: Iterator[Frame], faces: FacesIn, strength: float) -> Iterator[Frame]:
        """Yield the frames, RgbImages of the same size, with the faces restored.

        strength: 0..1, 0 leaves the faces as they are.
        """


class Upscaler(Finisher):
    """Enlarges frames."""

    def load(self, options: EngineOptions, factor: int) -> None:
        """Read weights onto the device. factor: one of the capabilities' or, where these are (),
        any.

        Raises:
            WeightsError: they are missing, damaged or of another model.
            MissingExtraError: the packages that run them are not installed.
        """

    @abstractmethod
    def upscale(self, frames: Iterator[Frame], size: Size) -> Iterator[Frame]:
        """Yield the frames as RgbImages of exactly `size`."""
