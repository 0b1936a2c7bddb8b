"""The face that the browser draws is the face of the video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from rig_browser import RigBrowser, opened, shipped

from lipsmith.core.motion import EyesPose, HeadPose, MouthPose, Pose
from lipsmith.core.request import RenderRequest
from lipsmith.engines.rig.draw import draw
from lipsmith.engines.rig.head import BodyPose
from lipsmith.engines.rig.layers import Rect
from lipsmith.engines.rig.portable import pack
from lipsmith.engines.rig.prepare import Rig, prepare
from lipsmith.engines.rig.warp import Canvas
from lipsmith.faces.portrait import make_portrait
from lipsmith.media.colour import nv12_to_rgb
from lipsmith.media.pictures import read_picture
from lipsmith.pipeline.preview import SaidBefore, make_preview

if TYPE_CHECKING:
    from playwright.sync_api import Browser

POSES = {
    "neutral": Pose(),
    "open": Pose(MouthPose(upper_raise_mm=2.2, lower_drop_mm=9, jaw_mm=9)),
    "pressed": Pose(MouthPose(press=1)),
    "rounded": Pose(MouthPose(upper_raise_mm=2, lower_drop_mm=3.5, jaw_mm=4, width_mm=-5, round=1)),
    "f": Pose(MouthPose(upper_raise_mm=1.5, lower_drop_mm=0.5, jaw_mm=1, labiodental=1)),
    "th": Pose(MouthPose(upper_raise_mm=1.5, lower_drop_mm=4, jaw_mm=4, tongue_out=1, tongue=0.5)),
    "smile": Pose(MouthPose(1.5, 3, 2, 2, smile=0.8), EyesPose(squint=0.6)),
    "blink half": Pose(eyes=EyesPose(blink_left=0.5, blink_right=0.5)),
    "blink shut": Pose(eyes=EyesPose(blink_left=1, blink_right=1)),
    "gaze": Pose(eyes=EyesPose(gaze_x_mm=2, gaze_y_mm=0.8, brow_mm=2)),
    "turned": Pose(
        MouthPose(upper_raise_mm=1, lower_drop_mm=4, jaw_mm=4),
        EyesPose(gaze_x_mm=-1.5, blink_left=0.3),
        HeadPose(yaw_rad=0.1, pitch_rad=0.06, roll_rad=0.06, x_mm=3, y_mm=-2, breath=0.5),
    ),
}


@pytest.fixture(scope="module")
def rig(portrait_path: Path) -> Rig:
    return prepare(make_portrait(read_picture(portrait_path)))


@pytest.fixture(scope="module")
def script() -> Path:
    found = shipped()
    if found is None:
        pytest.skip("the studio is not built: make web")
    return found


@pytest.fixture(scope="module")
def face(browser: Browser, script: Path, rig: Rig) -> Iterator[RigBrowser]:
    with opened(browser, script, pack(rig)) as opening:
        yield opening


def _row(pose: Pose, body: BodyPose | None = None) -> NDArray[np.float64]:
    parts = (pose.mouth, pose.eyes, pose.head, body or BodyPose())
    return np.array([value for part in parts for value in astuple(part)])


def _video(rig: Rig, pose: Pose, body: BodyPose | None = None) -> NDArray[np.uint8]:
    return nv12_to_rgb(draw(rig, pose, body or BodyPose(), Canvas.of(rig.source)))


def _of(rect: Rect, image: NDArray[np.uint8]) -> NDArray[np.int_]:
    return image[rect.top : rect.bottom, rect.left : rect.right].astype(int)


def _assert_alike(rig: Rig, seen: NDArray[np.uint8], told: NDArray[np.uint8]) -> None:
    """The same but for the loss of the picture's compression; both are 512 px wide."""
    off = np.abs(_of(rig.face.rect, seen) - _of(rig.face.rect, told))
    assert off.mean() < 2.0
    assert np.quantile(off.max(2), 0.999) < 24
    mouth = _of(rig.mouth.rect, seen) - _of(rig.mouth.rect, told)
    assert 10 * np.log10(255**2 / (mouth**2).mean()) > 39


@pytest.mark.parametrize("name", POSES)
def test_the_browser_draws_the_face_of_the_video(name: str, face: RigBrowser, rig: Rig) -> None:
    _assert_alike(rig, face.draw(_row(POSES[name])), _video(rig, POSES[name]))


def test_a_stretch_of_speech_looks_as_in_the_video(face: RigBrowser, rig: Rig) -> None:
    request = RenderRequest(Path("face.png"), text="You love five blue moths.")
    rows = make_preview(request, SaidBefore()).poses[::6]
    assert len(rows) > 5
    for row in rows.astype(float):
        pose = Pose(MouthPose(*row[:10]), EyesPose(*row[10:16]), HeadPose(*row[16:22]))
        _assert_alike(rig, face.draw(row), _video(rig, pose, BodyPose(*row[22:25])))


def test_poses_leave_nothing_behind(face: RigBrowser) -> None:
    before = face.draw(_row(POSES["neutral"]))
    face.draw(_row(POSES["blink shut"]))
    face.draw(_row(POSES["turned"]))
    assert np.array_equal(face.draw(_row(POSES["neutral"])), before)


def test_another_face_takes_the_same_canvas(face: RigBrowser) -> None:
    row = _row(POSES["turned"])
    before = face.draw(row)
    face.reopen()
    assert np.array_equal(face.draw(row), before)


def test_canvas_is_as_large_as_the_pictures_in_the_file_shows_the_whole_face(
    browser: Browser, script: Path, face: RigBrowser, rig: Rig
) -> None:
    row = _row(POSES["open"])
    with opened(browser, script, pack(rig, side_px=256)) as small:
        seen = small.draw(row)
    whole = face.draw(row).astype(float)
    quarter = whole.reshape(256, 2, 256, 2, 3).mean((1, 3))
    assert np.abs(seen - quarter).mean() < 6
