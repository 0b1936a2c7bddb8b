"""A link that plays a video for anybody who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from complaints import Complaints
from renders import FILM, Renders
from running_service import RunningService
from studio_page import StudioPage, play

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_a_link_plays_for_somebody_without_a_key(
    studio_page: StudioPage,
    film: str,
    page: Page,
    browser: Browser,
    studio: RunningService,
    complaints: Complaints,
) -> None:
    studio_page.open(f"render/{film}")
    page.get_by_role("combobox", name="How long the link works").select_option("Works for 1 day")
    page.get_by_role("button", name="Make a link").click()
    url = page.get_by_role("textbox", name="Link").input_value()
    page.get_by_text("Works until").wait_for()
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == url
    assert page.get_by_role("link", name="Open").get_attribute("href") == url

    elsewhere = browser.new_context(java_script_enabled=False)
    stranger = elsewhere.new_page()
    complaints.watch(stranger, studio.url)
    stranger.goto(url)
    stranger.get_by_role("heading", name=FILM).wait_for()
    for name in ("og:title", "og:image", "og:video", "og:url"):
        assert stranger.locator(f"meta[property='{name}']").get_attribute("content")
    assert stranger.locator("meta[name='twitter:card']").get_attribute("content")
    play(stranger.locator("video"))
    elsewhere.close()


def test_links_that_were_changed_or_are_over_are_refused(
    page: Page, renders: Renders, film: str, complaints: Complaints
) -> None:
    complaints.allowed.append("404")
    url = renders.share(film, 1)
    changed = url[:-1] + ("0" if url[-1] != "0" else "1")
    short = renders.share(film, 0.0003)
    page.goto(url)
    page.get_by_role("heading", name=FILM).wait_for()
    page.wait_for_timeout(1200)
    for refused in (changed, short):
        page.goto(refused)
        page.get_by_text("expired").first.wait_for()
        assert page.locator("video").count() == 0
