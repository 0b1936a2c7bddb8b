"""Animates a portrait by moving its pixels: no weights, any picture size, on the CPU."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from lipsmith.core.footage import Footage
from lipsmith.core.image import Frame, Nv12Image
from lipsmith.core.motion import HeadPose, MouthTrack, Pose, TrackFrame
from lipsmith.core.portrait import Portrait
from lipsmith.engines.base import Capabilities, Engine
from lipsmith.engines.rig.draw import draw
from lipsmith.engines.rig.dubbing.stream import dub
from lipsmith.engines.rig.head import BodyPose
from lipsmith.engines.rig.prepare import Rig, prepare
from lipsmith.engines.rig.threads import Drawing, drawn
from lipsmith.engines.rig.warp import Canvas

_MAX_WORKERS = 4
_BODY_LAG_S = 0.25
_BODY_SHARE = 0.3
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


@dataclass(slots=True)
class _Body:
    """The shoulders: they follow the head late and only a little."""

    pull: float
    pose: BodyPose = field(default_factory=BodyPose)

    def follow(self, head: HeadPose) -> BodyPose:
        was, pull = self.pose, self.pull
        self.pose = BodyPose(
            was.x_mm + pull * (_BODY_SHARE * head.x_mm - was.x_mm),
            was.y_mm + pull * (_BODY_SHARE * head.y_mm - was.y_mm),
            was.roll_rad + pull * (_BODY_SHARE * 0.5 * head.roll_rad - was.roll_rad),
        )
        return self.pose


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
    body = _Body(pull=min(1.0, 1.0 / (float(track.fps) * _BODY_LAG_S)))

    def drawings() -> Iterator[tuple[TrackFrame, Drawing]]:
        for frame in track.frames:
            yield frame, partial(painter.paint, frame.pose, body.follow(frame.pose.head))

    return drawn(drawings(), workers, "rig")
