"""A real browser, and the studio of a real service in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from complaints import Complaints
from renders import FILM, Renders
from running_service import RunningService
from studio_browser import CHROMIUM, NO_CHROMIUM, NO_PLAYWRIGHT, opened_browser
from studio_page import PATIENCE_MS, StudioPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


# Not of the session: while the browser is driven, this thread counts as inside an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a screen; its camera and microphone are of its own making."""
    pytest.importorskip("playwright", reason=NO_PLAYWRIGHT)
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="package")
def studio(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service for all tests that do not harm it; none where there is no browser."""
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
def context(browser: Browser, studio: RunningService, renders: Renders) -> Iterator[BrowserContext]:
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
    """Renders that another client asks for; all but the film are deleted in the end."""
    with Renders(studio, portrait_path) as asked:
        yield asked
        asked.delete_all_but(FILM)


@pytest.fixture(scope="package")
def film(studio: RunningService, portrait_path: Path) -> Iterator[str]:
    """The id of a video that is done, with subtitles; its title is FILM."""
    with Renders(studio, portrait_path) as asked:
        yield asked.make(FILM, text="Hello, blue moth.", subtitles="srt")
