"""Blinks, gaze, head, breath and mood."""

from __future__ import annotations

import numpy as np
import pytest
from handmade import SENTENCE, chunk, frames_of

from lipsmith.core.motion import TrackFrame
from lipsmith.evaluation.articulation import lip_opening_mm

PASSAGE = chunk(SENTENCE * 12)


def values(frames: list[TrackFrame], part: str, name: str) -> np.ndarray:
    return np.array([getattr(getattr(f.pose, part), name) for f in frames])


@pytest.fixture(scope="module")
def passage() -> list[TrackFrame]:
    return frames_of([PASSAGE])


@pytest.mark.parametrize("fps", [12, 25, 60])
def test_each_blink_shuts_both_eyes_in_some_frame(fps: int) -> None:
    frames = frames_of([PASSAGE], fps)
    for side in ("blink_left", "blink_right"):
        lid = values(frames, "eyes", side)
        falling = np.flatnonzero((lid[1:] > 0.5) & (lid[:-1] <= 0.5))
        assert 7 <= len(falling) <= 24
        for start in falling:
            assert lid[start : start + fps // 5 + 2].max() > 0.98


def test_eyes_open_between_blinks(passage: list[TrackFrame]) -> None:
    lid = values(passage, "eyes", "blink_left")
    assert np.median(lid) < 0.1
    assert np.mean(lid > 0.5) < 0.15


def test_head_stays_near_the_picture_and_moves_smoothly() -> None:
    frames = frames_of([PASSAGE], 50)
    for name in ("yaw_rad", "pitch_rad", "roll_rad"):
        angle = np.degrees(values(frames, "head", name))
        assert angle.std() > 0.3
        assert np.abs(angle).max() < 3.5
        assert np.abs(np.diff(angle)).max() * 50 < 30
        assert np.abs(np.diff(angle, 2)).max() * 2500 < 400


def test_eyes_stay_on_the_viewer_while_the_head_turns(passage: list[TrackFrame]) -> None:
    on_viewer = values(passage, "eyes", "gaze_x_mm") + 12 * np.sin(
        values(passage, "head", "yaw_rad")
    )
    assert np.mean(np.abs(on_viewer) < 0.45) > 0.75
    assert np.abs(on_viewer).max() > 0.5


def test_nods_follow_stress() -> None:
    said = [("", 500), *[("n", 100), ("ə", 300), ("d", 100), ("ˈɑː", 300)] * 20]
    tracks = [frames_of([chunk(said)], seed=seed) for seed in range(4)]
    pitch = np.mean([values(track, "head", "pitch_rad") for track in tracks], axis=0)
    starts = 0.5 + 0.8 * np.arange(19)
    unstressed, stressed = (
        np.interp(starts + later, np.arange(len(pitch)) / 25, pitch) for later in (0.2, 0.6)
    )
    assert stressed.mean() > unstressed.mean() + np.radians(0.5)


def test_questions_raise_the_brows() -> None:
    said = [("", 300), ("d", 60), ("ˈuː", 200), ("", 500)]
    asked, told = (
        values(frames_of([chunk(said, text=text)]), "eyes", "brow_mm").max()
        for text in ("Do?", "Do.")
    )
    assert asked > told + 0.5


def test_breath_is_taken_in_pauses(passage: list[TrackFrame]) -> None:
    breath = values(passage, "head", "breath")
    assert -1 <= breath.min() < breath.max() <= 1
    assert breath.max() - breath.min() > 0.8


def test_silence_is_calm_but_alive() -> None:
    frames = frames_of([chunk([("", 20000)])])
    yaw = np.degrees(values(frames, "head", "yaw_rad"))
    assert 0.05 < yaw.std() < 1.2
    assert values(frames, "eyes", "blink_left").max() > 0.98
    assert np.ptp(values(frames, "head", "breath")) > 0.8


def test_no_motion_is_still_but_blinks() -> None:
    frames = frames_of([PASSAGE], motion=0.0)
    for part, names in (("head", ("yaw_rad", "pitch_rad", "roll_rad", "x_mm", "y_mm", "breath")),
                        ("eyes", ("gaze_x_mm", "gaze_y_mm"))):  # fmt: skip
        for name in names:
            assert not values(frames, part, name).any()
    assert values(frames, "eyes", "blink_left").max() > 0.98


def test_more_motion_moves_more(passage: list[TrackFrame]) -> None:
    lively = frames_of([PASSAGE], motion=2.0)
    calm, wild = (np.degrees(values(f, "head", "yaw_rad")) for f in (passage, lively))
    assert wild.std() > 1.4 * calm.std()
    assert np.abs(wild).max() < 5.0


def test_no_blink() -> None:
    frames = frames_of([PASSAGE], blink=False)
    assert values(frames, "eyes", "blink_left").max() < 0.3


def test_expression_runs_from_serious_to_smiling(passage: list[TrackFrame]) -> None:
    serious, smiling = (frames_of([PASSAGE], expression=e) for e in (0.0, 2.0))
    smiles = [values(f, "mouth", "smile").mean() for f in (serious, passage, smiling)]
    assert smiles[0] < 0 < smiles[1] < 0.2 < 0.35 < smiles[2]
    brows = [values(f, "eyes", "brow_mm").std() for f in (serious, passage, smiling)]
    assert brows[0] < 0.5 * brows[1] < brows[2]
    gaps = [np.mean([lip_opening_mm(f.pose.mouth) for f in track]) for track in (serious, smiling)]
    assert gaps[0] < gaps[1]
