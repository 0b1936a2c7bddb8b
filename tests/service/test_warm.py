"""The process that previews are made in: how long it lives, and who waits for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lipsmith.jobs.workshop import Place
from lipsmith.service.problems import ProblemError
from lipsmith.service.warm import WarmProcess, clear_folders
from lipsmith.storage.artifacts import ArtifactStore


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "home")


@pytest.fixture
def picture(place: Place, portrait_path: Path) -> dict[str, Any]:
    """What to ask for: the faces in the sample portrait."""
    return {"file": ArtifactStore(place.storage_url).put_file(portrait_path).name}


async def _always() -> bool:
    return True


async def _never() -> bool:
    return False


async def _ask(process: WarmProcess, values: dict[str, Any], same: str = "same") -> dict[str, Any]:
    return await process.ask("faces", values, same=same, asker="anna", is_wanted=_always)


def test_equal_calls_are_made_once_and_an_idle_process_ends(
    place: Place, picture: dict[str, Any]
) -> None:
    async def run() -> None:
        process = WarmProcess(place, "the process", idle_s=0.5)
        try:
            first, second = await asyncio.gather(_ask(process, picture), _ask(process, picture))
            assert first is second
            assert first["seen"]["faces"][0]["number"] == 0
            assert process.is_running
            for _ in range(100):
                await asyncio.sleep(0.1)
                if not process.is_running:
                    break
            assert not process.is_running
            clear_folders(place)
            again = await _ask(process, picture)
            assert again == first
            # Folders may go at any time, such as when another service starts at this place.
            clear_folders(place)
            assert await _ask(process, picture, "another") == first
        finally:
            process.close()
        with pytest.raises(ProblemError, match="stopping"):
            await _ask(process, picture)

    asyncio.run(run())


def test_what_takes_too_long_is_stopped(place: Place, picture: dict[str, Any]) -> None:
    async def run() -> None:
        process = WarmProcess(place, "the process", longest_s=60)
        try:
            await _ask(process, picture)
            process._longest_s = 0.2
            values = {"options": {"text": "A long story. " * 4000}, "files": {}}
            with pytest.raises(ProblemError, match="takes more than") as caught:
                await process.ask("track", values, same="a", asker="anna", is_wanted=_always)
            assert caught.value.code == "too-long"
            process._longest_s = 60
            assert (await _ask(process, picture, "b"))["seen"]["problem"] is None
        finally:
            process.close()

    asyncio.run(run())


def test_nobody_is_served_who_has_gone_or_asks_for_too_much(
    place: Place, picture: dict[str, Any]
) -> None:
    async def run() -> None:
        process = WarmProcess(place, "the process")
        try:
            with pytest.raises(ProblemError, match="nobody waits"):
                await process.ask("faces", picture, same="a", asker="anna", is_wanted=_never)
            assert not process.is_running
            asked = [_ask(process, picture, str(number)) for number in range(12)]
            done = await asyncio.gather(*asked, return_exceptions=True)
            refused = [each for each in done if isinstance(each, ProblemError)]
            assert [each.code for each in refused] == ["too-many"] * 4
            assert all(each.headers for each in refused)
        finally:
            process.close()

    asyncio.run(run())
