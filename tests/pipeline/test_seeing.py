from __future__ import annotations

from pathlib import Path

import numpy as np

from lipsmith.core.image import Picture
from lipsmith.media.pictures import read_picture
from lipsmith.pipeline.portable import portable_rig
from lipsmith.pipeline.seeing import opening_of, see_picture


def test_a_face_is_numbered_and_measured(portrait_path: Path) -> None:
    seen = see_picture(read_picture(portrait_path))
    assert (seen.width, seen.height, seen.complaint) == (512, 512, None)
    [face] = seen.faces
    assert (face.number, face.complaint) == (0, None)
    assert 0 < face.face.box.left < face.face.box.right < 512


def test_a_face_without_its_mouth_is_told_kindly(portrait_path: Path) -> None:
    whole = read_picture(portrait_path)
    mouth = see_picture(whole).faces[0].face.landmarks[13, 1]
    above = Picture(np.ascontiguousarray(whole.pixels[: int(mouth)]), "half a face")
    seen = see_picture(above)
    assert seen.complaint is not None
    assert seen.complaint.code in ("mouth-cut-off", "cut-off")
    assert seen.complaint.detail.startswith("The face cannot be animated")
    assert [face.number for face in seen.faces] == [None]


def test_a_wall_has_no_face() -> None:
    seen = see_picture(Picture(np.full((128, 128, 3), 90, np.uint8), "wall"))
    assert seen.faces == ()
    assert seen.complaint is not None
    assert seen.complaint.code == "no-face"


def test_a_rig_is_as_large_as_asked_for(portrait_path: Path) -> None:
    picture = opening_of(portrait_path)
    small, large = (len(portable_rig(picture, 0, side)) for side in (128, 512))
    assert small < large
