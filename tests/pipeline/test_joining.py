"""What the report and the file of a joined render tell of its parts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipsmith.core.request import RenderReport, RenderRequest
from lipsmith.pipeline.joining import Segment, join_segments
from lipsmith.pipeline.segments import render_segment, take_of, takes_of
from lipsmith.pipeline.stages import Exports
from lipsmith.pipeline.takes import Take, take_to_bytes
from lipsmith.requests import make_request
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.cloning.reference import at_rate
from lipsmith.speech.espeak.engine import EspeakEngine
from parrot_voice import parrot_voice

FPS = Fraction(25)
RATE_HZ = 16_000
WORDS = "This is my own voice. I read a few words, and then a few more."


@pytest.fixture
def cloned(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    portrait_path: Path,
    write_wav: Callable[..., Path],
) -> Iterator[Callable[[str], RenderRequest]]:
    """Requests for a text in a cloned voice, which tires, or in espeak's."""
    engine = EspeakEngine()
    speech = engine.speak([WORDS], SpeechOptions("en-us"))
    samples = np.concatenate([chunk.samples[:, 0] for chunk in speech.chunks])
    engine.close()
    recording = write_wav(at_rate(samples, speech.rate_hz, RATE_HZ), RATE_HZ, "me.wav")
    with parrot_voice(tmp_path, monkeypatch):
        yield lambda text: make_request(
            portrait_path, text=text, voice="parrot,espeak", size="128x128", consent=True,
            clone=recording, clone_text=WORDS,
        )  # fmt: skip


def _join(request: RenderRequest, takes: list[Take], out: Path) -> RenderReport:
    segments = []
    for number, take in enumerate(takes):
        segment = Segment(out.with_name(f"{number}.take"), out.with_name(f"{number}.mp4"))
        segment.take.write_bytes(take_to_bytes(take))
        warnings = render_segment(request, take, segment.video)
        segments.append(Segment(segment.take, segment.video, warnings))
    return join_segments(request, segments, out, Exports(), fps=FPS, normalise=True)


def _comment(video: Path) -> str:
    with av.open(str(video)) as opened:
        return str(opened.metadata["comment"])


@pytest.mark.parametrize(
    ("passages", "extent"),
    [
        (["Here the parrot speaks. ", "It does so again."], "wholly"),
        (["Here the parrot speaks. ", "BREAK, and another one goes on."], "partly"),
        (["BREAK at once. ", "BREAK and BREAK."], None),
    ],
)
def test_a_joined_video_tells_who_spoke_and_how_much_of_it_is_cloned(
    cloned: Callable[[str], RenderRequest], tmp_path: Path, passages: list[str], extent: str | None
) -> None:
    request = cloned("".join(passages))
    takes = [take_of(request, passage, FPS) for passage in passages]
    out = tmp_path / "out.mp4"
    report = _join(request, [take for take in takes if take], out)
    told = [warning for warning in report.warnings if "the parrot is tired" in warning]
    assert bool(told) == (extent != "wholly")
    assert len(told) == len(set(told))
    assert (f"{extent} cloned" in _comment(out)) == ("cloned" in _comment(out)) == bool(extent)


def test_voices_of_several_rates_join_in_step(
    cloned: Callable[[str], RenderRequest], tmp_path: Path
) -> None:
    passages = ["Here the parrot speaks. ", "BREAK, and the other voice has another rate."]
    request = cloned("".join(passages))
    takes = [take for take in (take_of(request, each, FPS) for each in passages) if take]
    assert takes[0].rate_hz != takes[1].rate_hz
    report = _join(request, takes, tmp_path / "out.mp4")
    assert report.duration_s == pytest.approx(report.frames / 25, abs=0.001)
    with av.open(str(tmp_path / "out.mp4")) as video:
        frames = [frame.pts for frame in video.decode(video=0)]
    assert len({later - earlier for earlier, later in itertools.pairwise(frames)}) == 1
    assert len(frames) == report.frames


def test_marks_and_what_a_voice_warns_of_are_told_of_the_whole(
    portrait_path: Path, tmp_path: Path
) -> None:
    text = "<speak>Well. <mark name='here'/>Now then.</speak>"
    request = make_request(portrait_path, text=text, size="128x128")
    (take,) = takes_of(request, FPS)
    report = _join(request, [take, take], tmp_path / "out.mp4")
    assert [mark.name for mark in report.marks] == ["here", "here"]
    assert report.marks[1].time_s - report.marks[0].time_s == pytest.approx(
        take.frames / 25, abs=0.001
    )


def test_silence_is_told_only_where_all_is_silent(
    portrait_path: Path, tmp_path: Path, write_wav: Callable[..., Path]
) -> None:
    silence = np.zeros(16_000, np.float32)
    request = make_request(portrait_path, audio=write_wav(silence, 16_000), size="128x128")
    takes = list(takes_of(request, FPS))
    report = _join(request, takes, tmp_path / "out.mp4")
    assert report.warnings == ("the sound is silent, so the mouth stays shut",)
