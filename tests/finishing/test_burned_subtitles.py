"""Subtitles in the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.image import Frame, Nv12Image
from lipsmith.core.portrait import Box, Face
from lipsmith.core.request import Size
from lipsmith.core.speech import TimedWord
from lipsmith.core.subtitle import Cue
from lipsmith.finishing import fonts
from lipsmith.finishing.subtitles import SubtitleBurner, columns_for, drawing_problem
from lipsmith.media.colour import nv12_to_rgb, rgb_to_nv12

SIZE = Size(320, 180)
GREY = np.full((180, 320, 3), 90, np.uint8)
SILENCE = np.zeros((1, 1), np.float32)


def cue(*lines: str) -> Cue:
    words, at = [], 0
    for line in lines:
        words.append(
            tuple(TimedWord(w, at + 100 * i, at + 100 * i + 90) for i, w in enumerate(line.split()))
        )
        at = words[-1][-1].end + 10
    return Cue(tuple(words), 0, at)


def face(mouth_y: float) -> Face:
    """A face 100 px high whose lips are at a height."""
    landmarks = np.zeros((478, 3))
    landmarks[[0, 17, 61, 291], 1] = mouth_y
    return Face(Box(100, mouth_y - 80, 180, mouth_y + 20), landmarks, 0, 0, 0, 1)


def changed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is different."""
    rows, columns = np.nonzero(np.abs(after.astype(int) - before).max(axis=2) > 25)
    return columns.min(), rows.min(), columns.max(), rows.max()


def drawn(shown: Cue, *faces: Face, sample: int = 0, karaoke: bool = False) -> NDArray[np.uint8]:
    burner = SubtitleBurner(SIZE, faces, "en", karaoke=karaoke)
    image = burner.draw(Frame(0, GREY, SILENCE), shown, sample).image
    assert isinstance(image, np.ndarray)
    return image


def test_words_stand_in_the_middle_at_the_bottom_inside_the_margins() -> None:
    image = drawn(cue("Hello there,", "how are you?"))
    left, top, right, bottom = changed(GREY, image)
    assert top > 110 and 160 < bottom < 0.97 * 180
    assert abs((left + right) / 2 - 160) < 8 and left > 0.05 * 320
    assert image.max() > 240 and image.min() < 30


def test_a_long_line_is_made_to_fit() -> None:
    left, _, right, _ = changed(GREY, drawn(cue("W" * 30)))
    assert 0 < left < right < 319


def test_they_move_up_when_the_mouth_is_at_the_bottom() -> None:
    assert changed(GREY, drawn(cue("Hello."), face(60)))[1] > 120
    assert changed(GREY, drawn(cue("Hello."), face(160)))[3] < 60
    # There is no way out when people speak at the top and at the bottom.
    assert changed(GREY, drawn(cue("Hello."), face(20), face(160)))[1] > 120


def test_the_word_that_is_said_has_another_colour() -> None:
    def yellow(sample: int) -> float:
        image = drawn(cue("Hello hello"), sample=sample, karaoke=True).astype(int)
        _, columns = np.nonzero(image[..., 0] - image[..., 2] > 120)
        return float(columns.mean())

    assert yellow(50) < 160 < yellow(150)
    plain = drawn(cue("Hello hello"), sample=50).astype(int)
    assert (plain[..., 0] - plain[..., 2]).max() < 40


def test_nv12_and_rgb_frames_look_the_same_and_are_left_as_they_were() -> None:
    burner = SubtitleBurner(SIZE, [], "en")
    shown = cue("Hello there")
    frame = Frame(0, rgb_to_nv12(GREY), SILENCE)
    before = frame.image.luma.copy()
    image = burner.draw(frame, shown, 0).image
    assert isinstance(image, Nv12Image) and np.array_equal(frame.image.luma, before)
    rgb = burner.draw(replace(frame, image=GREY), shown, 0).image
    assert isinstance(rgb, np.ndarray) and GREY.max() == 90
    assert float(np.abs(nv12_to_rgb(image).astype(int) - rgb).mean()) < 1.5
    assert image.luma.max() <= 235 and image.luma.min() >= 16


def test_small_upright_videos_have_shorter_lines() -> None:
    assert columns_for(Size(1920, 1080)) == 42
    assert 20 < columns_for(Size(1080, 1920)) < 36


@pytest.fixture
def no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "system_fonts", tuple)


@pytest.mark.usefixtures("no_system_fonts")
def test_english_can_be_drawn_without_any_font_on_the_system() -> None:
    assert drawing_problem("It's 5 o'clock, isn't it? “Yes” — 100%!") is None
    assert "Cyrillic" in (drawing_problem("Привет") or "")


@pytest.mark.usefixtures("no_system_fonts")
def test_words_that_no_font_has_are_left_out_and_told() -> None:
    burner = SubtitleBurner(SIZE, [], "en")
    image = burner.draw(Frame(0, GREY, SILENCE), cue("Hello Привет 🎉 you"), 0).image
    assert isinstance(image, np.ndarray) and not np.array_equal(image, GREY)
    assert len(burner.warnings) == 1 and "--subtitles srt" in burner.warnings[0]
    only = SubtitleBurner(SIZE, [], "ru")
    assert np.array_equal(only.draw(Frame(0, GREY, SILENCE), cue("Привет"), 0).image, GREY)
