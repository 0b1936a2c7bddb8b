"""Past renders: found, named, deleted and used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from complaints import Complaints
from renders import FILM, Renders
from studio_page import StudioPage

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_renders_are_found_renamed_and_deleted(
    studio_page: StudioPage, film: str, renders: Renders, page: Page
) -> None:
    renders.make("The lighthouse", text="Keep the light on.")
    studio_page.open("library")
    studio_page.card("The lighthouse").wait_for()
    studio_page.card(FILM).wait_for()

    search = page.get_by_role("searchbox", name="Search")
    search.fill("keep the LIGHT")
    studio_page.card(FILM).wait_for(state="hidden")
    card = studio_page.card("The lighthouse")
    card.wait_for()
    search.fill("no such words")
    page.get_by_role("heading", name="Nothing found").wait_for()
    page.get_by_role("button", name="Show everything").click()
    page.get_by_text("Failed", exact=True).click()
    studio_page.card(FILM).wait_for(state="hidden")
    page.get_by_text("All", exact=True).click()

    card.get_by_role("button", name="Rename The lighthouse").click()
    title = page.get_by_role("textbox", name="Title", exact=True).and_(page.locator(":focus"))
    title.fill("The <b>beacon</b>")
    title.press("Enter")
    studio_page.card("The <b>beacon</b>").wait_for()
    page.reload()
    renamed = studio_page.card("The <b>beacon</b>")
    renamed.wait_for()

    renamed.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete this video?").get_by_role("button", name="Keep").click()
    renamed.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    renamed.wait_for(state="hidden")
    page.get_by_text("“The <b>beacon</b>” is deleted.").wait_for()
    page.reload()
    studio_page.card(FILM).wait_for()
    assert renamed.count() == 0


def test_many_are_deleted_at_once(
    studio_page: StudioPage, film: str, renders: Renders, page: Page
) -> None:
    for title in ("Draft one", "Draft two"):
        renders.make(title)
    studio_page.open("library")
    for title in ("Draft one", "Draft two"):
        page.get_by_role("checkbox", name=f"Select {title}").check()
    page.get_by_text("2 selected").wait_for()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog", name="Delete 2 videos?").get_by_role("button", name="Delete").click()
    page.get_by_text("2 videos are deleted.").wait_for()
    studio_page.card(FILM).wait_for()
    assert studio_page.card("Draft one").count() == 0


def test_a_render_is_used_again(studio_page: StudioPage, renders: Renders, page: Page) -> None:
    fields = {"text": "Say it twice.", "expression": "0.5", "subtitles": "vtt"}
    renders.make("To be repeated", **fields)
    studio_page.open("library")
    studio_page.card("To be repeated").get_by_role("button", name="Use").click()
    page.get_by_text("Filled in as it was.").wait_for()
    studio_page.wait_for_face()
    assert studio_page.words.input_value() == "Say it twice."
    assert page.get_by_role("slider", name="Expression").input_value() == "0.5"
    page.get_by_text("More options").click()
    assert page.get_by_role("combobox", name="Subtitles").input_value() == "vtt"
    page.reload()
    studio_page.wait_for_face()
    assert studio_page.words.input_value() == "Say it twice."


def test_what_is_not_there_is_told(
    studio_page: StudioPage, page: Page, complaints: Complaints
) -> None:
    complaints.allowed.append("404")
    studio_page.open("render/nothing")
    page.get_by_role("heading", name="There is no such video").wait_for()
    page.get_by_role("button", name="To the library").click()
    page.get_by_role("heading", name="Library").wait_for()
