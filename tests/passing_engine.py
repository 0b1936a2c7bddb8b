"""An engine that hands the frames of a video on, and marks the faces in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from lipsmith.core.footage import Footage
from lipsmith.core.image import Frame
from lipsmith.core.motion import MouthTrack
from lipsmith.core.portrait import Portrait
from lipsmith.engines.base import Capabilities, Engine

MARK = (0, 255, 0)


class PassingEngine(Engine):
    """Paints a green square on each nose that it is told of."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        sources=frozenset({"video"}),
        head_motion=False,
        max_side_px=None,
        streaming=True,
        lookahead_ms=0,
        devices=("cpu",),
        licence="MIT",
        commercial_use=True,
    )

    def animate(self, portrait: Portrait, track: MouthTrack) -> Iterator[Frame]:
        raise NotImplementedError

    def dub(self, footage: Footage, track: MouthTrack) -> Iterator[Frame]:
        for seen, said in zip(footage.frames, track.frames, strict=True):
            assert seen.index == said.index
            pixels = np.array(seen.pixels)
            assert pixels.shape == (footage.height, footage.width, 3)
            if seen.face is not None:
                x, y = np.round(seen.face.landmarks[4, :2]).astype(int)
                pixels[y - 3 : y + 4, x - 3 : x + 4] = MARK
            yield Frame(seen.index, pixels, said.samples)
