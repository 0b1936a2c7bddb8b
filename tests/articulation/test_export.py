"""Tracks as files."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import pytest
from handmade import RATE_HZ, SENTENCE, chunk, frames_of

from lipsmith.articulation.arkit import BLENDSHAPES, to_arkit
from lipsmith.articulation.export import CSV_HEADER, with_exports
from lipsmith.articulation.track import make_track
from lipsmith.core.motion import EyesPose, MouthPose, MouthTrack, Pose
from lipsmith.core.speech import Speech
from lipsmith.errors import OutputError


def track_of(fps: Fraction = Fraction(25)) -> MouthTrack:
    return make_track(Speech(RATE_HZ, 1, "en", iter([chunk(SENTENCE)])), fps=fps)


def test_visemes_cover_the_whole_sound(tmp_path: Path) -> None:
    path = tmp_path / "visemes.json"
    frames = list(with_exports(track_of(), visemes=path).frames)
    assert [f.pose for f in frames] == [f.pose for f in frames_of([chunk(SENTENCE)])]
    data = json.loads(path.read_text())
    assert data["fps"] == 25
    assert data["duration"] == pytest.approx(len(chunk(SENTENCE).samples) / RATE_HZ)
    runs = data["visemes"]
    assert runs[0]["start"] == 0
    assert runs[-1]["end"] == data["duration"]
    assert all(a["end"] == b["start"] for a, b in pairwise(runs))
    m = next(run for run in runs if run["viseme"] == "PP")
    assert m["start"] == pytest.approx(1.08, abs=0.04)


def test_blendshapes_have_live_link_columns(tmp_path: Path) -> None:
    path = tmp_path / "face.csv"
    frames = list(with_exports(track_of(Fraction(30000, 1001)), blendshapes=path).frames)
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == CSV_HEADER
    assert len(rows) == len(frames) + 1
    assert all(len(row) == 63 and row[1] == "61" for row in rows[1:])
    assert rows[31][0] == "00:00:01:00.030"


def test_blendshapes_say_what_the_pose_says() -> None:
    def value(name: str, **mouth: float) -> float:
        return to_arkit(Pose(mouth=MouthPose(**mouth)))[BLENDSHAPES.index(name)]

    assert len(set(BLENDSHAPES)) == 52
    assert not any(to_arkit(Pose()))
    assert value("JawOpen", jaw_mm=9, lower_drop_mm=12) > 0.3
    assert value("MouthClose", jaw_mm=9) == pytest.approx(value("JawOpen", jaw_mm=9))
    assert value("MouthPucker", round=1.0) == 1.0
    wink = to_arkit(Pose(eyes=EyesPose(blink_left=1.0)))
    assert wink[BLENDSHAPES.index("EyeBlinkRight")] == 1.0
    assert wink[BLENDSHAPES.index("EyeBlinkLeft")] == 0.0


def test_dropping_the_track_leaves_no_file(tmp_path: Path) -> None:
    track = with_exports(track_of(), visemes=tmp_path / "a.json", blendshapes=tmp_path / "a.csv")
    frames = track.frames
    for _ in islice(frames, 5):
        pass
    frames.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_existing_files_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("mine")
    with pytest.raises(OutputError, match="overwrite"):
        with_exports(track_of(), visemes=path)
    list(with_exports(track_of(), visemes=path, overwrite=True).frames)
    assert json.loads(path.read_text())["visemes"]
