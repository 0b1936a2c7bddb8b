"""A model in Three.js: at rest it is the picture, and on the example's page it talks."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import lipsmith
from conftest import PORTRAIT
from lipsmith.core.image import RgbImage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).parents[2]
_ORIGIN = "http://model.test"
_SIDE = 512
_PAGE = """<!doctype html><canvas></canvas>
<script type="importmap">{"imports": {
  "three": "/web/node_modules/three/build/three.module.js",
  "three/addons/": "/web/node_modules/three/examples/jsm/"}}</script>
<script type="module">
import * as THREE from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
const canvas = document.querySelector("canvas");
const renderer = new THREE.WebGLRenderer({ canvas, preserveDrawingBuffer: true });
const { scene, cameras } = await new GLTFLoader().loadAsync("/files/face.glb");
scene.traverse((node) => { node.frustumCulled = false; });
window.draw = (side, weights, yaw) => {
  renderer.setSize(side, side, false);
  scene.getObjectByName("Portrait").rotation.y = yaw;
  scene.traverse(({ morphTargetDictionary: names, morphTargetInfluences: values }) => {
    for (const name in names ?? {}) values[names[name]] = weights[name] ?? 0;
  });
  renderer.render(scene, cameras[0]);
  return canvas.toDataURL("image/png");
};
</script>"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, and a short track with its sound."""
    if not (ROOT / "web/node_modules/three").exists():
        pytest.skip("run `npm ci` in web/ for three")
    folder = tmp_path_factory.mktemp("talking")
    lipsmith.export_gltf(PORTRAIT, folder / "face.glb", side=_SIDE)
    lipsmith.render(
        PORTRAIT,
        text="Ma, far.",
        voice="en-us",
        size=(128, 128),
        out=folder / "talk.webm",
        visemes=folder / "talk.json",
        blendshapes=folder / "talk.csv",
    )
    return folder


@pytest.fixture(scope="module")
def model_page(browser: Browser, files: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 400, "height": 400})
    _serve(opened, files)
    opened.goto(f"{_ORIGIN}/")
    opened.wait_for_function("window.draw !== undefined", timeout=60_000)
    yield opened
    opened.close()


def _serve(page: Page, files: Path) -> None:
    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(_ORIGIN).partition("?")[0]
        if path == "/":
            route.fulfill(body=_PAGE, content_type="text/html")
            return
        file = files / Path(path).name if path.startswith("/files/") else ROOT / path[1:]
        if not file.is_file():
            file = files / Path(path).name
        if file.is_file():
            route.fulfill(path=file)
        else:
            route.fulfill(status=404, body="")

    page.route(f"{_ORIGIN}/**", answer)


def _draw(page: Page, yaw: float = 0.0, **weights: float) -> RgbImage:
    drawn = page.evaluate("([s, w, y]) => draw(s, w, y)", [_SIDE, weights, yaw])
    image = Image.open(io.BytesIO(base64.b64decode(drawn.partition(",")[2])))
    return np.asarray(image.convert("RGB"))


def _difference(a: RgbImage, b: RgbImage) -> NDArray[np.float64]:
    """(H, W) mean over the colours, 0..255."""
    return np.abs(a.astype(np.float64) - b).mean(2)


def test_seen_from_the_front_it_is_the_picture(model_page: Page) -> None:
    picture = np.asarray(Image.open(PORTRAIT).convert("RGB"))
    assert picture.shape == (_SIDE, _SIDE, 3)
    off = _difference(_draw(model_page, asPictured=1.0), picture)
    assert off.mean() < 3.5
    assert np.quantile(off, 0.95) < 12.0


def test_a_mouth_opens_dark_and_eyes_shut(model_page: Page) -> None:
    rest = _draw(model_page)
    mouth, eyes = np.s_[135:175, 205:245], np.s_[92:112, 190:260]
    spoken = _draw(model_page, viseme_aa=1.0)
    assert _difference(spoken, rest)[mouth].mean() > 8.0
    assert _difference(spoken, rest)[eyes].max() < 2.0
    assert spoken[mouth].mean(2).min() < 0.6 * rest[mouth].mean(2).min()
    shut = _draw(model_page, eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    dark = [(image[eyes].mean(2) < 70).sum() for image in (rest, shut)]
    assert dark[1] < 0.5 * dark[0]


def test_the_face_turns_before_the_wall(model_page: Page) -> None:
    def nose_and_corner(yaw: float) -> float:
        return float(_difference(_draw(model_page, yaw), _draw(model_page)).mean())

    assert nose_and_corner(0.35) > nose_and_corner(0.1) > 3.0


def test_the_example_talks(browser: Browser, files: Path) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 400})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    _serve(page, files)
    page.goto(f"{_ORIGIN}/examples/talking_face/index.html")
    page.wait_for_function("document.querySelector('output').textContent === ''", timeout=60_000)

    def at(time: float) -> bytes:
        page.evaluate(f"document.querySelector('audio').currentTime = {time}")
        page.wait_for_timeout(400)
        return page.locator("canvas").screenshot()

    closed, open_ = at(0.0), at(0.3)
    assert closed != open_
    page.check("input[value=visemes]")
    assert at(0.3) not in (closed, open_)
    page.close()
    assert not wrong
