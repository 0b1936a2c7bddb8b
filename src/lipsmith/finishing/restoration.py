"""Restoring the faces of a video: steadily, a few frames at once, whatever network does it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame
from lipsmith.core.portrait import Face
from lipsmith.finishing.base import FacesIn
from lipsmith.finishing.face_crops import (
    SIDE_PX,
    CropPose,
    add_back,
    crop_pose,
    cut,
    face_mask,
    keep_light,
)
from lipsmith.finishing.resampling import rgb

RestoreCrops: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""(n, 512, 512, 3) RGB 0..255 -> the same, restored."""

_AHEAD = 4
"""Frames on both sides over which the crop's place is smoothed."""
_SIGMA = 1.8
_JUMP = 0.25
"""Of the crop's side: a face that moves farther in one frame is another one, or another scene."""
_MIN_SIDE_PX = 48.0
"""Of the crop: smaller faces have nothing to restore from."""
_PROFILE_DEG, _HALF_PROFILE_DEG = 75.0, 50.0
"""Restorers know faces from the front; between these angles they fade out."""
_KEPT = 0.65
"""Share of a change that is taken over from the frame before, where the face does not move."""
_STILL_LEVELS = 5.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """A frame and its faces. poses: of their crops, None for a face that is left alone."""

    frame: Frame
    faces: tuple[Face, ...]
    poses: tuple[CropPose | None, ...]


def restore_faces(
    frames: Iterator[Frame],
    faces: FacesIn,
    restore: RestoreCrops,
    *,
    strength: float,
    batch: int = 1,
) -> Iterator[Frame]:
    """Yield the frames, RgbImages, with their faces restored, a few frames late.

    strength: 0..1, how much of the change is made. batch: crops at once.
    """
    steadiers: dict[int, _Steadier] = {}
    waiting: list[_Seen] = []
    for seen in _steadied(_look(frames, faces)):
        waiting.append(seen)
        if sum(_count(each) for each in waiting) >= batch:
            yield from _restored(waiting, restore, strength, steadiers)
            waiting.clear()
    yield from _restored(waiting, restore, strength, steadiers)


def _look(frames: Iterator[Frame], faces: FacesIn) -> Iterator[_Seen]:
    for frame in frames:
        frame = replace(frame, image=rgb(frame))
        found = tuple(faces(frame))
        poses = tuple(_usable(crop_pose(face)) for face in found)
        yield _Seen(frame, found, poses)


def _usable(pose: CropPose) -> CropPose | None:
    return pose if np.exp(pose.side) >= _MIN_SIDE_PX else None


def _steadied(frames: Iterator[_Seen]) -> Iterator[_Seen]:
    """The same frames, `_AHEAD` late, with the crops' places smoothed over time."""
    window: deque[_Seen | None] = deque([None] * (2 * _AHEAD + 1), 2 * _AHEAD + 1)
    for newest in chain(frames, repeat(None, _AHEAD)):
        window.append(newest)
        seen = window[_AHEAD]
        if seen is not None:
            slots = range(len(seen.faces))
            yield replace(seen, poses=tuple(_smoothed(window, slot) for slot in slots))


def _smoothed(window: deque[_Seen | None], slot: int) -> CropPose | None:
    """Mean of the poses around the middle of the window, as far as the face goes on."""
    middle = _pose_in(window[_AHEAD], slot)
    if middle is None:
        return None
    total, weights = np.zeros(4), 0.0
    for step in (-1, 1):
        last = middle
        for away in range(0 if step == 1 else 1, _AHEAD + 1):
            pose = _pose_in(window[_AHEAD + step * away], slot)
            if pose is None or _jumps(last, pose):
                break
            weight = float(np.exp(-((away / _SIGMA) ** 2) / 2))
            turn = np.angle(np.exp(1j * (pose.roll_rad - middle.roll_rad))) + middle.roll_rad
            total += weight * np.array([pose.x, pose.y, pose.side, turn])
            weights += weight
            last = pose
    return CropPose(*(total / weights).tolist())


def _pose_in(seen: _Seen | None, slot: int) -> CropPose | None:
    return seen.poses[slot] if seen is not None and slot < len(seen.poses) else None


def _jumps(one: CropPose, other: CropPose) -> bool:
    far = np.hypot(one.x - other.x, one.y - other.y) > _JUMP * np.exp(one.side)
    return bool(far or abs(one.side - other.side) > _JUMP)


def _count(seen: _Seen) -> int:
    return sum(pose is not None for pose in seen.poses)


def _restored(
    waiting: list[_Seen],
    restore: RestoreCrops,
    strength: float,
    steadiers: dict[int, _Steadier],
) -> Iterator[Frame]:
    places = [
        (index, slot, pose)
        for index, seen in enumerate(waiting)
        for slot, pose in enumerate(seen.poses)
        if pose is not None
    ]
    images = [np.array(rgb(seen.frame)) for seen in waiting]
    crops = [cut(images[index], pose) for index, _, pose in places]
    made = restore(np.stack(crops)) if crops else ()
    if len(made) != len(crops):
        raise ValueError(f"{len(crops)} faces went in and {len(made)} came out")
    for (index, slot, pose), crop, restored in zip(places, crops, made, strict=True):
        face = waiting[index].faces[slot]
        mask = face_mask(face, pose)
        change = steadiers.setdefault(slot, _Steadier()).steady(
            keep_light(restored - crop, mask), crop, pose
        )
        share = strength * _frontal(face)
        add_back(images[index], change * (share * mask)[..., None], pose)
    for seen, image in zip(waiting, images, strict=True):
        yield replace(seen.frame, image=image)


def _frontal(face: Face) -> float:
    """1 for faces seen from the front, 0 for profiles."""
    away = max(abs(face.yaw_deg), abs(face.pitch_deg))
    return float(np.clip((_PROFILE_DEG - away) / (_PROFILE_DEG - _HALF_PROFILE_DEG), 0, 1))


class _Steadier:
    """Takes the flicker out of the changes of one face.

    Where the crop looks as it did in the frame before, the change is mixed with the one before;
    where it moves, as the mouth does, the new one holds.
    """

    def __init__(self) -> None:
        self._crop: NDArray[np.float32] | None = None
        self._change: NDArray[np.float32] | None = None
        self._pose: CropPose | None = None

    def steady(
        self, change: NDArray[np.float32], crop: NDArray[np.float32], pose: CropPose
    ) -> NDArray[np.float32]:
        """change, crop: (512, 512, 3) float32, levels of 0..255."""
        goes_on = self._pose is not None and not _jumps(self._pose, pose)
        if goes_on and self._crop is not None and self._change is not None:
            moved = np.abs(crop - self._crop).max(2)
            moved = cv2.GaussianBlur(moved, (0, 0), SIDE_PX / 170)
            kept = (_KEPT * np.exp(-((moved / _STILL_LEVELS) ** 2)))[..., None]
            change = np.asarray(change + kept * (self._change - change), np.float32)
        self._crop, self._change, self._pose = crop, change, pose
        return change
