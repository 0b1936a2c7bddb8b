"""Write the numbers of the rig with which the tests of its drawing in the browser compare theirs.

python tools/write_rig_numbers.py [FILE]
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import numpy as np

from lipsmith.core.motion import EyesPose, HeadPose, MouthPose, Pose
from lipsmith.engines.rig.controls import control_values
from lipsmith.engines.rig.head import BodyPose, motion_values
from lipsmith.engines.rig.layers import FaceGrid
from lipsmith.engines.rig.shading import Shading
from lipsmith.engines.rig.warp import combine, fetch, invert, keep_inside
from lipsmith.pipeline.preview import COLUMNS

FILE = Path(__file__).parents[1] / "web" / "src" / "rig" / "numbers.json"

_POSES = (
    (Pose(), BodyPose()),
    (
        Pose(
            MouthPose(2.0, 7.0, -4.0, 6.0, 0.3, 0.2, 0.6, 0.5, 0.4, 0.1),
            EyesPose(0.3, 0.4, 1.0, -0.5, 1.5, 0.6),
            HeadPose(0.1, -0.05, 0.04, 2.0, -1.0, 0.5),
        ),
        BodyPose(0.6, -0.3, 0.01),
    ),
    (Pose(MouthPose(width_mm=3.0, jaw_mm=-1.0, smile=-0.4, round=1.3), EyesPose()), BodyPose()),
    (Pose(MouthPose(smile=1.0, labiodental=1.0, press=1.0), EyesPose(squint=1.0)), BodyPose()),
)
_FACES = ((False, 0.0), (True, 1.7))  # open lips, own smile
_ROLL_SHARE = 0.6
_GRID = FaceGrid(left=-2.5, top=-3.5, step=4.0, columns=11, rows=9)
_PICTURE = (38, 30)


def numbers() -> dict[str, Any]:
    """What the engine makes of some poses and of a small field."""
    return {
        "columns": list(COLUMNS),
        "roll_share": _ROLL_SHARE,
        "poses": [
            {
                "row": _rounded([*_values(pose), *astuple(body), 0.0]),
                "controls": [
                    {
                        "is_open": is_open,
                        "smile": smile,
                        "values": _rounded(control_values(pose, is_open, smile)),
                    }
                    for is_open, smile in _FACES
                ],
                "motions": _rounded(motion_values(pose.head, body, _ROLL_SHARE)),
                "gain": _rounded(_gain(pose.mouth)),
            }
            for pose, body in _POSES
        ],
        "field": _field(),
    }


def _values(pose: Pose) -> list[float]:
    return [value for part in (pose.mouth, pose.eyes, pose.head) for value in astuple(part)]


def _gain(mouth: MouthPose) -> np.ndarray[Any, Any]:
    """The gain of every kind of shading alone, where it changes the brightness by a tenth."""
    grid = FaceGrid(0.0, 0.0, 1.0, 6, 1)
    return Shading(grid, np.asarray(0.1 * np.eye(6), np.float32)).gain(mouth)


def _field() -> dict[str, Any]:
    """Two columns on a small grid, and what becomes of them."""
    rows, columns = _GRID.rows, _GRID.columns
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    first = np.dstack([np.sin(0.5 * x + 0.3 * y), np.cos(0.4 * y)])
    second = np.dstack([0.1 * (x - 5), 0.05 * (y - 4) * x])
    fields = np.asarray(np.stack([first, second]), np.float32)
    values = np.array([0.4, -0.6], np.float32)
    sum_ = combine(values, fields)
    # a quarter of a step is one of the places between which OpenCV does not interpolate
    places = np.array([[[0.25, 0.5], [3.75, 2.0], [9.5, 7.25], [-1.0, 3.0], [12.0, 9.0]]])
    back = np.asarray(invert(sum_, 5) * np.float32(_GRID.step), np.float32)
    return {
        "grid": asdict(_GRID),
        "picture": list(_PICTURE),
        "columns": _rounded(fields),
        "values": _rounded(values),
        "sum": _rounded(sum_),
        "places": _rounded(places),
        "fetched": _rounded(fetch(sum_, places.astype(np.float32))),
        "inverted_2": _rounded(invert(sum_, 2)),
        "inverted_7": _rounded(invert(sum_, 7)),
        "inverted_rows_2_to_6": _rounded(invert(sum_, 7, slice(2, 6))),
        "kept_inside": _rounded(keep_inside(_GRID, back, *_PICTURE)),
        "back": _rounded(back),
    }


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 5) for value in np.ravel(values)]


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    target.write_text(json.dumps(numbers()) + "\n")


if __name__ == "__main__":
    main()
