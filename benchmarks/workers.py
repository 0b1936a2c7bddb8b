"""One long render by one worker and by two, each of which has one processor to itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

import lipsmith
from benchmarks.table import Result, report

SHARE_LIMIT = 0.7
"""Of the processor time that one worker needs, for the busier one of two; half would be ideal."""
_TEXT = "The old harbour was quiet on morning {}, and nobody minded. Ask Peter, who knows it. "
_LINES = 24
_WARM_UP_S = 5.0
_PORTRAIT = Path(lipsmith.__file__).parent / "assets" / "portrait.png"


def main() -> int:
    one, two = _measured(1), _measured(2)
    detail = f"{one.took_s:.0f} s by one, {two.took_s:.0f} s by two"
    result = Result("the busier of two workers", two.busy_s / one.busy_s, SHARE_LIMIT, "", detail)
    return report("A long render by two workers, as a share of what one has to do", [result])


@dataclass(frozen=True, slots=True)
class _Measured:
    """took_s: from the request to the video. busy_s: processor time of the busiest worker."""

    took_s: float
    busy_s: float


def _measured(workers: int) -> _Measured:
    with tempfile.TemporaryDirectory() as home, _service(home) as url:
        processors = sorted(os.sched_getaffinity(0))
        taken = [processors[number % len(processors)] for number in range(workers)]
        started = [_start(home, "worker", "--at-once", "1", processor=each) for each in taken]
        try:
            with httpx.Client(base_url=url, timeout=60) as client:
                time.sleep(_WARM_UP_S)
                text = "".join(_TEXT.format(number) for number in range(_LINES))
                files = {"portrait": _PORTRAIT.read_bytes()}
                data = {"text": text, "size": "256x256"}
                before_s = [_busy_s(worker.pid) for worker in started]
                started_s = time.perf_counter()
                render = client.post("/v1/renders", files=files, data=data).json()["id"]
                while client.get(f"/v1/renders/{render}").json()["status"] != "done":
                    time.sleep(0.1)
                took_s = time.perf_counter() - started_s
                busy_s = [
                    _busy_s(worker.pid) - before
                    for worker, before in zip(started, before_s, strict=True)
                ]
                return _Measured(took_s, max(busy_s))
        finally:
            for worker in started:
                worker.send_signal(signal.SIGKILL)
                worker.wait()


def _busy_s(pid: int) -> float:
    """Processor time of a process and of those that it started and that are over."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _service(home: str) -> Iterator[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = _start(home, "serve", "--no-work", "--port", str(port))
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                httpx.get(f"{url}/readyz")
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _start(home: str, *arguments: str, processor: int | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "lipsmith", *arguments]
    process = subprocess.Popen(
        command, env={**os.environ, "LIPSMITH_HOME": home}, stderr=subprocess.DEVNULL
    )
    if processor is not None:
        os.sched_setaffinity(process.pid, {processor})
    return process


if __name__ == "__main__":
    sys.exit(main())
