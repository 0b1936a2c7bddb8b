"""The studio for everybody: by keyboard, by touch, for readers, light and dark, small and wide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from renders import FILM, Renders
from studio_page import RENDER_TIMEOUT_MS, SHORT, StudioPage, play

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from running_service import RunningService

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _assert_accessible(page: Page, where: str) -> None:
    # Colours are judged as they are in the end, not on their way there.
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finish()))")
    # By the browser itself: the page's policy lets no other script in.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", _RULES
    )
    grave = [
        (each["id"], each["help"], [node["target"] for node in each["nodes"]])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert not grave, (where, grave)


@pytest.mark.skipif(not AXE.is_file(), reason="axe is not installed: make web")
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_grave(
    studio_page: StudioPage, page: Page, film: str, portrait_path: Path, colours: str
) -> None:
    page.emulate_media(color_scheme=colours, reduced_motion="reduce")  # type: ignore[arg-type]
    studio_page.open()
    studio_page.render_button.wait_for()
    _assert_accessible(page, "an empty composer")
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Take it").wait_for()
    _assert_accessible(page, "the camera")
    page.keyboard.press("Escape")
    studio_page.drop_picture(portrait_path)
    studio_page.wait_for_face()
    studio_page.type(SHORT)
    studio_page.wait_until_it_can_talk()
    page.get_by_text("More options").click()
    page.get_by_text("Adjust the voice").click()
    page.get_by_role("combobox", name="Voice").click()
    _assert_accessible(page, "a full composer")
    studio_page.open("library")
    studio_page.card(FILM).wait_for()
    _assert_accessible(page, "the library")
    studio_page.card(FILM).get_by_role("button", name="Delete").click()
    _assert_accessible(page, "a question")
    studio_page.open(f"render/{film}")
    page.reload()
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("textbox", name="Link").wait_for()
    _assert_accessible(page, "a result")
    page.goto(page.get_by_role("textbox", name="Link").input_value())
    _assert_accessible(page, "a shared page")


def test_everything_works_by_keyboard(
    studio_page: StudioPage, page: Page, portrait_path: Path
) -> None:
    # Listened for early: the key is quicker than the browser learns that somebody listens.
    page.on("filechooser", lambda chooser: chooser.set_files(portrait_path))
    _tab_to(page, "Choose a picture")
    page.keyboard.press("Enter")
    studio_page.wait_for_face()
    page.locator("body").press("Tab")
    _tab_to(page, "What it says")
    page.keyboard.type(SHORT)
    studio_page.wait_until_it_talks()
    _tab_to(page, "Pause", back=True)
    page.keyboard.press("Space")
    studio_page.play_button.wait_for()
    _tab_to(page, "Position")
    before_s = studio_page.moment_s()
    page.keyboard.press("ArrowRight" if before_s < 0.5 else "ArrowLeft")
    page.wait_for_function(
        "before_s => document.activeElement.valueAsNumber !== before_s", arg=before_s
    )
    _tab_to(page, "Render video")
    page.keyboard.press("Enter")
    studio_page.wait_until_ready()
    _tab_to(page, SHORT)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=SHORT).wait_for()
    _tab_to(page, SHORT, element="VIDEO")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")


def test_a_phone_makes_a_video_by_touch(
    browser: Browser, studio: RunningService, renders: Renders, portrait_path: Path
) -> None:
    phone = browser.new_context(
        base_url=studio.url,
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    page = phone.new_page()
    page.set_default_timeout(RENDER_TIMEOUT_MS)
    studio_page = StudioPage(page)
    try:
        studio_page.open()
        page.get_by_role("heading", name="First, a picture of a face").wait_for()
        _assert_fits(page)
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a picture").tap()
        chooser.value.set_files(portrait_path)
        studio_page.wait_for_face()
        studio_page.words.tap()
        page.keyboard.type(SHORT)
        studio_page.wait_until_it_talks()
        _assert_fits(page)
        studio_page.render_button.tap()
        page.get_by_role("navigation", name="Studio").get_by_role("link", name="Library").tap()
        card = studio_page.card(SHORT)
        card.wait_for()
        _assert_fits(page)
        card.get_by_role("progressbar").wait_for(state="hidden")
        card.get_by_role("link", name=SHORT).tap()
        play(page.locator("video"))
        _assert_fits(page)
    finally:
        phone.close()


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_nothing_is_cut_off(studio_page: StudioPage, page: Page, film: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for place in ("", "library", f"render/{film}"):
        studio_page.open(place)
        page.get_by_role("main").locator("h1, h2").first.wait_for(state="attached")
        _assert_fits(page)


def _assert_fits(page: Page) -> None:
    """Nothing has to be looked for beside the screen."""
    beyond = page.evaluate(
        """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
    )
    assert beyond <= 0


def _tab_to(page: Page, name: str, back: bool = False, element: str = "") -> None:
    """Press Tab until what has this name has the focus, and see that it can be seen."""
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        told = page.evaluate(
            """() => {
              const { activeElement: at } = document;
              const label = at.labels?.[0]?.innerText ?? at.innerText;
              const style = getComputedStyle(at);
              const isSeen = style.outlineStyle !== "none" || style.boxShadow !== "none";
              return [at.ariaLabel ?? label ?? "", at.tagName, isSeen];
            }"""
        )
        if told[0].strip() == name and element in told[1]:
            assert told[2], f"the focus on {name} is not seen"
            return
    raise AssertionError(f"{name} is not reached by Tab")
