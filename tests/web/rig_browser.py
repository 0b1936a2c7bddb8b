"""The rig's drawing in a browser, without the studio around it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import lipsmith

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

_ORIGIN = "http://rig.test"
_PAGE = """<!doctype html><canvas id="face"></canvas><script type="module">
import { RigView } from "./rig.js";
const canvas = document.querySelector("canvas");
window.rig = {
  async open(width, height) {
    const bytes = await (await fetch("/face.rig")).arrayBuffer();
    this.view?.dispose();
    this.view = await RigView.open(canvas, bytes);
    if (width) this.view.resize(width, height);
    this.read = document.createElement("canvas");
  },
  draw(row) {
    this.view.draw(row);
    const { read } = this;
    read.width = canvas.width;
    read.height = canvas.height;
    const context = read.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const pixels = context.getImageData(0, 0, read.width, read.height).data;
    let text = "";
    for (let i = 0; i < pixels.length; i += 32768) {
      text += String.fromCharCode(...pixels.subarray(i, i + 32768));
    }
    return [read.width, read.height, btoa(text)];
  },
};
window.ready = true;
</script>"""


def shipped() -> Path | None:
    """The script that draws, of the studio in the package."""
    folder = Path(lipsmith.__file__).parent / "service" / "studio" / "assets"
    return next(folder.glob("rig-*.js"), None)


class RigBrowser:
    """One rig on a canvas."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def draw(self, row: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
        """The frame of one row of poses, (h, w, 3) RGB."""
        width, height, text = self._page.evaluate("row => rig.draw(row)", row.tolist())
        pixels = np.frombuffer(base64.b64decode(text), np.uint8)
        return pixels.reshape(height, width, 4)[..., :3]

    def reopen(self) -> None:
        """Open the file once more, on the same canvas."""
        self._page.evaluate("() => rig.open()")


@contextmanager
def opened(
    browser: Browser, script: Path, rig: bytes, size: tuple[int, int] | None = None
) -> Iterator[RigBrowser]:
    """Open a rig file. size: (width, height) px of the canvas, by default the rig's."""
    page = browser.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(_ORIGIN)
        if path == "/":
            route.fulfill(body=_PAGE, content_type="text/html")
        elif path == "/rig.js":
            route.fulfill(body=script.read_bytes(), content_type="text/javascript")
        elif path == "/face.rig":
            route.fulfill(body=rig, content_type="application/octet-stream")
        else:
            route.fulfill(status=204)

    page.route("**/*", answer)
    try:
        page.goto(_ORIGIN + "/")
        page.wait_for_function("window.ready === true")
        page.evaluate("size => rig.open(...size)", list(size or (0, 0)))
        yield RigBrowser(page)
        assert not problems, problems
    finally:
        page.close()
