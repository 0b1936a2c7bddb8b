"""What is wrong with a page although it looks right."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Request


class Complaints(list[str]):
    """What a page did that it must not: errors, and requests to other hosts.

    allowed: parts of messages that a test provokes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.allowed: list[str] = []

    def watch(self, page: Page, url: str) -> None:
        def heard(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.append(f"console: {message.text} {message.location.get('url', '')}")

        def asked(request: Request) -> None:
            if not request.url.startswith((url, "blob:", "data:", url.replace("http", "ws"))):
                self.append(f"another host: {request.url}")

        page.on("console", heard)
        page.on("pageerror", lambda error: self.append(f"page: {error}"))
        page.on("request", asked)

    def unexpected(self) -> list[str]:
        return [told for told in self if not any(part in told for part in self.allowed)]
