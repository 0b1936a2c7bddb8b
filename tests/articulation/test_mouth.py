"""What lips, jaw and tongue do for which sounds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from handmade import RATE_HZ, SENTENCE, chunk, frames_of

from lipsmith.articulation.targets import targets
from lipsmith.core.motion import TrackFrame
from lipsmith.evaluation.articulation import lip_opening_mm, measure_articulation

FAST = tuple((symbol, max(20, ms * 2 // 5)) for symbol, ms in SENTENCE)


def during(frames: list[TrackFrame], start_ms: int, end_ms: int, fps: int) -> list[TrackFrame]:
    return [f for f in frames if start_ms / 1000 <= f.index / fps <= end_ms / 1000]


def middle(symbol: str, ms: int = 240) -> TrackFrame:
    """The frame in the middle of a sound between two neutral vowels."""
    frames = frames_of([chunk([("", 300), ("ə", 80), (symbol, ms), ("ə", 80), ("", 300)])], 100)
    return frames[round((0.38 + ms / 2000 - 0.035) * 100)]


@pytest.mark.parametrize("said", [SENTENCE, FAST], ids=["slow", "fast"])
@pytest.mark.parametrize("fps", [Fraction(12), Fraction(25), Fraction(30000, 1001), Fraction(60)])
def test_bilabials_close_at_every_pace_and_frame_rate(
    said: tuple[tuple[str, int], ...], fps: Fraction
) -> None:
    whole = chunk(said)
    measures = measure_articulation(frames_of([whole], fps), whole.phones or (), fps, RATE_HZ)
    assert measures.bilabials == 5
    assert measures.bilabials_closed == 1.0


@pytest.mark.parametrize("fps", [25, 50, 60])
def test_lips_are_no_faster_than_people(fps: int) -> None:
    gaps = [lip_opening_mm(f.pose.mouth) for f in frames_of([chunk(SENTENCE)], fps)]
    assert np.abs(np.diff(gaps)).max() * fps < 215
    jaw = [f.pose.mouth.jaw_mm for f in frames_of([chunk(SENTENCE)], fps)]
    assert np.abs(np.diff(jaw)).max() * fps < 150


def test_f_opens_to_a_vowel_gradually() -> None:
    frames = frames_of([chunk([("", 300), ("f", 90), ("ˈɑː", 250), ("", 300)])], 25)
    gaps = np.array([lip_opening_mm(f.pose.mouth) for f in frames])
    assert gaps.max() > 9
    assert np.diff(gaps).max() * 25 < 152


def test_mouth_is_shut_but_not_pressed_soon_after_speech_stops() -> None:
    whole = chunk([("", 300), ("ˈɑː", 250), ("", 1200), ("ˈɑː", 250), ("", 500)])
    frames = frames_of([whole], 50)
    for frame in during(frames, 550 + 120, 1750 - 300, 50):
        assert lip_opening_mm(frame.pose.mouth) < 0.3
        assert frame.pose.mouth.press == 0.0
    assert max(lip_opening_mm(f.pose.mouth) for f in during(frames, 1600, 1700, 50)) > 0.5


def test_silence_keeps_the_mouth_shut() -> None:
    frames = frames_of([chunk([("", 3000)])])
    assert max(lip_opening_mm(f.pose.mouth) for f in frames) < 0.01


def test_phones_without_sound_keep_the_mouth_shut() -> None:
    whole = chunk([("", 300), ("ˈɑː", 300), ("l", 80), ("ˈɑː", 900), ("", 500)])
    whole.samples[RATE_HZ * 7 // 10 :] = 0.0
    frames = frames_of([whole])
    assert max(lip_opening_mm(f.pose.mouth) for f in frames) > 5
    assert max(lip_opening_mm(f.pose.mouth) for f in during(frames, 950, 1600, 25)) < 0.3


def test_vowels_differ_as_in_the_mirror() -> None:
    a, i, u = (middle(v).pose.mouth for v in ("ɑː", "iː", "uː"))
    assert lip_opening_mm(a) > lip_opening_mm(i) + 2 > lip_opening_mm(u) + 2
    assert a.jaw_mm > i.jaw_mm + 3
    assert i.width_mm > 2
    assert u.width_mm < -4
    assert u.round > 0.8 > 0.1 > i.round


def test_consonants_touch_where_they_should() -> None:
    f, s, t, th = (middle(c, 100).pose.mouth for c in ("f", "s", "t", "θ"))
    assert f.labiodental > 0.95
    assert f.lower_drop_mm < 1.3
    assert s.jaw_mm < 1.5
    assert t.tongue > 0.9
    assert th.tongue_out > 0.9


def test_lips_round_ahead_of_a_rounded_vowel() -> None:
    frames = frames_of(
        [chunk([("", 300), ("ə", 80), ("s", 100), ("t", 70), ("uː", 200), ("", 300)])]
    )
    early = during(frames, 550 - 110 - 35, 550 - 90, 25)[0].pose.mouth
    neutral = during(frames, 340, 360, 25)[0].pose.mouth
    assert early.round > 0.25 > neutral.round


def test_diphthongs_move() -> None:
    frames = frames_of([chunk([("", 300), ("ˈaɪ", 300), ("", 300)])], 50)
    early, late = during(frames, 370, 380, 50)[0], during(frames, 520, 530, 50)[0]
    assert lip_opening_mm(early.pose.mouth) > lip_opening_mm(late.pose.mouth) + 2
    assert late.pose.mouth.width_mm > early.pose.mouth.width_mm + 0.5


def test_louder_and_stressed_speech_opens_wider() -> None:
    def peak(said: list[tuple[str, int]], level: float) -> float:
        whole = chunk([("ɑː", 200), ("", 300), *said, ("", 300)])
        whole.samples[RATE_HZ // 2 :] *= level
        return max(lip_opening_mm(f.pose.mouth) for f in during(frames_of([whole]), 500, 900, 25))

    plain = peak([("ɑː", 200)], 1.0)
    assert peak([("ɑː", 200)], 0.2) < 0.9 * plain
    assert peak([("ˈɑː", 200)], 1.0) > 1.05 * plain


def test_fast_speech_undershoots() -> None:
    def peak(ms: int) -> float:
        whole = chunk([("", 300), *[("d", ms), ("ˈɑː", ms)] * 4, ("", 300)])
        return max(lip_opening_mm(f.pose.mouth) for f in frames_of([whole], 50))

    assert peak(50) < 0.85 * peak(150)


def test_curves_are_smooth_at_high_frame_rates() -> None:
    whole = chunk(SENTENCE)
    measures = measure_articulation(
        frames_of([whole], 60), whole.phones or (), Fraction(60), RATE_HZ
    )
    assert measures.jitter < 0.1


@pytest.mark.parametrize("symbol", ["t͡ʃ", "dʒ", "ɔɪ", "ã", "kʷ", "n̩", "y", "ɯ", "☃", "1"])
def test_every_symbol_has_a_target(symbol: str) -> None:
    shapes = targets(symbol)
    assert sum(share for share, _ in shapes) == pytest.approx(1.0)
