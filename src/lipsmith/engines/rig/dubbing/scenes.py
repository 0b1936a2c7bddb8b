"""What each scene is dubbed from: chosen when it begins, changed when something better comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lipsmith.core.footage import FootageFrame
from lipsmith.engines.rig.dubbing.choice import Look, costs, turned
from lipsmith.engines.rig.dubbing.mood import Mood
from lipsmith.engines.rig.dubbing.reference import Reference, prepare_reference
from lipsmith.engines.rig.dubbing.teeth import FoundTeeth, find_upper_teeth, with_teeth
from lipsmith.errors import FaceError

_RECONSIDER_FRAMES = 8
_BETTER = 1.5
_FADE_FRAMES = 6
_TRIED = 4
_MOST_HIDDEN, _MOST_OUTSIDE = 0.6, 0.1
_PARTED_MM, _TURNED_DEG = (4.0, 14.0), 12.0


@dataclass(frozen=True, slots=True)
class Lending:
    """A reference in use. share: 0..1 of it in the frame. smile: added to that of the track."""

    reference: Reference
    share: float
    smile: float


@dataclass(frozen=True, slots=True)
class _Source:
    """A reference, and what its frame shows."""

    reference: Reference
    look: Look


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame and what it shows of the mouth; None where there is no face."""

    frame: FootageFrame
    look: Look | None


@dataclass(slots=True)
class _Scene:
    """One scene so far.

    used: what it is dubbed from. before: what gives way to that. age: frames since that began.
    mood: of the speaker. teeth: the speaker's own. teeth_sought: last frame that was looked at for
    them.
    """

    number: int
    used: _Source | None = None
    before: _Source | None = None
    age: int = 0
    mood: Mood = field(default_factory=Mood)
    teeth: FoundTeeth | None = None
    teeth_sought: int = -1


class Scenes:
    """Follows footage from scene to scene."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._scene = _Scene(-1)

    def references(self, shown: Seen, ahead: Sequence[Seen]) -> list[Lending]:
        """What to draw a frame with, from it and those that follow it; nothing leaves it as it is.

        Two, whose shares add up to 1, while one gives way to another.
        """
        if shown.frame.scene != self._scene.number:
            self._scene = _Scene(shown.frame.scene)
        scene = self._scene
        if shown.look is None:
            return []
        if scene.age % _RECONSIDER_FRAMES == 0:
            self._reconsider([shown, *ahead])
        scene.age += 1
        if scene.used is None:
            return []
        followed = [each.look for each in ahead if each.look and each.frame.scene == scene.number]
        scene.mood.follow(shown.look, followed)
        share = scene.age / (_FADE_FRAMES + 1)
        if scene.before is None or share >= 1.0:
            scene.before = None
            return [self._lent(scene.used, 1.0)]
        return [self._lent(scene.before, 1.0 - share), self._lent(scene.used, share)]

    def _lent(self, source: _Source, share: float) -> Lending:
        return Lending(source.reference, share, self._scene.mood.smile_beyond(source.look))

    def _reconsider(self, seen: list[Seen]) -> None:
        scene = self._scene
        usable = [each for each in seen if each.look and each.frame.scene == scene.number]
        used = self._better(usable) or scene.used
        if used is None:
            return
        fresh = scene.teeth is None and _find_teeth(scene, used.look, usable)
        if used is not scene.used or fresh:
            if scene.teeth is not None:
                used = replace(used, reference=with_teeth(used.reference, scene.teeth))
            scene.before, scene.used, scene.age = scene.used, used, 0

    def _better(self, usable: list[Seen]) -> _Source | None:
        """The best frame to dub from, unless what is used does about as well."""
        used = self._scene.used
        looks = [each.look for each in usable if each.look]
        ranked = costs(looks, looks)
        for at in np.argsort(ranked)[:_TRIED]:
            if used and ranked[at] > costs([used.look], looks)[0] - _BETTER:
                return None
            frame = usable[at].frame
            if frame.face is None or not _usable(looks[at], _MOST_HIDDEN):
                continue
            try:
                return _Source(prepare_reference(frame, frame.face, self._name), looks[at])
            except FaceError:
                continue
        return None


def _find_teeth(scene: _Scene, seen_as: Look, usable: list[Seen]) -> bool:
    """Look for the speaker's teeth in frames seen from near the same side as the reference."""
    fresh = [
        each
        for each in usable
        if each.look and each.frame.index > scene.teeth_sought and _usable(each.look, 0.0)
    ]
    scene.teeth_sought = usable[-1].frame.index
    parted = [
        (turned(each.look, seen_as), at)
        for at, each in enumerate(fresh)
        if each.look and _PARTED_MM[0] < each.look.opening_mm < _PARTED_MM[1]
    ]
    found = []
    for apart, at in sorted(parted)[:_TRIED]:
        frame = fresh[at].frame
        if frame.face is None or apart > _TURNED_DEG:
            continue
        teeth = find_upper_teeth(frame.pixels, frame.face.landmarks)
        if teeth is not None:
            found.append(teeth)
    scene.teeth = max(found, key=lambda each: each.area_mm2, default=None)
    return scene.teeth is not None


def _usable(look: Look, most_hidden: float) -> bool:
    return look.hidden <= most_hidden and look.outside <= _MOST_OUTSIDE
