"""The rig's drawing in a browser, without the studio around it."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

WEB = Path(__file__).parents[2] / "web"

_ORIGIN = "http://rig.test"
_BUILD = """
import {{ build }} from "vite";
await build({{
  configFile: false, root: {root!r}, logLevel: "error",
  build: {{
    outDir: {out!r}, target: "es2022", emptyOutDir: true,
    lib: {{ entry: "src/rig/index.ts", formats: ["es"], fileName: () => "rig.js" }},
  }},
}});
"""
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
  time(rows) {
    const gl = canvas.getContext("webgl2");
    const pixel = new Uint8Array(4);
    const times = [];
    const calls = [];
    for (const row of rows) {
      const before = performance.now();
      this.view.draw(row);
      calls.push(performance.now() - before);
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      times.push(performance.now() - before);
    }
    return [times, calls];
  },
};
window.ready = true;
</script>"""


def build(folder: Path) -> Path:
    """Bundle web/src/rig into `folder`, with Vite."""
    script = _BUILD.format(root=str(WEB), out=str(folder))
    subprocess.run(["node", "--input-type=module", "-e", script], cwd=WEB, check=True)
    return folder / "rig.js"


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

    def time_ms(self, rows: NDArray[np.floating[Any]]) -> tuple[list[float], list[float]]:
        """For each row: until it is drawn, and until `draw` returns."""
        times, calls = self._page.evaluate("rows => rig.time(rows)", rows.tolist())
        return times, calls


@contextmanager
def opened(
    browser: Browser, bundle: Path, rig: bytes, size: tuple[int, int] | None = None
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
            route.fulfill(body=bundle.read_bytes(), content_type="text/javascript")
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
