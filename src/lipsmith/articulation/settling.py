"""A face that comes to rest, so that one track can follow another without a jump."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

from lipsmith.articulation.life import resting_smile, resting_squint
from lipsmith.core.motion import EyesPose, HeadPose, Pose

P = TypeVar("P", EyesPose, HeadPose)

_SETTLING_S = 0.4


def settled_pose(pose: Pose, distance_s: float, expression: float) -> Pose:
    """The pose, the nearer to rest the nearer it is to the track's beginning or end.

    distance_s: from there. expression: as in `make_track`.
    """
    part = min(max(distance_s / _SETTLING_S, 0.0), 1.0)
    if part == 1.0:
        return pose
    weight = part * part * (3.0 - 2.0 * part)
    at_rest = resting_smile(expression)
    smile = at_rest + weight * (pose.mouth.smile - at_rest)
    eyes = _towards(EyesPose(squint=resting_squint(expression)), pose.eyes, weight)
    head = _towards(HeadPose(), pose.head, weight)
    return Pose(replace(pose.mouth, smile=smile), eyes, head)


def _towards(rest: P, pose: P, weight: float) -> P:
    moved = {
        field.name: getattr(rest, field.name)
        + weight * (getattr(pose, field.name) - getattr(rest, field.name))
        for field in fields(pose)
    }
    return replace(rest, **moved)
