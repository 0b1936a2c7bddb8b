"""How soon a picture talks in the studio, how fast its face is drawn, and how the page answers."""

from __future__ import annotations

import base64
import importlib.util
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from tools.studio_browser import (
    CHROMIUM,
    NO_CHROMIUM,
    NO_PLAYWRIGHT,
    opened_browser,
    running_studio,
)

from benchmarks.subject import TEN_SECONDS, face_picture
from benchmarks.table import Result, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIDE_PX = 1024
TALKING_LIMIT_S = 2.0
FRAME_LIMIT_MS = 1000 / 30
ANSWER_LIMIT_MS = 100.0
ROUNDS = 4
DRAWN = 120
_PATIENCE_MS = 60_000

# Resolves with the seconds from the drop until the portrait talks.
_DROP = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "face.png", { type: "image/png" }));
  const began_ms = performance.now();
  for (const name of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(
      new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
  }
  return new Promise((done) => {
    const look = () => {
      const moment_s = document.querySelector("input[aria-label=Position]").valueAsNumber;
      const isReady = document.querySelector("canvas[data-ready]");
      if (isReady && document.querySelector("button[aria-label=Pause]") && moment_s > 0) {
        done((performance.now() - began_ms) / 1000);
      } else requestAnimationFrame(look);
    };
    look();
  });
}"""

# Draws rows of a track with the page's own code; what is read back has been drawn.
_TIME_FRAMES = """async ([portrait, track, count]) => {
  const script = performance.getEntriesByType("resource")
    .map(({ name }) => name).find((name) => /assets\\/rig-.*js$/.test(name));
  const { RigView } = await import(script);
  const [rig, poses] = await Promise.all(
    [`/v1/portraits/${portrait}/rig?face=0&side=512`, track.poses]
      .map(async (path) => (await fetch(path)).arrayBuffer()));
  const canvas = document.createElement("canvas");
  const view = await RigView.open(canvas, rig);
  const rows = new Float32Array(poses);
  const wide = track.columns.length;
  const gl = canvas.getContext("webgl2");
  const pixel = new Uint8Array(4);
  const times_ms = [];
  for (let i = 0; i < count; i += 1) {
    const row = i % track.frames;
    const began_ms = performance.now();
    view.draw(rows.subarray(row * wide, (row + 1) * wide));
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    times_ms.push(performance.now() - began_ms);
    if (i % 10 === 9) await new Promise((done) => setTimeout(done));
  }
  view.dispose();
  return [canvas.width, times_ms.slice(10)];
}"""

# Notes how long each input took until it was seen, and how late timers are.
_WATCH = """() => {
  window.answers_ms = [];
  window.late_ms = [];
  new PerformanceObserver((list) => {
    for (const { duration, interactionId } of list.getEntries()) {
      if (interactionId) window.answers_ms.push(duration);
    }
  }).observe({ type: "event", durationThreshold: 16 });
  let before_ms = performance.now();
  setInterval(() => {
    const now_ms = performance.now();
    window.late_ms.push(now_ms - before_ms - 20);
    before_ms = now_ms;
  }, 20);
}"""


def _talking_s(page: Page, picture: bytes, text: str) -> float:
    """A page with words on it; until a picture that is dropped says them."""
    page.goto("/")
    page.evaluate("localStorage.clear()")
    page.reload()
    words = page.get_by_role("textbox", name="What it says")
    words.click()
    words.fill(text)
    page.wait_for_function("() => document.querySelector('[role=combobox]').value !== ''")
    took_s: float = page.evaluate(_DROP, base64.b64encode(picture).decode())
    return took_s


def _pictures(folder: Path) -> list[bytes]:
    """The same face in pictures that are not the same, so that none is known before."""
    plain = face_picture(SIDE_PX, folder)
    made = []
    for number in range(ROUNDS):
        with Image.open(plain) as image:
            image.putpixel((0, 0), (number, 0, 0))
            image.save(plain, compress_level=1)
        made.append(plain.read_bytes())
    return made


def _frames_ms(page: Page, portrait: str) -> tuple[int, list[float]]:
    track = page.request.post("/v1/tracks", data={"text": TEN_SECONDS}).json()
    side, times_ms = page.evaluate(_TIME_FRAMES, [portrait, track, DRAWN])
    return side, times_ms


def _answers_ms(page: Page, portrait: str, with_face: bool) -> tuple[list[float], list[float]]:
    """How long after inputs they were seen, and how late timers were, while a film is rendered.

    with_face: a face that keeps still is beside it, and this machine has no graphics card for it.
    """
    fields: dict[str, Any] = {"portrait": portrait, "text": TEN_SECONDS * 8}
    render = page.request.post("/v1/renders", data=fields).json()["id"]
    page.goto(f"/#/again/{render}" if with_face else "/")
    if with_face:
        page.locator("canvas[data-ready]").wait_for()
    page.get_by_role("progressbar").first.wait_for()
    page.evaluate(_WATCH)
    words = page.get_by_role("textbox", name="What it says")
    for _ in range(4):
        words.click()
        words.press_sequentially("and so on ", delay=50)
        page.get_by_text("More options").click()
        page.wait_for_timeout(250)
    page.wait_for_timeout(200)
    status = page.request.get(f"/v1/renders/{render}").json()["status"]
    if status != "running":
        raise SystemExit(f"the render is {status}, so nothing was measured beside it")
    page.request.delete(f"/v1/renders/{render}")
    answers, late = page.evaluate("[window.answers_ms, window.late_ms]")
    return answers, late


def _calm_page(browser: Browser, url: str) -> Page:
    """A page on which nothing moves that need not."""
    page = browser.new_context(base_url=url, reduced_motion="reduce").new_page()
    page.set_default_timeout(_PATIENCE_MS)
    return page


def _measure() -> list[Result]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_studio() as url,
        opened_browser() as browser,
    ):
        pictures = _pictures(Path(folder))
        page = browser.new_context(base_url=url).new_page()
        page.set_default_timeout(_PATIENCE_MS)
        first_s, *talking_s = [
            _talking_s(page, picture, f"Hello, number {number}.")
            for number, picture in enumerate(pictures)
        ]
        file = {"name": "face.png", "mimeType": "image/png", "buffer": pictures[-1]}
        portrait = page.request.post("/v1/portraits", multipart={"file": file}).json()["id"]
        side, frames_ms = _frames_ms(page, portrait)
        page.close()  # its face would go on moving, and be drawn
        answers_ms, late_ms = _answers_ms(_calm_page(browser, url), portrait, False)
        beside_ms, _ = _answers_ms(_calm_page(browser, url), portrait, True)
    # What took less than 16 ms is not told by the browser.
    answers_p95, beside_p95 = (_p95(times or [16.0]) for times in (answers_ms, beside_ms))
    late = f"p95; timers {_p95(late_ms):.0f} ms late; beside a face {beside_p95:.0f} ms"
    return [
        Result(
            f"dropped to talking at {SIDE_PX}x{SIDE_PX}",
            min(talking_s),
            TALKING_LIMIT_S,
            "s",
            f"best of {len(talking_s)}; the first one took {first_s:.1f} s",
        ),
        Result(
            f"one frame at {side} px, on the processor",
            statistics.median(frames_ms),
            FRAME_LIMIT_MS,
            "ms",
            f"median; p95 {_p95(frames_ms):.1f} ms",
        ),
        Result("answer while a film renders", answers_p95, ANSWER_LIMIT_MS, "ms", late),
    ]


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def main() -> int:
    title = "The studio in a browser on this machine"
    missing = NO_CHROMIUM if CHROMIUM is None else None
    if importlib.util.find_spec("playwright") is None:
        missing = NO_PLAYWRIGHT
    if missing:
        print(f"\n{title}\n  SKIP  {missing}")
        return 0
    return report(title, _measure())


if __name__ == "__main__":
    sys.exit(main())
