from __future__ import annotations

import itertools
import math
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipsmith.articulation.track import make_track
from lipsmith.core.motion import HeadPose, Pose
from lipsmith.core.request import RenderRequest
from lipsmith.core.speech import Phone, Speech, SpeechChunk
from lipsmith.pipeline.speaking import open_speech
from lipsmith.pipeline.takes import (
    cut_into_takes,
    joined_takes,
    take_from_bytes,
    take_to_bytes,
)

FPS = Fraction(30000, 1001)
RATE = 22050


def _speech(lengths_s: list[float], *, recorded: bool) -> tuple[Speech, np.ndarray]:
    rng = np.random.default_rng(5)
    chunks, start = [], 0
    for length_s in lengths_s:
        samples = rng.uniform(-0.5, 0.5, (round(length_s * RATE), 1)).astype(np.float32)
        end = start + len(samples)
        phones = (Phone("a", start, end - 500), Phone("", end - 500, end))
        chunks.append(SpeechChunk(samples, start, phones))
        start = end
    whole = np.concatenate([chunk.samples for chunk in chunks])
    voice = None if recorded else "en-us"
    return Speech(RATE, 1, "en", iter(chunks), voice=voice), whole


def test_a_recording_keeps_every_sample_and_every_frame() -> None:
    speech, whole = _speech([3.337] * 24, recorded=True)
    takes = list(cut_into_takes(speech, FPS))
    assert len(takes) > 2
    joined = np.concatenate([chunk.samples for chunk in joined_takes(takes, FPS)])
    np.testing.assert_array_equal(joined, whole)
    assert sum(take.frames for take in takes) == math.ceil(len(whole) * FPS / RATE)
    for take in takes:
        frames = list(make_track(take.speech(), fps=FPS).frames)
        assert len(frames) == take.frames


def test_takes_of_a_text_do_not_drift() -> None:
    speech, whole = _speech([3.337] * 60, recorded=False)
    takes = list(cut_into_takes(speech, FPS))
    chunks = list(joined_takes(takes, FPS))
    end = chunks[-1].end
    frames = sum(take.frames for take in takes)
    assert abs(end - frames * RATE / FPS) <= 1
    assert len(whole) <= end <= len(whole) + len(takes) * RATE / FPS
    for chunk, following in itertools.pairwise(chunks):
        assert chunk.end == following.start


def test_a_take_is_the_same_after_it_was_written_and_read() -> None:
    speech, _ = _speech([4.0, 5.0], recorded=False)
    (take,) = cut_into_takes(speech, Fraction(25))
    data = take_to_bytes(take)
    read = take_from_bytes(data)
    assert take_to_bytes(read) == data
    assert read.chunks[1].phones == take.chunks[1].phones
    np.testing.assert_allclose(read.chunks[0].samples, take.chunks[0].samples, atol=2e-5)


@pytest.mark.parametrize("expression", [0.0, 1.0, 2.0])
def test_a_settled_face_begins_and_ends_at_rest(expression: float) -> None:
    request = RenderRequest(picture=Path("unused"), text="Not on your life, she said, and laughed.")
    with ExitStack() as stack:
        assert request.text is not None
        speech = open_speech(request, request.text, stack)()
        track = make_track(speech, fps=Fraction(25), expression=expression, settled=True)
        poses: list[Pose] = [frame.pose for frame in track.frames]
    assert poses[0].head == HeadPose()
    assert abs(poses[-1].head.yaw_rad) < 0.002
    assert poses[0].mouth.smile == pytest.approx(poses[-1].mouth.smile, abs=0.02)
    assert max(abs(pose.head.yaw_rad) + abs(pose.head.pitch_rad) for pose in poses) > 0.005
