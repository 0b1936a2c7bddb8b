"""The network sees the face, and what it sees does not jump about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scenes import moved, walk

from lipsmith.core.footage import FootageFrame
from lipsmith.core.options import CropOptions
from lipsmith.core.portrait import Box, Portrait
from lipsmith.engines.wav2lip.crop import (
    CropBox,
    crop_box,
    network_face,
    network_input,
    tracked_boxes,
)

PLAIN = CropOptions(smooth=False)


def _boxes(frames: list[FootageFrame], options: CropOptions) -> list[CropBox | None]:
    found = list(tracked_boxes(iter(frames), options, 512, 512))
    assert [frame.index for frame, _ in found] == [frame.index for frame in frames]
    return [box for _, box in found]


def test_the_box_holds_the_face_from_the_forehead_to_below_the_chin(portrait: Portrait) -> None:
    box = crop_box(portrait.face, CropOptions(pads_px=(0, 0, 0, 0)), 512, 512)
    points = portrait.face.landmarks
    assert box is not None
    assert points[10, 1] < box.top < points[105, 1]
    assert points[152, 1] < box.bottom < points[152, 1] + 0.1 * box.height
    assert box.left == round(points[:, 0].min()) and box.right == round(points[:, 0].max())


def test_pads_widen_or_cut_and_stay_inside_the_picture(portrait: Portrait) -> None:
    bare = crop_box(portrait.face, CropOptions(pads_px=(0, 0, 0, 0)), 512, 512)
    padded = crop_box(portrait.face, CropOptions(pads_px=(5, 10, -3, 999)), 512, 512)
    assert bare is not None and padded is not None
    assert padded.top == bare.top - 5 and padded.bottom == bare.bottom + 10
    assert padded.left == bare.left + 3 and padded.right == 512


def test_the_detectors_own_box_is_taken_for_s3fd(portrait: Portrait) -> None:
    face = replace(portrait.face, box=Box(100.4, 20.6, 200, 120))
    options = CropOptions(pads_px=(0, 0, 0, 0), detector="s3fd")
    assert crop_box(face, options, 512, 512) == CropBox(100, 21, 200, 120)


def test_a_given_box_is_taken_as_it_is(portrait: Portrait) -> None:
    face = replace(portrait.face, box=Box(10, 20, 110, 150))
    given = CropOptions(box=(1, 2, 11, 15))  # px of the source, which the faces have in the video's
    assert crop_box(face, given, 512, 512) == CropBox(10, 20, 110, 150)


def test_a_face_at_the_edge_of_nothing_has_no_box(portrait: Portrait) -> None:
    assert crop_box(moved(portrait.face, 600, 0), PLAIN, 512, 512) is None


def test_boxes_follow_a_walk_and_trembling_is_smoothed(portrait: Portrait) -> None:
    steady = _boxes(walk(portrait, 9), CropOptions())
    lefts = [box.left for box in steady if box]
    assert len(lefts) == 9
    assert set(np.diff(lefts[2:-2])) == {2}  # no lag: it moves with the face
    shaky = [
        replace(frame, face=moved(portrait.face, 4 * (frame.index % 2), 0))
        for frame in walk(portrait, 9, step_px=0)
    ]
    rough = np.ptp([box.left for box in _boxes(shaky, PLAIN) if box])
    assert np.ptp([box.left for box in _boxes(shaky, CropOptions()) if box][2:-2]) < 0.5 * rough


def test_boxes_are_not_smoothed_over_cuts_or_gaps(portrait: Portrait) -> None:
    frames = walk(portrait, 8, step_px=0)
    jump = [
        frame if i < 4 else replace(frame, face=moved(portrait.face, 80, 0), scene=1)
        for i, frame in enumerate(frames)
    ]
    lefts = [box.left for box in _boxes(jump, CropOptions()) if box]
    assert set(np.diff(lefts)) == {0, 80}
    frames[3] = replace(frames[3], face=None)
    boxes = _boxes(frames, CropOptions())
    assert boxes[3] is None and boxes[2] == boxes[4]


def test_a_static_box_is_that_of_the_first_face(portrait: Portrait) -> None:
    frames = walk(portrait, 6)
    frames[0] = replace(frames[0], face=None)
    boxes = _boxes(frames, CropOptions(static=True))
    assert boxes[0] is None
    assert set(boxes[1:]) == {crop_box(frames[1].face, PLAIN, 512, 512)} if frames[1].face else 0


def test_the_network_gets_bgr_with_the_lower_half_hidden() -> None:
    pixels = np.zeros((120, 100, 3), np.uint8)
    pixels[..., 0], pixels[..., 2] = 255, 51
    shown = network_input(network_face(pixels))
    assert shown.shape == (6, 96, 96) and shown.dtype == np.float32
    assert (shown[:3, 48:] == 0).all()
    for half in (shown[:3, :48], shown[3:]):
        assert np.allclose(half[0], 0.2) and (half[1] == 0).all() and np.allclose(half[2], 1)
