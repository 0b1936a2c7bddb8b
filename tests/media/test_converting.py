from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipsmith.core.image import Frame
from lipsmith.core.motion import first_sample
from lipsmith.core.request import Size
from lipsmith.errors import PictureError
from lipsmith.media.converting import convert_video
from lipsmith.media.video import VideoWriter

RATE_HZ, FRAMES = 16_000, 30


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grey that gets lighter, with a beep at half time."""
    path = tmp_path_factory.mktemp("converting") / "video.mp4"
    fps = Fraction(25)
    samples = np.zeros((first_sample(FRAMES, RATE_HZ, fps), 1), np.float32)
    middle = len(samples) // 2
    samples[middle : middle + 1600, 0] = 0.5 * np.sin(np.arange(1600))
    comment = {"comment": "A synthetic video"}
    with VideoWriter(
        path, Size(128, 96), fps, rate_hz=RATE_HZ, channels=1, metadata=comment
    ) as writer:
        for index in range(FRAMES):
            start, end = (first_sample(i, RATE_HZ, fps) for i in (index, index + 1))
            image = np.full((96, 128, 3), 60 + 4 * index, np.uint8)
            writer.write(Frame(index, image, samples[start:end]))
    return path


def _pictures(path: Path) -> list[float]:
    with av.open(path) as opened:
        return [float(frame.to_ndarray(format="gray").mean()) for frame in opened.decode(video=0)]


def test_webm_has_the_same_pictures_sound_and_comment(video: Path, tmp_path: Path) -> None:
    convert_video(video, tmp_path / "video.webm")
    was, made = _pictures(video), _pictures(tmp_path / "video.webm")
    np.testing.assert_allclose(made, was, atol=3)
    with av.open(tmp_path / "video.webm") as opened:
        told = {name.lower(): value for name, value in opened.metadata.items()}
        assert told["comment"] == "A synthetic video"
        rate = opened.streams.audio[0].rate
        heard = np.concatenate([frame.to_ndarray().ravel() for frame in opened.decode(audio=0)])
    assert len(heard) / rate == pytest.approx(FRAMES / 25, abs=0.06)
    loudest = np.abs(heard).argmax() / rate
    assert FRAMES / 50 - 0.02 < loudest < FRAMES / 50 + 0.14


def test_a_gif_has_every_second_picture(video: Path, tmp_path: Path) -> None:
    convert_video(video, tmp_path / "video.gif")
    was, made = _pictures(video), _pictures(tmp_path / "video.gif")
    assert len(made) == FRAMES // 2
    np.testing.assert_allclose(made, was[::2], atol=8)


def test_what_is_no_video_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"nothing")
    with pytest.raises(PictureError):
        convert_video(tmp_path / "no.mp4", tmp_path / "video.webm")
    assert not (tmp_path / "video.webm").exists()
