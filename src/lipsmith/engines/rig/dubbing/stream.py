"""Footage and a mouth track in, frames out, with a short look ahead."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np

from lipsmith.core.footage import Footage, FootageFrame
from lipsmith.core.image import Frame, RgbImage
from lipsmith.core.motion import MouthPose, MouthTrack, TrackFrame
from lipsmith.engines.rig.dubbing.choice import Look, costs, look, turned
from lipsmith.engines.rig.dubbing.paint import paint
from lipsmith.engines.rig.dubbing.reference import Reference, prepare_reference
from lipsmith.engines.rig.dubbing.teeth import own_upper_teeth, with_teeth
from lipsmith.engines.rig.threads import side_by_side
from lipsmith.engines.rig.warp import Canvas
from lipsmith.errors import FaceError

_AHEAD_FRAMES, _AHEAD_BYTES = 32, 192_000_000
_RECONSIDER_FRAMES = 8
_BETTER = 1.5
_TRIED = 3
_PARTED_MM, _TURNED_DEG = (4.0, 14.0), 12.0
_FADE_FRAMES = 8


def dub(footage: Footage, track: MouthTrack, workers: int) -> Iterator[Frame]:
    """Yield a frame for each pair of footage and track frames; `workers` are drawn side by side."""
    painter = _Painter()
    scene = _Scenes(footage.name)
    waiting: deque[tuple[TrackFrame, Future[RgbImage]]] = deque()
    pool = ThreadPoolExecutor(workers, "dub")
    try:
        with side_by_side():
            for (shown, ahead), spoken in zip(_with_lookahead(footage), track.frames, strict=False):
                mouths = scene.references(shown, ahead)
                job = pool.submit(painter.paint, mouths, shown.frame, spoken.pose.mouth)
                waiting.append((spoken, job))
                if len(waiting) > workers:
                    yield _finished(*waiting.popleft())
            while waiting:
                yield _finished(*waiting.popleft())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A frame and what it shows of the mouth."""

    frame: FootageFrame
    look: Look | None


@dataclass(frozen=True, slots=True)
class _Lent:
    """A reference in use. share: 0..1 of it over the one before, while they change."""

    reference: Reference
    share: float


def _finished(spoken: TrackFrame, image: Future[RgbImage]) -> Frame:
    return Frame(spoken.index, image.result(), spoken.samples)


def _with_lookahead(footage: Footage) -> Iterator[tuple[_Seen, deque[_Seen]]]:
    """Each frame with those that follow it."""
    size = 3 * footage.width * footage.height
    depth = max(1, min(_AHEAD_FRAMES, _AHEAD_BYTES // size))
    ahead: deque[_Seen] = deque()
    for frame in footage.frames:
        ahead.append(_Seen(frame, None if frame.face is None else look(frame, frame.face)))
        if len(ahead) > depth:
            yield ahead.popleft(), ahead
    while ahead:
        yield ahead.popleft(), ahead


@dataclass(frozen=True, slots=True)
class _Source:
    """What a scene is dubbed from. has_teeth: they are the speaker's own."""

    reference: Reference
    look: Look
    has_teeth: bool


class _Scenes:
    """Chooses a reference when a scene begins, and a better one when it comes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._scene: int | None = None
        self._used: _Source | None = None
        self._before: Reference | None = None
        self._age = 0

    def references(self, shown: _Seen, ahead: deque[_Seen]) -> list[_Lent]:
        """What to draw the frame with, the last on top; nothing leaves the frame as it is."""
        if shown.frame.scene != self._scene:
            self._scene, self._used, self._before = shown.frame.scene, None, None
            self._age = 0
        if shown.look is None:
            return []
        if self._age % _RECONSIDER_FRAMES == 0:
            self._reconsider([shown, *ahead])
        self._age += 1
        if self._used is None:
            return []
        if self._before is None:
            return [_Lent(self._used.reference, 1.0)]
        share = self._age / (_FADE_FRAMES + 1)
        lent = [_Lent(self._before, 1.0), _Lent(self._used.reference, min(share, 1.0))]
        if self._age > _FADE_FRAMES:
            self._before = None
        return lent

    def _reconsider(self, seen: list[_Seen]) -> None:
        usable = [each for each in seen if each.look and each.frame.scene == self._scene]
        before = self._used
        found = self._better(usable) or before
        if found is not None and not found.has_teeth:
            found = _with_own_teeth(found, usable)
        if found is not before:
            self._before = None if before is None else before.reference
            self._used, self._age = found, 0

    def _better(self, usable: list[_Seen]) -> _Source | None:
        looks = [each.look for each in usable if each.look]
        ranked = costs(looks, looks)
        for at in np.argsort(ranked)[:_TRIED]:
            if self._used and ranked[at] > costs([self._used.look], looks)[0] - _BETTER:
                return None
            frame = usable[at].frame
            if frame.face is None:
                continue
            try:
                reference = prepare_reference(frame, frame.face, self._name)
            except FaceError:
                continue
            return _Source(reference, looks[at], has_teeth=False)
        return None


def _with_own_teeth(source: _Source, usable: list[_Seen]) -> _Source:
    """The same with the speaker's teeth, where frames near it show them."""
    parted = [
        (turned(each.look, source.look), at)
        for at, each in enumerate(usable)
        if each.look and _PARTED_MM[0] < each.look.opening_mm < _PARTED_MM[1]
    ]
    for apart, at in sorted(parted)[:_TRIED]:
        face = usable[at].frame.face
        if face is None or apart > _TURNED_DEG:
            continue
        density = source.reference.rig.interior.upper.canvas.density
        own = own_upper_teeth(usable[at].frame.pixels, face.landmarks, density)
        if own is not None:
            reference = with_teeth(source.reference, own, face.landmarks)
            return replace(source, reference=reference, has_teeth=True)
    return source


class _Painter:
    """Draws frames on several threads, each with its own canvases."""

    def __init__(self) -> None:
        self._local = threading.local()

    def paint(self, lent: list[_Lent], frame: FootageFrame, mouth: MouthPose) -> RgbImage:
        if frame.face is None or not lent:
            return frame.pixels
        images = [
            paint(each.reference, frame, frame.face, mouth, self._canvas(each.reference))
            for each in lent
        ]
        below = images[0]
        for each, above in zip(lent[1:], images[1:], strict=True):
            below = np.asarray(
                cv2.addWeighted(above, each.share, below, 1 - each.share, 0), np.uint8
            )
        return below

    def _canvas(self, reference: Reference) -> Canvas:
        held: dict[int, tuple[Reference, Canvas]] = self._local.__dict__.setdefault("held", {})
        if id(reference) not in held:
            while len(held) > 1:
                held.pop(next(iter(held)))
            held[id(reference)] = (reference, Canvas.of(reference.rig.source))
        return held[id(reference)][1]
