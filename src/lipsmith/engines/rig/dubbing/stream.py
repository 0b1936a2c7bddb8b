"""Footage and a mouth track in, frames out, with a short look ahead."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from lipsmith.core.footage import Footage, FootageFrame
from lipsmith.core.image import Frame, RgbImage
from lipsmith.core.motion import MouthPose, MouthTrack, TrackFrame
from lipsmith.engines.rig.dubbing.choice import look
from lipsmith.engines.rig.dubbing.paint import Lent, paint
from lipsmith.engines.rig.dubbing.reference import Reference
from lipsmith.engines.rig.dubbing.scenes import Lending, Scenes, Seen
from lipsmith.engines.rig.threads import Drawing, drawn
from lipsmith.engines.rig.warp import Canvas

_AHEAD_FRAMES, _AHEAD_BYTES = 32, 192_000_000
_CANVASES = 2
"""A worker holds: one reference may give way to another."""


def dub(footage: Footage, track: MouthTrack, workers: int) -> Iterator[Frame]:
    """Yield a frame for each pair of footage and track frames; `workers` are drawn side by side."""
    painter = Painter()

    def drawings() -> Iterator[tuple[TrackFrame, Drawing]]:
        for (frame, references), spoken in zip(
            with_references(footage), track.frames, strict=False
        ):
            yield spoken, partial(painter.paint, references, frame, spoken.pose.mouth)

    return drawn(drawings(), workers, "dub")


def with_references(footage: Footage) -> Iterator[tuple[FootageFrame, list[Lending]]]:
    """Each frame, some late, with what `Painter` draws its mouth from; nothing where it cannot."""
    scenes = Scenes(footage.name)
    for shown, ahead in _with_lookahead(footage):
        yield shown.frame, scenes.references(shown, ahead)


def _with_lookahead(footage: Footage) -> Iterator[tuple[Seen, list[Seen]]]:
    """Each frame with those that follow it."""
    size = 3 * footage.width * footage.height
    depth = max(1, min(_AHEAD_FRAMES, _AHEAD_BYTES // size))
    ahead: deque[Seen] = deque()
    for frame in footage.frames:
        ahead.append(Seen(frame, None if frame.face is None else look(frame, frame.face)))
        if len(ahead) > depth:
            yield ahead.popleft(), list(ahead)
    while ahead:
        yield ahead.popleft(), list(ahead)


class Painter:
    """Draws frames on several threads, each with its own canvases."""

    def __init__(self) -> None:
        self._local = threading.local()

    def paint(
        self, references: Sequence[Lending], frame: FootageFrame, mouth: MouthPose
    ) -> RgbImage:
        """The frame with that mouth, behind whatever covers it; itself without references."""
        if frame.face is None or not references:
            return frame.pixels
        lent = [
            Lent(
                each.reference,
                self._canvas(each.reference),
                replace(mouth, smile=min(max(mouth.smile + each.smile, -1.0), 1.0)),
                each.share,
            )
            for each in references
        ]
        return paint(lent, frame, frame.face)

    def _canvas(self, reference: Reference) -> Canvas:
        held: deque[tuple[Reference, Canvas]] | None = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = deque(maxlen=_CANVASES)
        for of, canvas in held:
            if of is reference:
                return canvas
        held.append((reference, Canvas.of(reference.rig.source)))
        return held[-1][1]
