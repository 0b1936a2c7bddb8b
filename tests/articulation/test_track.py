"""The stream: exact sound, exact counts, flat memory, the same however it was cut."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
from handmade import RATE_HZ, SENTENCE, chunk, cut, frames_of

from lipsmith.articulation.track import make_track
from lipsmith.core.motion import Viseme, frame_count
from lipsmith.core.speech import Speech, SpeechChunk

RATES = [Fraction(12), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("channels", [1, 2])
def test_sound_comes_back_whole(fps: Fraction, channels: int) -> None:
    whole = chunk([*SENTENCE, ("ɑː", 37)], channels=channels)
    frames = frames_of(cut(whole, lambda pause: True), fps)
    assert len(frames) == frame_count(len(whole.samples), RATE_HZ, fps)
    np.testing.assert_array_equal(np.concatenate([f.samples for f in frames]), whole.samples)
    start = 0
    for index, frame in enumerate(frames):
        assert frame.index == index
        assert start - 1 < index * RATE_HZ / fps <= start
        start += len(frame.samples)


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(24000, 1001), Fraction(200)])
def test_cutting_elsewhere_changes_nothing(fps: Fraction) -> None:
    whole = chunk(SENTENCE * 3)
    once = frames_of([whole], fps)
    for at_pause in (lambda p: True, lambda p: p.end - p.start > RATE_HZ // 2):
        pieces = cut(whole, at_pause)
        assert len(pieces) > 1
        assert [f.pose for f in frames_of(pieces, fps)] == [f.pose for f in once]


def test_same_seed_same_track_other_seed_other_life() -> None:
    first, again, other = (frames_of([chunk(SENTENCE)], seed=seed) for seed in (1, 1, 2))
    assert [f.pose for f in first] == [f.pose for f in again]
    assert [f.pose.head for f in first] != [f.pose.head for f in other]
    gaps = [[f.pose.mouth.lower_drop_mm for f in track] for track in (first, other)]
    assert gaps[0] == gaps[1]


def test_twice_the_frame_rate_is_the_same_motion() -> None:
    slow, fast = frames_of([chunk(SENTENCE)], 25), frames_of([chunk(SENTENCE)], 50)
    for one, two in zip(slow, fast[::2], strict=True):
        assert one.pose.head == two.pose.head
        assert one.pose.eyes == two.pose.eyes
        assert one.pose.mouth.width_mm == two.pose.mouth.width_mm


def test_first_frames_leave_before_the_second_chunk_is_made() -> None:
    asked = []

    def chunks() -> Iterator[SpeechChunk]:
        for piece in cut(chunk(SENTENCE), lambda pause: True):
            asked.append(piece.start)
            yield piece

    track = make_track(Speech(RATE_HZ, 1, "en", chunks()), fps=Fraction(25))
    assert asked == []
    next(iter(track.frames))
    assert asked[-1] <= 1.2 * RATE_HZ


def test_memory_does_not_grow_with_length() -> None:
    def endless() -> Iterator[SpeechChunk]:
        at = 0
        while True:
            piece = chunk(SENTENCE, at)
            yield piece
            at = piece.end

    frames = make_track(Speech(RATE_HZ, 1, "en", endless()), fps=Fraction(25)).frames
    tracemalloc.start()
    held = []
    for _ in range(3):
        for _ in islice(frames, 300):
            pass
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert max(held) - held[0] < 400_000  # half a chunk's sound


def test_visemes_and_progress_follow_the_sound() -> None:
    whole = replace(chunk([("", 400), ("m", 200), ("ɑː", 200), ("", 400)]), progress=1.0)
    frames = frames_of([whole])
    assert [frames[i].viseme for i in (2, 12, 17, 27)] == [
        Viseme.SIL, Viseme.PP, Viseme.AA, Viseme.SIL,
    ]  # fmt: skip
    progress = [f.progress for f in frames]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_no_speech_is_no_frames() -> None:
    assert frames_of([]) == []


def test_speech_without_phones_is_refused() -> None:
    with pytest.raises(ValueError, match="recognise"):
        frames_of([replace(chunk(SENTENCE), phones=None)])
