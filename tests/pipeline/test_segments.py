from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipsmith.errors import FaceError, OptionError
from lipsmith.pipeline.joining import Segment, join_segments
from lipsmith.pipeline.segments import (
    Cut,
    passages,
    plan_segments,
    render_segment,
    take_of,
)
from lipsmith.pipeline.stages import Exports
from lipsmith.pipeline.takes import take_to_bytes
from lipsmith.requests import make_request

STORY = (
    "The old harbour was quiet that morning. Nobody had expected the boats to return so early, "
    "and certainly not with their nets full. Ask Peter. He knows why the lights were left on. "
)


def test_an_edit_changes_the_passage_it_is_in_and_no_other() -> None:
    text = "".join(f"Chapter {n}. {STORY}" for n in range(20))
    before = list(passages(text))
    assert "".join(before) == text
    assert len(before) > 8
    after = list(passages(text.replace("Chapter 9.", "Chapter nine!")))
    changed = set(before) ^ set(after)
    assert 2 <= len(changed) <= 6


def test_segments_join_to_one_video_without_a_gap(portrait_path: Path, tmp_path: Path) -> None:
    text = STORY * 2
    fps = Fraction(25)
    request = make_request(portrait_path, text=text, size="128x128", subtitles="srt")
    plan = plan_segments(request, tmp_path / "poster.jpg")
    assert plan.cut is Cut.PASSAGES
    assert (tmp_path / "poster.jpg").stat().st_size > 1000
    segments = []
    for number, passage in enumerate(plan.passages):
        take = take_of(request, passage, fps)
        assert take is not None
        segment = Segment(tmp_path / f"{number}.take", tmp_path / f"{number}.mp4")
        segment.take.write_bytes(take_to_bytes(take))
        render_segment(request, take, segment.video)
        segments.append(segment)
    out = tmp_path / "out.mp4"
    exports = Exports(tmp_path / "visemes.json", None, tmp_path / "out.srt")
    report = join_segments(request, segments, out, exports, fps=fps, normalise=True)
    with av.open(out) as video:
        frames = [frame.pts for frame in video.decode(video=0)]
    steps = {later - earlier for earlier, later in itertools.pairwise(frames)}
    assert len(steps) == 1
    assert len(frames) == report.frames
    with av.open(out) as video:
        assert video.streams.audio[0].duration is not None
        sound = float(video.streams.audio[0].duration * video.streams.audio[0].time_base)
    assert sound == pytest.approx(report.frames / 25, abs=0.002)
    subtitles = exports.subtitles
    assert subtitles is not None
    assert subtitles.read_text().count("harbour") == 2
    assert exports.visemes is not None and exports.visemes.stat().st_size > 1000


def test_nothing_to_say_is_no_take(portrait_path: Path) -> None:
    request = make_request(portrait_path, text="Hello. ...")
    assert take_of(request, "...", Fraction(25)) is None


def test_a_plan_refuses_what_cannot_be_drawn(portrait_path: Path, tmp_path: Path) -> None:
    from PIL import Image

    empty = tmp_path / "wall.png"
    Image.fromarray(np.full((128, 128, 3), 200, np.uint8)).save(empty)
    with pytest.raises(FaceError):
        plan_segments(make_request(empty, text="Hello."), tmp_path / "poster.jpg")
    with pytest.raises(OptionError):
        request = make_request(portrait_path, text="Hello.", voice="nobody at all")
        plan_segments(request, tmp_path / "poster.jpg")
