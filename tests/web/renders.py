"""Renders asked for by another client, so that a page finds them."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from running_service import RunningService, wait_until_over

FILM = "The harbour film"
STORY = (
    "The old harbour was quiet that morning. Nobody had expected the boats to return so early, "
    "and certainly not with their nets full. Ask Peter. He knows why the lights were left on. "
)


class Renders:
    """What one client asks for."""

    def __init__(self, service: RunningService, portrait: Path, key: str = "") -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=service.url, timeout=30, headers=headers)
        self._portrait = portrait.read_bytes()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(self, title: str, **fields: str) -> str:
        """Start a small render; its id."""
        data = {"title": title, "text": "Hello.", "size": "128x128"} | fields
        answer = self._client.post("/v1/renders", files={"portrait": self._portrait}, data=data)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def make(self, title: str, **fields: str) -> str:
        """The id of a small render, when it is done."""
        render = self.ask(title, **fields)
        over = wait_until_over(self._client, render)
        assert over["status"] == "done", over
        return render

    def share(self, render: str, hours: float) -> str:
        """The address that plays it for some time."""
        answer = self._client.post(f"/v1/renders/{render}/share", json={"hours": hours})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["url"])

    def delete_all_but(self, kept: str) -> None:
        """Delete what anybody asked for, but those with this title."""
        for render in self._client.get("/v1/renders", params={"limit": 100}).json()["renders"]:
            if render["title"] != kept:
                self._client.delete(f"/v1/renders/{render['id']}")
