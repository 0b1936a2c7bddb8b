"""The studio as a person sees it: what they do, by the names that they read."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

# As long as a busy machine takes.
PATIENCE_MS = 60_000
RENDER_TIMEOUT_MS = 120_000
SHORT = "Hello, blue moth."

_TRANSFER = """files => {
  const transfer = new DataTransfer();
  for (const { name, type, data } of files) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  return transfer;
}"""
_PASTE = """(body, transfer) => body.dispatchEvent(
  new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }))"""


def read_pixels(png: bytes) -> NDArray[np.int_]:
    """(h, w, 3) of a screenshot."""
    with Image.open(io.BytesIO(png)) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


class StudioPage:
    """The page of one person."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stage = page.get_by_role("region", name="Picture and preview")
        self.words = page.get_by_role("textbox", name="What it says")
        self.render_button = page.get_by_role("button", name="Render video")
        self.play_button = page.get_by_role("button", name="Play", exact=True)
        self.pause_button = page.get_by_role("button", name="Pause", exact=True)
        self.position = page.get_by_role("slider", name="Position")
        self.tray = page.get_by_role("complementary", name="Under way")
        self.library = page.get_by_role("list", name="Library")

    def open(self, place: str = "") -> None:
        """place: what is behind the # of the address."""
        self.page.goto(f"/{place and '#/'}{place}")
        self.page.get_by_role("navigation", name="Studio").wait_for()

    def go_to(self, name: str) -> None:
        """name: Create or Library."""
        navigation = self.page.get_by_role("navigation", name="Studio")
        navigation.get_by_role("link", name=name).click()

    def drop(self, *files: tuple[str, str, bytes]) -> None:
        """Drop files onto the page; each is its name, its MIME type and what is in it."""
        dropped = {"dataTransfer": self._transfer(files)}
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event("body", event, dropped)

    def hover(self, *files: tuple[str, str, bytes]) -> None:
        """Hold files over the page, without letting go of them."""
        self.page.dispatch_event("body", "dragenter", {"dataTransfer": self._transfer(files)})

    def drop_picture(self, path: Path) -> None:
        self.drop((path.name, "image/png", path.read_bytes()))

    def paste(self, *files: tuple[str, str, bytes]) -> None:
        self.page.locator("body").evaluate(_PASTE, self._transfer(files))

    def choose_picture(self, path: Path, button: str = "Choose a picture") -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name=button).click()
        chooser.value.set_files(path)

    def face(self, name: str = "The face") -> Locator:
        """The outline of a face that was found."""
        return self.stage.get_by_role("radio", name=name)

    def wait_for_face(self) -> None:
        self.face().wait_for(state="attached")

    def type(self, text: str) -> None:
        self.words.click()
        self.words.press_sequentially(text)

    def wait_until_it_talks(self) -> None:
        self.pause_button.wait_for()

    def wait_until_it_can_talk(self) -> None:
        self.page.wait_for_function(
            "name => !document.querySelector(`input[aria-label='${name}']`).disabled",
            arg="Position",
        )
        self.stage.locator("canvas[data-ready]").wait_for()

    def place_of_mouth(self) -> FloatRect:
        """Within the outline of the face, which is drawn another way while the portrait talks."""
        box = self.face().bounding_box()
        assert box
        left, top = box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"]
        return {"x": left, "y": top, "width": 0.6 * box["width"], "height": 0.4 * box["height"]}

    def look_at(self, place: FloatRect) -> NDArray[np.int_]:
        """(h, w, 3), a part of the screen."""
        return read_pixels(self.page.screenshot(clip=place, animations="disabled"))

    def moment_s(self) -> float:
        """Where in the preview one is."""
        return float(self.position.evaluate("range => range.valueAsNumber"))

    def render(self) -> None:
        self.render_button.click()

    def wait_until_ready(self) -> None:
        self.tray.get_by_text("Ready to watch").wait_for(timeout=RENDER_TIMEOUT_MS)

    def watch(self, title: str) -> Locator:
        """Open a video that is done from the tray; the player."""
        self.tray.get_by_role("link", name=title).click()
        return self.page.get_by_label(title).and_(self.page.locator("video"))

    def card(self, title: str) -> Locator:
        """A render in the library."""
        return self.library.get_by_role("listitem").filter(
            has=self.page.get_by_role("link", name=title, exact=True)
        )

    def _transfer(self, files: tuple[tuple[str, str, bytes], ...]) -> object:
        packed = [
            {"name": name, "type": kind, "data": base64.b64encode(data).decode()}
            for name, kind, data in files
        ]
        return self.page.evaluate_handle(_TRANSFER, packed)


def play(video: Locator) -> None:
    """Play a video without its sound, and see that it moves."""
    video.evaluate("video => { video.muted = true; video.play(); }")
    # Asked from here, since pages without scripts cannot wait.
    for _ in range(PATIENCE_MS // 100):
        if video.evaluate("video => video.currentTime") > 0.3:
            return
        video.page.wait_for_timeout(100)
    raise AssertionError("the video does not play")
