"""A real browser, and the studio of a real service in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from complaints import Complaints
from renders import Renders
from running_service import RunningService
from studio_page import StudioPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FILM = "The harbour film"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


# Not of the session: while the browser is driven, this thread counts as inside an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a screen; its camera and microphone are of its own making."""
    pytest.importorskip("playwright", reason="pip install 'lipsmith[dev]'")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service for all tests that do not harm it."""
    running = RunningService(tmp_path_factory.mktemp("studio") / "home")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    heard = Complaints()
    yield heard
    assert not heard.unexpected()


@pytest.fixture
def context(browser: Browser, studio: RunningService, tmp_path: Path) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        base_url=studio.url, viewport={"width": 1280, "height": 800}, accept_downloads=True
    )
    opened.grant_permissions(["camera", "microphone", "clipboard-read", "clipboard-write"])
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, studio: RunningService, complaints: Complaints) -> Iterator[Page]:
    """An empty page whose errors fail the test."""
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    complaints.watch(opened, studio.url)
    yield opened


@pytest.fixture
def studio_page(page: Page) -> StudioPage:
    """The studio as it opens."""
    opened = StudioPage(page)
    opened.open()
    return opened


@pytest.fixture
def renders(studio: RunningService, portrait_path: Path) -> Iterator[Renders]:
    """Renders that were asked for before the page is looked at; they are deleted in the end."""
    with Renders(studio, portrait_path) as asked:
        yield asked


@pytest.fixture(scope="package")
def film(studio: RunningService, portrait_path: Path) -> Iterator[str]:
    """The id of a video that is done, with subtitles; its title is FILM."""
    with Renders(studio, portrait_path) as asked:
        yield asked.make(FILM, text="Hello, blue moth.", subtitles="srt")
