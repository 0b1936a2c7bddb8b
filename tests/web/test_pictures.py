"""The ways in which a picture comes to the studio, and what is said about those that do not fit."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from complaints import Complaints
from PIL import Image
from studio_page import StudioPage

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def test_a_pasted_picture_is_looked_at(studio_page: StudioPage, portrait_path: Path) -> None:
    studio_page.paste(("image.png", "image/png", portrait_path.read_bytes()))
    studio_page.wait_for_face()
    studio_page.stage.get_by_role("img", name="The picture that will talk").wait_for()


def test_two_people_are_told_apart(studio_page: StudioPage, portrait_path: Path) -> None:
    with Image.open(portrait_path) as one:
        face = one.convert("RGB").crop((115, 10, 345, 240))
    pair = Image.new("RGB", (520, 250), "white")
    for left in (10, 280):
        pair.paste(face, (left, 10))
    studio_page.drop(("pair.png", "image/png", _png(pair)))
    second = studio_page.face("Face 2 of 2")
    second.wait_for(state="attached")
    assert studio_page.face("Face 1 of 2").is_checked()
    box = second.bounding_box()
    assert box
    with studio_page.page.expect_response(lambda answer: "/rig?face=1" in answer.url):
        studio_page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert second.is_checked()


def test_the_camera_takes_a_picture(
    studio_page: StudioPage, page: Page, complaints: Complaints
) -> None:
    """Chromium's own camera shows a clock, so no face is found, and that is said."""
    complaints.allowed.append("422")
    page.get_by_role("button", name="Use the camera").click()
    dialog = page.get_by_role("dialog", name="Take a picture")
    dialog.get_by_role("button", name="Take it").click()
    dialog.get_by_role("img", name="The picture you took").wait_for()
    dialog.get_by_role("button", name="Take another").click()
    dialog.get_by_role("button", name="Take it").click()
    dialog.get_by_role("button", name="Use this one").click()
    dialog.wait_for(state="hidden")
    told = studio_page.stage.get_by_role("alert")
    told.filter(has_text="No face was found").wait_for()
    assert studio_page.render_button.get_attribute("aria-disabled") == "true"
    page.get_by_text("This picture has no face that can talk.").wait_for()


def test_no_camera_is_no_riddle(page: Page, studio_page: StudioPage) -> None:
    page.evaluate(
        """() => {
          const refuse = () => Promise.reject(new DOMException("no", "NotAllowedError"));
          navigator.mediaDevices.getUserMedia = refuse;
        }"""
    )
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_text("The browser may not use the camera. Allow it beside the address").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")


def test_what_is_no_picture_is_said_before_it_is_sent(studio_page: StudioPage, page: Page) -> None:
    studio_page.drop(("plans.zip", "application/zip", b"PK\x03\x04"))
    page.get_by_text("plans.zip is neither a picture, a video nor a sound.").wait_for()


def test_a_damaged_picture_is_said_to_be(
    studio_page: StudioPage, page: Page, complaints: Complaints, portrait_path: Path
) -> None:
    complaints.allowed.append("415")
    studio_page.drop(("face.png", "image/png", b"no picture at all"))
    told = studio_page.stage.get_by_role("alert")
    told.wait_for()
    assert "picture" in told.inner_text().lower()
    page.get_by_role("button", name="Choose a picture").wait_for()
    studio_page.drop_picture(portrait_path)
    studio_page.wait_for_face()


def test_a_picture_with_nobody_in_it(studio_page: StudioPage, complaints: Complaints) -> None:
    complaints.allowed.append("422")
    noise = np.random.default_rng(1).integers(90, 160, (240, 320, 3), np.uint8)
    studio_page.drop(("wall.png", "image/png", _png(Image.fromarray(noise))))
    told = studio_page.stage.get_by_role("alert")
    told.filter(has_text="No face was found").wait_for()


def test_a_huge_file_is_refused_before_it_is_sent(
    studio_page: StudioPage, page: Page, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(513_000_000)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    studio_page.choose_picture(huge)
    told = studio_page.stage.get_by_role("alert")
    told.filter(has_text="larger than 512 MB").wait_for()
    assert "POST" not in sent


def test_a_picture_of_the_last_visit_waits_for_the_service(
    studio_page: StudioPage, page: Page, complaints: Complaints, portrait_path: Path
) -> None:
    complaints.allowed.append("net::ERR_FAILED")
    studio_page.drop_picture(portrait_path)
    studio_page.wait_for_face()
    page.route("**/faces", lambda route: route.abort())
    page.reload()
    told = studio_page.stage.get_by_role("alert")
    told.filter(has_text="The service does not answer.").wait_for()
    page.unroute("**/faces")
    studio_page.wait_for_face()
    told.wait_for(state="hidden")
