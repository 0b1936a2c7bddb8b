"""A real service in a process of its own, on a free port, with state in a folder of the test's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

START_TIMEOUT_S = 60.0
DONE_TIMEOUT_S = 90.0


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class RunningService:
    """A service that can be killed and started again at the same place."""

    def __init__(self, home: Path, *arguments: str, **settings: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = arguments
        self.environment = {
            **{name: value for name, value in os.environ.items() if "LIPSMITH" not in name},
            "LIPSMITH_HOME": str(home),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.log = home.with_suffix(".log")

    def start(self) -> None:
        command = [sys.executable, "-m", "lipsmith", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self._arguments], env=self.environment, stderr=log, stdout=log
            )
        started_s = time.monotonic()
        while time.monotonic() - started_s < START_TIMEOUT_S:
            assert self._process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError(f"the service did not start: {self.log.read_text()}")

    def run(self, *arguments: str, stream: Literal["stdout", "stderr"] = "stdout") -> str:
        """Another command at the same place; what it says."""
        command = [sys.executable, "-m", "lipsmith", *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout if stream == "stdout" else done.stderr

    def start_worker(self, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
        """A worker at the same place; whoever starts it ends it."""
        with log.open("wb") as opened:
            return subprocess.Popen(
                [sys.executable, "-m", "lipsmith", "worker", *arguments],
                env=self.environment,
                stderr=opened,
                stdout=opened,
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=20)


def wait_until_over(client: httpx.Client, render: str, key: str = "") -> dict[str, object]:
    """The render as it is when it is over."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    started_s = time.monotonic()
    while time.monotonic() - started_s < DONE_TIMEOUT_S:
        answer = client.get(f"/v1/renders/{render}", headers=headers).json()
        if answer["status"] not in ("queued", "running"):
            return dict(answer)
        time.sleep(0.1)
    raise AssertionError(f"the render is still {answer}")


@dataclass(frozen=True, slots=True)
class Child:
    """A process that a service started."""

    pid: int

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def is_alive(self) -> bool:
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state != "Z"


def processes_of(service: RunningService, told: str) -> list[Child]:
    """The children of a service in whose command line this is told; Linux only."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if told in command and parent == service.pid:
            found.append(Child(int(folder.name)))
    return found
