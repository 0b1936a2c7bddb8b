"""A studio that needs a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from complaints import Complaints
from running_service import RunningService
from studio_page import PATIENCE_MS, StudioPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that has keys, and does no work itself."""
    running = RunningService(tmp_path_factory.mktemp("guarded") / "home", "--no-work")
    running.run("keys", "create", "first")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def stranger(
    browser: Browser, guarded: RunningService, complaints: Complaints
) -> Iterator[StudioPage]:
    """The page of somebody who has not signed in."""
    complaints.allowed.append("401")
    context = browser.new_context(base_url=guarded.url)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints.watch(page, guarded.url)
    page.goto("/")
    yield StudioPage(page)
    context.close()


def _enter(page: Page, key: str) -> None:
    page.get_by_role("textbox", name="Key").fill(key)
    page.get_by_role("button", name="Enter").click()


def test_a_key_opens_the_studio_and_signing_out_closes_it(
    stranger: StudioPage, guarded: RunningService, portrait_path: Path
) -> None:
    page = stranger.page
    page.get_by_role("heading", name="Sign in").wait_for()
    _enter(page, "lsk_wrong_key")
    page.get_by_role("alert").filter(has_text="This key is not known here").wait_for()
    key = guarded.run("keys", "create", "anna").strip()
    _enter(page, f" {key} ")
    stranger.drop_picture(portrait_path)
    stranger.wait_for_face()
    stored = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert key not in stored

    page.reload()
    stranger.wait_for_face()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.reload()
    page.get_by_role("heading", name="Sign in").wait_for()


def test_a_key_that_is_revoked_is_told(stranger: StudioPage, guarded: RunningService) -> None:
    key = guarded.run("keys", "create", "ben").strip()
    _enter(stranger.page, key)
    stranger.render_button.wait_for()
    guarded.run("keys", "revoke", key.split("_")[1])
    stranger.go_to("Library")
    stranger.page.get_by_text("Sign in").first.wait_for()


def test_a_service_that_is_away_is_told(stranger: StudioPage, complaints: Complaints) -> None:
    complaints.allowed.append("net::ERR")
    page = stranger.page
    page.route("**/v1/session", lambda route: route.abort())
    page.reload()
    page.get_by_role("alert").filter(has_text="The service does not answer.").wait_for()
    page.unroute("**/v1/session")
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("heading", name="Sign in").wait_for()
