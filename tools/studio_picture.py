"""Takes the README's pictures of the studio, as a browser shows it.

python tools/studio_picture.py docs/media
"""

from __future__ import annotations

import io
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from studio_browser import opened_browser, running_studio

if TYPE_CHECKING:
    from playwright.sync_api import Page

VIEW = {"width": 1280, "height": 800}
SCALE = 1.25
COLOURS = 256
TEXT = "Hello! I am a still picture. Type anything, and I will say it."
TITLES = ("A greeting", "The harbour story", "Five blue moths")
# An open mouth and open eyes, in the middle of a sentence.
MOMENT_S = 3.3
_PATIENCE_MS = 60_000
_SEEK = """(range, time_s) => {
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  set.call(range, String(time_s));
  range.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    portrait = (files("lipsmith") / "assets" / "portrait.png").read_bytes()
    with running_studio() as url, opened_browser() as browser:
        context = browser.new_context(
            base_url=url,
            viewport=VIEW,  # type: ignore[arg-type]
            device_scale_factor=SCALE,
            color_scheme="light",
        )
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        _compose(page)
        _take(page, folder / "studio.png")
        _fill_library(page, portrait)
        _take(page, folder / "studio-library.png")


def _compose(page: Page) -> None:
    """A portrait in the middle of what it says."""
    page.goto("/")
    # The portrait's own voice is one of a list that comes after the page.
    page.wait_for_function("() => document.querySelector('[role=combobox]').value !== ''")
    page.get_by_role("button", name="Try it with our portrait").click()
    page.get_by_role("button", name="Pause", exact=True).wait_for()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("slider", name="Position").evaluate(_SEEK, MOMENT_S)
    page.get_by_role("button", name="Render video").hover()
    page.wait_for_timeout(800)


def _fill_library(page: Page, portrait: bytes) -> None:
    """Videos that are done and one under way, in the dark."""
    file = {"name": "portrait.png", "mimeType": "image/png", "buffer": portrait}
    sent = page.request.post("/v1/portraits", multipart={"file": file}).json()["id"]
    sizes = ("512x512", "640x360", "360x512")
    for title, size in zip(TITLES, sizes, strict=True):
        _ask(page, {"portrait": sent, "title": title, "text": TEXT, "size": size})
    page.emulate_media(color_scheme="dark")
    page.goto("/#/library")
    for title in TITLES:
        page.get_by_role("link", name=title).wait_for()
    while page.get_by_role("main").get_by_role("progressbar").count():
        page.wait_for_timeout(500)
    _ask(page, {"portrait": sent, "title": "A long story", "text": TEXT * 40})
    page.get_by_text("frames/s").first.wait_for()
    page.wait_for_timeout(3000)


def _ask(page: Page, fields: dict[str, str]) -> None:
    assert page.request.post("/v1/renders", data=fields).ok


def _take(page: Page, path: Path) -> None:
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as shot:
        shot.convert("RGB").quantize(COLOURS, kmeans=2).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
