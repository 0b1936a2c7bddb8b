"""Each frame gets the sound around it, a bounded time ahead, and rests where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scenes import FPS, RATE_HZ, track

from lipsmith.core.motion import MouthTrack, TrackFrame, Viseme
from lipsmith.engines.wav2lip.hearing import LOOKAHEAD_MS, listen

SIL, AA = Viseme.SIL, Viseme.AA


def test_there_is_one_window_for_each_frame_of_the_track() -> None:
    for count in (1, 3, 250):
        heard = list(listen(track([AA] * count)))
        assert [each.frame.index for each in heard] == list(range(count))
        assert all(each.mel.shape == (80, 16) for each in heard)
    assert list(listen(track([]))) == []


def test_a_window_begins_with_its_frame() -> None:
    heard = list(listen(track([SIL] * 20 + [AA] * 20)))
    loud = [each.mel.max(0) > -3.5 for each in heard]
    # Speech begins with column 64, so that is the last column of the window of frame 15 or 16.
    assert not any(columns.any() for columns in loud[:14])
    assert loud[16][-1] and not loud[16][:10].any()
    assert loud[20].all()


def test_no_more_is_read_ahead_than_promised() -> None:
    read: list[int] = []
    whole = track([AA] * 100)

    def watched() -> Iterator[TrackFrame]:
        for frame in whole.frames:
            read.append(frame.index)
            yield frame

    ahead = [max(read) - each.frame.index for each in listen(replace(whole, frames=watched()))]
    assert max(ahead) <= LOOKAHEAD_MS / 1000 * FPS + 2


def test_the_mouth_rests_in_pauses_and_not_between_words() -> None:
    said = [SIL] * 8 + [AA] * 6 + [SIL] * 2 + [AA] * 6 + [SIL] * 12
    rest = [each.rest for each in listen(track(said))]
    assert rest[0] == 1 and rest[-1] == 1 and rest[27] == 1
    assert all(share == 0 for share in rest[8:22])
    assert 0 < rest[6] < 1 and 0 < rest[23] < 1


def test_noise_in_a_pause_is_not_heard() -> None:
    quiet = list(listen(track([SIL] * 30)))
    noisy = track([AA] * 30)
    as_pause = replace(noisy, frames=(replace(each, viseme=SIL) for each in noisy.frames))
    heard = list(listen(as_pause))
    assert heard[10].mel.max() > -2
    np.testing.assert_array_equal(heard[10].silenced_mel, quiet[10].mel)


def test_stereo_and_any_rate_are_heard_alike() -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[:, None]

    def cut(sound: np.ndarray, rate_hz: int) -> MouthTrack:
        count = int(rate_hz / FPS)
        frames = (
            replace(frame, samples=sound[frame.index * count : (frame.index + 1) * count])
            for frame in track([AA] * 50).frames
        )
        return MouthTrack(FPS, rate_hz, sound.shape[1], frames)

    mono = list(listen(cut(tone, RATE_HZ)))
    stereo = list(listen(cut(np.repeat(tone, 2, 1), RATE_HZ)))
    slow = (0.3 * np.sin(2 * np.pi * 440 * np.arange(32000) / 16000)).astype(np.float32)[:, None]
    other = list(listen(cut(slow, 16000)))
    np.testing.assert_allclose(stereo[20].mel, mono[20].mel, atol=1e-4)
    assert np.abs(other[20].mel - mono[20].mel).mean() < 0.1
