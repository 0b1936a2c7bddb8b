from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipsmith.core.motion import MouthPose, Viseme
from lipsmith.core.request import RenderRequest
from lipsmith.errors import OptionError, TextError
from lipsmith.pipeline.preview import COLUMNS, SaidBefore, make_preview
from lipsmith.pipeline.rendering import Rendering
from lipsmith.pipeline.segments import cut_of, take_of

REQUEST = RenderRequest(Path("nobody-looks"), text="Hello, harbour.")


def _column(poses: np.ndarray, name: str) -> np.ndarray:
    return poses[:, COLUMNS.index(name)]


def test_it_says_and_does_what_the_video_does(portrait_path: Path) -> None:
    request = replace(REQUEST, picture=portrait_path, size="192x192", seed=3)
    preview = make_preview(request, SaidBefore())
    with Rendering(request) as rendering:
        frames = list(rendering)
        marks = rendering.report().marks
    assert (len(preview.poses), preview.fps) == (len(frames), rendering.fps)
    sound = np.concatenate([frame.samples for frame in frames])
    np.testing.assert_array_equal(preview.samples, sound)
    assert preview.marks == marks
    assert [word.text for word in preview.words] == ["Hello,", "harbour."]
    assert 0 < preview.words[0].start_s < preview.words[1].end_s < preview.duration_s


def test_passages_begin_and_end_at_rest_as_jobs_draw_them() -> None:
    text = "The old harbour was quiet. Nobody came. " * 30
    request = replace(REQUEST, text=text)
    cut, passages = cut_of(request, text)
    assert cut == "passages"
    preview = make_preview(request, SaidBefore(), longest_s=20)
    take = take_of(request, passages[0], Fraction(25))
    assert take is not None
    at_cut = preview.poses[take.frames]
    assert abs(at_cut[COLUMNS.index("head.yaw_rad")]) < 1e-9
    assert np.abs(_column(preview.poses, "head.yaw_rad")).max() > 0.01
    assert any("the preview ends after" in warning for warning in preview.warnings)


def test_another_expression_needs_no_speech() -> None:
    before = SaidBefore()
    first = make_preview(REQUEST, before)
    assert np.isfinite(first.poses).all()
    visemes = _column(first.poses, "viseme")
    assert set(visemes) <= set(range(len(Viseme)))
    assert len(set(visemes)) > 3

    class NotAgain(SaidBefore):
        def get(self, key, say):  # type: ignore[no-untyped-def]
            return before.get(key, lambda: pytest.fail("it was said again"))

    serious = make_preview(replace(REQUEST, expression=0.0), NotAgain())
    np.testing.assert_array_equal(serious.samples, first.samples)
    smile = f"mouth.{MouthPose.__slots__[7]}"
    assert _column(serious.poses, smile).mean() < _column(first.poses, smile).mean()


def test_shoulders_follow_the_head() -> None:
    poses = make_preview(replace(REQUEST, text="One. Two. Three. Four."), SaidBefore()).poses
    body, head = _column(poses, "body.x_mm"), _column(poses, "head.x_mm")
    assert 0 < np.abs(body).max() < np.abs(head).max()


def test_what_cannot_be_said_is_told() -> None:
    with pytest.raises(TextError):
        make_preview(replace(REQUEST, text="..."), SaidBefore())
    with pytest.raises(OptionError):
        make_preview(replace(REQUEST, expression=7.0), SaidBefore())
