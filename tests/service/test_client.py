from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path

import pytest
from running_service import RunningService

from lipsmith.client import AsyncClient, Client
from lipsmith.core.request import Progress
from lipsmith.errors import FaceError, InputError, OptionError, OutputError, RemoteError


def test_a_render_elsewhere_is_like_one_here(
    service: RunningService, portrait_path: Path, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    out = tmp_path / "hello.mp4"
    with Client(service.url) as client:
        report = client.render(
            portrait_path,
            text="Hello.",
            out=out,
            size=(128, 128),
            subtitles="srt",
            progress=seen.append,
        )
        assert out.stat().st_size > 1000
        assert (report.output, report.width) == (out, 128)
        assert out.with_suffix(".srt").read_text().startswith("1\n")
        shares = [each.fraction or 0.0 for each in seen]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        with pytest.raises(OutputError, match="exists already"):
            client.render(portrait_path, text="Hello.", out=out)


def test_errors_are_those_of_a_render_here(
    service: RunningService, portrait_path: Path, tmp_path: Path
) -> None:
    from PIL import Image

    Image.new("RGB", (128, 128), "grey").save(tmp_path / "wall.png")
    out = tmp_path / "out.mp4"
    with Client(service.url) as client:
        with pytest.raises(FaceError):
            client.render(tmp_path / "wall.png", text="Hello.", out=out)
        with pytest.raises(InputError, match=r"missing\.png"):
            client.render(tmp_path / "missing.png", text="Hello.", out=out)
        with pytest.raises(OptionError, match="device"):
            client.render(portrait_path, text="Hello.", out=out, device="cuda")
        with pytest.raises(OptionError):
            client.render(portrait_path, out=out)
    assert not out.exists()


def test_a_service_that_is_not_there_is_told(portrait_path: Path, tmp_path: Path) -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(RemoteError, match="reached"):
        client.render(portrait_path, text="Hello.", out=tmp_path / "out.mp4")
    with pytest.raises(OptionError, match="no address"):
        Client("127.0.0.1:8000")


def test_a_call_that_is_given_up_stops_the_render(
    service: RunningService, portrait_path: Path, tmp_path: Path
) -> None:
    async def run() -> str:
        async with AsyncClient(service.url) as client:
            text = "The harbour was quiet, and nobody expected the boats. " * 60
            work = asyncio.create_task(
                client.render(portrait_path, text=text, out=tmp_path / "long.mp4")
            )
            await asyncio.sleep(3)
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            (newest,) = await client.list(limit=1)
            return newest.status

    assert asyncio.run(run()) == "cancelled"
    assert not (tmp_path / "long.mp4").exists()


def test_a_broken_connection_is_made_again(tmp_path: Path, portrait_path: Path) -> None:
    running = RunningService(tmp_path / "home")
    running.start()

    def break_it() -> None:
        time.sleep(2)
        running.kill()
        running.start()

    breaking = threading.Thread(target=break_it)
    try:
        with Client(running.url) as client:
            breaking.start()
            text = "The old harbour was quiet that morning, and so was Peter. " * 12
            report = client.render(
                portrait_path, text=text, out=tmp_path / "out.mp4", size="128x128"
            )
        assert report.frames > 500
    finally:
        breaking.join()
        running.stop()


def test_the_command_line_renders_elsewhere(
    service: RunningService, portrait_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "hello.mp4"
    command = ["render", str(portrait_path), "--text", "Hello.", "--size", "128x128"]
    told = service.run(*command, "--remote", service.url, "-o", str(out), "--json")
    assert json.loads(told)["width"] == 128
    assert out.stat().st_size > 1000
