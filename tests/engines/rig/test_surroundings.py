"""What stands close behind a head."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from lipsmith.core.motion import HeadPose
from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.head import BodyPose, motion_values
from lipsmith.engines.rig.prepare import prepare
from lipsmith.engines.rig.surroundings import straight_lines_mm


@pytest.fixture(scope="module")
def before_a_fence(portrait: Portrait) -> Portrait:
    """The portrait cut out and put before upright bars."""
    bars = np.where(np.arange(portrait.width) // 12 % 2, 200, 60).astype(np.uint8)
    fence = np.broadcast_to(bars[None, :, None], portrait.pixels.shape)
    share = portrait.matte[..., None] / 255
    pixels = portrait.pixels * share + fence * (1 - share)
    return replace(portrait, pixels=np.ascontiguousarray(pixels.astype(np.uint8)))


def test_bars_close_behind_the_head_are_counted_and_soft_light_is_not(
    before_a_fence: Portrait,
) -> None:
    head = HeadFrame.of(before_a_fence.face.landmarks)
    luma = cv2.cvtColor(before_a_fence.pixels, cv2.COLOR_RGB2GRAY)
    soft = cv2.GaussianBlur(luma, (0, 0), 25.0)
    assert straight_lines_mm(np.asarray(luma, np.uint8), head, before_a_fence.matte) > 250
    assert straight_lines_mm(np.asarray(soft, np.uint8), head, before_a_fence.matte) == 0


def test_head_rolls_by_less_before_bars(before_a_fence: Portrait, portrait: Portrait) -> None:
    assert prepare(portrait).motion.roll_share > 0.9
    share = prepare(before_a_fence).motion.roll_share
    assert share < 0.6
    pose = HeadPose(yaw_rad=0.05, roll_rad=math.radians(4.0))
    free, held = (motion_values(pose, BodyPose(), s) for s in (1.0, share))
    changed = np.flatnonzero(free != held)
    assert len(changed) == 1
    assert abs(held[changed[0]]) < 0.6 * abs(free[changed[0]])
