"""What the page loads, when, and from where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from studio_page import SHORT, StudioPage

if TYPE_CHECKING:
    from complaints import Complaints
    from playwright.sync_api import Page, Response

FIRST_LOAD_LIMIT_BYTES = 400_000


def test_little_is_loaded_until_there_is_a_face(
    page: Page, portrait_path: Path, complaints: Complaints
) -> None:
    scripts: list[str] = []

    def came(response: Response) -> None:
        if response.url.endswith(".js"):
            scripts.append(response.url.rpartition("/")[2])

    page.on("response", came)
    page.add_init_script(
        """addEventListener("securitypolicyviolation", (event) =>
          console.error("policy", event.violatedDirective, event.blockedURI))"""
    )
    studio_page = StudioPage(page)
    studio_page.open()
    studio_page.render_button.wait_for()
    page.wait_for_timeout(300)
    sizes = page.evaluate(
        """() => [...performance.getEntriesByType("navigation"),
          ...performance.getEntriesByType("resource")].map((each) => each.transferSize)"""
    )
    assert 50_000 < sum(sizes) < FIRST_LOAD_LIMIT_BYTES
    assert not any("rig" in name for name in scripts)
    studio_page.drop_picture(portrait_path)
    studio_page.type(SHORT)
    studio_page.wait_until_it_talks()
    assert any("rig" in name for name in scripts)
    assert complaints == []


def test_nothing_jumps_while_a_picture_comes(
    studio_page: StudioPage, page: Page, portrait_path: Path
) -> None:
    page.evaluate(
        """() => {
          window.shifted = 0;
          new PerformanceObserver((list) => {
            for (const { value, hadRecentInput } of list.getEntries()) {
              if (!hadRecentInput) window.shifted += value;
            }
          }).observe({ type: "layout-shift", buffered: true });
        }"""
    )
    studio_page.drop_picture(portrait_path)
    studio_page.wait_for_face()
    studio_page.type(SHORT)
    studio_page.wait_until_it_talks()
    studio_page.go_to("Library")
    page.get_by_role("heading", name="Library").wait_for()
    assert page.evaluate("window.shifted") < 0.05
