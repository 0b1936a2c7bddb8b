"""Renders that are followed, cancelled, tried again and found again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from complaints import Complaints
from renders import STORY, Renders
from running_service import RunningService
from studio_page import RENDER_TIMEOUT_MS, StudioPage, play

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LONG = STORY * 40


def test_a_render_is_cancelled_and_tried_again(
    studio_page: StudioPage, renders: Renders, page: Page
) -> None:
    renders.ask("A long one", text=LONG)
    going = studio_page.tray.get_by_role("progressbar", name="Progress of A long one")
    going.wait_for()
    studio_page.tray.get_by_role("button", name="Cancel A long one").click()
    going.wait_for(state="hidden")
    studio_page.go_to("Library")
    card = studio_page.card("A long one")
    card.get_by_text("Cancelled").wait_for()
    card.get_by_role("button", name="Try again: A long one").click()
    card.get_by_role("progressbar").wait_for()
    card.get_by_role("button", name="Cancel A long one").click()
    card.get_by_text("Cancelled").wait_for()


def test_several_are_under_way_and_come_back_after_a_reload(
    studio_page: StudioPage, renders: Renders, page: Page
) -> None:
    titles = ["First", "Second", "Third"]
    ids = [renders.ask(title, text=LONG) for title in titles]
    studio_page.tray.get_by_text("3 videos under way").wait_for()
    page.reload()
    studio_page.tray.get_by_text("3 videos under way").wait_for()
    for title in titles:
        studio_page.tray.get_by_role("progressbar", name=f"Progress of {title}").wait_for()
    studio_page.open(f"render/{ids[0]}")
    page.get_by_role("list", name="Steps").wait_for()
    bar = page.get_by_role("main").get_by_role("progressbar", name="Progress of First")
    page.wait_for_function(
        "name => document.querySelector(`main [aria-label='${name}']`)?.ariaValueNow > 0",
        arg="Progress of First",
        timeout=RENDER_TIMEOUT_MS,
    )
    page.get_by_text(re.compile(r"\d frames/s")).first.wait_for(timeout=RENDER_TIMEOUT_MS)
    before = int(bar.get_attribute("aria-valuenow") or 0)
    page.reload()
    bar.wait_for()
    assert int(bar.get_attribute("aria-valuenow") or 0) >= before
    page.get_by_role("main").get_by_role("button", name="Cancel").click()
    page.get_by_role("heading", name="Cancelled").wait_for()


def test_words_that_cannot_be_said_are_told_and_changed(
    studio_page: StudioPage, renders: Renders, page: Page
) -> None:
    render = renders.ask("Wordless", text="…")
    studio_page.open(f"render/{render}")
    page.get_by_role("heading", name="Failed").wait_for()
    page.get_by_text("Change the text").wait_for()
    page.get_by_role("link", name="Change it: Wordless").click()
    studio_page.wait_for_face()
    assert studio_page.words.input_value() == "…"


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[RunningService]:
    """A service that is killed; it starts again at the same place."""
    running = RunningService(tmp_path / "frail")
    running.start()
    yield running
    running.stop()


def test_a_killed_service_finishes_what_the_page_waits_for(
    frail: RunningService, browser: Browser, portrait_path: Path, complaints: Complaints
) -> None:
    complaints.allowed += ["Failed to load resource", "net::ERR"]
    context = browser.new_context(base_url=frail.url)
    page = context.new_page()
    page.set_default_timeout(RENDER_TIMEOUT_MS)
    complaints.watch(page, frail.url)
    studio_page = StudioPage(page)
    try:
        studio_page.open()
        with Renders(frail, portrait_path) as renders:
            renders.make("Made before")
            renders.ask("Made twice", text=STORY * 3)
            page.wait_for_function(
                "name => document.querySelector(`[aria-label='${name}']`)?.ariaValueNow > 20",
                arg="Progress of Made twice",
            )
            frail.kill()
            lost = studio_page.tray.get_by_text("The service does not answer. Reconnecting…").first
            lost.wait_for()
            studio_page.drop_picture(portrait_path)
            page.get_by_role("alert").filter(has_text="The service does not answer.").wait_for()
            frail.start()
            lost.wait_for(state="hidden")
            studio_page.wait_until_ready()
            studio_page.tray.get_by_role("link", name="Made twice").click()
            play(page.locator("video"))
            studio_page.go_to("Library")
            for title in ("Made before", "Made twice"):
                studio_page.card(title).wait_for()
            assert studio_page.library.get_by_role("listitem").count() == 2
    finally:
        context.close()
