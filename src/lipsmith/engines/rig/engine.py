"""Animates a portrait by moving its pixels: no weights, any picture size, on the CPU."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from lipsmith.core.footage import Footage
from lipsmith.core.image import Frame, Nv12Image
from lipsmith.core.motion import MouthTrack, Pose, TrackFrame
from lipsmith.core.portrait import Portrait
from lipsmith.engines.base import Capabilities, Engine
from lipsmith.engines.rig.body import Body
from lipsmith.engines.rig.draw import draw
from lipsmith.engines.rig.dubbing.stream import dub
from lipsmith.engines.rig.head import BodyPose
from lipsmith.engines.rig.prepare import Rig, prepare
from lipsmith.engines.rig.threads import Drawing, drawn
from lipsmith.engines.rig.warp import Canvas

_MAX_WORKERS = 4
_KEPT_RIGS = 4


class RigEngine(Engine):
    """The built-in engine: warps the picture by controls in millimetres."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        sources=frozenset({"still", "video"}),
        head_motion=True,
        max_side_px=None,
        streaming=True,
        lookahead_ms=0,
        devices=("cpu",),
        licence="MIT",
        commercial_use=True,
        takes_options=False,
    )

    def __init__(self) -> None:
        self._rigs: list[tuple[Portrait, Rig]] = []

    def close(self) -> None:
        self._rigs.clear()

    def animate(self, portrait: Portrait, track: MouthTrack) -> Iterator[Frame]:
        return _frames(self._rig_of(portrait), track, _workers())

    def dub(self, footage: Footage, track: MouthTrack) -> Iterator[Frame]:
        return dub(footage, track, _workers())

    def _rig_of(self, portrait: Portrait) -> Rig:
        for known, rig in self._rigs:
            if known is portrait:
                return rig
        rig = prepare(portrait)
        self._rigs = [*self._rigs[1 - _KEPT_RIGS :], (portrait, rig)]
        return rig


def _workers() -> int:
    return min(_MAX_WORKERS, os.cpu_count() or 1)


class _Painter:
    """Draws frames of one rig on several threads, each with its own canvas."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._local = threading.local()

    def paint(self, pose: Pose, body: BodyPose) -> Nv12Image:
        canvas = getattr(self._local, "canvas", None)
        if canvas is None:
            canvas = self._local.canvas = Canvas.of(self._rig.source)
        return draw(self._rig, pose, body, canvas)


def _frames(rig: Rig, track: MouthTrack, workers: int) -> Iterator[Frame]:
    painter = _Painter(rig)
    body = Body(track.fps)

    def drawings() -> Iterator[tuple[TrackFrame, Drawing]]:
        for frame in track.frames:
            yield frame, partial(painter.paint, frame.pose, body.follow(frame.pose.head))

    return drawn(drawings(), workers, "rig")
