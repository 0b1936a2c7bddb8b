"""From a picture that is dropped to a video that plays, as a person does it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image
from studio_page import SHORT, StudioPage, play

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIDE_PX = 260


def test_a_dropped_picture_talks_and_becomes_a_video(
    studio_page: StudioPage, page: Page, portrait_path: Path, tmp_path: Path
) -> None:
    face = tmp_path / "face.png"
    with Image.open(portrait_path) as portrait:
        portrait.crop((90, 0, 350, SIDE_PX)).save(face)
    studio_page.drop_picture(face)
    studio_page.wait_for_face()
    mouth = studio_page.place_of_mouth()
    studio_page.type(SHORT)
    studio_page.wait_until_it_talks()
    page.get_by_role("button", name="Play again and again").click()
    if studio_page.play_button.is_visible():
        studio_page.play_button.click()
    seen = [studio_page.look_at(mouth) for _ in range(8)]
    assert max(np.abs(each - seen[0]).mean() for each in seen) > 3
    studio_page.pause_button.click()
    still = studio_page.look_at(mouth)
    assert np.abs(studio_page.look_at(mouth) - still).max() < 8

    page.get_by_text("More options").click()
    page.get_by_role("combobox", name="Subtitles").select_option("SRT file")
    studio_page.render()
    studio_page.tray.get_by_role("progressbar", name=f"Progress of {SHORT}").wait_for()
    studio_page.wait_until_ready()
    video = studio_page.watch(SHORT)
    play(video)
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == [SIDE_PX, SIDE_PX]
    page.wait_for_function("() => document.querySelector('track')?.track.cues?.length > 0")
    cues = page.evaluate("[...document.querySelector('track').track.cues].map((c) => c.text)")
    assert " ".join(cues) == SHORT

    assert _frames(_download(page, "MP4", ".mp4"), "h264") > 20
    assert _frames(_download(page, "WebM", ".webm"), "vp9") > 20
    assert _frames(_download(page, "GIF", ".gif"), "gif") > 10
    subtitles = _download(page, "Subtitles", ".srt").decode()
    assert re.match(r"1\r?\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\r?\nHello", subtitles)
    assert json.loads(_download(page, "Visemes", ".json"))
    assert json.loads(_download(page, "Report", ".json"))["width"] == SIDE_PX
    with Image.open(io.BytesIO(_download(page, "Poster", ".jpg"))) as poster:
        assert poster.size == (SIDE_PX, SIDE_PX)


def _download(page: Page, name: str, ending: str) -> bytes:
    panel = page.locator("section").filter(has=page.get_by_role("heading", name="Download"))
    with page.expect_download() as started:
        panel.get_by_role("link", name=name).click()
    assert started.value.suggested_filename.endswith(ending)
    return Path(started.value.path()).read_bytes()


def _frames(file: bytes, codec: str) -> int:
    with av.open(io.BytesIO(file)) as opened:
        assert opened.streams.video[0].codec_context.name.startswith(codec)
        return sum(1 for _ in opened.decode(video=0))
