"""What a service answers in and with while it renders, in a process of its own."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path

import httpx
from PIL import Image

import lipsmith
from benchmarks.table import Result, report

FIRST_PROGRESS_LIMIT_MS = 300.0
ANSWER_LIMIT_MS = 50.0
IDLE_LIMIT_MB = 200.0
TALKING_LIMIT_MS = 2000.0
"""Less what the browser takes to draw the first frame."""
QUEUED, STREAMS = 200, 50
_SHORT, _LONG = "Hello.", "The old harbour was quiet that morning, and nobody minded. " * 60
_PORTRAIT = Path(lipsmith.__file__).parent / "assets" / "portrait.png"


@asynccontextmanager
async def _service(home: str) -> AsyncIterator[tuple[httpx.AsyncClient, int]]:
    """A client of a service that runs, and the service's process id."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "lipsmith", "serve", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "LIPSMITH_HOME": home}, stderr=subprocess.DEVNULL
    )
    limits = httpx.Limits(max_connections=2 * STREAMS)
    base = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=base, timeout=120, limits=limits) as client:
            while True:
                try:
                    await client.get("/readyz")
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
            yield client, process.pid
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def _children(pid: int) -> list[int]:
    """The processes that previews are made in."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"preview_child" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


async def _start(client: httpx.AsyncClient, portrait: str, text: str, priority: int = 5) -> str:
    body = {"portrait": portrait, "text": text, "priority": priority, "size": "256x256"}
    return str((await client.post("/v1/renders", json=body)).raise_for_status().json()["id"])


async def _first_progress_ms(client: httpx.AsyncClient, portrait: str) -> float:
    """From the request to the event that the work began."""
    started_s = time.perf_counter()
    render = await _start(client, portrait, _SHORT)
    url, headers = f"/v1/renders/{render}/events", {"Last-Event-ID": "0"}
    took_ms = float("nan")
    async with client.stream("GET", url, headers=headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: ") and json.loads(line[6:])["status"] == "running":
                took_ms = 1e3 * (time.perf_counter() - started_s)
                break
    while (await client.get(f"/v1/renders/{render}")).json()["status"] in ("queued", "running"):
        await asyncio.sleep(0.05)
    return took_ms


async def _answers_ms(client: httpx.AsyncClient, render: str | None, count: int) -> list[float]:
    """render: None asks for the list of all."""
    path = "/v1/renders" if render is None else f"/v1/renders/{render}"
    times_ms = []
    for _ in range(count):
        started_s = time.perf_counter()
        (await client.get(path)).raise_for_status()
        times_ms.append(1e3 * (time.perf_counter() - started_s))
        await asyncio.sleep(0.02)
    return times_ms


@lru_cache
def _picture(side: int) -> bytes:
    data = io.BytesIO()
    Image.open(_PORTRAIT).convert("RGB").resize((side, side)).save(data, "JPEG", quality=92)
    return data.getvalue()


async def _talking_ms(client: httpx.AsyncClient, side: int, text: str) -> float:
    """From a picture that was never seen to its rig and its track, which come side by side."""
    # What follows the end of a JPEG makes it another file, and no other picture.
    data = _picture(side) + os.urandom(8)
    started_s = time.perf_counter()
    uploaded = await client.post("/v1/portraits", files={"file": data})
    own = f"/v1/portraits/{uploaded.json()['id']}"

    async def rig() -> None:
        (await client.get(f"{own}/faces")).raise_for_status()
        (await client.get(f"{own}/rig", params={"side": side})).raise_for_status()

    async def track() -> None:
        made = (await client.post("/v1/tracks", json={"text": text})).raise_for_status().json()
        (await client.get(made["poses"])).raise_for_status()
        (await client.get(made["sound"])).raise_for_status()

    await asyncio.gather(rig(), track())
    return 1e3 * (time.perf_counter() - started_s)


async def _keep_previewing(client: httpx.AsyncClient) -> None:
    """Ask for one preview after the other, none of which was made before."""
    for number in itertools.count():
        await _talking_ms(client, 512, f"Number {number}. {_LONG[:200]}")


async def _listen(client: httpx.AsyncClient, render: str, heard: list[str]) -> None:
    url, headers = f"/v1/renders/{render}/events", {"Last-Event-ID": "0"}
    async with client.stream("GET", url, headers=headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                heard.append(render)
                return


async def _measure() -> list[Result]:
    with tempfile.TemporaryDirectory() as home:
        async with _service(home) as (client, pid):
            idle_mb = _resident_mb(pid)
            file = {"file": _PORTRAIT.read_bytes()}
            portrait = (await client.post("/v1/portraits", files=file)).json()["id"]
            cold_ms = await _talking_ms(client, 1024, _LONG[:140])
            talking_ms = [await _talking_ms(client, 1024, f"{n} {_LONG[:140]}") for n in range(7)]
            previewing = asyncio.create_task(_keep_previewing(client))
            previews_ms = await _answers_ms(client, None, 200)
            previewing.cancel()
            previewing_mb = [_resident_mb(child) for child in _children(pid)]
            first_ms = [await _first_progress_ms(client, portrait) for _ in range(7)]
            long = [await _start(client, portrait, _LONG, 1) for _ in range(2)]
            await asyncio.sleep(6)
            answers_ms = await _answers_ms(client, long[0], 200)
            queued = [await _start(client, portrait, _SHORT) for _ in range(QUEUED)]
            heard: list[str] = []
            listening = [_listen(client, render, heard) for render in queued[:STREAMS]]
            await asyncio.wait_for(asyncio.gather(*listening), 60)
            crowded_ms = await _answers_ms(client, long[0], 50)
            crowded_mb = _resident_mb(pid)
    crowd = f"p95 {_p95(crowded_ms):.0f} ms with {QUEUED} renders queued"
    return [
        Result(
            "asked to first progress",
            statistics.median(first_ms),
            FIRST_PROGRESS_LIMIT_MS,
            "ms",
            f"median of {len(first_ms)}",
        ),
        Result(
            "picture dropped to its rig and track",
            statistics.median(talking_ms),
            TALKING_LIMIT_MS,
            "ms",
            f"1024x1024, median of {len(talking_ms)}; {cold_ms:.0f} ms before anything is warm",
        ),
        Result(
            "answer while previews are made",
            _p95(previews_ms),
            ANSWER_LIMIT_MS,
            "ms",
            f"p95; their processes take {' and '.join(f'{mb:.0f}' for mb in previewing_mb)} MB",
        ),
        Result("answer while two render", _p95(answers_ms), ANSWER_LIMIT_MS, "ms", f"p95; {crowd}"),
        Result("idle", idle_mb, IDLE_LIMIT_MB, "MB", f"{crowded_mb:.0f} MB with all that"),
        Result("streams that heard nothing", STREAMS - len(heard), 0, "", f"of {STREAMS}"),
    ]


def _p95(times_ms: list[float]) -> float:
    return sorted(times_ms)[int(0.95 * len(times_ms))]


def main() -> int:
    return report("The service on this machine", asyncio.run(_measure()))


if __name__ == "__main__":
    sys.exit(main())
