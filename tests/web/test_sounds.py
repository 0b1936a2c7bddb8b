"""A portrait that says what somebody recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from studio_page import StudioPage, play

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def with_face(studio_page: StudioPage, portrait_path: Path) -> StudioPage:
    studio_page.drop_picture(portrait_path)
    studio_page.wait_for_face()
    return studio_page


def test_what_the_microphone_hears_becomes_a_video(with_face: StudioPage, page: Page) -> None:
    """Chromium's own microphone beeps once a second."""
    page.get_by_text("Record", exact=True).click()
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("img", name="Loudness").wait_for()
    page.get_by_role("timer", name="Length").filter(has_text="0:02").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Your recording").wait_for()
    page.get_by_role("button", name="Record again").wait_for()
    with_face.wait_until_it_can_talk()
    with_face.render()
    with_face.wait_until_ready()
    with_face.tray.get_by_role("link").click()
    video = page.locator("video")
    play(video)
    assert 1.5 < video.evaluate("video => video.duration") < 8
    page.get_by_role("heading", name="Download").wait_for()


def test_a_dropped_sound_is_what_it_says(
    with_face: StudioPage,
    page: Page,
    write_wav: Callable[..., Path],
    hum: Callable[..., object],
) -> None:
    wav = write_wav(hum(1.5), name="buzz.wav").read_bytes()
    with_face.hover(("buzz.wav", "audio/wav", wav))
    page.get_by_text("Let go to use it").wait_for()
    with_face.drop(("buzz.wav", "audio/wav", wav))
    page.get_by_text("buzz.wav").wait_for()
    page.get_by_text("Let go to use it").wait_for(state="hidden")
    assert page.get_by_role("radio", name="Sound file").is_checked()
    with_face.wait_until_it_can_talk()
    assert with_face.render_button.get_attribute("aria-disabled") is None
    with_face.play_button.click()
    with_face.pause_button.wait_for()


def test_a_refused_microphone_is_explained(studio_page: StudioPage, page: Page) -> None:
    page.evaluate(
        """() => {
          const refuse = () => Promise.reject(new DOMException("none", "NotFoundError"));
          navigator.mediaDevices.getUserMedia = refuse;
        }"""
    )
    page.get_by_text("Record", exact=True).click()
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("alert").filter(has_text="No microphone was found").wait_for()
